"""The programs of the signed-in person: for the switcher at the top of every page and for their week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, url_for
from sqlalchemy import and_, select

from program.extensions import db
from program.ground.actor import Access, Actor
from program.people.models import Membership
from program.people.session import current_actor
from program.planning.models import Program

SWITCHER, WEEK = 12, 25


@dataclass(frozen=True, slots=True)
class MyProgram:
    """A program that is open to the reader, with what they may do there."""

    id: int
    key: str
    name: str
    country: str
    timezone: str
    access: Access

    @property
    def url(self) -> str:
        """Its overview."""
        return overview_at(self.key)

    @property
    def items_at(self) -> str:
        """What the address of an item begins with; its number follows."""
        return items_at(self.key)

    @property
    def may_work(self) -> bool:
        """True when the reader may change its items."""
        return self.access >= Access.CONTRIBUTOR


def overview_at(key: str) -> str:
    """The address of a program's overview, for lists of programs: building each anew costs more than its row."""
    parts: list[str] | None = g.get("overview_address")
    if parts is None:
        # A tilde stands in addresses as it is, and in no key.
        parts = g.overview_address = url_for("overview.show", key="~").split("~")
    return key.join(parts)


def items_at(key: str) -> str:
    """What the addresses of a program's items begin with; the number follows."""
    return url_for("items.show", key=key, number=0)[:-1]


def my_programs(actor: Actor, most: int = WEEK, *, all_for_admin: bool = False) -> list[MyProgram]:
    """The running programs the person is in, the newest first; one statement.

    An administrator may open every program, but has a week in those only where they take part; with `all_for_admin`
    the others follow after their own.
    """
    columns: tuple[Any, ...] = (Program.id, Program.key, Program.name, Program.country, Program.timezone)
    mine = and_(Membership.program_id == Program.id, Membership.person_id == actor.person_id)
    statement = select(*columns, Membership.access).where(Program.closed_on.is_(None)).limit(most)
    if all_for_admin and actor.is_admin:
        statement = statement.outerjoin(Membership, mine).order_by(Membership.id.is_(None), Program.id.desc())
    else:
        statement = statement.join(Membership, mine).order_by(Program.id.desc())
    return [
        MyProgram(*row[:5], Access.MANAGER if actor.is_admin else Access(row.access))
        for row in db.session.execute(statement)
    ]


def for_switcher() -> list[MyProgram]:
    """What the switcher offers the signed-in person."""
    return my_programs(current_actor(), SWITCHER, all_for_admin=True)
