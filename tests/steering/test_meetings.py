"""Meetings: the calendar with its days off, notices told once, calendar files, and which one was the last."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from program.change import calendar_feeds
from program.extensions import db
from program.ground import database
from program.ground.actor import Actor
from program.ground.cadence import monthly, weekly
from program.ground.errors import Conflict, Forbidden, Invalid
from program.ground.formats import reading_as
from program.ground.now import held_at, utc_now
from program.outbox.models import Message
from program.outbox.wording import outgoing, words
from program.planning.opening import find_program
from program.steering import committee, meeting_calendar, meeting_rounds, meetings
from program.steering.committee import SeatDraft
from program.steering.meeting_calendar import DayOff, MeetingDraft, cancel_meeting, change_meeting, plan_meeting
from program.steering.models import CommitteeMeeting, MeetingState, SteeringPlan
from tests.cast import Cast

# A Wednesday; the 4th of June 2026 is Corpus Christi.
NOW = datetime.fromisoformat("2026-05-20T10:00+02:00")
DRAFT = MeetingDraft(date(2026, 6, 10), time(14), place="Room 3")


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with held_at(NOW):
        yield


@pytest.fixture
def seated(cast: Cast, context: None) -> Cast:
    """Wanda chairs, Tomek stands in."""
    committee.add_seat(cast.manager.actor, cast.program_id, SeatDraft(cast.viewer.id, cast.contributor.id, "chair"))
    return cast


def told(kind: str) -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == f"steering.{kind}").order_by(Message.id)))


def every_second_thursday(cast: Cast, seen: int = 0) -> SteeringPlan:
    cadence = weekly(3, time(10), date(2026, 5, 18), every=2, moves=True)
    return meeting_calendar.set_cadence(cast.manager.actor, cast.program_id, cadence, {"announce_days": 3}, seen=seen)


def all_meetings(cast: Cast) -> list[CommitteeMeeting]:
    query = select(CommitteeMeeting).where(CommitteeMeeting.program_id == cast.program_id)
    return list(db.session.scalars(query.order_by(CommitteeMeeting.meets_at)))


class TestTheCalendar:
    def test_is_filled_a_quarter_ahead_around_holidays_and_told_once(self, seated: Cast):
        every_second_thursday(seated)
        found = all_meetings(seated)
        days = [one.meets_at.date() for one in found]
        # Corpus Christi is a Thursday of the cadence: they meet on the Friday.
        assert days[:3] == [date(2026, 5, 21), date(2026, 6, 5), date(2026, 6, 18)]
        assert [one.number for one in found] == list(range(1, len(found) + 1))
        assert utc_now() + timedelta(days=84) < found[-1].meets_at <= utc_now() + meeting_calendar.HORIZON
        told_first = told("meeting_calendar")
        assert {one.person_id for one in told_first} == {seated.viewer.id, seated.contributor.id}
        assert len(told_first) == 2
        with reading_as("en", "Europe/Warsaw"):
            assert "Fri 5 Jun 2026, 10:00" in words(told_first[0].kind, told_first[0].data).text
        meeting_rounds.tick()
        assert len(all_meetings(seated)) == len(found)

    def test_a_clock_that_was_away_adds_what_is_ahead_and_makes_up_nothing(self, seated: Cast):
        every_second_thursday(seated)
        before = all_meetings(seated)
        with held_at(before[-1].meets_at + timedelta(days=60)):
            assert meeting_calendar.fill_due() > 0
            assert meeting_calendar.fill_due() == 0
            added = all_meetings(seated)[len(before) :]
            assert all(one.meets_at > utc_now() for one in added)

    def test_follows_a_new_cadence_and_leaves_what_was_moved_by_hand(self, seated: Cast):
        plan = every_second_thursday(seated)
        first, second, *rest = all_meetings(seated)
        change_meeting(seated.manager.actor, second, MeetingDraft(date(2026, 6, 9), time(9)), seen=second.revision)
        monthly_cadence = monthly(3, 3, time(16), date(2026, 5, 1), moves=True)
        set_ = meeting_calendar.set_cadence
        set_(seated.manager.actor, seated.program_id, monthly_cadence, {"announce_days": 2}, seen=plan.revision)
        planned = [one for one in all_meetings(seated) if one.state == MeetingState.PLANNED]
        local = [one.meets_at.strftime("%m-%d %H") for one in planned]
        # The third Thursdays at four, 14 in UTC; the moved one is where it was put.
        assert local == ["05-21 14", "06-09 07", "06-18 14", "07-16 14", "08-20 14"]
        assert planned[0].id == first.id
        assert planned[0].sequence == 1
        # And back: what only the calendar took out comes back under its own name.
        every_second_thursday(seated, seen=db.session.get_one(SteeringPlan, seated.program_id).revision)
        again = {one.id for one in all_meetings(seated) if one.state == MeetingState.PLANNED}
        assert {one.id for one in rest if one.meets_at > utc_now()} - again == set()

    def test_a_day_off_is_refused_with_the_next_working_day_offered(self, seated: Cast):
        maria = seated.manager.actor
        holiday = MeetingDraft(date(2026, 6, 4), time(10))
        with reading_as("en", "Europe/Warsaw"), pytest.raises(DayOff) as refused:
            plan_meeting(maria, seated.program_id, holiday)
        assert (refused.value.offer, bool(refused.value.holiday)) == (date(2026, 6, 5), True)
        kept = plan_meeting(maria, seated.program_id, MeetingDraft(holiday.day, holiday.at, anyway=True))
        # Whoever moves only the hour is not asked again.
        change_meeting(maria, kept, MeetingDraft(holiday.day, time(11)), seen=kept.revision)
        for wrong in (MeetingDraft(date(2026, 5, 19), time(10)), MeetingDraft(date(2026, 5, 20), time(9))):
            with pytest.raises(Invalid):
                plan_meeting(maria, seated.program_id, wrong)

    def test_is_the_managers(self, seated: Cast):
        with pytest.raises(Forbidden):
            plan_meeting(seated.contributor.actor, seated.program_id, DRAFT)
        meeting = plan_meeting(seated.manager.actor, seated.program_id, DRAFT)
        with pytest.raises(Forbidden):
            cancel_meeting(seated.viewer.actor, meeting, "No", seen=meeting.revision)


class TestNotices:
    def test_of_a_move_and_a_cancellation_reach_members_once_in_their_language(self, seated: Cast):
        maria = seated.manager.actor
        meeting = plan_meeting(maria, seated.program_id, DRAFT)
        seen = meeting.revision
        change_meeting(maria, meeting, MeetingDraft(date(2026, 6, 11), time(14), place="Room 3"), seen=seen)
        with pytest.raises(Conflict):
            change_meeting(maria, meeting, DRAFT, seen=seen)
        # Nothing changed, nothing told.
        change_meeting(maria, meeting, MeetingDraft(date(2026, 6, 11), time(14), place="Room 3"), seen=meeting.revision)
        with pytest.raises(Invalid):
            cancel_meeting(maria, meeting, " ", seen=meeting.revision)
        cancel_meeting(maria, meeting, "The chair is ill", seen=meeting.revision)
        assert [len(told(f"meeting_{what}")) for what in ("planned", "changed", "cancelled")] == [2, 2, 2]
        # Told before and unread: taken back, so that nobody comes.
        assert {one.state for one in told("meeting_planned")} <= {"superseded", "cancelled"}
        (one, _deputy) = told("meeting_cancelled")
        with reading_as("en", "Europe/Warsaw"):
            said = words(one.kind, one.data)
            (file,) = outgoing([one], None).parts[0].files
        assert "The chair is ill" in said.text
        event = Calendar.from_ical(file.body).walk("VEVENT")[0]
        assert (event["status"], int(event["sequence"]), event["uid"]) == (
            "CANCELLED",
            2,
            f"committee-meeting-{meeting.id}@{event['uid'].partition('@')[2]}",
        )
        assert "Thu 11 Jun 2026, 14:00" in said.text


class TestCalendarFiles:
    def test_a_feed_shows_them_to_members_with_a_name_that_stays(
        self, app: Flask, cast: Cast, browser: Any, statements: Any
    ):
        with app.app_context(), database.transaction():
            committee.add_seat(cast.manager.actor, cast.program_id, SeatDraft(cast.viewer.id, None, "chair"))
            meeting_id = plan_meeting(cast.manager.actor, cast.program_id, DRAFT).id
            tokens = [calendar_feeds.make_feed(Actor(one.id), None)[1] for one in (cast.viewer, cast.contributor)]

        def event(token: str) -> Any:
            body = browser().get(f"/calendar/{token}.ics").data
            found = [one for one in Calendar.from_ical(body).walk("VEVENT") if "committee" in one["uid"]]
            return found[0] if found else None

        first = event(tokens[0])
        assert event(tokens[1]) is None
        assert (first.decoded("dtstart"), int(first["sequence"]), first["status"]) == (
            datetime.fromisoformat("2026-06-10T14:00+02:00"),
            0,
            "CONFIRMED",
        )
        with app.app_context(), database.transaction():
            meeting = db.session.get_one(CommitteeMeeting, meeting_id)
            moved = MeetingDraft(date(2026, 6, 12), time(14))
            change_meeting(cast.manager.actor, meeting, moved, seen=meeting.revision)
        second = event(tokens[0])
        with app.app_context(), database.transaction():
            meeting = db.session.get_one(CommitteeMeeting, meeting_id)
            cancel_meeting(cast.manager.actor, meeting, "Ill", seen=meeting.revision)
        third = event(tokens[0])
        assert first["uid"] == second["uid"] == third["uid"]
        assert [int(one["sequence"]) for one in (first, second, third)] == [0, 1, 2]
        assert [str(one["status"]) for one in (second, third)] == ["CONFIRMED", "CANCELLED"]
        with statements() as ran:
            page = browser(cast.viewer).get("/p/ALFA/committee/meetings/1.ics")
        assert page.headers["Content-Disposition"].startswith("attachment")
        assert Calendar.from_ical(page.data).walk("VEVENT")[0]["uid"] == first["uid"]
        assert len(ran) <= 12


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
