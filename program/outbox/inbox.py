"""A person's page of messages: what was said to them, and what of it they have read.

Every message stands here, whichever other way it went. Who has left a program no longer reads what was said about it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, exists, func, or_, select, update

from program.extensions import db
from program.ground.actor import Actor
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.formats import local_day
from program.ground.model import UtcDateTime
from program.ground.now import utc_now
from program.ground.records import record
from program.outbox import kinds
from program.outbox.models import Message, State
from program.outbox.wording import words
from program.people import places
from program.people.access import NOT_HERE
from program.people.models import Membership, Person

PAGE_SIZE = 40
# The bell says '99+' above.
MOST_COUNTED = 100
# What was taken back says nothing any more.
_GONE = (State.CANCELLED, State.SUPERSEDED, State.EXPIRED)
_ROW = Message.__table__.c


@record
class Entry:
    """One message as its reader sees it. `program` is the name of the program it is about, '' for none."""

    id: int
    at: datetime
    day: date
    icon: str
    subject: str
    text: str
    program: str
    leads_on: bool
    is_new: bool


@record
class Inbox:
    """A page of messages, the newest first, with how many there are in all and how many of them are new."""

    entries: list[Entry]
    total: int
    new: int


def inbox(actor: Actor, page: int, *, only_new: bool = False) -> Inbox:
    """Read one page (from 1). Three statements."""
    asked = {"person_id": _person(actor), "now": utc_now()}
    total, new = read(_counts(), asked).one()
    paged = {"size": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE}
    rows = read(_entries(only_new), asked | paged).all()
    programs = places.look_up({row.program_id for row in rows if row.program_id is not None})
    return Inbox([_entry(row, programs) for row in rows], new if only_new else total, new)


def open_entry(actor: Actor, message_id: int) -> str:
    """Mark it as read and return the path of the page it is about, '' for none. Raises NotFound."""
    asked = {"person_id": _person(actor), "now": utc_now(), "message": message_id}
    row = read(_one(), asked).first()
    if row is None:
        raise NotFound(NOT_HERE)
    mark_read(actor, [message_id])
    return str(row.path)


def mark_read(actor: Actor, message_ids: Collection[int] | None = None) -> int:
    """The actor has read those messages, or (None) all that are shown. Returns how many were new."""
    now = utc_now()
    mine = (Message.person_id == _person(actor), Message.read_at.is_(None), Message.visible_from <= now)
    statement = update(Message).where(*mine)
    if message_ids is not None:
        statement = statement.where(Message.id.in_(message_ids))
    return _count(statement.values(read_at=now))


def mark_new(actor: Actor, message_id: int) -> None:
    """The actor wants to see it as new again. Raises NotFound for a message that is not theirs."""
    mine = (Message.person_id == _person(actor), Message.id == message_id, Message.state.not_in(_GONE))
    if not _count(update(Message).where(*mine).values(read_at=None)):
        raise NotFound(NOT_HERE)


def read_elsewhere(person_id: int, about: Collection[str]) -> None:
    """That person has seen this on its own page: nothing about it is new for them any more."""
    mine = (Message.person_id == person_id, Message.about.in_(about), Message.read_at.is_(None))
    _count(update(Message).where(*mine).values(read_at=utc_now()))


def unread() -> Any:
    """How much is new to the person `:person_id` at `:now`, as a subquery of one figure, up to MOST_COUNTED."""
    new = select(_ROW.id).where(*_readable(), _ROW.read_at.is_(None)).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(new).scalar_subquery()


def _entry(row: Any, programs: Any) -> Entry:
    kind = kinds.find(row.kind)
    said = words(row.kind, row.data)
    place = programs.get(row.program_id)
    return Entry(
        id=row.id,
        at=row.visible_from,
        day=local_day(row.visible_from),
        icon=kind.icon if kind else "bell",
        subject=said.subject,
        text=said.text,
        program=place.name if place else "",
        leads_on=bool(row.path),
        is_new=row.read_at is None,
    )


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotFound(NOT_HERE)
    return actor.person_id


def _count(statement: Any) -> int:
    result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)


def _readable() -> tuple[ColumnElement[bool], ...]:
    """What the person may read now."""
    person, now = bindparam("person_id", type_=Integer), bindparam("now", type_=UtcDateTime())
    takes_part = exists().where(Membership.program_id == _ROW.program_id, Membership.person_id == person)
    is_admin = exists().where(Person.id == person, Person.is_admin)
    return (
        _ROW.person_id == person,
        _ROW.visible_from <= now,
        _ROW.state.not_in(_GONE),
        or_(_ROW.expires_at.is_(None), _ROW.expires_at > now),
        or_(_ROW.program_id.is_(None), takes_part, is_admin),
    )


# Statements are put together once.
@cache
def _counts() -> Any:
    return select(func.count(), func.count().filter(_ROW.read_at.is_(None))).where(*_readable())


@cache
def _entries(only_new: bool) -> Any:
    columns = (_ROW.id, _ROW.kind, _ROW.data, _ROW.program_id, _ROW.visible_from, _ROW.path, _ROW.read_at)
    return (
        select(*columns)
        .where(and_(*_readable(), *((_ROW.read_at.is_(None),) if only_new else ())))
        .order_by(_ROW.visible_from.desc(), _ROW.id.desc())
        .limit(bindparam("size", type_=Integer))
        .offset(bindparam("skip", type_=Integer))
    )


@cache
def _one() -> Any:
    return select(_ROW.path).where(*_readable(), _ROW.id == bindparam("message", type_=Integer))
