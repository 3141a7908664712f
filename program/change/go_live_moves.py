"""Moving a go-live: its tasks that have not begun and its messages not said yet go along, shown before it happens.

Everything moves by as many working days as the go-live does, so that moving it there and back changes nothing. What is
done or has begun stays, and so do training sessions: people have been invited to these. One act, one batch, one undo.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import field
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, select

from program.change.go_lives import find_go_live
from program.change.models import ChangePlanItem, Communication, GoLive, TrainingSession
from program.change.models.training import SessionState
from program.change.plan_steps import built_in
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY, WorkingCalendar
from program.ground.database import read
from program.ground.errors import Conflict, Invalid
from program.ground.records import record
from program.people import access
from program.planning.item_sweeps import ItemSweep, sweep
from program.planning.models import WorkItem
from program.planning.models.items import FINISHED_STATUSES
from program.planning.moving import working_days_between

CHANGED_SINCE = _l("The plan changed since you looked at the preview. Here is what your move would do now.")
OUTSIDE = _l("What moves along would lie outside the years 2000 to 2099.")


@record
class Step:
    """A task or a message that moves along; a message has only an end."""

    id: int
    revision: int
    name: str
    number: int | None
    old_start: date | None
    old_end: date | None
    new_start: date | None
    new_end: date | None


@record
class Staying:
    """A task that stays where it is: it is over, or somebody has begun it."""

    number: int
    name: str
    status: str


@record
class MovePlan:
    """All that a move would do. `fingerprint` changes when anything it rests on does."""

    go_live_id: int
    old: date
    new: date
    # By how many working days everything moves; negative is earlier.
    working_days: int
    tasks: tuple[Step, ...]
    messages: tuple[Step, ...]
    staying: tuple[Staying, ...]
    said: int
    sessions: int
    fingerprint: str = field(compare=False)


def preview(actor: Actor, go_live: GoLive, calendar: WorkingCalendar, to: date) -> MovePlan:
    """What the move would do; nothing is changed. Three statements. Raises Invalid at `on_date`."""
    access.require(actor, go_live.program_id, Access.MANAGER)
    if not FIRST_DAY <= to <= LAST_DAY:
        raise Invalid(_l("Something is not right yet."), {"on_date": _l("Give a day between 2000 and 2099.")})
    if to == go_live.on_date:
        raise Invalid(_l("Something is not right yet."), {"on_date": _l("It is on this day already.")})
    try:
        return _plan(go_live, calendar, to)
    except OverflowError as error:
        raise Invalid(_l("Something is not right yet."), {"on_date": OUTSIDE}) from error


def move(
    actor: Actor, program_id: int, go_live_id: int, calendar: WorkingCalendar, to: date, *, seen: str
) -> tuple[str, MovePlan]:
    """Do what was previewed and return the batch that takes it back. `seen` is the preview's fingerprint.

    Raises Conflict when anything the preview showed has changed since.
    """
    access.require(actor, program_id, Access.MANAGER)
    go_live = find_go_live(actor, program_id, go_live_id, Access.MANAGER, lock=True)
    if to == go_live.on_date:
        # Twice the same button: the first did it.
        raise Conflict(_l("The go-live is on this day already."))
    plan = preview(actor, go_live, calendar, to)
    if plan.fingerprint != seen:
        raise Conflict(CHANGED_SINCE)
    batch = audit.new_batch()
    changes = audit.change(go_live, {"on_date": to})
    db.session.flush()
    entries = [(go_live.id, go_live.name, changes)]
    audit.record_many(actor, "go_live.moved", program_id, entries, batch=batch)
    sweeps = [
        ItemSweep(
            step.id,
            step.name,
            step.revision,
            {"start_on": step.old_start, "due_on": step.old_end},
            {"start_on": step.new_start, "due_on": step.new_end},
        )
        for step in plan.tasks
    ]
    sweep(actor, program_id, sweeps, batch)
    _move_messages(actor, program_id, plan, batch)
    db.session.expire_all()
    return batch, plan


def shifter(calendar: WorkingCalendar, old: date, new: date) -> tuple[int, Callable[[date], date]]:
    """By how many working days a go-live moves, and where that takes a day. Days that are no working days count as the
    next one, so a cut-over at a weekend moves like one on Monday."""
    distance = working_days_between(calendar, calendar.on_or_after(old), calendar.on_or_after(new))
    known: dict[date, date] = {}

    def shifted(day: date) -> date:
        if not distance:
            return day
        if day not in known:
            known[day] = calendar.add(day, distance)
        return known[day]

    return distance, shifted


def _plan(go_live: GoLive, calendar: WorkingCalendar, to: date) -> MovePlan:
    distance, shifted = shifter(calendar, go_live.on_date, to)
    tasks, staying = [], []
    for row in read(_tasks(), {"go_live": go_live.id}):
        if row.status in FINISHED_STATUSES or row.started_at is not None:
            staying.append(Staying(row.number, row.title, row.status))
            continue
        new_start = shifted(row.start_on) if row.start_on else None
        new_due = shifted(row.due_on) if row.due_on else None
        if (new_start, new_due) != (row.start_on, row.due_on):
            tasks.append(
                Step(row.id, row.revision, row.title, row.number, row.start_on, row.due_on, new_start, new_due)
            )
    rows = read(_messages(), {"go_live": go_live.id}).all()
    messages = tuple(_moved_messages(rows, go_live, to, shifted))
    sessions = read(_sessions(), {"go_live": go_live.id}).scalar() or 0
    said = sum(row.done_on is not None for row in rows)
    facts = (go_live.id, go_live.revision, go_live.on_date, to, tasks, messages, staying, sessions)
    return MovePlan(
        go_live.id,
        go_live.on_date,
        to,
        distance,
        tuple(tasks),
        messages,
        tuple(staying),
        said,
        sessions,
        hashlib.sha256(repr(facts).encode()).hexdigest(),
    )


def _moved_messages(rows: Any, go_live: GoLive, to: date, shifted: Callable[[date], date]) -> Iterator[Step]:
    for row in rows:
        if row.done_on is not None:
            continue
        # 'We start today' stays with the day itself, be it a Saturday.
        on_the_day = row.step in _on_the_day() and row.planned_on == go_live.on_date
        new = to if on_the_day else shifted(row.planned_on)
        if new != row.planned_on:
            yield Step(row.id, row.revision, row.message, None, None, row.planned_on, None, new)


def _move_messages(actor: Actor, program_id: int, plan: MovePlan, batch: str) -> None:
    ids = [step.id for step in plan.messages]
    query = select(Communication).where(Communication.id.in_(ids)).execution_options(populate_existing=True)
    rows = {row.id: row for row in db.session.scalars(query)} if ids else {}
    entries = []
    for step in plan.messages:
        row = rows[step.id]
        if row.revision != step.revision:
            raise Conflict(CHANGED_SINCE)
        entries.append((row.id, row.message, audit.change(row, {"planned_on": step.new_end})))
    db.session.flush()
    audit.record_many(actor, "communication.moved", program_id, entries, batch=batch)


@cache
def _on_the_day() -> frozenset[str]:
    return frozenset(message.key for message in built_in().messages if message.day == 0)


@cache
def _tasks() -> Any:
    return (
        select(
            WorkItem.id,
            WorkItem.revision,
            WorkItem.number,
            WorkItem.title,
            WorkItem.status,
            WorkItem.start_on,
            WorkItem.due_on,
            WorkItem.started_at,
        )
        .join(ChangePlanItem, ChangePlanItem.item_id == WorkItem.id)
        .where(ChangePlanItem.go_live_id == bindparam("go_live"))
        .order_by(WorkItem.due_on, WorkItem.number)
    )


@cache
def _messages() -> Any:
    return (
        select(
            Communication.id,
            Communication.revision,
            Communication.message,
            Communication.step,
            Communication.planned_on,
            Communication.done_on,
        )
        .where(Communication.go_live_id == bindparam("go_live"))
        .order_by(Communication.planned_on, Communication.id)
    )


@cache
def _sessions() -> Any:
    return (
        select(func.count())
        .select_from(TrainingSession)
        .where(TrainingSession.go_live_id == bindparam("go_live"), TrainingSession.state == SessionState.PLANNED)
    )
