"""What the clock does for meetings: fills the calendar, sends the agenda some days before, begins them at their hour.

What is due is read from rows; doing it twice is doing it once. A clock that was away over a meeting begins it when it
is back, and sends no agenda for what has begun.
"""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Origin, system
from program.ground.cadence import moment_of
from program.ground.calendar import WorkingCalendar
from program.ground.now import today_in, utc_now, zone
from program.planning.models import Program
from program.steering import meeting_calendar, meeting_telling
from program.steering.agenda import assemble
from program.steering.meeting_acts import begin, opened
from program.steering.models import CommitteeMeeting, MeetingState
from program.steering.risks import lock_program
from program.steering.seats import plan_of

# The agenda goes out in the morning of its day.
TELLS_AT = time(8)


def tick() -> int:
    """All that is due, in the order of a meeting's life. Returns how many things were done."""
    return meeting_calendar.fill_due() + announce_due() + begin_due()


def announces_at(meeting: CommitteeMeeting, program: Program, days: int) -> datetime:
    """When its members get the agenda: so many working days before it, in the morning."""
    day = WorkingCalendar(program.country).add(meeting.meets_at.astimezone(zone(program.timezone)).date(), -days)
    return moment_of(day, TELLS_AT, program.timezone)


def announce_due() -> int:
    """Send the agendas whose day has come. Returns how many."""
    now = utc_now()
    count = 0
    for program_id, meeting_id in _planned(CommitteeMeeting.announced_at.is_(None), CommitteeMeeting.meets_at > now):
        program, meeting = _held(program_id, meeting_id)
        days = plan_of(program_id).announce_days
        gone = meeting.announced_at is not None or meeting.state != MeetingState.PLANNED
        if gone or announces_at(meeting, program, 3 if days is None else days) > now:
            continue
        agenda = assemble(opened(program), meeting, today_in(program.timezone))
        meeting.announced_at = now
        db.session.flush()
        meeting_telling.tell_agenda(program, meeting, agenda.points)
        count += 1
    return count


def begin_due() -> int:
    """Begin the meetings whose hour has come. Returns how many."""
    count = 0
    for program_id, meeting_id in _planned(CommitteeMeeting.meets_at <= utc_now()):
        _program, meeting = _held(program_id, meeting_id)
        # Moved while we waited for the program.
        if meeting.state == MeetingState.PLANNED and meeting.meets_at <= utc_now():
            begin(system(Origin.CLOCK), meeting)
            count += 1
    return count


def _planned(*rules: object) -> list[tuple[int, int]]:
    query = (
        select(CommitteeMeeting.program_id, CommitteeMeeting.id)
        .join(Program, Program.id == CommitteeMeeting.program_id)
        .where(CommitteeMeeting.state == MeetingState.PLANNED, Program.closed_on.is_(None), *rules)  # type: ignore[arg-type]
        .order_by(CommitteeMeeting.program_id, CommitteeMeeting.meets_at)
    )
    return [(row.program_id, row.id) for row in db.session.execute(query)]


def _held(program_id: int, meeting_id: int) -> tuple[Program, CommitteeMeeting]:
    program = lock_program(program_id)
    return program, db.session.get_one(CommitteeMeeting, meeting_id, populate_existing=True)
