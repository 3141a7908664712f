"""All programs of a person at a glance: state with its reasons, phase, next gate, progress, last activity.

A page of the list is chosen first, by columns that a database sorts cheaply; only the programs on it are counted and
forecast. So the page costs the same for ten programs as for two hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from program.ground.actor import Actor
from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.folding import fold, like
from program.people.models import Membership
from program.planning.models import Gate, GateDecision, Program, WorkItem
from program.planning.models.gates import PASSING_OUTCOMES
from program.planning.models.items import OPEN_STATUSES
from program.planning.standing import Standing, standings

# A screenful.
SIZE = 15
SORTS = ("attention", "name", "gate", "activity", "start")


@dataclass(frozen=True, slots=True)
class PortfolioProgram:
    """A program as its row in the list shows it."""

    id: int
    key: str
    name: str
    country: str
    starts_on: date
    closed_on: date | None
    last_activity: datetime | None


@dataclass(frozen=True, slots=True)
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
) -> Portfolio:
    """A page of the programs open to the actor (all of them for an administrator), in six statements."""
    open_to = _open_to(actor)
    running, ended = read(
        select(
            func.count(case((Program.closed_on.is_(None), 1))), func.count(case((Program.closed_on.is_not(None), 1)))
        ).where(open_to)
    ).one()
    wanted = [open_to, Program.closed_on.is_not(None) if closed else Program.closed_on.is_(None)]
    folded = fold(name).strip()
    if folded:
        wanted.append(or_(Program.name_folded.like(like(folded), escape="\\"), func.lower(Program.key) == folded))
    last_activity = (
        select(func.max(AuditEntry.at)).where(AuditEntry.program_id == Program.id).correlate(Program).scalar_subquery()
    )
    rows = read(
        select(
            Program.id,
            Program.key,
            Program.name,
            Program.country,
            Program.starts_on,
            Program.closed_on,
            last_activity.label("last_activity"),
            func.count().over().label("total"),
        )
        .where(*wanted)
        .order_by(*_order(sort, today, last_activity))
        .limit(SIZE)
        .offset((page - 1) * SIZE)
    ).all()
    programs = [PortfolioProgram(*row[:-1]) for row in rows]
    return Portfolio(
        programs=programs,
        standings=standings(programs, today, timezone),
        total=rows[0].total if rows else 0,
        running=running,
        closed=ended,
    )


def _open_to(actor: Actor) -> ColumnElement[bool]:
    if actor.is_admin or actor.person_id is None:
        return Program.id.is_not(None)
    return exists().where(Membership.program_id == Program.id, Membership.person_id == actor.person_id)


def _order(sort: str, today: date, last_activity: Any) -> tuple[Any, ...]:
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
    return (case((_off_track(today), 0), (_has_overdue(today), 1), else_=2), *by_name)


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


def _has_overdue(today: date, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        and_(
            WorkItem.program_id == Program.id,
            WorkItem.status.in_(OPEN_STATUSES),
            WorkItem.due_on < today,
            *more,
        )
    )


def _off_track(today: date) -> ColumnElement[bool]:
    undecided = exists().where(Gate.program_id == Program.id, Gate.planned_on < today, _not_passed())
    return or_(_has_overdue(today, WorkItem.required.is_(True)), undecided)
