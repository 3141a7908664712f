"""Opening a program's page: the program by its key, the reader's access, and the day it is there, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import g
from sqlalchemy import and_, bindparam, select

from program.ground.actor import Access, Actor
from program.ground.calendar import WorkingCalendar
from program.ground.database import read
from program.ground.errors import NotFound
from program.people.access import NOT_HERE, require
from program.people.models import Membership
from program.people.session import current_actor
from program.planning.models import Program


@dataclass(frozen=True, slots=True)
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


_PROGRAM = Program.__table__.c
# Built once: it runs with every page of a program.
_BY_KEY = (
    select(
        *(_PROGRAM.id, _PROGRAM.key, _PROGRAM.name, _PROGRAM.purpose, _PROGRAM.locale, _PROGRAM.timezone),
        *(_PROGRAM.country, _PROGRAM.starts_on, _PROGRAM.closed_on, _PROGRAM.playbook_key, _PROGRAM.revision),
        Membership.__table__.c.access,
    )
    .outerjoin_from(
        Program.__table__,
        Membership.__table__,
        and_(
            Membership.__table__.c.program_id == _PROGRAM.id,
            Membership.__table__.c.person_id == bindparam("person_id"),
        ),
    )
    .where(_PROGRAM.key == bindparam("key"))
)


def program_by_key(actor: Actor, key: str) -> OpenProgram:
    """The program with that key, whoever asks; their access is then known to `access`. Raises NotFound for a wrong key.

    For those who decide themselves who may go on: `find_program` for members, `change/front_line.py` for front lines.
    """
    row = read(_BY_KEY, {"key": key.upper(), "person_id": actor.person_id}).first()
    if row is None:
        raise NotFound(NOT_HERE)
    *columns, access = row
    program = OpenProgram(*columns)
    actor.known_access[program.id] = None if access is None else Access(access)
    return program


def find_program(actor: Actor, key: str, needed: Access = Access.VIEWER) -> OpenProgram:
    """The program with that key. Raises NotFound for a stranger or a wrong key, Forbidden for too little access."""
    program = program_by_key(actor, key)
    require(actor, program.id, needed)
    return program


def open_program(key: str, needed: Access = Access.VIEWER) -> OpenProgram:
    """For views: the program of this page. Dates on the page are then those of the program's time zone."""
    actor = current_actor()
    program = find_program(actor, key, needed)
    show_as_of(program, Access.MANAGER if actor.is_admin else actor.known_access[program.id])
    return program


def show_as_of(program: OpenProgram, access: Access | None) -> None:
    """Make this page one of the program: its frame, time zone and today. Without access the rail shows none of it."""
    g.program = program
    g.access = access
    g.timezone = program.timezone
    g.pop("today", None)
