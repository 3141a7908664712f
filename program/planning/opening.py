"""Opening a program's page: the program by its key, the reader's access, and the day it is there, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from flask import g, request
from sqlalchemy import and_, bindparam, cast, literal_column, null, select, union_all

from program.ground.actor import Access, Actor
from program.ground.calendar import WorkingCalendar
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.pages import wants_fragment
from program.ground.records import record
from program.people.access import NOT_HERE, require
from program.people.models import Membership
from program.people.session import current_actor
from program.planning.mine import SWITCHER, keep_for_switcher, running
from program.planning.models import Program


@record
class OpenProgram:
    """A program as its pages need it: plain columns; `revision` for the forms that edit it."""

    id: int
    key: str
    name: str
    purpose: str
    locale: str
    timezone: str
    country: str
    starts_on: date
    closed_on: date | None
    playbook_key: str | None
    revision: int

    @property
    def calendar(self) -> WorkingCalendar:
        """The program's working calendar."""
        return WorkingCalendar(self.country)


_PROGRAM, _MEMBERSHIP = Program.__table__.c, Membership.__table__.c
# What only the program of the page is asked for; the rest the switcher needs too.
_MORE = (_PROGRAM.purpose, _PROGRAM.locale, _PROGRAM.starts_on, _PROGRAM.closed_on, _PROGRAM.playbook_key)
_BY_KEY = (
    select(
        *(_PROGRAM.id, _PROGRAM.key, _PROGRAM.name, _PROGRAM.country, _PROGRAM.timezone, _MEMBERSHIP.access),
        *(*_MORE, _PROGRAM.revision, literal_column("1").label("opened")),
    )
    .outerjoin_from(
        Program.__table__,
        Membership.__table__,
        and_(_MEMBERSHIP.program_id == _PROGRAM.id, _MEMBERSHIP.person_id == bindparam("person_id")),
    )
    .where(_PROGRAM.key == bindparam("key"))
)


@cache
def _with_switcher(running: Any) -> Any:
    """The program and those of the switcher in one statement: nearly every page of a program shows both."""
    nothing = (cast(null(), column.type) for column in (*_MORE, _PROGRAM.revision))
    mine = running.subquery()
    return union_all(_BY_KEY, select(*mine.c, *nothing, literal_column("0")))


def program_by_key(actor: Actor, key: str) -> OpenProgram:
    """The program with that key, whoever asks; their access is then known to `access`. Raises NotFound for a wrong key.

    For those who decide themselves who may go on: `find_program` for members, `change/front_line.py` for front lines.
    """
    return _known(actor, read(_BY_KEY, {"key": key.upper(), "person_id": actor.person_id}).first())


def _known(actor: Actor, row: Sequence[Any] | None) -> OpenProgram:
    if row is None:
        raise NotFound(NOT_HERE)
    program_id, key, name, country, timezone, access, purpose, locale, starts_on, closed_on, playbook, revision, _ = row
    actor.known_access[program_id] = None if access is None else Access(access)
    return OpenProgram(
        id=program_id,
        key=key,
        name=name,
        purpose=purpose,
        locale=locale,
        timezone=timezone,
        country=country,
        starts_on=starts_on,
        closed_on=closed_on,
        playbook_key=playbook,
        revision=revision,
    )


def find_program(actor: Actor, key: str, needed: Access = Access.VIEWER) -> OpenProgram:
    """The program with that key. Raises NotFound for a stranger or a wrong key, Forbidden for too little access."""
    program = program_by_key(actor, key)
    require(actor, program.id, needed)
    return program


def open_program(key: str, needed: Access = Access.VIEWER) -> OpenProgram:
    """For views: the program of this page. Dates on the page are then those of the program's time zone."""
    actor = current_actor()
    if request.method == "GET" and not wants_fragment():
        values = {"key": key.upper(), "person_id": actor.person_id, "most": SWITCHER}
        rows = read(_with_switcher(running(actor)), values).all()
        keep_for_switcher(actor, (row[:6] for row in rows if not row.opened))
        program = _known(actor, next((row for row in rows if row.opened), None))
        require(actor, program.id, needed)
    else:
        program = find_program(actor, key, needed)
    show_as_of(program, Access.MANAGER if actor.is_admin else actor.known_access[program.id])
    return program


def show_as_of(program: OpenProgram, access: Access | None) -> None:
    """Make this page one of the program: its frame, time zone and today. Without access the rail shows none of it."""
    g.program = program
    g.access = access
    g.timezone = program.timezone
    g.pop("today", None)
