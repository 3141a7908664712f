"""Meetings: which one was the last before a day."""

from __future__ import annotations

from datetime import date, datetime

from program.extensions import db
from program.planning.opening import find_program
from program.steering import meetings
from program.steering.models import CommitteeMeeting, MeetingState
from tests.cast import Cast


class TestTheLastOne:
    def test_is_the_last_held_on_an_earlier_day_of_the_programs_own(self, cast: Cast, context: None):
        program = find_program(cast.manager.actor, cast.key)
        for number, when, state in (
            (1, "2026-05-06T10:00+02:00", MeetingState.CLOSED),
            # Past midnight in Warsaw, the day before in UTC.
            (2, "2026-06-03T00:30+02:00", MeetingState.HELD),
            (3, "2026-06-02T10:00+02:00", MeetingState.CANCELLED),
        ):
            at = datetime.fromisoformat(when)
            db.session.add(
                CommitteeMeeting(program_id=cast.program_id, number=number, meets_at=at, state=state.value, held_at=at)
            )
        db.session.flush()
        found = {day: meetings.last_before(program, date.fromisoformat(day)) for day in ("2026-06-03", "2026-06-04")}
        assert [(one.number, one.day) for one in found.values() if one] == [
            (1, date(2026, 5, 6)),
            (2, date(2026, 6, 3)),
        ]
        assert meetings.last_before(program, date(2026, 5, 6)) is None
