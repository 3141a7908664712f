"""Writing many readings at once: checked row by row, then all of them or none, in a handful of statements.

What a figure said before is kept as a correction. What follows from figures, follows in the same transaction
(`following.py`). `readings.py` has the verbs for one figure; the rules about who and when stand here, once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, insert, select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.now import today_in, utc_now
from program.ground.records import record
from program.kpis import following, periods
from program.kpis.exact import LARGEST
from program.kpis.judging import rounded
from program.kpis.models import (
    OVERALL,
    ClosedPeriod,
    Confidence,
    Correction,
    Kpi,
    KpiChannel,
    OverallBy,
    Reading,
    Way,
)
from program.people import access
from program.people.access import NOT_HERE
from program.planning.models import Program

NOT_RIGHT = _l("Something is not right yet.")
# So many problems are listed; a file with more of them is the wrong file.
MOST_PROBLEMS = 1000
# So many KPIs are named in a statement; of more, all of the program's readings of those periods are read.
_MOST_NAMED = 200


@record
class NewReading:
    """A figure to write. `period` is its first day. None for note and confidence leaves them as they are."""

    kpi_id: int
    channel: str
    period: date
    value: Decimal
    note: str | None = None
    confidence: str | None = None


@record
class Counted:
    """What writing came to: figures that were new, said something else before, or said the same."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@record
class Problem:
    """Why a row cannot be written: its place in what was given (from 0), the field, and a sentence."""

    place: int
    field: str
    sentence: Any


@record
class Ground:
    """What readings of a program are checked against, made by `open_ground`; `kpis` are rows by id."""

    program_id: int
    today: date
    settled_until: date | None
    kpis: dict[int, Any]
    channels: frozenset[tuple[int, str]]

    def problem(self, row: NewReading) -> tuple[str, Any] | None:
        """(field, sentence) where the row cannot be written by anybody; None where it can."""
        kpi = self.kpis.get(row.kpi_id)
        if kpi is None:
            return "kpi", _l("There is no such KPI here.")
        if row.channel == OVERALL:
            if kpi.overall_by == OverallBy.WEIGHTED:
                return "channel", _l("The value for all channels is worked out from the channels.")
        elif (row.kpi_id, row.channel) not in self.channels:
            return "channel", _l("This KPI is not followed in that channel.")
        if not FIRST_DAY <= row.period <= self.today:
            return "period", _l("Figures are for periods that have begun, from the year 2000 on.")
        if not periods.is_first_day(kpi.every, row.period):
            return "period", _l("No period begins on that day.")
        if row.confidence is not None and row.confidence not in tuple(Confidence):
            return "confidence", _l("Choose one from the list.")
        if row.note is not None and len(row.note) > 500:
            return "note", _l("Up to %(most)s letters.", most=500)
        slip = slip_of(row.value, kpi.scale_low, kpi.scale_high)
        return None if slip is None else ("value", slip)

    def is_settled(self, row: NewReading) -> bool:
        """Whether the row's period is closed."""
        return self.settled_until is not None and (
            periods.last_day(self.kpis[row.kpi_id].every, row.period) <= self.settled_until
        )


def slip_of(value: Decimal, low: Decimal | None, high: Decimal | None) -> Any:
    """Why a figure cannot be one of a KPI with that scale; None where it can."""
    if not value.is_finite() or abs(value) > LARGEST:
        return _l("Give a number.")
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    # The scale as it stands, without trailing zeros: it is the program's own entry.
    least, most = (None if end is None else f"{end.normalize():f}" for end in (low, high))
    if least is None:
        return _l("This KPI cannot be above %(high)s.", high=most)
    if most is None:
        return _l("This KPI cannot be below %(low)s.", low=least)
    return _l("This KPI lies between %(low)s and %(high)s.", low=least, high=most)


def open_ground(program_id: int, kpi_ids: Collection[int] | None = None, *, to_write: bool = False) -> Ground:
    """What readings of those KPIs (of all active ones) are checked against. Three statements.

    With `to_write` the KPIs are locked until the transaction ends: two who write the same figure come one after the
    other.
    """
    found = select(
        *(Kpi.id, Kpi.code, Kpi.name, Kpi.every, Kpi.overall_by, Kpi.scale_low, Kpi.scale_high),
        *(Kpi.owner_id, Kpi.deputy_id),
    ).where(Kpi.program_id == program_id, Kpi.is_active)
    if kpi_ids is not None and len(kpi_ids) <= _MOST_NAMED:
        found = found.where(Kpi.id.in_(kpi_ids))
    if to_write:
        found = found.order_by(Kpi.id).with_for_update()
    kpis = {row.id: row for row in db.session.execute(found)}
    channels = db.session.execute(
        select(KpiChannel.kpi_id, KpiChannel.channel)
        .join(Kpi, Kpi.id == KpiChannel.kpi_id)
        .where(Kpi.program_id == program_id)
    )
    zone, settled = db.session.execute(
        select(Program.timezone, ClosedPeriod.until)
        .outerjoin(ClosedPeriod, ClosedPeriod.program_id == Program.id)
        .where(Program.id == program_id)
    ).one()
    return Ground(program_id, today_in(zone), settled, kpis, frozenset((kpi_id, key) for kpi_id, key in channels))


def put_many(
    program_id: int, rows: Iterable[NewReading], *, way: str, source: str, actor: Actor, reason: str = ""
) -> Counted:
    """Write all those figures, or none. `source` names the file, token or plugin; one entry in the trail.

    For managers, and for owners and deputies of all the KPIs named; the system may too. A closed period takes a manager
    and a reason. Raises Invalid with `Problem`s in `rows`, the first thousand; NotFound, Forbidden.
    """
    given = list(rows)
    access.require(actor, program_id, Access.VIEWER)
    ground = open_ground(program_id, {row.kpi_id for row in given}, to_write=True)
    require_writer(
        actor, program_id, [ground.kpis[row_id] for row_id in {r.kpi_id for r in given} & ground.kpis.keys()]
    )
    if problems := problems_of(ground, given, actor, reason):
        raise Invalid(NOT_RIGHT, rows=problems)
    counted = write(program_id, given, way=way, source=source, person_id=actor.person_id, reason=reason)
    if counted.added or counted.changed:
        totals = {"added": counted.added, "changed": counted.changed, "reason": reason or None}
        changes = audit.created(totals)
        audit.record(
            actor, "readings.put", object_id=program_id, name=source or way, program_id=program_id, changes=changes
        )
    return counted


def problems_of(ground: Ground, rows: Sequence[NewReading], actor: Actor, reason: str = "") -> list[Problem]:
    """Why which rows cannot be written by this actor, in order; the first thousand."""
    found: list[Problem] = []
    seen: set[tuple[int, str, date]] = set()
    is_manager = (access.access_of(actor, ground.program_id) or Access.VIEWER) >= Access.MANAGER
    for place, row in enumerate(rows):
        wrong = ground.problem(row)
        key = (row.kpi_id, row.channel, row.period)
        if wrong is None and key in seen:
            wrong = "period", _l("This figure is given twice.")
        elif wrong is None and ground.is_settled(row):
            wrong = _settled(is_manager, reason)
        seen.add(key)
        if wrong is not None:
            found.append(Problem(place, *wrong))
            if len(found) == MOST_PROBLEMS:
                break
    return found


def _settled(is_manager: bool, reason: str) -> tuple[str, Any] | None:
    if not is_manager:
        return "period", _l("This period is closed. A manager of the program can correct it.")
    return None if reason.strip() else ("reason", _l("This period is closed. Say why it is corrected."))


def require_writer(actor: Actor, program_id: int, kpis: Iterable[Any]) -> None:
    """Let managers pass, and owners and deputies of each of those KPIs. Raises NotFound, Forbidden."""
    if not all(may_write(actor, program_id, kpi) for kpi in kpis):
        raise Forbidden(_l("Figures are entered by the KPI's owner, their deputy or a manager."))


def may_write(actor: Actor, program_id: int, kpi: Any) -> bool:
    """Whether the actor may enter figures of that KPI (a row with owner_id and deputy_id). Raises NotFound outside."""
    level = access.access_of(actor, program_id)
    if level is None:
        raise NotFound(NOT_HERE)
    if level >= Access.MANAGER:
        return True
    return actor.person_id is not None and actor.person_id in (kpi.owner_id, kpi.deputy_id)


def write(
    program_id: int,
    rows: Sequence[NewReading],
    *,
    way: str,
    source: str = "",
    person_id: int | None = None,
    reason: str = "",
) -> Counted:
    """Write checked figures, keep what they said before, and let what follows from them follow. No permission asked."""
    if not rows:
        return Counted()
    counted, touched = _write(program_id, rows, way=way, source=source, person_id=person_id, reason=reason)
    follow(program_id, touched, person_id, reason)
    return counted


def follow(program_id: int, touched: set[tuple[int, date]], person_id: int | None, reason: str = "") -> None:
    """Let follow what follows from figures of those (KPI, period): the weighted value of all channels, the index."""
    if touched:
        values = following.weighted(program_id, touched)
        rows = [NewReading(kpi_id, OVERALL, period, value, note) for kpi_id, period, value, note in values.known]
        _counted, more = _write(program_id, rows, way=Way.WEIGHTED, source="", person_id=person_id, reason=reason)
        unknown = [(kpi_id, OVERALL, period) for kpi_id, period in values.unknown]
        gone = remove(program_id, unknown, person_id, reason, way=Way.WEIGHTED)
        following.figures_changed(program_id, touched | more | gone)
    _forget_loaded()


def _write(
    program_id: int, rows: Sequence[NewReading], *, way: str, source: str, person_id: int | None, reason: str
) -> tuple[Counted, set[tuple[int, date]]]:
    now = utc_now()
    there = _existing(program_id, rows)
    new: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    former: list[dict[str, Any]] = []
    touched: set[tuple[int, date]] = set()
    unchanged = 0
    for row in rows:
        value = rounded(row.value)
        place = {"kpi_id": row.kpi_id, "channel": row.channel, "period": row.period}
        found = there.get((row.kpi_id, row.channel, row.period))
        how = {"value": value, "way": way, "source": source[:200], "entered_at": now, "entered_by_id": person_id}
        if found is None:
            how |= {"note": row.note or "", "confidence": row.confidence or Confidence.HIGH.value}
            new.append({"program_id": program_id, "revision": 1, **place, **how})
            touched.add((row.kpi_id, row.period))
            continue
        reading_id, before, note, confidence = found
        how |= {
            "note": note if row.note is None else row.note,
            "confidence": confidence if row.confidence is None else row.confidence,
        }
        if before == value and how["note"] == note and how["confidence"] == confidence:
            unchanged += 1
            continue
        other.append({"reading": reading_id, **how})
        if before != value:
            touched.add((row.kpi_id, row.period))
            former.append(
                {**place, "former": before, "value": value, "way": way, "reason": reason[:500], "at": now}
                | {"by_id": person_id}
            )
    _send(new, other, former)
    return Counted(len(new), len(other), unchanged), touched


def _send(new: list[dict[str, Any]], other: list[dict[str, Any]], former: list[dict[str, Any]]) -> None:
    connection = db.session.connection()
    if new:
        connection.execute(insert(Reading.__table__), new)  # type: ignore[arg-type]
    if other:
        names = [name for name in other[0] if name != "reading"]
        table = Reading.__table__
        changed: Any = {name: bindparam(name) for name in names} | {"revision": table.c.revision + 1}
        connection.execute(update(table).where(table.c.id == bindparam("reading")).values(changed), other)  # type: ignore[arg-type]
    if former:
        connection.execute(insert(Correction.__table__), former)  # type: ignore[arg-type]


def _existing(
    program_id: int, rows: Sequence[NewReading]
) -> dict[tuple[int, str, date], tuple[int, Decimal, str, str]]:
    if not rows:
        return {}
    db.session.flush()
    days, ids = {row.period for row in rows}, {row.kpi_id for row in rows}
    query = select(
        *(Reading.kpi_id, Reading.channel, Reading.period),
        *(Reading.id, Reading.value, Reading.note, Reading.confidence),
    ).where(Reading.program_id == program_id, Reading.period.between(min(days), max(days)))
    if len(ids) <= _MOST_NAMED:
        query = query.where(Reading.kpi_id.in_(ids))
    found: Iterable[Any] = db.session.execute(query).all()
    return {(kpi_id, channel, period): tuple(kept) for kpi_id, channel, period, *kept in found}


def remove(
    program_id: int, places: Sequence[tuple[int, str, date]], person_id: int | None, reason: str, *, way: str = Way.FORM
) -> set[tuple[int, date]]:
    """Take those figures away, keep what they said. Gives the (KPI, period) that had one; `follow` is the caller's."""
    wanted = [NewReading(kpi_id, channel, period, Decimal(0)) for kpi_id, channel, period in places]
    there = _existing(program_id, wanted)
    found = {place: there[place] for place in places if place in there}
    if not found:
        return set()
    now = utc_now()
    connection = db.session.connection()
    connection.execute(
        insert(Correction.__table__),  # type: ignore[arg-type]
        [
            {"kpi_id": place[0], "channel": place[1], "period": place[2], "former": kept[1], "value": None}
            | {"way": way, "reason": reason[:500], "at": now, "by_id": person_id}
            for place, kept in found.items()
        ],
    )
    table = Reading.__table__
    connection.execute(
        delete(table).where(table.c.id == bindparam("reading")),  # type: ignore[arg-type]
        [{"reading": kept[0]} for kept in found.values()],
    )
    return {(kpi_id, period) for kpi_id, _channel, period in found}


def _forget_loaded() -> None:
    """Let the session read again what was written past it."""
    for row in list(db.session.identity_map.values()):
        if isinstance(row, Reading):
            db.session.expire(row)
