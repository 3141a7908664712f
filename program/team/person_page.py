"""What one person does in a program: the roles they play there and the open items they own."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, and_, bindparam, case, func, select

from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.records import record
from program.people import access
from program.people.models import Membership, Person
from program.people.session import initials
from program.planning.models import WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.team.models import Assignment, ProgramRole
from program.team.role_words import role_name

_A, _R, _P, _M = Assignment.__table__.c, ProgramRole.__table__.c, Person.__table__.c, Membership.__table__.c


@record
class PlayedRole:
    """A role somebody plays, will play or has played. `when` is 'now', 'ahead' or 'over'."""

    assignment_id: int
    role_id: int
    name: str
    share: int
    starts_on: date
    ends_on: date | None
    in_pilot_team: bool
    note: str
    when: str


@record
class Teammate:
    """Somebody of the program."""

    id: int
    name: str
    is_active: bool
    roles: tuple[PlayedRole, ...]
    open_items: int
    overdue_items: int

    @property
    def initials(self) -> str:
        """Letters for the avatar."""
        return initials(self.name)

    @property
    def share_now(self) -> int:
        """What the roles of today take of a week here, in percent."""
        return sum(role.share for role in self.roles if role.when == "now")


def teammate(actor: Actor, program_id: int, person_id: int, today: date) -> Teammate:
    """The person as the program knows them; two statements. Raises NotFound for anybody who is not in it."""
    access.require(actor, program_id, Access.VIEWER)
    values = {"program": program_id, "person": person_id, "today": today}
    rows = read(_roles(), values).all()
    if not rows:
        raise NotFound(access.NOT_HERE)
    items = read(_items(), values).one()
    played = tuple(_played(row, today) for row in rows if row.id is not None)
    return Teammate(rows[0].person_id, rows[0].person, rows[0].is_active, played, items[0] or 0, items[1] or 0)


def _played(row: Any, today: date) -> PlayedRole:
    is_over = row.ends_on is not None and row.ends_on < today
    return PlayedRole(
        row.id,
        row.role_id,
        role_name(row.key, row.role_name),
        row.share,
        row.starts_on,
        row.ends_on,
        row.in_pilot_team,
        row.note,
        "over" if is_over else "ahead" if row.starts_on > today else "now",
    )


@cache
def _roles() -> Any:
    today = bindparam("today", type_=Date())
    is_over = and_(_A.ends_on.is_not(None), _A.ends_on < today)
    here = and_(_A.program_id == _M.program_id, _A.person_id == _M.person_id)
    return (
        select(
            *(_P.id.label("person_id"), _P.name.label("person"), _P.is_active),
            *(_A.id, _A.role_id, _R.key, _R.name.label("role_name"), _A.share, _A.starts_on, _A.ends_on),
            *(_A.in_pilot_team, _A.note),
        )
        .select_from(Membership.__table__)
        .join(Person.__table__, _P.id == _M.person_id)
        .outerjoin(Assignment.__table__, here)
        .outerjoin(ProgramRole.__table__, _R.id == _A.role_id)
        .where(
            _M.program_id == bindparam("program", type_=Integer()),
            _M.person_id == bindparam("person", type_=Integer()),
        )
        .order_by(is_over, _A.starts_on > today, _R.position, _A.starts_on)
    )


@cache
def _items() -> Any:
    late = case((WorkItem.due_on < bindparam("today", type_=Date()), 1))
    return select(func.count(), func.count(late)).where(
        WorkItem.program_id == bindparam("program", type_=Integer()),
        WorkItem.owner_id == bindparam("person", type_=Integer()),
        WorkItem.status.in_(OPEN_STATUSES),
    )
