"""Taking the demo away again: its own programs and people, and nothing else.

A program is the demo's when it has a reserved key and somebody of the demo's cast created it; a person is the demo's by
their e-mail, whose domain ends in `.example` and can belong to nobody. Where the demo's people have got into anything
real, nothing is removed and the reason is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, delete, func, or_, select

from program.cli.demo.story import cast, stories
from program.extensions import Base, db
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict
from program.ground.records import record
from program.outbox.models import Message, Wishes
from program.people.models import Membership, Person, SignInLink
from program.planning.models import Program
from program.team.models import PersonSkill


@record
class Belongings:
    """What is the demo's: ids of programs and of people."""

    programs: tuple[int, ...]
    people: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.programs or self.people)


def belongings() -> Belongings:
    """What of the demo is here."""
    people = db.session.scalars(select(Person.id).where(Person.email.in_([one.email for one in cast()]))).all()
    programs = db.session.scalars(
        select(Program.id).where(Program.key.in_([story.key for story in stories()]), Program.created_by_id.in_(people))
    ).all()
    return Belongings(tuple(programs), tuple(people))


def remove() -> Belongings:
    """Remove the demo and return what was removed. The caller commits.

    Raises Conflict, before anything is removed, when its people are members of real programs or did something there.
    """
    found = belongings()
    if not found:
        return found
    _refuse_members_elsewhere(found)
    # What hangs on a program goes with it: the database's own rule.
    db.session.execute(delete(Program).where(Program.id.in_(found.programs)))
    for model, condition in (
        (SignInLink, SignInLink.person_id.in_(found.people)),
        (Message, Message.person_id.in_(found.people)),
        (Wishes, Wishes.person_id.in_(found.people)),
        (PersonSkill, PersonSkill.person_id.in_(found.people)),
        (
            AuditEntry,
            or_(
                AuditEntry.person_id.in_(found.people),
                (AuditEntry.object_type == "person") & AuditEntry.object_id.in_(found.people),
            ),
        ),
    ):
        db.session.execute(delete(model).where(condition))
    _refuse_traces(found)
    db.session.execute(delete(Person).where(Person.id.in_(found.people)))
    db.session.expire_all()
    return found


def _refuse_members_elsewhere(found: Belongings) -> None:
    rows = db.session.execute(
        select(Program.name, Person.name)
        .join(Membership, Membership.program_id == Program.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Person.id.in_(found.people), Program.id.not_in(found.programs))
        .order_by(Program.name_folded, Person.name_folded)
    ).all()
    if rows:
        where = "\n".join(f"  {program}: {person}" for program, person in rows)
        raise Conflict(
            "People of the demo are members of programs that are not the demo's. Take them out of these programs (put"
            f" somebody else in charge where they manage one) and try again. Nothing was removed.\n{where}"
        )


def _refuse_traces(found: Belongings) -> None:
    """Refuse while anything left refers to the demo's people; every table is asked, those of later rooms too."""
    for column in _columns_naming_people():
        count = db.session.scalar(select(func.count()).select_from(column.table).where(column.in_(found.people)))
        if count:
            raise Conflict(
                f"People of the demo left something outside it ({count} × {column.table.name}.{column.name})."
                " Nothing was removed."
            )


def _columns_naming_people() -> Iterator[Column[Any]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == Person.__tablename__ for key in column.foreign_keys):
                yield column
