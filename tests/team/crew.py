"""What tests of the team share: roles of program ALFA and who plays them."""

from __future__ import annotations

from datetime import date
from typing import Any

from program.extensions import db
from program.ground.actor import Access
from program.people.models import Membership
from program.planning.models import Program
from program.team.assignments import AssignmentDraft, assign
from program.team.models import Assignment, ProgramRole
from program.team.roles import take_over
from tests.cast import Cast, Member, as_member, make_person, make_program

# A Thursday.
TODAY = date(2026, 3, 12)
MONDAY = date(2026, 3, 9)


def make_roles(cast: Cast, *keys: str, required: tuple[str, ...] = ()) -> list[ProgramRole]:
    """Roles of the catalogue, taken over by the manager in the running transaction."""
    return take_over(cast.manager.actor, cast.program_id, keys, required)


def give(cast: Cast, role: ProgramRole, person_id: int, **more: Any) -> Assignment:
    """An assignment made by the manager: half a week from 2 March on, unless told otherwise."""
    values = {"share": 50, "starts_on": date(2026, 3, 2), **more}
    return assign(cast.manager.actor, cast.program_id, AssignmentDraft(role.id, person_id, **values))


def second_program(cast: Cast, *members: Member, key: str = "BETA", name: str = "Beta Shops") -> tuple[Program, Any]:
    """Another program with a role 'helper', written directly; those people are contributors of it."""
    program = make_program(key, name)
    for member in members:
        db.session.add(Membership(program_id=program.id, person_id=member.id, access=Access.CONTRIBUTOR.value))
    role = ProgramRole(program_id=program.id, key="helper", name="Helper", position=1)
    db.session.add(role)
    db.session.flush()
    return program, role


def assign_directly(program_id: int, role_id: int, person_id: int, share: int, **more: Any) -> Assignment:
    """An assignment written past the verb, for programs that nobody of the cast manages."""
    row = Assignment(
        program_id=program_id,
        role_id=role_id,
        person_id=person_id,
        share=share,
        **{"starts_on": date(2026, 3, 2), **more},
    )
    db.session.add(row)
    db.session.flush()
    return row


def join(cast: Cast, name: str, email: str, access: Access = Access.CONTRIBUTOR) -> Member:
    """Somebody new in program ALFA."""
    person = make_person(name, email)
    db.session.add(Membership(program_id=cast.program_id, person_id=person.id, access=access.value))
    db.session.flush()
    return as_member(person)
