"""The programs of the signed-in person: for the switcher at the top of every page and for their week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from flask import g, request, url_for
from sqlalchemy import Integer, and_, bindparam, select

from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.pages import address
from program.ground.records import record
from program.people.models import Membership
from program.people.session import current_actor
from program.planning.models import Program

# What a morning can take in; the list of programs has them all.
SWITCHER, WEEK = 12, 12


@record
class MyProgram:
    """A program that is open to the reader, with what they may do there."""

    id: int
    key: str
    name: str
    country: str
    timezone: str
    access: Access
    # False for a program that only an administrator's rights open.
    takes_part: bool = True

    @property
    def url(self) -> str:
        """Its overview."""
        return address("overview.show", self.key)

    @property
    def items_at(self) -> str:
        """What the address of an item begins with; its number follows."""
        return items_at(self.key)

    @property
    def may_work(self) -> bool:
        """True when the reader may change its items."""
        return self.access >= Access.CONTRIBUTOR


def items_at(key: str) -> str:
    """What the addresses of a program's items begin with; the number follows."""
    return _items_at(request.script_root, key)


@lru_cache(maxsize=8192)
def _items_at(_root: str, key: str) -> str:
    # As `pages.address`: routes never change while the app runs.
    return url_for("items.show", key=key, number=0)[:-1]


# Built once: both run on nearly every page.
_PROGRAM, _MEMBERSHIP = Program.__table__.c, Membership.__table__.c
_RUNNING = (
    select(
        *(_PROGRAM.id, _PROGRAM.key, _PROGRAM.name, _PROGRAM.country, _PROGRAM.timezone),
        _MEMBERSHIP.access,
    )
    .where(_PROGRAM.closed_on.is_(None))
    .limit(bindparam("most", type_=Integer))
)
_TAKES_PART = and_(_MEMBERSHIP.program_id == _PROGRAM.id, _MEMBERSHIP.person_id == bindparam("person_id"))
_MINE = _RUNNING.join_from(Program.__table__, Membership.__table__, _TAKES_PART).order_by(_PROGRAM.id.desc())
_OPEN_TO_ADMIN = _RUNNING.outerjoin_from(Program.__table__, Membership.__table__, _TAKES_PART).order_by(
    _MEMBERSHIP.id.is_(None), _PROGRAM.id.desc()
)


def my_programs() -> list[MyProgram]:
    """The running programs that the signed-in person is in, the newest first.

    An administrator may open every program, but has a week in those only where they take part.
    """
    return [program for program in for_switcher() if program.takes_part][:WEEK]


def for_switcher() -> list[MyProgram]:
    """What the switcher offers the signed-in person; to an administrator the other programs after their own.

    One statement, or none: `open_program` has read it together with the program of the page.
    """
    found: list[MyProgram] | None = g.get("switcher")
    if found is None:
        actor = current_actor()
        keep_for_switcher(actor, read(running(actor), {"person_id": actor.person_id, "most": SWITCHER}))
        found = g.switcher
    return found


def running(actor: Actor) -> Any:
    """The statement behind the switcher: id, key, name, country, time zone, access; bind `person_id` and `most`."""
    return _OPEN_TO_ADMIN if actor.is_admin else _MINE


def keep_for_switcher(actor: Actor, rows: Iterable[Sequence[Any]]) -> None:
    """Remember for this request what `running` found; the rows may come in any order."""
    found = [
        MyProgram(
            program_id,
            key,
            name,
            country,
            timezone,
            Access.MANAGER if actor.is_admin else Access(access),
            takes_part=access is not None,
        )
        for program_id, key, name, country, timezone, access in rows
    ]
    g.switcher = sorted(found, key=lambda program: (not program.takes_part, -program.id))
