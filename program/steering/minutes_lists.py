"""What was said, agreed on and decided in a meeting, as its page and the minutes list it: reading only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from program.extensions import db
from program.ground.records import record
from program.people.models import Person
from program.planning.models import WorkItem
from program.steering.models import (
    CommitteeMeeting,
    DecisionOption,
    DecisionOutcome,
    DecisionRequest,
    MeetingAction,
    MeetingDecision,
    MeetingNote,
)


@record
class DecisionLine:
    """A decision of a meeting: one on its agenda, or one that came up. `option` is '' for none of them."""

    id: int
    number: int
    title: str
    state: str
    came_up: bool
    option: str
    reason: str
    hash: str


@record
class ActionLine:
    """An action that a meeting agreed on, as the work item stands now."""

    number: int
    title: str
    status: str
    owner: str
    due_on: date | None
    point: str


def notes_of(meeting_id: int) -> Sequence[MeetingNote]:
    """What was said, by point. One statement."""
    query = select(MeetingNote).where(MeetingNote.meeting_id == meeting_id).order_by(MeetingNote.point)
    return db.session.scalars(query).all()


def actions_of(meeting_id: int) -> list[ActionLine]:
    """What was agreed on, in the order of numbers. One statement."""
    item = WorkItem
    rows = db.session.execute(
        select(item.number, item.title, item.status, Person.name.label("owner"), item.due_on, MeetingAction.point)
        .join(MeetingAction, MeetingAction.item_id == item.id)
        .outerjoin(Person, Person.id == item.owner_id)
        .where(MeetingAction.meeting_id == meeting_id)
        .order_by(item.number)
    )
    return [ActionLine(row.number, row.title, row.status, row.owner or "", row.due_on, row.point) for row in rows]


def decisions_of(meeting: CommitteeMeeting) -> list[DecisionLine]:
    """The decisions on the meeting's frozen agenda and those that came up in it. One statement."""
    on_agenda = [
        int(key.partition(":")[2]) for key in _keys(meeting) if key.startswith("decision:") and key[9:].isdecimal()
    ]
    asked, outcome = DecisionRequest, DecisionOutcome
    came_up = select(MeetingDecision.request_id).where(MeetingDecision.meeting_id == meeting.id)
    rows = db.session.execute(
        select(
            *(asked.id, asked.number, asked.title, asked.state, outcome.reason, outcome.hash, outcome.id.label("done")),
            DecisionOption.title.label("option"),
        )
        .outerjoin(outcome, outcome.request_id == asked.id)
        .outerjoin(DecisionOption, DecisionOption.id == outcome.option_id)
        .where(asked.program_id == meeting.program_id, or_(asked.id.in_(on_agenda), asked.id.in_(came_up)))
        .order_by(asked.number)
    )
    return [
        DecisionLine(
            *(row.id, row.number, row.title, row.state, row.id not in on_agenda, row.option or "", row.reason or ""),
            row.hash or "",
        )
        for row in rows
    ]


def _keys(meeting: CommitteeMeeting) -> list[Any]:
    return [point["key"] for point in meeting.agenda.get("points", ())]
