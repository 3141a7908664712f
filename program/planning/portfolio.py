"""All programs of a person at a glance: state with its reasons, phase, next gate, progress, last activity.

A page of the list is chosen first, by columns that a database sorts cheaply; only the programs on it are counted and
forecast. So the page costs the same for ten programs as for two hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, and_, bindparam, case, exists, func, or_, select

from program.ground.actor import Actor
from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.folding import fold, like
from program.ground.records import record
from program.people.models import Membership
from program.planning.models import Gate, GateDecision, Program, WorkItem
from program.planning.models.gates import PASSING_OUTCOMES
from program.planning.models.items import OPEN_STATUSES
from program.planning.standing import Standing, standings

# A screenful.
SIZE = 15
_TODAY = bindparam("today", type_=Date())
SORTS = ("attention", "name", "gate", "activity", "start")


@record
class PortfolioProgram:
    """A program as its row in the list shows it."""

    id: int
    key: str
    name: str
    country: str
    starts_on: date
    closed_on: date | None
    last_activity: datetime | None


@record
class Portfolio:
    """One page of the list, with how many programs there are in all, running and closed."""

    programs: Sequence[PortfolioProgram]
    standings: dict[int, Standing]
    total: int
    running: int
    closed: int


def portfolio(
    actor: Actor,
    today: date,
    timezone: str,
    *,
    name: str = "",
    sort: str = "attention",
    closed: bool = False,
    page: int = 1,
    stand: bool = True,
) -> Portfolio:
    """A page of the programs open to the actor (all of them for an administrator), in six statements.

    Two suffice without `stand`, for whoever knows otherwise where they stood.
    """
    sees_all = actor.is_admin or actor.person_id is None
    folded = fold(name).strip()
    # Each statement takes what it asks for.
    values = {
        "person_id": actor.person_id,
        "words": like(folded),
        "key": folded,
        "today": today,
        "first": (page - 1) * SIZE,
    }
    running, ended = read(_tallies(sees_all), values).one()
    rows = read(_page(sees_all, sort, closed, bool(folded)), values).all()
    programs = [PortfolioProgram(*row[:-1]) for row in rows]
    return Portfolio(
        programs=programs,
        standings=standings(programs, today, timezone) if stand else {},
        total=rows[0].total if rows else 0,
        running=running,
        closed=ended,
    )


def _open_to(sees_all: bool) -> ColumnElement[bool]:
    if sees_all:
        return Program.id.is_not(None)
    return exists().where(Membership.program_id == Program.id, Membership.person_id == bindparam("person_id"))


# Put together once for each way to ask: that costs more than running them.
@cache
def _tallies(sees_all: bool) -> Any:
    running, closed = Program.closed_on.is_(None), Program.closed_on.is_not(None)
    return select(func.count(case((running, 1))), func.count(case((closed, 1)))).where(_open_to(sees_all))


@cache
def _page(sees_all: bool, sort: str, closed: bool, named: bool) -> Any:
    wanted = [_open_to(sees_all), Program.closed_on.is_not(None) if closed else Program.closed_on.is_(None)]
    if named:
        wanted.append(
            or_(
                Program.name_folded.like(bindparam("words"), escape="\\"),
                func.lower(Program.key) == bindparam("key"),
            )
        )
    last_activity = (
        select(func.max(AuditEntry.at)).where(AuditEntry.program_id == Program.id).correlate(Program).scalar_subquery()
    )
    return (
        select(
            *(Program.id, Program.key, Program.name, Program.country, Program.starts_on, Program.closed_on),
            last_activity.label("last_activity"),
            func.count().over().label("total"),
        )
        .where(*wanted)
        .order_by(*_order(sort, last_activity))
        .limit(SIZE)
        .offset(bindparam("first", type_=Integer))
    )


def _order(sort: str, last_activity: Any) -> tuple[Any, ...]:
    """What the database sorts by. Whatever is equal stays in the order of names."""
    by_name = (Program.name_folded, Program.id)
    if sort == "name":
        return by_name
    if sort == "start":
        return (Program.starts_on.desc(), *by_name)
    if sort == "activity":
        return (last_activity.is_(None), last_activity.desc(), *by_name)
    if sort == "gate":
        upcoming = _next_gate()
        return (upcoming.is_(None), upcoming, *by_name)
    # As `health.py` rules: off track before what is overdue otherwise. The forecast is worked out for the page alone,
    # so a program that is at risk only by its forecast stands among those on track here.
    return (case((_off_track(), 0), (_has_overdue(), 1), else_=2), *by_name)


def _last_outcome() -> Any:
    return (
        select(GateDecision.outcome)
        .where(GateDecision.gate_id == Gate.id)
        .order_by(GateDecision.sequence.desc())
        .limit(1)
        .correlate(Gate)
        .scalar_subquery()
    )


def _not_passed() -> ColumnElement[bool]:
    return func.coalesce(_last_outcome(), "").not_in(PASSING_OUTCOMES)


def _next_gate() -> Any:
    return (
        select(func.min(Gate.planned_on))
        .where(Gate.program_id == Program.id, _not_passed())
        .correlate(Program)
        .scalar_subquery()
    )


def _has_overdue(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        and_(
            WorkItem.program_id == Program.id,
            WorkItem.status.in_(OPEN_STATUSES),
            WorkItem.due_on < _TODAY,
            *more,
        )
    )


def _off_track() -> ColumnElement[bool]:
    undecided = exists().where(Gate.program_id == Program.id, Gate.planned_on < _TODAY, _not_passed())
    return or_(_has_overdue(WorkItem.required.is_(True)), undecided)
