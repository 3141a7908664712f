"""What goes out and what became of it, for those who look after it: administrators, and managers of a program.

They see that there was a message, to whom, of which kind, and why it stands where it stands. What it said is the
reader's: of kinds that are private not even the subject is shown. Managers see the messages of their program only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, func, or_, select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, NotFound
from program.ground.folding import like
from program.ground.now import utc_now
from program.ground.pages import Pagination
from program.ground.records import record
from program.outbox import kinds
from program.outbox.models import Message, State
from program.outbox.reasons import STATE_MARKS, STATE_WORDS, WHY
from program.outbox.settling import NEVER
from program.outbox.wording import words
from program.people import access, places
from program.people.models import Person

PAGE_SIZE = 50
# What may still be tried again or sent after all, and what may still be stopped.
CAN_RETRY = (State.FAILED, State.UNCERTAIN, State.WAITING)
CAN_CANCEL = (State.WAITING, State.UNCERTAIN)
MOVED_ON = _l("The message has moved on since you opened the page. This is how it stands now.")


@record
class Asked:
    """Which messages to list. '' asks for all; `query` looks into names and e-mails; `program_id` None for all."""

    state: str = ""
    kind: str = ""
    way: str = ""
    query: str = ""
    program_id: int | None = None


@record
class Line:
    """One message in the list. `subject` is '' where it is nobody's business; `to` is a name or a channel."""

    id: int
    created_at: datetime
    due_at: datetime | None
    to: str
    kind: str
    program: str
    subject: str
    state: str
    state_word: Any
    mark: str
    why: Any
    reason: str
    way: str
    attempts: int
    can_retry: bool
    can_cancel: bool
    is_uncertain: bool


@record
class Desk:
    """A page of the list, and how many messages there are in each state."""

    lines: list[Line]
    pagination: Pagination
    counts: dict[str, int]


def desk(actor: Actor, asked: Asked, page: int) -> Desk:
    """Read one page (from 1), the newest first. Four statements. Raises NotFound for who may not see it."""
    _require(actor, asked.program_id)
    mine: list[ColumnElement[bool]] = [Message.kind.not_in(kinds.unlisted())]
    if asked.program_id is not None:
        mine.append(Message.program_id == asked.program_id)
    counting = select(Message.state, func.count()).where(*mine).group_by(Message.state)
    counts = dict(read(counting).all())
    found = mine + _filters(asked)
    from_people = select(func.count()).select_from(Message).outerjoin(Person, Person.id == Message.person_id)
    total = int(read(from_people.where(*found)).scalar() or 0)
    rows = read(
        select(Message.__table__, Person.name.label("name"))
        .outerjoin(Person, Person.id == Message.person_id)
        .where(*found)
        .order_by(Message.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    programs = places.look_up({row.program_id for row in rows if row.program_id is not None})
    return Desk([_line(row, programs) for row in rows], Pagination(page, PAGE_SIZE, total), counts)


def retry(actor: Actor, message_id: int, program_id: int | None = None) -> None:
    """Try it again at once, by every way anew. Raises Conflict when there is nothing left to try."""
    values = {"state": State.WAITING, "due_at": utc_now(), "attempts": 0, "tried": [], "why": "", "reason": ""}
    _change(actor, message_id, program_id, CAN_RETRY, values | {"settled_at": None}, "message.retried")


def cancel(actor: Actor, message_id: int, program_id: int | None = None) -> None:
    """Let it not go out. It disappears from its reader's page too. Raises Conflict when it has gone."""
    values = {"state": State.CANCELLED, "why": "by_hand", "settled_at": utc_now()}
    _change(actor, message_id, program_id, CAN_CANCEL, values, "message.cancelled")


def arrived(actor: Actor, message_id: int, program_id: int | None = None) -> None:
    """Somebody knows that it has arrived although no answer came. Raises Conflict when that is known by now."""
    values = {"state": State.SENT, "why": "by_hand", "settled_at": utc_now()}
    _change(actor, message_id, program_id, (State.UNCERTAIN,), values, "message.arrived")


def retry_all(actor: Actor, program_id: int | None = None) -> int:
    """Try everything again that failed or waits for another try. Returns how many."""
    _require(actor, program_id)
    mine = [Message.program_id == program_id] if program_id is not None else []
    stuck = or_(
        Message.state == State.FAILED,
        (Message.state == State.WAITING) & Message.why.in_(("retry", "settings", "busy")),
    )
    values = {"state": State.WAITING, "due_at": utc_now(), "attempts": 0, "tried": [], "claim": None}
    count = _run(update(Message).where(*mine, stuck).values(**values, settled_at=None))
    if count:
        audit.record(actor, "message.all_retried", object_id=0, name="", changes={"count": [None, count]})
    return count


def wake(way: str) -> int:
    """Have what waits for that way's settings tried again now: they were just changed. For the host of plugins."""
    waiting = (Message.state == State.WAITING, Message.why.in_(("settings", "busy", "retry")))
    return _run(update(Message).where(*waiting, Message.transport == way).values(due_at=utc_now(), claim=None))


def _require(actor: Actor, program_id: int | None) -> None:
    if program_id is None:
        access.require_admin(actor)
    else:
        access.require(actor, program_id, Access.MANAGER)


def _change(
    actor: Actor,
    message_id: int,
    program_id: int | None,
    states: tuple[State, ...],
    values: dict[str, Any],
    verb: str,
) -> None:
    _require(actor, program_id)
    mine = [Message.program_id == program_id] if program_id is not None else []
    listed = Message.kind.not_in(kinds.unlisted())
    wanted = select(Message.id, Message.kind).where(Message.id == message_id, listed, *mine)
    row = db.session.execute(wanted).first()
    if row is None:
        raise NotFound(access.NOT_HERE)
    # A part goes with the message that carries it.
    together = or_(Message.id == message_id, Message.carried_by_id == message_id)
    changed = _run(update(Message).where(together, Message.state.in_(states)).values(**values, claim=None))
    if not changed:
        raise Conflict(MOVED_ON)
    audit.record(actor, verb, object_id=message_id, name=row.kind)


def _run(statement: Any) -> int:
    result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)


def _filters(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.state:
        found.append(Message.state == asked.state)
    if asked.kind:
        found.append(Message.kind == asked.kind)
    if asked.way:
        found.append(Message.transport == ("" if asked.way == "page" else asked.way))
    if asked.query.strip():
        pattern = like(asked.query)
        found.append(or_(Person.name_folded.like(pattern, escape="\\"), Person.email.like(pattern, escape="\\")))
    return found


def _line(row: Any, programs: Any) -> Line:
    kind = kinds.find(row.kind)
    place = programs.get(row.program_id)
    state = State(row.state)
    waiting = state in (State.WAITING, State.UNCERTAIN) and row.due_at < NEVER
    return Line(
        id=row.id,
        created_at=row.created_at,
        due_at=row.due_at if waiting else None,
        to=row.name or row.channel,
        kind=kind.label if kind else row.kind,
        program=place.name if place else "",
        subject=words(row.kind, row.data).subject if kind and not kind.private else "",
        state=state,
        state_word=STATE_WORDS[state],
        mark=STATE_MARKS[state],
        why=WHY.get(row.why, ""),
        reason=row.reason,
        way=row.transport,
        attempts=row.attempts,
        # What only waits for its time needs no second try, but may go now.
        can_retry=row.carried_by_id is None and state in CAN_RETRY,
        can_cancel=row.carried_by_id is None and state in CAN_CANCEL,
        is_uncertain=state is State.UNCERTAIN and row.carried_by_id is None,
    )
