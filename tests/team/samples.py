"""Rows for tests of the team room, written straight into their tables: roles, who plays them, letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert

from program.extensions import db
from program.people.models import Membership
from program.team.models import Assignment, ProgramRole, RaciMark, RaciRow
from tests.cast import make_person

LONG_AGO = date(2026, 1, 5)


def make_roles(program_id: int, *keys: str, **values: Any) -> dict[str, int]:
    """Add roles of the catalogue, in that order; gives their ids by key."""
    rows = [
        ProgramRole(program_id=program_id, key=key, position=place, skills={}, **values)
        for place, key in enumerate(keys, 1)
    ]
    db.session.add_all(rows)
    db.session.flush()
    return {row.key: row.id for row in rows}


def assign(
    program_id: int, role_id: int, person_id: int, *, share: int = 50, starts_on: date = LONG_AGO, **values: Any
) -> Assignment:
    """Let a person play a role."""
    row = Assignment(
        program_id=program_id, role_id=role_id, person_id=person_id, share=share, starts_on=starts_on, **values
    )
    db.session.add(row)
    db.session.flush()
    return row


def join(program_id: int, name: str, email: str, access: int = 2) -> int:
    """A new person with access to the program; gives their id."""
    person = make_person(name, email)
    db.session.add(Membership(program_id=program_id, person_id=person.id, access=access))
    db.session.flush()
    return person.id


def make_row(program_id: int, letters: Mapping[int, str], **place: Any) -> int:
    """A row of the matrix with those letters by role (`phase_id`, `item_id`, `name` say where); gives its id."""
    row = RaciRow(program_id=program_id, **place)
    db.session.add(row)
    db.session.flush()
    db.session.add_all([RaciMark(row_id=row.id, role_id=role, letter=letter) for role, letter in letters.items()])
    db.session.flush()
    return row.id


def write(model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Many rows in one go."""
    if rows:
        db.session.execute(insert(model), list(rows))
