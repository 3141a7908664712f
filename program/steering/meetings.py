"""Meetings as lists and other pages ask for them: those ahead, those there were, the last before a day. Reading only.

Neighbours: `meeting_calendar.py` (dates), `meeting_acts.py` (holding one), `agenda.py`, `minutes.py`.
"""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import case, func, select

from program.ground.database import read
from program.ground.now import zone
from program.ground.records import record
from program.planning.models import WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.planning.opening import OpenProgram
from program.steering.models import CommitteeMeeting, MeetingAction, MeetingState


@record
class Met:
    """A meeting that was held: its number in the program, the moment it began, and that day in the program's zone."""

    id: int
    number: int
    began_at: datetime
    day: date


def last_before(program: OpenProgram, day: date) -> Met | None:
    """The last meeting held on an earlier day than that one; None before the first. One statement.

    Days are the program's own. Permission is the caller's.
    """
    where = zone(program.timezone)
    began = func.coalesce(CommitteeMeeting.held_at, CommitteeMeeting.meets_at)
    query = (
        select(CommitteeMeeting.id, CommitteeMeeting.number, began.label("began_at"))
        .where(
            CommitteeMeeting.program_id == program.id,
            CommitteeMeeting.state.in_((MeetingState.HELD, MeetingState.CLOSED)),
            began < datetime.combine(day, time(), where),
        )
        .order_by(began.desc(), CommitteeMeeting.id.desc())
        .limit(1)
    )
    row = read(query).first()
    return Met(row.id, row.number, row.began_at, row.began_at.astimezone(where).date()) if row else None


@record
class MeetingRow:
    """A meeting of the list; `actions` were agreed on in it, of which `open_actions` are not done."""

    number: int
    meets_at: datetime
    duration_minutes: int
    place: str
    link: str
    state: str
    cancelled_why: str
    actions: int
    open_actions: int


def meetings_of(program: OpenProgram) -> tuple[list[MeetingRow], list[MeetingRow]]:
    """Meetings that lie ahead, the next first, and those there were or that were cancelled, the newest first.

    One statement. Permission is the caller's.
    """
    meeting = CommitteeMeeting
    agreed = (
        select(
            MeetingAction.meeting_id,
            func.count().label("actions"),
            func.sum(case((WorkItem.status.in_(OPEN_STATUSES), 1), else_=0)).label("open"),
        )
        .join(WorkItem, WorkItem.id == MeetingAction.item_id)
        .where(WorkItem.program_id == program.id)
        .group_by(MeetingAction.meeting_id)
        .subquery()
    )
    query = (
        select(
            *(meeting.number, meeting.meets_at, meeting.duration_minutes, meeting.place, meeting.link, meeting.state),
            *(meeting.cancelled_why, agreed.c.actions, agreed.c.open),
        )
        .outerjoin(agreed, agreed.c.meeting_id == meeting.id)
        .where(meeting.program_id == program.id)
        .order_by(meeting.meets_at, meeting.id)
    )
    rows = [
        MeetingRow(
            *(row.number, row.meets_at, row.duration_minutes, row.place, row.link, row.state, row.cancelled_why),
            *(row.actions or 0, int(row.open or 0)),
        )
        for row in read(query)
    ]
    ahead = [row for row in rows if row.state == MeetingState.PLANNED]
    return ahead, [row for row in reversed(rows) if row.state != MeetingState.PLANNED]
