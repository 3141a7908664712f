"""The Experience Index of a program: what it is mixed of from which week on, and what it was each week.

Setting the mix is for managers. A new mix holds from a week on: weeks before keep the one they were computed with, and
are computed with it again when one of their figures is corrected. The rules of mixing are in `mixing.py`;
`index_keeping.py` keeps every week's value true.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, monday_of
from program.ground.database import read
from program.ground.errors import Conflict, Invalid
from program.ground.now import today_in
from program.ground.records import record
from program.ground.text import clean_line
from program.kpis.exact import LARGEST
from program.kpis.index_keeping import recompute_all
from program.kpis.judging import rounded
from program.kpis.mixing import HUNDRED, MOST_CARRIED
from program.kpis.models import OVERALL, Better, IndexPart, IndexValue, IndexVersion, Kpi, KpiChannel
from program.people import access
from program.planning.models import Program

NOT_RIGHT = _l("Something is not right yet.")
MOST_PARTS = 12
_WEEK = timedelta(weeks=1)


@record
class NewPart:
    """A KPI to mix in: its weight in percent of the whole, and the values that count 0 and 100."""

    kpi_id: int
    channel: str
    weight: Decimal
    floor: Decimal
    goal: Decimal


@record
class Told:
    """What one part gave to one week's index, as it was computed; None where it was missing."""

    kpi_id: int
    code: str
    channel: str
    weight: Decimal
    floor: Decimal
    goal: Decimal
    value: Decimal | None
    score: Decimal | None
    points: Decimal | None
    # The period the value was read for, where it was carried forward.
    carried_from: date | None


@record
class IndexPoint:
    """The index of one week. `value` is None where too little was known to say a number."""

    week: date
    value: Decimal | None
    parts: tuple[Told, ...]

    @property
    def missing(self) -> tuple[Told, ...]:
        """The parts that were not known."""
        return tuple(part for part in self.parts if part.value is None)

    @property
    def carried(self) -> tuple[Told, ...]:
        """The parts whose value is an older one."""
        return tuple(part for part in self.parts if part.carried_from is not None)


@record
class Latest:
    """The newest week of the index, and the one before it that has a number."""

    point: IndexPoint
    before: IndexPoint | None

    @property
    def change(self) -> Decimal | None:
        """From the one before to the newest; None where one of them has no number."""
        if self.before is None or self.before.value is None or self.point.value is None:
            return None
        return self.point.value - self.before.value


def latest(program_id: int) -> Latest | None:
    """The newest week with an index and the week with a number before it; None without any. One statement."""
    points = series(program_id, 8)
    if not points:
        return None
    before = [point for point in points[:-1] if point.value is not None]
    return Latest(points[-1], before[-1] if before else None)


def series(program_id: int, weeks: int) -> list[IndexPoint]:
    """The last weeks that have an index, the oldest first. One statement; permission is the caller's."""
    rows = read(_newest(), {"program": program_id, "most": weeks}).all()
    return [_point(row) for row in reversed(rows)]


def weeks_query(program_id: Any) -> Any:
    """All weeks that have an index: week, value, parts; for whoever reads them among other things."""
    return select(IndexValue.week, IndexValue.value, IndexValue.parts).where(IndexValue.program_id == program_id)


def point_from(row: Any) -> IndexPoint:
    """The index of a week from a row of `weeks_query`."""
    return _point(row)


def point_of(program_id: int, week: date) -> IndexPoint | None:
    """The index of the week that begins on that Monday. One statement; permission is the caller's."""
    row = read(_of_week(), {"program": program_id, "week": week}).first()
    return None if row is None else _point(row)


def versions(program_id: int) -> list[IndexVersion]:
    """All mixes, the oldest first. Permission is the caller's."""
    query = select(IndexVersion).where(IndexVersion.program_id == program_id).order_by(IndexVersion.since)
    return list(db.session.scalars(query))


def parts_of(version_id: int) -> list[IndexPart]:
    """The parts of a mix, the heaviest first."""
    query = select(IndexPart).where(IndexPart.version_id == version_id)
    return list(db.session.scalars(query.order_by(IndexPart.weight.desc(), IndexPart.id)))


def set_mix(
    actor: Actor,
    program_id: int,
    since: date,
    parts: Sequence[NewPart],
    *,
    carries: int = 2,
    reason: str = "",
    seen: int | None,
) -> IndexVersion:
    """Mix the index like this from the week of `since` on. `seen` is the id of the newest mix that the page showed.

    The first mix may begin in any week; a later one not before the last week that is over, and says why. One that
    begins in the same week as the newest takes its place. Raises Conflict; Invalid with fields since, carries, reason,
    parts, and 'weight-2', 'floor-2', 'goal-2' after a part's place (from 0).
    """
    access.require(actor, program_id, Access.MANAGER)
    name, zone = db.session.execute(
        select(Program.name, Program.timezone).where(Program.id == program_id).with_for_update()
    ).one()
    there = versions(program_id)
    newest = there[-1] if there else None
    if (newest.id if newest else None) != seen:
        raise Conflict(_l("Somebody set the index while you had the page open."))
    since, reason = monday_of(since), clean_line(reason)
    wrong = _check_frame(newest, since, monday_of(today_in(zone)), carries, reason)
    wrong |= _check_parts(program_id, parts)
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    before = _in_trail(program_id, parts_of(newest.id)) if newest else None
    if newest is not None and newest.since == since:
        version = newest
        db.session.execute(delete(IndexPart).where(IndexPart.version_id == version.id))
        version.reason, version.carries, version.created_by_id = reason, carries, actor.person_id
    else:
        version = IndexVersion(
            program_id=program_id, since=since, reason=reason, carries=carries, created_by_id=actor.person_id
        )
        db.session.add(version)
    db.session.flush()
    rows = [
        IndexPart(
            version_id=version.id,
            kpi_id=part.kpi_id,
            channel=part.channel,
            weight=rounded(part.weight),
            floor=rounded(part.floor),
            goal=rounded(part.goal),
        )
        for part in parts
    ]
    db.session.add_all(rows)
    db.session.flush()
    changes: audit.Changes = {
        "since": [None, since.isoformat()],
        "parts": [before, _in_trail(program_id, rows)],
        "reason": [None, reason],
    }
    audit.record(actor, "index.set", object_id=version.id, name=name, program_id=program_id, changes=changes)
    recompute_all(program_id, since)
    return version


def _point(row: Any) -> IndexPoint:
    def number(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return IndexPoint(
        row.week,
        row.value,
        tuple(
            Told(
                *(part["kpi"], part["code"], part["channel"]),
                *(Decimal(part["weight"]), Decimal(part["floor"]), Decimal(part["goal"])),
                *(number(part["value"]), number(part["score"]), number(part["points"])),
                date.fromisoformat(part["from"]) if part["from"] else None,
            )
            for part in row.parts
        ),
    )


def _in_trail(program_id: int, parts: Sequence[IndexPart]) -> list[str]:
    """Each part as the history shows it: 'CSAT: 50 % (40 → 90)'."""
    codes = {row.id: row.code for row in read(select(Kpi.id, Kpi.code).where(Kpi.program_id == program_id))}
    found = []
    for part in parts:
        weight, floor, goal = (audit.in_json(value) for value in (part.weight, part.floor, part.goal))
        channel = f"/{part.channel}" if part.channel else ""
        found.append(f"{codes.get(part.kpi_id, '?')}{channel}: {weight} % ({floor} → {goal})")
    return found


def _check_frame(
    newest: IndexVersion | None, since: date, this_week: date, carries: int, reason: str
) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if not FIRST_DAY <= since <= this_week + _WEEK:
        wrong["since"] = _l("It begins next week at the latest.")
    elif newest is not None and since != newest.since and since < max(this_week - _WEEK, newest.since):
        wrong["since"] = _l("Weeks that are over keep the index they had. Begin last week at the earliest.")
    if not 0 <= carries <= MOST_CARRIED:
        wrong["carries"] = _l("From %(low)s to %(high)s.", low=0, high=MOST_CARRIED)
    if newest is not None and not reason:
        wrong["reason"] = _l("Say why the index changes: people will ask.")
    elif len(reason) > 500:
        wrong["reason"] = _l("Up to %(most)s letters.", most=500)
    return wrong


def _check_parts(program_id: int, parts: Sequence[NewPart]) -> dict[str, Any]:
    if not parts:
        return {"parts": _l("Give at least one KPI a weight.")}
    if len(parts) > MOST_PARTS:
        return {"parts": _l("Up to %(most)s KPIs.", most=MOST_PARTS)}
    wrong: dict[str, Any] = {}
    kpis = {
        row.id: row.better
        for row in db.session.execute(select(Kpi.id, Kpi.better).where(Kpi.program_id == program_id, Kpi.is_active))
    }
    ids = {part.kpi_id for part in parts}
    followed = {
        (row.kpi_id, row.channel) for row in db.session.scalars(select(KpiChannel).where(KpiChannel.kpi_id.in_(ids)))
    }
    places: set[tuple[int, str]] = set()
    for place, part in enumerate(parts):
        better = kpis.get(part.kpi_id)
        where = (part.kpi_id, part.channel)
        if better is None or (part.channel != OVERALL and where not in followed):
            wrong["parts"] = _l("Choose from the program's KPIs.")
        elif better == Better.INSIDE:
            wrong[f"weight-{place}"] = _l("A KPI that should stay in a range has no way from bad to good.")
        elif where in places:
            wrong[f"weight-{place}"] = _l("This figure is in the index twice.")
        places.add(where)
        if not part.weight.is_finite() or not 0 < part.weight <= HUNDRED:
            wrong[f"weight-{place}"] = _l("A share above 0, up to 100 percent.")
        for name, value in (("floor", part.floor), ("goal", part.goal)):
            if not value.is_finite() or abs(value) > LARGEST:
                wrong[f"{name}-{place}"] = _l("Give a number.")
        if not wrong and (part.goal <= part.floor if better == Better.UP else part.goal >= part.floor):
            wrong[f"goal-{place}"] = _l("The goal is better than the floor.")
    if not wrong and rounded(sum((part.weight for part in parts), Decimal(0))) != HUNDRED:
        wrong["parts"] = _l("The weights add up to 100 percent.")
    return wrong


# Statements are put together once: that costs more than running them.
@cache
def _newest() -> Any:
    return (
        select(IndexValue.week, IndexValue.value, IndexValue.parts)
        .where(IndexValue.program_id == bindparam("program"))
        .order_by(IndexValue.week.desc())
        .limit(bindparam("most"))
    )


@cache
def _of_week() -> Any:
    return select(IndexValue.week, IndexValue.value, IndexValue.parts).where(
        IndexValue.program_id == bindparam("program"), IndexValue.week == bindparam("week")
    )
