"""To whom a matter of an item goes: who answers for it by the responsibility matrix, else the program's managers.

The item's own row speaks first; where it is silent, the row of its phase does. Roles become people through today's
assignments; who has left the program or has no open account is not asked. Nothing here sends anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, and_, bindparam, or_, select

from program.ground.actor import Access
from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership, Person
from program.planning.models import WorkItem
from program.team.models import ACCOUNTABLE_LETTERS, Assignment, Letter, ProgramRole, RaciMark, RaciRow
from program.team.raci_matrix import plays_on
from program.team.role_words import role_name


@record
class Somebody:
    """A person to turn to."""

    person_id: int
    name: str


@record
class Part:
    """A role that has to do with the item, and who plays it today; nobody is a finding, not an error."""

    role: str
    people: tuple[Somebody, ...]
    # True when it follows from the phase's row, as the item's own says nothing.
    from_phase: bool


@record
class Answering:
    """Who answers for an item and who does the work. More than one accountable role is a fault of the matrix."""

    accountable: tuple[Part, ...]
    responsible: tuple[Part, ...]

    @property
    def people(self) -> tuple[Somebody, ...]:
        """Everybody who is accountable, each once."""
        return tuple(dict.fromkeys(one for part in self.accountable for one in part.people))


def answering(item_id: int, today: date) -> Answering:
    """Who answers for that item on that day; one statement. Permission is the caller's."""
    rows = read(_marks(), {"item": item_id, "today": today}).all()
    return Answering(
        _parts(rows, ACCOUNTABLE_LETTERS),
        _parts(rows, (Letter.RESPONSIBLE, Letter.BOTH)),
    )


def to_whom(item: WorkItem, today: date) -> Sequence[Somebody]:
    """Whom to tell when the item is in trouble: those who answer for it, else the program's managers.

    At most two statements; empty only for a program without a manager who can sign in.
    """
    people = answering(item.id, today).people
    if people:
        return people
    return [Somebody(row.id, row.name) for row in read(_managers(), {"program": item.program_id})]


def _parts(rows: Sequence[Any], letters: Sequence[str]) -> tuple[Part, ...]:
    fitting = [row for row in rows if row.letter in letters]
    own = [row for row in fitting if row.item_id is not None]
    roles: dict[int, tuple[str, list[Somebody]]] = {}
    for row in own or fitting:
        people = roles.setdefault(row.role_id, (role_name(row.key, row.role), []))[1]
        # Two assignments in one role, with different shares, are still one person.
        if row.person_id is not None and Somebody(row.person_id, row.person) not in people:
            people.append(Somebody(row.person_id, row.person))
    return tuple(Part(name, tuple(people), not own) for name, people in roles.values())


@cache
def _marks() -> Any:
    its_phase = select(WorkItem.phase_id).where(WorkItem.id == bindparam("item")).scalar_subquery()
    return (
        select(
            *(RaciRow.item_id, RaciMark.letter, RaciMark.role_id, ProgramRole.key, ProgramRole.name.label("role")),
            *(Person.id.label("person_id"), Person.name.label("person")),
        )
        .join(RaciMark, RaciMark.row_id == RaciRow.id)
        .join(ProgramRole, ProgramRole.id == RaciMark.role_id)
        .outerjoin(
            Assignment,
            and_(Assignment.role_id == ProgramRole.id, *plays_on(bindparam("today", type_=Date))),
        )
        .outerjoin(
            Membership,
            and_(Membership.program_id == Assignment.program_id, Membership.person_id == Assignment.person_id),
        )
        .outerjoin(Person, and_(Person.id == Membership.person_id, Person.is_active))
        .where(
            or_(RaciRow.item_id == bindparam("item"), and_(RaciRow.phase_id == its_phase, RaciRow.name == "")),
            RaciMark.letter.in_((*ACCOUNTABLE_LETTERS, Letter.RESPONSIBLE)),
        )
        .order_by(ProgramRole.position, ProgramRole.id, Person.name_folded, Person.id)
    )


@cache
def _managers() -> Any:
    return (
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.program_id == bindparam("program"),
            Membership.access >= Access.MANAGER.value,
            Person.is_active,
        )
        .order_by(Person.name_folded, Person.id)
    )
