"""Verbs for what is measured: taking KPIs over from the catalogue, own ones, changing, retiring and restoring them.

For managers of the program. A KPI is never deleted: a retired one keeps its figures and can come back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from sqlalchemy.orm.attributes import flag_modified

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid, NotFound
from program.ground.text import clean_line, clean_text
from program.kpis.catalogue import entries
from program.kpis.exact import LARGEST
from program.kpis.models import (
    OVERALL,
    Better,
    CustomerChannel,
    Every,
    Kpi,
    KpiChannel,
    KpiTarget,
    OverallBy,
    Reading,
    Unit,
)
from program.kpis.words import kpi_name
from program.kpis.writing import follow
from program.people import access
from program.people.access import NOT_HERE
from program.planning.comments import members
from program.planning.models import Gate, Phase, Program

NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this KPI while you had it open.")
MOST_KPIS = 200
LENGTHS = {"name": 120, "unit_name": 20, "source": 200}
MAX_TEXT = 2000
COLUMNS = (
    *("code", "name", "meaning", "formula", "unit", "unit_name", "decimals", "better", "inside_low", "inside_high"),
    *("scale_low", "scale_high", "amber_percent", "owner_id", "deputy_id", "every", "stale_after", "source"),
    *("overall_by", "volume_id", "is_on_board"),
)
_CODE = re.compile(r"[A-Z][A-Z0-9_-]{0,19}")
# A target of the catalogue is due so long after the program's start where it has no phases yet.
_HALF_A_YEAR = timedelta(weeks=26)


def find_kpi(actor: Actor, program_id: int, kpi_id: int, needed: Access = Access.VIEWER) -> Kpi:
    """That KPI of the program, retired ones too. Raises NotFound, Forbidden."""
    access.require(actor, program_id, needed)
    kpi = db.session.scalars(select(Kpi).where(Kpi.id == kpi_id, Kpi.program_id == program_id)).one_or_none()
    if kpi is None:
        raise NotFound(NOT_HERE)
    return kpi


def wanted_codes(program_id: int) -> list[str]:
    """Codes that the program's gates name and the program does not follow yet, in the catalogue's order."""
    named = {
        code for codes in db.session.scalars(select(Gate.kpis).where(Gate.program_id == program_id)) for code in codes
    }
    known = set(db.session.scalars(select(Kpi.code).where(Kpi.program_id == program_id)))
    return [code for code in entries() if code in named - known]


def adopt(actor: Actor, program_id: int, codes: Collection[str]) -> list[Kpi]:
    """Take KPIs over from the catalogue, with its scale, direction and usual target; those already here are left alone.

    A KPI whose channels can be weighted is followed in all channels of the program. Its usual target is due at the end
    of the program's last phase. Raises Invalid for a code that is not in the catalogue.
    """
    access.require(actor, program_id, Access.MANAGER)
    known = set(db.session.scalars(select(Kpi.code).where(Kpi.program_id == program_id)))
    if unknown := set(codes) - entries().keys():
        raise Invalid(_l("There is no KPI with the code “%(code)s” in the catalogue.", code=min(unknown)))
    channels = list(
        db.session.scalars(
            select(CustomerChannel.key).where(CustomerChannel.program_id == program_id, CustomerChannel.is_active)
        )
    )
    due_on, place = _end_of(program_id), _next_position(program_id)
    found: list[Kpi] = []
    batch = audit.new_batch()
    for entry in (entry for code, entry in entries().items() if code in codes and code not in known):
        kpi = Kpi(
            program_id=program_id,
            code=entry.code,
            catalogue=entry.code,
            unit=entry.unit.value,
            decimals=entry.decimals,
            better=entry.better.value,
            scale_low=entry.low,
            scale_high=entry.high,
            every=Every.WEEK.value,
            owner_id=None,
            position=place + len(found),
            created_by_id=actor.person_id,
        )
        _add(actor, kpi, channels if entry.overall is OverallBy.WEIGHTED else (), batch)
        if entry.target is not None:
            kind, value = entry.target
            db.session.add(KpiTarget(kpi_id=kpi.id, kind=kind.value, value=value, due_on=due_on))
        found.append(kpi)
    db.session.flush()
    return found


def add_kpi(actor: Actor, program_id: int, values: Mapping[str, Any], channels: Sequence[str] = ()) -> Kpi:
    """Add an own KPI; `values` by column (`COLUMNS`). Raises Invalid."""
    access.require(actor, program_id, Access.MANAGER)
    count = db.session.scalar(select(func.count()).select_from(Kpi).where(Kpi.program_id == program_id)) or 0
    if count >= MOST_KPIS:
        raise Invalid(_l("A program follows up to %(most)s KPIs.", most=MOST_KPIS))
    kpi = Kpi(
        program_id=program_id,
        position=_next_position(program_id),
        catalogue="",
        created_by_id=actor.person_id,
        **_checked(program_id, None, values),
    )
    _add(actor, kpi, _known_channels(program_id, channels), None)
    return kpi


def change_kpi(
    actor: Actor, kpi: Kpi, values: Mapping[str, Any], channels: Sequence[str], *, seen: int
) -> audit.Changes:
    """Change a KPI and the channels it is followed in. Raises Conflict, Invalid.

    When the value for all channels is worked out in another way from now on, it is worked out anew for all periods.
    """
    access.require(actor, kpi.program_id, Access.MANAGER)
    audit.check_revision(kpi, seen, CHANGED_MEANWHILE, "kpi")
    tidy = _checked(kpi.program_id, kpi, values)
    changes = audit.change(kpi, tidy)
    present = channels_of(kpi.id)
    wanted = _known_channels(kpi.program_id, channels)
    if set(present) != set(wanted):
        _set_channels(kpi.id, wanted)
        changes["channels"] = [present, wanted]
    if changes:
        # The row is written even if only its channels changed: the second of two editors is told either way.
        flag_modified(kpi, "position")
        db.session.flush()
        audit.record(
            actor, "kpi.changed", object_id=kpi.id, name=kpi_name(kpi), program_id=kpi.program_id, changes=changes
        )
    if changes.keys() & {"overall_by", "volume_id"} and kpi.overall_by == OverallBy.WEIGHTED:
        periods = db.session.scalars(select(Reading.period).where(Reading.kpi_id == kpi.id).distinct())
        follow(kpi.program_id, {(kpi.id, period) for period in periods}, actor.person_id)
    return changes


def retire(actor: Actor, kpi: Kpi, *, seen: int) -> None:
    """No longer follow a KPI; its figures stay. Raises Conflict, Invalid while others are weighted by it."""
    access.require(actor, kpi.program_id, Access.MANAGER)
    audit.check_revision(kpi, seen, CHANGED_MEANWHILE, "kpi")
    weighs = select(Kpi.code).where(Kpi.volume_id == kpi.id, Kpi.is_active, Kpi.overall_by == OverallBy.WEIGHTED.value)
    if codes := list(db.session.scalars(weighs)):
        raise Invalid(_l("Other KPIs are weighted by it: %(codes)s. Change them first.", codes=", ".join(codes)))
    _set_active(actor, kpi, False, "kpi.retired")


def restore(actor: Actor, kpi: Kpi, *, seen: int) -> None:
    """Follow a retired KPI again. Raises Conflict."""
    access.require(actor, kpi.program_id, Access.MANAGER)
    audit.check_revision(kpi, seen, CHANGED_MEANWHILE, "kpi")
    _set_active(actor, kpi, True, "kpi.restored")


def channels_of(kpi_id: int) -> list[str]:
    """The channels a KPI is followed in, by key."""
    query = select(KpiChannel.channel).where(KpiChannel.kpi_id == kpi_id).order_by(KpiChannel.channel)
    return list(db.session.scalars(query))


def _set_active(actor: Actor, kpi: Kpi, active: bool, verb: str) -> None:
    if kpi.is_active != active:
        kpi.is_active = active
        db.session.flush()
        changes = {"is_active": [not active, active]}
        audit.record(actor, verb, object_id=kpi.id, name=kpi_name(kpi), program_id=kpi.program_id, changes=changes)


def _add(actor: Actor, kpi: Kpi, channels: Sequence[str], batch: str | None) -> None:
    db.session.add(kpi)
    db.session.flush()
    _set_channels(kpi.id, channels)
    changes = audit.created({name: getattr(kpi, name) for name in COLUMNS if getattr(kpi, name) not in (None, "")})
    audit.record(
        actor,
        "kpi.created",
        object_id=kpi.id,
        name=kpi_name(kpi),
        program_id=kpi.program_id,
        changes=changes,
        batch=batch,
    )


def _set_channels(kpi_id: int, channels: Sequence[str]) -> None:
    db.session.execute(delete(KpiChannel).where(KpiChannel.kpi_id == kpi_id))
    db.session.add_all(KpiChannel(kpi_id=kpi_id, channel=channel) for channel in channels)
    db.session.flush()


def _known_channels(program_id: int, channels: Sequence[str]) -> list[str]:
    known = set(db.session.scalars(select(CustomerChannel.key).where(CustomerChannel.program_id == program_id)))
    if set(channels) - known - {OVERALL}:
        raise Invalid(NOT_RIGHT, {"channels": _l("Choose from the program's channels.")})
    return sorted(set(channels) - {OVERALL})


def _end_of(program_id: int) -> date:
    last = db.session.scalar(select(func.max(Phase.planned_end)).where(Phase.program_id == program_id))
    start = db.session.scalars(select(Program.starts_on).where(Program.id == program_id)).one()
    return last or start + _HALF_A_YEAR


def _next_position(program_id: int) -> int:
    return (db.session.scalar(select(func.max(Kpi.position)).where(Kpi.program_id == program_id)) or 0) + 1


def _checked(program_id: int, kpi: Kpi | None, values: Mapping[str, Any]) -> dict[str, Any]:
    tidy: dict[str, Any] = {name: clean_line(values.get(name) or "") for name in LENGTHS}
    tidy |= {name: clean_text(values.get(name) or "") for name in ("meaning", "formula")}
    tidy["code"] = clean_line(values.get("code") or "").upper()
    wrong: dict[str, Any] = {}
    for name, most in {**LENGTHS, "meaning": MAX_TEXT, "formula": MAX_TEXT}.items():
        if len(tidy[name]) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    _check_code(program_id, kpi, tidy, wrong)
    if not tidy["name"] and not (kpi and kpi.catalogue):
        wrong["name"] = _l("Give it a name.")
    for name, words in (("unit", Unit), ("better", Better), ("every", Every), ("overall_by", OverallBy)):
        tidy[name] = values.get(name) or ""
        if tidy[name] not in tuple(words):
            wrong[name] = _l("Choose one from the list.")
    tidy["is_on_board"] = bool(values.get("is_on_board", True))
    _check_numbers(values, tidy, wrong)
    _check_range(values, tidy, wrong)
    _check_people(program_id, kpi, values, tidy, wrong)
    if not wrong.keys() & {"every", "overall_by"}:
        _check_overall(program_id, kpi, values, tidy, wrong)
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return tidy


def _check_code(program_id: int, kpi: Kpi | None, tidy: dict[str, Any], wrong: dict[str, Any]) -> None:
    if not _CODE.fullmatch(tidy["code"]):
        wrong["code"] = _l("Up to 20 capital letters, digits, hyphens and underscores; a letter first.")
        return
    same = select(Kpi.id).where(Kpi.program_id == program_id, Kpi.code == tidy["code"])
    if db.session.scalar(same if kpi is None else same.where(Kpi.id != kpi.id)) is not None:
        wrong["code"] = _l("Another KPI of the program has this code.")


def _check_numbers(values: Mapping[str, Any], tidy: dict[str, Any], wrong: dict[str, Any]) -> None:
    for name, low, high in (("decimals", 0, 3), ("stale_after", 1, 12)):
        tidy[name] = values.get(name)
        if tidy[name] is None or not low <= tidy[name] <= high:
            wrong[name] = _l("From %(low)s to %(high)s.", low=low, high=high)
    amber = tidy["amber_percent"] = values.get("amber_percent")
    if amber is None or not 0 <= amber <= 100:
        wrong["amber_percent"] = _l("From %(low)s to %(high)s.", low=0, high=100)


def _check_range(values: Mapping[str, Any], tidy: dict[str, Any], wrong: dict[str, Any]) -> None:
    for low, high in (("scale_low", "scale_high"), ("inside_low", "inside_high")):
        ends: list[Decimal | None] = [values.get(low), values.get(high)]
        if low == "inside_low" and tidy["better"] != Better.INSIDE:
            ends = [None, None]
        for name, end in zip((low, high), ends, strict=True):
            tidy[name] = end
            if end is not None and abs(end) > LARGEST:
                wrong[name] = _l("Give a number.")
        if ends[0] is not None and ends[1] is not None and ends[0] >= ends[1]:
            wrong[high] = _l("The upper end lies above the lower one.")
    if tidy["better"] == Better.INSIDE and tidy["inside_low"] is None and tidy["inside_high"] is None:
        wrong["inside_low"] = _l("Give the range it should stay in, or one end of it.")


def _check_people(
    program_id: int, kpi: Kpi | None, values: Mapping[str, Any], tidy: dict[str, Any], wrong: dict[str, Any]
) -> None:
    around = members(program_id)
    for name in ("owner_id", "deputy_id"):
        tidy[name] = values.get(name)
        # Who has left since may stay; nobody new who is not here.
        if tidy[name] is not None and tidy[name] not in around and (kpi is None or getattr(kpi, name) != tidy[name]):
            wrong[name] = _l("Choose somebody of the program's team.")
    if tidy["deputy_id"] is not None and tidy["deputy_id"] == tidy["owner_id"]:
        wrong["deputy_id"] = _l("The deputy is somebody else than the owner.")


def _check_overall(
    program_id: int, kpi: Kpi | None, values: Mapping[str, Any], tidy: dict[str, Any], wrong: dict[str, Any]
) -> None:
    volume_id = tidy["volume_id"] = values.get("volume_id")
    if kpi is not None and tidy["every"] != kpi.every:
        if db.session.scalar(select(Reading.id).where(Reading.kpi_id == kpi.id).limit(1)) is not None:
            wrong["every"] = _l("It has readings already, which are for other periods. Retire it and add a new one.")
        elif db.session.scalar(select(Kpi.id).where(Kpi.volume_id == kpi.id).limit(1)) is not None:
            wrong["every"] = _l("Other KPIs are weighted by it.")
    if tidy["overall_by"] == OverallBy.ENTERED:
        tidy["volume_id"] = None
        return
    volume = db.session.get(Kpi, volume_id) if volume_id is not None else None
    if volume is None or volume.program_id != program_id or (kpi is not None and volume.id == kpi.id):
        wrong["volume_id"] = _l("Choose the KPI that says how much each channel counts.")
    elif volume.every != tidy["every"]:
        wrong["volume_id"] = _l("It is read in other periods than this KPI.")
