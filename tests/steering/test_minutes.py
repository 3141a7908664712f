"""Minutes: who was there, what was said, agreed on and decided; approved by the chair, then frozen in a chain."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date, datetime, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from program.cli.doctor import TROUBLE, check_chains
from program.extensions import db
from program.ground import database
from program.ground.actor import Actor
from program.ground.errors import Conflict, Forbidden, Invalid, MilepostError, NotFound
from program.ground.now import held_at
from program.outbox.models import Message
from program.planning.models import WorkItem
from program.planning.models.items import Kind
from program.planning.opening import OpenProgram, find_program
from program.steering import committee, decisions, meeting_acts, minutes
from program.steering.agenda import assemble
from program.steering.committee import SeatDraft
from program.steering.decision_requests import OptionDraft, RequestDraft, options_of, put_to_committee, write_request
from program.steering.meeting_acts import ActionDraft
from program.steering.meeting_calendar import MeetingDraft, find_meeting, plan_meeting
from program.steering.models import CommitteeMeeting, MeetingMinutes, MeetingState, RequestState
from program.steering.seats import seats_of
from tests.cast import Cast

NOW = datetime.fromisoformat("2026-06-03T10:00+02:00")


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with held_at(NOW):
        yield


def hold(cast: Cast) -> CommitteeMeeting:
    """Wanda chairs with Tomek as her deputy, Maria has a seat; a decision waits; the meeting has begun."""
    maria = cast.manager.actor
    committee.add_seat(maria, cast.program_id, SeatDraft(cast.viewer.id, cast.contributor.id, "chair"))
    committee.add_seat(maria, cast.program_id, SeatDraft(cast.manager.id))
    options = [OptionDraft("Chat"), OptionDraft("Shop")]
    request = write_request(maria, cast.program_id, RequestDraft("Which", decide_by=date(2026, 6, 9), options=options))
    put_to_committee(maria, request, seen=request.revision)
    meeting = plan_meeting(maria, cast.program_id, MeetingDraft(date(2026, 6, 3), time(14)))
    meeting_acts.begin(maria, meeting, seen=meeting.revision)
    return meeting


@pytest.fixture
def meeting(cast: Cast, context: None) -> CommitteeMeeting:
    return hold(cast)


@pytest.fixture
def program(cast: Cast, meeting: CommitteeMeeting) -> OpenProgram:
    return find_program(cast.manager.actor, cast.key)


def decision_point(meeting: CommitteeMeeting) -> str:
    return next(str(point["key"]) for point in meeting.agenda["points"])


def all_here(cast: Cast, meeting: CommitteeMeeting) -> None:
    there = {seat.id: "present" for seat in seats_of(cast.program_id, NOW.date())}
    meeting_acts.set_attendance(cast.manager.actor, meeting, there, seen=meeting.revision)


def look(cast: Cast, program: OpenProgram, meeting: CommitteeMeeting) -> str:
    return minutes.look_of(minutes.content_of(program, meeting, seats_of(cast.program_id, NOW.date())))


class TestWriting:
    def test_notes_stand_by_their_point_and_two_writers_lose_nothing(self, cast: Cast, meeting: CommitteeMeeting):
        key = decision_point(meeting)
        meeting_acts.write_note(cast.contributor.actor, meeting, key, "Two views.", seen=0)
        with pytest.raises(Conflict):
            meeting_acts.write_note(cast.manager.actor, meeting, key, "Mine", seen=0)
        meeting_acts.write_note(cast.manager.actor, meeting, key, "Two views, one budget.", seen=1)
        meeting_acts.write_note(cast.manager.actor, meeting, "", "Coffee was fine.", seen=0)
        with pytest.raises(NotFound):
            meeting_acts.write_note(cast.manager.actor, meeting, "gate:77", "x", seen=0)
        with pytest.raises(Forbidden):
            meeting_acts.write_note(cast.viewer.actor, meeting, key, "x", seen=2)

    def test_actions_are_work_items_and_open_the_next_agenda(
        self, cast: Cast, meeting: CommitteeMeeting, program: OpenProgram
    ):
        with pytest.raises(Invalid) as wrong:
            meeting_acts.add_action(cast.manager.actor, meeting, ActionDraft("Ask the vendor", None, None))
        assert set(wrong.value.fields) == {"owner", "due_on"}
        draft = ActionDraft("Ask the vendor", cast.contributor.id, date(2026, 6, 12), decision_point(meeting))
        item = meeting_acts.add_action(cast.manager.actor, meeting, draft)
        assert (item.kind, item.owner_id) == (Kind.ACTION, cast.contributor.id)
        later = plan_meeting(cast.manager.actor, cast.program_id, MeetingDraft(date(2026, 7, 1), time(14)))
        first = assemble(program, later, NOW.date()).points[0]
        assert (first.kind, [fact.number for fact in first.facts]) == ("actions", [item.number])

    def test_what_comes_up_is_decided_only_with_the_quorum_in_the_room(self, cast: Cast, meeting: CommitteeMeeting):
        ask = meeting_acts.ask_now
        with pytest.raises(Invalid):
            ask(cast.manager.actor, meeting, "More money for chat", ["Yes", "No"])
        all_here(cast, meeting)
        with pytest.raises(Invalid) as wrong:
            ask(cast.manager.actor, meeting, "More money for chat", ["Yes", " "])
        assert set(wrong.value.fields) == {"options"}
        request = ask(cast.manager.actor, meeting, "More money for chat", ["Yes", "No"])
        yes = options_of(request.id)[0].id
        decisions.vote(cast.viewer.actor, cast.program_id, request.number, yes)
        with pytest.raises(Invalid):
            decisions.decide(cast.manager.actor, cast.program_id, request.number, "vote", None, "")
        decisions.decide(cast.viewer.actor, cast.program_id, request.number, "chair", yes, "It pays back.")
        assert request.state == RequestState.DECIDED
        (asked, came_up) = minutes.decisions_of(meeting)
        assert (asked.came_up, asked.state, came_up.came_up, came_up.option) == (False, "open", True, "Yes")

    def test_who_is_there_counts_seats_and_needs_a_deputy_to_send_one(self, cast: Cast, meeting: CommitteeMeeting):
        chair, member = seats_of(cast.program_id, NOW.date())
        there = {chair.id: "deputy", member.id: "absent"}
        meeting_acts.set_attendance(cast.manager.actor, meeting, there, seen=meeting.revision)
        quorum = meeting_acts.quorum_now(meeting, [chair, member], None)
        assert (quorum.present, quorum.needed, quorum.is_met) == (1, 2, False)
        for wrong in ({member.id: "deputy"}, {member.id: "asleep"}):
            with pytest.raises(Invalid):
                meeting_acts.set_attendance(cast.manager.actor, meeting, wrong, seen=meeting.revision)


class TestApproving:
    def test_is_the_chairs_and_freezes_all_of_it(self, cast: Cast, meeting: CommitteeMeeting, program: OpenProgram):
        with pytest.raises(Invalid):
            minutes.submit(cast.manager.actor, meeting, seen=meeting.revision)
        all_here(cast, meeting)
        key = decision_point(meeting)
        meeting_acts.write_note(cast.manager.actor, meeting, key, "Two views.", seen=0)
        with pytest.raises(Conflict):
            minutes.approve(cast.viewer.actor, meeting, look=look(cast, program, meeting))
        minutes.submit(cast.manager.actor, meeting, seen=meeting.revision)
        told = select(Message.person_id).where(Message.kind == "steering.minutes_wait")
        assert set(db.session.scalars(told)) == {cast.viewer.id, cast.contributor.id}
        seen = look(cast, program, meeting)
        meeting_acts.write_note(cast.manager.actor, meeting, "", "One more thing.", seen=0)
        with pytest.raises(Conflict):
            minutes.approve(cast.viewer.actor, meeting, look=seen)
        with pytest.raises(Forbidden):
            minutes.approve(cast.manager.actor, meeting, look=look(cast, program, meeting))
        kept = minutes.approve(cast.viewer.actor, meeting, look=look(cast, program, meeting))
        record = json.loads(kept.record)
        assert record["notes"] == {"": "One more thing.", key: "Two views."}
        assert [one["was"] for one in record["attendance"]] == ["present", "present"]
        assert meeting.state == MeetingState.CLOSED
        with pytest.raises(Conflict):
            meeting_acts.write_note(cast.manager.actor, meeting, "", "After all", seen=1)
        draft = ActionDraft("Late", cast.manager.id, date(2026, 6, 12))
        with pytest.raises(Conflict):
            meeting_acts.add_action(cast.manager.actor, meeting, draft)
        out = select(func.count()).where(Message.kind == "steering.minutes_out")
        assert db.session.scalar(out) == 2

    def test_a_change_behind_its_back_shows_in_the_chain(
        self, cast: Cast, meeting: CommitteeMeeting, program: OpenProgram
    ):
        all_here(cast, meeting)
        minutes.submit(cast.manager.actor, meeting, seen=meeting.revision)
        kept = minutes.approve(cast.viewer.actor, meeting, look=look(cast, program, meeting))
        assert minutes.verify(cast.program_id) == []
        db.session.execute(update(MeetingMinutes).values(record=kept.record.replace("present", "absent")))
        assert [one.sequence for one in minutes.verify(cast.program_id)] == [1]
        assert any(one.state == TROUBLE for one in check_chains())
        db.session.expunge(kept)
        db.session.execute(MeetingMinutes.__table__.delete())
        assert [one.sequence for one in minutes.verify(cast.program_id)] == [1]

    def test_two_chairs_at_once_approve_once(self, app: Flask, cast: Cast):
        with app.app_context(), database.transaction():
            held = hold(cast)
            all_here(cast, held)
            minutes.submit(cast.manager.actor, held, seen=held.revision)
            seen = look(cast, find_program(cast.manager.actor, cast.key), held)

        def approve(person_id: int) -> str:
            try:
                with app.app_context(), database.transaction():
                    actor = Actor(person_id=person_id)
                    minutes.approve(actor, find_meeting(actor, cast.program_id, 1), look=seen)
            except MilepostError as error:
                return type(error).__name__
            return "approved"

        with ThreadPoolExecutor(2) as pool:
            tries = [pool.submit(copy_context().run, approve, one) for one in (cast.viewer.id, cast.contributor.id)]
            assert sorted(one.result() for one in tries) == ["Conflict", "approved"]
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(MeetingMinutes)) == 1


class TestThePage:
    def test_writes_for_the_team_and_reads_for_the_chair(self, app: Flask, cast: Cast, browser: Any, statements: Any):
        with app.app_context(), database.transaction():
            held = hold(cast)
            all_here(cast, held)
            key = decision_point(held)
        at = "/p/ALFA/committee/meetings/1"
        team, chair = browser(cast.contributor), browser(cast.viewer)
        assert team.post(f"{at}/notes", data={"point": key, "text": "**Two** views"}).status_code == 303
        late = team.post(f"{at}/notes", data={"point": key, "text": "Mine", "revision": "0"})
        assert late.status_code == 409
        assert ">Mine</textarea>" in late.text
        assert "<strong>Two</strong> views" in late.text
        with statements() as ran:
            page = chair.get(f"{at}/minutes")
        assert len(ran) <= 12, ran.texts
        assert "<textarea" not in page.text
        assert "/approve" not in page.text
        client = browser(cast.manager)
        page = client.get(f"{at}/minutes")
        assert client.post(f"{at}/submit", data={"revision": "3"}).status_code == 303
        page = chair.get(f"{at}/minutes")
        seen = page.text.partition('name="look" value="')[2][:16]
        assert chair.post(f"{at}/approve", data={"look": seen}).status_code == 303
        # Read from the record: what became of the plan since does not change it.
        with app.app_context(), database.transaction():
            db.session.execute(update(WorkItem).values(title="Renamed"))
        page = browser(cast.viewer).get(f"{at}/minutes")
        assert "Approved by Wanda Łoś" in page.text
        assert "Renamed" not in page.text
        assert browser(cast.stranger).get(f"{at}/minutes").status_code == 404
