"""Verbs for figures: entering one, many of them, taking one back, closing a period; and what a figure was before.

Entering figures is for the KPI's owner, their deputy and managers; correcting a closed period is for managers, with a
reason. Many at once: `put_many` (`writing.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY
from program.ground.database import read
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import today_in, utc_now
from program.ground.text import clean_line
from program.kpis.judging import rounded
from program.kpis.models import ClosedPeriod, Correction, Kpi, Reading
from program.kpis.writing import (
    NOT_RIGHT,
    Counted,
    NewReading,
    Problem,
    follow,
    may_write,
    open_ground,
    problems_of,
    put_many,
    remove,
    require_writer,
    write,
)
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Person
from program.planning.models import Program

__all__ = [
    "Counted",
    "NewReading",
    "Problem",
    "close_until",
    "corrections_of",
    "find_reading",
    "may_write",
    "put_many",
    "put_reading",
    "settled_until",
    "take_back",
]

CHANGED_MEANWHILE = _l("Somebody changed this figure while you had it open.")
MOST_CORRECTIONS = 200


def put_reading(
    actor: Actor,
    kpi: Kpi,
    channel: str,
    period: date,
    value: Decimal,
    *,
    way: str,
    source: str = "",
    note: str | None = None,
    confidence: str | None = None,
    reason: str = "",
    seen: int | None = None,
) -> Counted:
    """Enter or correct one figure; `period` is its first day, `seen` the revision of the reading as it was shown.

    0 for `seen` says that there was none. Raises Invalid (fields kpi, channel, period, value, note, confidence,
    reason), Conflict, NotFound, Forbidden.
    """
    access.require(actor, kpi.program_id, Access.VIEWER)
    require_writer(actor, kpi.program_id, [kpi])
    ground = open_ground(kpi.program_id, {kpi.id}, to_write=True)
    note = None if note is None else clean_line(note)
    row = NewReading(kpi.id, channel, period, value, note, confidence)
    if problems := problems_of(ground, [row], actor, reason):
        raise Invalid(NOT_RIGHT, {problem.field: problem.sentence for problem in problems})
    before = find_reading(kpi.id, channel, period)
    if seen is not None:
        _check_seen(before, seen)
    former = before.value if before is not None else None
    counted = write(kpi.program_id, [row], way=way, source=source, person_id=actor.person_id, reason=reason)
    if counted.added or counted.changed:
        _record(actor, "kpi.read", kpi, channel, period, former, rounded(value), reason)
    return counted


def take_back(actor: Actor, kpi: Kpi, channel: str, period: date, *, reason: str = "", seen: int | None = None) -> None:
    """Take a figure back that should not be there; what it said is kept. Raises NotFound, Conflict, Invalid."""
    access.require(actor, kpi.program_id, Access.VIEWER)
    require_writer(actor, kpi.program_id, [kpi])
    ground = open_ground(kpi.program_id, {kpi.id}, to_write=True)
    before = find_reading(kpi.id, channel, period)
    if before is None:
        raise NotFound(NOT_HERE)
    if seen is not None:
        _check_seen(before, seen)
    row = NewReading(kpi.id, channel, period, before.value)
    if problems := problems_of(ground, [row], actor, reason):
        raise Invalid(NOT_RIGHT, {problem.field: problem.sentence for problem in problems})
    former = before.value
    db.session.expunge(before)
    touched = remove(kpi.program_id, [(kpi.id, channel, period)], actor.person_id, reason)
    follow(kpi.program_id, touched, actor.person_id, reason)
    _record(actor, "kpi.taken_back", kpi, channel, period, former, None, reason)


def find_reading(kpi_id: int, channel: str, period: date) -> Reading | None:
    """The figure at that place. Permission is the caller's."""
    return db.session.scalars(
        select(Reading).where(Reading.kpi_id == kpi_id, Reading.channel == channel, Reading.period == period)
    ).one_or_none()


def corrections_of(kpi_id: int, channel: str | None = None, period: date | None = None) -> Sequence[Any]:
    """What figures of a KPI said before: rows (channel, period, former, value, way, reason, at, by), newest first.

    Of one channel or one period only where these are given; up to two hundred. `value` is None where a figure was taken
    back; `by` is a name.
    """
    values = {"kpi": kpi_id, "channel": channel, "period": period}
    return read(_corrections(channel is not None, period is not None), values).all()


@cache
def _corrections(of_channel: bool, of_period: bool) -> Any:
    columns = (
        *(Correction.channel, Correction.period, Correction.former, Correction.value),
        *(Correction.way, Correction.reason, Correction.at, Person.name.label("by")),
    )
    query = select(*columns).outerjoin(Person, Person.id == Correction.by_id)
    query = query.where(Correction.kpi_id == bindparam("kpi"))
    if of_channel:
        query = query.where(Correction.channel == bindparam("channel"))
    if of_period:
        query = query.where(Correction.period == bindparam("period"))
    return query.order_by(Correction.id.desc()).limit(MOST_CORRECTIONS)


def settled_until(program_id: int) -> date | None:
    """The last day whose figures are settled; None while none are. Permission is the caller's."""
    return db.session.scalar(select(ClosedPeriod.until).where(ClosedPeriod.program_id == program_id))


def close_until(actor: Actor, program_id: int, until: date | None, *, seen: date | None) -> None:
    """Settle all figures up to that day, or open them again by an earlier day or None. For managers.

    `seen` is the day that the page showed. Raises Conflict when it has moved meanwhile, Invalid for a day ahead.
    """
    access.require(actor, program_id, Access.MANAGER)
    name, zone = db.session.execute(
        select(Program.name, Program.timezone).where(Program.id == program_id).with_for_update()
    ).one()
    if until is not None and not FIRST_DAY <= until <= today_in(zone):
        raise Invalid(NOT_RIGHT, {"until": _l("Give a day that is not ahead, from the year 2000 on.")})
    row = db.session.get(ClosedPeriod, program_id)
    before = row.until if row else None
    if before != seen:
        raise Conflict(_l("Somebody closed or opened periods while you had the page open."))
    if until == before:
        return
    if until is None:
        db.session.delete(row)
    elif row is None:
        db.session.add(ClosedPeriod(program_id=program_id, until=until, closed_by_id=actor.person_id))
    else:
        row.until, row.closed_at, row.closed_by_id = until, utc_now(), actor.person_id
    db.session.flush()
    changes = {"until": [audit.in_json(before), audit.in_json(until)]}
    verb = "readings.closed" if until and (before is None or until > before) else "readings.opened"
    audit.record(actor, verb, object_id=program_id, name=name, program_id=program_id, changes=changes)


def _check_seen(before: Reading | None, seen: int) -> None:
    present: Any = before.revision if before is not None else 0
    if present != seen:
        raise Conflict(
            CHANGED_MEANWHILE,
            current_revision=present,
            object_type="kpi",
            object_id=before.kpi_id if before is not None else None,
        )


def _record(
    actor: Actor,
    verb: str,
    kpi: Kpi,
    channel: str,
    period: date,
    former: Decimal | None,
    value: Decimal | None,
    reason: str,
) -> None:
    figure = [None if given is None else f"{given.normalize():f}" for given in (former, value)]
    changes: audit.Changes = {"value": figure, "period": [None, period.isoformat()]}
    if channel:
        changes["channel"] = [None, channel]
    if reason:
        changes["reason"] = [None, reason]
    audit.record(actor, verb, object_id=kpi.id, name=kpi.name or kpi.code, program_id=kpi.program_id, changes=changes)
