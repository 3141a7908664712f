"""Meetings that were held, as other pages ask for them: which one was the last before a day. Reading only.

Neighbours: `meeting_dates.py` (the calendar of those ahead), `meeting_acts.py` (holding one).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select

from program.ground.database import read
from program.ground.now import zone
from program.planning.opening import OpenProgram
from program.steering.models import CommitteeMeeting, MeetingState


@dataclass(frozen=True, slots=True)
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
