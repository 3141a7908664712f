"""Verbs for what a KPI is held against: its baseline and its targets with stepping stones, overall or in one channel.

For managers of the program; owners read them like everybody else, so that nobody sets their own bar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Invalid, NotFound
from program.ground.text import clean_line
from program.kpis.definitions import CHANGED_MEANWHILE, NOT_RIGHT, channels_of
from program.kpis.exact import LARGEST
from program.kpis.judging import rounded
from program.kpis.models import OVERALL, Kpi, KpiBaseline, KpiTarget, Reading, TargetKind
from program.kpis.words import kpi_name
from program.people import access
from program.people.access import NOT_HERE

MOST_STONES = 12
_SHARES = (TargetKind.RISE_BY, TargetKind.FALL_BY)


def baselines_of(kpi_id: int) -> dict[str, KpiBaseline]:
    """The baselines of a KPI by channel. Permission is the caller's."""
    rows = db.session.scalars(select(KpiBaseline).where(KpiBaseline.kpi_id == kpi_id))
    return {row.channel: row for row in rows}


def targets_of(kpi_id: int) -> dict[str, list[KpiTarget]]:
    """The targets and stepping stones of a KPI by channel, the earliest first. Permission is the caller's."""
    found: dict[str, list[KpiTarget]] = {}
    query = select(KpiTarget).where(KpiTarget.kpi_id == kpi_id).order_by(KpiTarget.due_on)
    for row in db.session.scalars(query):
        found.setdefault(row.channel, []).append(row)
    return found


def measured(kpi_id: int, channel: str, since: date, until: date) -> tuple[Decimal, int] | None:
    """The mean of the readings of periods that begin between two days, and how many they are: a baseline to suggest."""
    values = db.session.scalars(
        select(Reading.value).where(
            Reading.kpi_id == kpi_id, Reading.channel == channel, Reading.period.between(since, until)
        )
    ).all()
    return (rounded(sum(values, Decimal(0)) / len(values)), len(values)) if values else None


def first_reading(kpi_id: int, channel: str) -> date | None:
    """The first period that has a figure there."""
    return db.session.scalar(
        select(func.min(Reading.period)).where(Reading.kpi_id == kpi_id, Reading.channel == channel)
    )


def set_baseline(actor: Actor, kpi: Kpi, channel: str, values: Mapping[str, Any], *, seen: int) -> KpiBaseline:
    """Say where it stood: `value`, `since`, `until`, `source`; `seen` is the KPI's revision.

    Raises Conflict, Invalid.
    """
    access.require(actor, kpi.program_id, Access.MANAGER)
    audit.check_revision(kpi, seen, CHANGED_MEANWHILE, "kpi")
    tidy = _checked_baseline(kpi, channel, values)
    row = baselines_of(kpi.id).get(channel)
    if row is None:
        row = KpiBaseline(kpi_id=kpi.id, channel=channel, **tidy)
        db.session.add(row)
        changes = audit.created(tidy)
    else:
        changes = audit.change(row, tidy)
    if changes:
        _record(actor, "kpi.baseline_set", kpi, channel, changes)
    return row


def remove_baseline(actor: Actor, kpi: Kpi, channel: str, *, seen: int) -> None:
    """Take a baseline back; the trail keeps what it was. Raises Conflict, NotFound."""
    access.require(actor, kpi.program_id, Access.MANAGER)
    audit.check_revision(kpi, seen, CHANGED_MEANWHILE, "kpi")
    row = baselines_of(kpi.id).get(channel)
    if row is None:
        raise NotFound(NOT_HERE)
    changes = audit.removed({name: getattr(row, name) for name in ("value", "since", "until", "source")})
    db.session.delete(row)
    _record(actor, "kpi.baseline_removed", kpi, channel, changes)


def set_targets(
    actor: Actor, kpi: Kpi, channel: str, stones: Sequence[Mapping[str, Any]], *, seen: int
) -> audit.Changes:
    """Replace the present targets: each with `kind`, `value`, `upper`, `due_on`; none for no target.

    The latest is the target, those before it are stepping stones. Raises Conflict, and Invalid with fields named like
    'value-2' after the stone's place (from 0).
    """
    access.require(actor, kpi.program_id, Access.MANAGER)
    audit.check_revision(kpi, seen, CHANGED_MEANWHILE, "kpi")
    tidy = _checked_stones(kpi, channel, stones)
    present = targets_of(kpi.id).get(channel, [])
    before = [_in_trail(row.kind, row.value, row.upper, row.due_on) for row in present]
    after = [_in_trail(stone["kind"], stone["value"], stone["upper"], stone["due_on"]) for stone in tidy]
    if before == after:
        return {}
    by_day = {row.due_on: row for row in present}
    for stone in tidy:
        row = by_day.pop(stone["due_on"], None)
        if row is None:
            db.session.add(KpiTarget(kpi_id=kpi.id, channel=channel, **stone))
        else:
            audit.change(row, stone)
    for row in by_day.values():
        db.session.delete(row)
    changes: audit.Changes = {"targets": [before, after]}
    _record(actor, "kpi.targets_set", kpi, channel, changes)
    return changes


def _in_trail(kind: str, value: Decimal, upper: Decimal | None, due_on: date) -> str:
    ends = [audit.in_json(end) for end in (value, upper) if end is not None]
    return f"{due_on.isoformat()}: {kind} {'–'.join(ends)}"


def _record(actor: Actor, verb: str, kpi: Kpi, channel: str, changes: audit.Changes) -> None:
    # The KPI's own revision is what editors of its baselines and targets compare.
    flag_modified(kpi, "position")
    db.session.flush()
    if channel:
        changes = {"channel": [None, channel], **changes}
    audit.record(actor, verb, object_id=kpi.id, name=kpi_name(kpi), program_id=kpi.program_id, changes=changes)


def _check_channel(kpi: Kpi, channel: str) -> None:
    if channel != OVERALL and channel not in channels_of(kpi.id):
        raise Invalid(NOT_RIGHT, {"channel": _l("This KPI is not followed in that channel.")})


def _checked_baseline(kpi: Kpi, channel: str, values: Mapping[str, Any]) -> dict[str, Any]:
    _check_channel(kpi, channel)
    wrong: dict[str, Any] = {}
    value = _number(kpi, "value", values.get("value"), wrong)
    source = clean_line(values.get("source") or "")
    if len(source) > 200:
        wrong["source"] = _l("Up to %(most)s letters.", most=200)
    since, until = values.get("since"), values.get("until")
    for name, day in (("since", since), ("until", until)):
        if day is None or not FIRST_DAY <= day <= LAST_DAY:
            wrong[name] = _l("Give a day between 2000 and 2099.")
    if not wrong.keys() & {"since", "until"} and since > until:  # type: ignore[operator]
        wrong["until"] = _l("It ends before it starts.")
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return {"value": value, "since": since, "until": until, "source": source}


def _checked_stones(kpi: Kpi, channel: str, stones: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    _check_channel(kpi, channel)
    wrong: dict[str, Any] = {}
    found: list[dict[str, Any]] = []
    days: set[date] = set()
    if len(stones) > MOST_STONES:
        raise Invalid(_l("Up to %(most)s stepping stones.", most=MOST_STONES))
    for place, stone in enumerate(stones):
        kind, due_on = stone.get("kind") or "", stone.get("due_on")
        if kind not in tuple(TargetKind):
            wrong[f"kind-{place}"] = _l("Choose one from the list.")
        share = kind in _SHARES
        value = _number(None if share else kpi, f"value-{place}", stone.get("value"), wrong)
        upper = None
        if share and value is not None and not 0 < value <= 1000:
            wrong[f"value-{place}"] = _l("A share above 0, up to 1000 percent.")
        if kind == TargetKind.BETWEEN:
            upper = _number(kpi, f"upper-{place}", stone.get("upper"), wrong)
            if value is not None and upper is not None and upper <= value:
                wrong[f"upper-{place}"] = _l("The upper end lies above the lower one.")
        if due_on is None or not FIRST_DAY <= due_on <= LAST_DAY:
            wrong[f"due_on-{place}"] = _l("Give a day between 2000 and 2099.")
        elif due_on in days:
            wrong[f"due_on-{place}"] = _l("Two of them are for the same day.")
        else:
            days.add(due_on)
        found.append({"kind": kind, "value": value, "upper": upper, "due_on": due_on})
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return sorted(found, key=lambda stone: stone["due_on"])


def _number(kpi: Kpi | None, name: str, value: Decimal | None, wrong: dict[str, Any]) -> Decimal | None:
    """The figure to the places that are kept; what cannot be one of the KPI is noted."""
    if value is None or not value.is_finite() or abs(value) > LARGEST:
        wrong[name] = _l("Give a number.")
        return None
    if kpi is not None and (
        (kpi.scale_low is not None and value < kpi.scale_low) or (kpi.scale_high is not None and value > kpi.scale_high)
    ):
        wrong[name] = _l("The KPI's scale does not reach so far.")
    return rounded(value)
