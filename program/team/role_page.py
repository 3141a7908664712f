"""The people of one role, page by page: who plays it, who will, who did."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, and_, bindparam, func, or_, select

from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership, Person
from program.people.session import initials
from program.planning.models import Phase
from program.team.models import Assignment, ProgramRole
from program.team.spans import Gap, Span, first_gap
from program.team.staffing import needed_until

PAGE_SIZE = 50
_A, _P, _M = Assignment.__table__.c, Person.__table__.c, Membership.__table__.c


@record
class PlayerLine:
    """One assignment of the role. `has_left`: the person is no longer in the program, so it counts no more."""

    id: int
    person_id: int
    name: str
    share: int
    starts_on: date
    ends_on: date | None
    in_pilot_team: bool
    note: str
    revision: int
    has_left: bool

    @property
    def initials(self) -> str:
        """Letters for the avatar."""
        return initials(self.name)

    def when(self, today: date) -> str:
        """'now', 'ahead' or 'over'."""
        if self.has_left or (self.ends_on is not None and self.ends_on < today):
            return "over"
        return "ahead" if self.starts_on > today else "now"


def players_of(role: ProgramRole, today: date, page: int) -> tuple[list[PlayerLine], int, Gap | None]:
    """A page of the role's assignments, those of today first and past ones last; their number; the vacancy.

    Two statements. The vacancy is that of a required role; None where all its days have somebody.
    """
    values = {"role": role.id, "today": today, "size": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE}
    rows = read(_players(), values).all()
    lines = [PlayerLine(*(*row[:9], row.member is None or not row.is_active)) for row in rows]
    total = rows[0].total if rows else 0
    if not role.is_required:
        return lines, total, None
    found = read(_spans(), {"role": role.id, "program": role.program_id, "today": today}).all()
    spans = [Span(starts_on, ends_on) for starts_on, ends_on, _plan_end in found if starts_on is not None]
    return lines, total, first_gap(spans, today, needed_until(found[0].plan_end, today))


def _is_over(today: Any) -> Any:
    return or_(_M.id.is_(None), ~_P.is_active, and_(_A.ends_on.is_not(None), _A.ends_on < today))


@cache
def _players() -> Any:
    today = bindparam("today", type_=Date())
    return (
        select(
            *(_A.id, _A.person_id, _P.name, _A.share, _A.starts_on, _A.ends_on, _A.in_pilot_team, _A.note),
            *(_A.revision, _M.id.label("member"), _P.is_active, func.count().over().label("total")),
        )
        .select_from(Assignment.__table__)
        .join(Person.__table__, _P.id == _A.person_id)
        .outerjoin(Membership.__table__, and_(_M.program_id == _A.program_id, _M.person_id == _A.person_id))
        .where(_A.role_id == bindparam("role"))
        .order_by(_is_over(today), _A.starts_on > today, _P.name_folded, _A.starts_on, _A.id)
        .limit(bindparam("size", type_=Integer()))
        .offset(bindparam("skip", type_=Integer()))
    )


@cache
def _spans() -> Any:
    # One row at least, for the plan's end.
    plan_end = select(func.max(Phase.planned_end)).where(Phase.program_id == bindparam("program")).scalar_subquery()
    held = (
        select(_A.role_id, _A.starts_on, _A.ends_on)
        .select_from(Assignment.__table__)
        .join(Membership.__table__, and_(_M.program_id == _A.program_id, _M.person_id == _A.person_id))
        .join(Person.__table__, and_(_P.id == _A.person_id, _P.is_active))
        .where(or_(_A.ends_on.is_(None), _A.ends_on >= bindparam("today", type_=Date())))
        .subquery()
    )
    role = ProgramRole.__table__
    return (
        select(held.c.starts_on, held.c.ends_on, plan_end.label("plan_end"))
        .select_from(role.outerjoin(held, held.c.role_id == role.c.id))
        .where(role.c.id == bindparam("role"))
    )
