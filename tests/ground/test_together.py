"""Several statements asked as one: every part gets back what it would have got alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Date, Integer, bindparam, func, literal, literal_column, select, type_coerce

from program.ground.database import read
from program.ground.together import read_together
from program.people.models import Membership, Person
from program.planning.models import Program
from tests.cast import Cast

PEOPLE = select(Person.id, Person.name, Person.is_admin, Person.created_at)
MEMBERS = (
    select(Membership.program_id, func.count(Membership.person_id).label("people"))
    .where(Membership.program_id == bindparam("program"))
    .group_by(Membership.program_id)
)
PROGRAMS = select(Program.starts_on, Program.id, Program.key, Program.name, Program.closed_on).where(
    Program.id == bindparam("program")
)


@pytest.mark.usefixtures("context")
def test_each_part_gets_what_it_would_get_alone(cast: Cast, statements: Any) -> None:
    parts: dict[str, Any] = {"people": PEOPLE, "members": MEMBERS, "programs": PROGRAMS}
    values = {"program": cast.program_id}
    with statements() as ran:
        found = read_together(parts, values)
    assert len(ran) == 1
    for name, statement in parts.items():
        assert sorted(found[name]) == sorted(tuple(row) for row in read(statement, values)), name
    assert read_together({"members": MEMBERS}, values) == {"members": found["members"]}
    assert read_together({}, values) == {}
    assert read_together({"members": MEMBERS, "people": PEOPLE}, {"program": -1})["members"] == []


def test_a_column_without_a_type_is_refused(context: None) -> None:
    with pytest.raises(TypeError, match="give it a type"):
        read_together({"one": select(literal_column("1"), literal_column("2", Integer))}, {})


def test_dates_and_nothing_share_no_place(context: None) -> None:
    day = select(type_coerce(func.min(Person.created_at), Date()).label("day"), literal("x").label("x")).where(
        Person.id == -1
    )
    assert read_together({"one": day, "two": PEOPLE.where(Person.id == -1)}, {}) == {"one": [(None, "x")], "two": []}
