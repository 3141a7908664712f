"""Reading impacted groups, many at once: the list with its search and order, what it comes to, and the heat view.

A page of groups costs the same few statements whether there are three or three hundred.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, func, or_, select

from program.change.coverage import Cover, Covered, ambassadors, size_of, super_users
from program.change.limits import Limits
from program.change.models import GoLive, GroupImpact, GroupMember, ImpactedGroup
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.folding import fold, like
from program.ground.pages import Pagination
from program.ground.records import record
from program.people import access
from program.people.models import Person

PAGE = 50
# Words for the address, and which way round each begins.
SORTS = {"name": "asc", "headcount": "desc", "go_live": "asc", "impact": "desc", "ambassadors": "asc"}


@record
class GroupRow:
    """A group as lists show it."""

    id: int
    name: str
    kind: str
    site: str
    channel: str
    headcount: int
    training_target: int
    representative: str | None
    go_live: str | None
    go_live_on: date | None
    # The overall impact: highest and mean aspect, and how many were looked at; None and 0 before anybody looked.
    highest: int | None
    mean: float | None
    looked_at: int
    known: int
    ambassadors: int
    super_users: int

    @property
    def size(self) -> int:
        """How many people it has: the headcount, or those known by name where they are more."""
        return size_of(self.headcount, self.known)

    def ambassador_cover(self, limits: Limits) -> Covered:
        """Whether it has enough ambassadors."""
        return ambassadors(self.ambassadors, self.size, limits)

    def super_user_cover(self, limits: Limits) -> Covered:
        """Whether it has enough super-users."""
        return super_users(self.super_users, self.size, limits)


@record
class Asked:
    """Which groups, in which order."""

    query: str = ""
    kind: str = ""
    sort: str = "name"
    descending: bool = False
    page: int = 1


@record
class Total:
    """What all groups of a program come to."""

    groups: int
    people: int
    without_impact: int
    without_ambassador: int
    without_go_live: int


@cache
def _figures() -> tuple[Any, Any]:
    """For each group: its impact and its people in figures, as two sub-queries over one program."""
    member, impact = GroupMember.__table__.c, GroupImpact.__table__.c
    group = ImpactedGroup.__table__.c
    impacts = (
        select(
            impact.group_id,
            func.max(impact.level).label("highest"),
            func.avg(impact.level).label("mean"),
            func.count().label("looked_at"),
        )
        .join(ImpactedGroup.__table__, group.id == impact.group_id)
        .where(group.program_id == bindparam("program_id"))
        .group_by(impact.group_id)
        .subquery()
    )
    people = (
        select(
            member.group_id,
            func.sum(case((member.belongs, 1), else_=0)).label("known"),
            func.sum(case((member.is_ambassador, 1), else_=0)).label("ambassadors"),
            func.sum(case((member.is_super_user, 1), else_=0)).label("super_users"),
        )
        .where(member.program_id == bindparam("program_id"))
        .group_by(member.group_id)
        .subquery()
    )
    return impacts, people


@cache
def _rows() -> Any:
    impacts, people = _figures()
    group, go_live = ImpactedGroup.__table__.c, GoLive.__table__.c
    return (
        select(
            *(group.id, group.name, group.kind, group.site, group.channel, group.headcount, group.training_target),
            *(Person.name.label("representative"), go_live.name.label("go_live"), go_live.on_date),
            *(impacts.c.highest, impacts.c.mean, func.coalesce(impacts.c.looked_at, 0)),
            *(func.coalesce(people.c[name], 0) for name in ("known", "ambassadors", "super_users")),
        )
        .select_from(ImpactedGroup.__table__)
        .outerjoin(impacts, impacts.c.group_id == group.id)
        .outerjoin(people, people.c.group_id == group.id)
        .outerjoin(Person, Person.id == group.representative_id)
        .outerjoin(GoLive.__table__, go_live.id == group.go_live_id)
        .where(group.program_id == bindparam("program_id"))
    )


def list_groups(actor: Actor, program_id: int, asked: Asked) -> tuple[list[GroupRow], Pagination]:
    """A page of the program's groups. Two statements, three with a search."""
    access.require(actor, program_id, Access.VIEWER)
    group = ImpactedGroup.__table__.c
    found: list[Any] = []
    if asked.query.strip():
        pattern = like(asked.query)
        sites = _sites_like(program_id, asked.query)
        found.append(or_(group.name_folded.like(pattern, escape="\\"), group.site.in_(sites)))
    if asked.kind:
        found.append(group.kind == asked.kind)
    counted = select(func.count()).select_from(ImpactedGroup.__table__).where(group.program_id == program_id, *found)
    pagination = Pagination(asked.page, PAGE, read(counted).scalar() or 0)
    rows = read(
        _rows().where(*found).order_by(*_order(asked)).limit(PAGE).offset((asked.page - 1) * PAGE),
        {"program_id": program_id},
    )
    return [_row(row) for row in rows], pagination


def one_group(actor: Actor, program_id: int, group_id: int) -> GroupRow | None:
    """One group as lists show it; None when the program has no such group. One statement."""
    access.require(actor, program_id, Access.VIEWER)
    row = read(_rows().where(ImpactedGroup.__table__.c.id == group_id), {"program_id": program_id}).first()
    return None if row is None else _row(row)


def all_groups(program_id: int) -> list[GroupRow]:
    """Every group of the program, by name, for verbs that have asked for permission. One statement."""
    ordered = _rows().order_by(ImpactedGroup.__table__.c.name_folded)
    return [_row(row) for row in read(ordered, {"program_id": program_id})]


def total(actor: Actor, program_id: int) -> Total:
    """What all groups come to, for the headline. One statement."""
    access.require(actor, program_id, Access.VIEWER)
    impacts, people = _figures()
    group = ImpactedGroup.__table__.c
    known, have = func.coalesce(people.c.known, 0), func.coalesce(people.c.ambassadors, 0)
    row = read(
        select(
            func.count(),
            func.coalesce(func.sum(case((group.headcount > known, group.headcount), else_=known)), 0),
            func.coalesce(func.sum(case((impacts.c.group_id.is_(None), 1), else_=0)), 0),
            func.coalesce(func.sum(case((have == 0, 1), else_=0)), 0),
            func.coalesce(func.sum(case((group.go_live_id.is_(None), 1), else_=0)), 0),
        )
        .select_from(ImpactedGroup.__table__)
        .outerjoin(impacts, impacts.c.group_id == group.id)
        .outerjoin(people, people.c.group_id == group.id)
        .where(group.program_id == bindparam("program_id")),
        {"program_id": program_id},
    ).one()
    return Total(*(int(figure) for figure in row))


def _row(row: Any) -> GroupRow:
    values = list(row)
    # The mean comes as a Decimal from one database and as a float from the other.
    values[11] = None if values[11] is None else float(values[11])
    return GroupRow(*values)


def _order(asked: Asked) -> list[Any]:
    impacts, people = _figures()
    group = ImpactedGroup.__table__.c
    highest, mean = func.coalesce(impacts.c.highest, -1), func.coalesce(impacts.c.mean, -1)
    columns: dict[str, list[Any]] = {
        "name": [group.name_folded],
        "headcount": [group.headcount],
        # Groups without a day stand last, whichever way round.
        "go_live": [GoLive.__table__.c.on_date],
        "impact": [highest, mean],
        "ambassadors": [func.coalesce(people.c.ambassadors, 0)],
    }
    chosen = columns[asked.sort]
    directed = [column.desc() if asked.descending else column.asc() for column in chosen]
    if asked.sort == "go_live":
        directed.insert(0, GoLive.__table__.c.on_date.is_(None))
    if asked.sort == "ambassadors":
        # Among equals the largest group is the least covered.
        directed.append(group.headcount.desc())
    return [*directed, group.name_folded, group.id]


def _sites_like(program_id: int, query: str) -> list[str]:
    """Sites whose folded name holds the letters. One statement; a program has a few dozen sites at most."""
    group, wanted = ImpactedGroup.__table__.c, fold(query)
    rows = read(select(group.site).where(group.program_id == program_id, group.site != "").distinct())
    return [row.site for row in rows if wanted in fold(row.site)]


__all__ = ["PAGE", "SORTS", "Asked", "Cover", "GroupRow", "Total", "all_groups", "list_groups", "one_group", "total"]
