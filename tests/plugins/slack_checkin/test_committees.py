"""A committee's meetings and status reports in Slack: what matters of them, for each in their language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from plugins.slack_checkin import faces, faces_of_committees
from program.extensions import db
from program.ground import database
from program.people.models import Membership
from program.people.models import Person as PersonRow
from program.planning.items import ItemDraft, add_item, change_item
from program.planning.models import Program
from program.plugin_api import core
from program.plugin_api.contract import (
    AgendaPoint,
    Decision,
    Meeting,
    NotFound,
    OutgoingMessage,
    Part,
    Person,
    Recipient,
    ReportSection,
    StatusReport,
)
from program.plugin_host import switching
from program.steering import decisions, meeting_acts, meeting_calendar, meeting_rounds, minutes, reports
from program.steering.decision_requests import options_of, put_to_committee, write_request
from program.steering.meeting_acts import ActionDraft
from program.steering.meeting_calendar import MeetingDraft
from program.steering.models import CommitteeMeeting, DecisionRequest
from program.steering.report_words import sections_of
from program.steering.seats import seats_of
from tests.cast import Cast
from tests.fakes.slack import Message, Slack, check_message
from tests.plugins.slack_checkin.life import HOME, PLUGIN
from tests.plugins.slack_checkin.test_decisions import Board
from tests.steering.test_decisions import DRAFT, make_committee

NAMES = {"wanda": "Wanda Łoś", "tomek": "Tomek Wójcik", "ewa": "Ewa Rada", "jan": "Jan Rada"}
CALL = "https://meet.example/steering"


@pytest.fixture
def board(slack_app: Flask, slack: Slack, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """It is Wednesday, 17 June 2026; a decision waits. Jan reads Polish, the others English."""
    monkeypatch.setattr("plugins.slack_checkin.pacing.APART", 0.0)
    with time_machine.travel(datetime(2026, 6, 17, 10, tzinfo=HOME)) as moment:
        here = Board(slack_app, slack, cast, moment)
        here.matters = ("outbox.", "plugin_")
        here.all_ticks = False
        with slack_app.app_context(), database.transaction():
            make_committee(cast)
            db.session.execute(update(PersonRow).where(PersonRow.email == "jan@alfa.example").values(locale="pl"))
            switching.set_in_program(cast.manager.actor, cast.program_id, PLUGIN, True)
            request: Any = write_request(cast.contributor.actor, cast.program_id, DRAFT)
            put_to_committee(cast.manager.actor, request, seen=request.revision)
        for name, full in NAMES.items():
            here.hands[name] = slack.user(full, f"{name}@alfa.example")
        yield here
    assert slack.troubles == []


def newest(board: Board, name: str, words: str) -> Message:
    """The newest message of those to somebody whose notification says so."""
    found = [one for one in board.hands[name].messages if words in one.text]
    assert found, [one.text for one in board.hands[name].messages]
    return found[-1]


def links(board: Board, message: Message) -> list[str]:
    """Where the buttons of a message lead."""
    return [str(one.element.get("url", "")) for one in board.hands["ewa"].buttons(message)]


def called(board: Board) -> int:
    """A meeting on Thursday of next week is called and its members told."""

    def call() -> int:
        draft = MeetingDraft(date(2026, 6, 25), time(14), place="Room <5>", link=CALL)
        return meeting_calendar.plan_meeting(board.cast.manager.actor, board.cast.program_id, draft).id

    found: int = board.act(call)
    board.tick()
    return found


def meeting_of(meeting_id: int) -> CommitteeMeeting:
    return db.session.get_one(CommitteeMeeting, meeting_id)


def test_a_meeting_from_the_call_to_its_minutes(board: Board) -> None:
    maria, wanda, program_id = board.cast.manager.actor, board.cast.viewer.actor, board.cast.program_id
    meeting_id = called(board)
    told = newest(board, "ewa", "The steering committee of Alfa Bank omnichannel meets")
    assert "Room <5>" in told.words or "Room &lt;5&gt;" in told.words
    assert "Which channel opens first" in told.words
    page, call = links(board, told)
    assert (page, call) == ("http://milepost.example/p/ALFA/committee/meetings/1", CALL)
    # The agenda, three working days before.
    with board.app.app_context(), database.transaction():
        board.go_to(date(2026, 6, 22), time(9), HOME)
        assert meeting_rounds.announce_due() == 1
    board.tick()
    agenda = newest(board, "ewa", "Agenda of the steering committee of Alfa Bank omnichannel")
    assert "1. *To decide: Which channel opens first" in agenda.words
    assert "15 minutes" in agenda.words
    polish = newest(board, "jan", "Porządek")
    assert "25 cze" in polish.words
    assert "minut" in polish.words

    # It is held: a decision, an action, the minutes to the chair alone, then to everybody.
    def hold() -> None:
        board.go_to(date(2026, 6, 25), time(14), HOME)
        held = meeting_of(meeting_id)
        meeting_acts.begin(maria, held, seen=held.revision)
        there = {seat.id: "present" for seat in seats_of(program_id, date(2026, 6, 25))}
        meeting_acts.set_attendance(maria, held, there, seen=held.revision)
        request: Any = db.session.scalars(select(DecisionRequest)).one()
        chosen = options_of(request.id)[0]
        decisions.decide(wanda, program_id, request.number, "chair", chosen.id, "It is ready.")
        action = ActionDraft("Ask the vendor", board.cast.contributor.id, date(2026, 7, 3))
        meeting_acts.add_action(maria, held, action)
        minutes.submit(maria, held, seen=held.revision)

    board.act(hold)
    board.tick()
    waiting = newest(board, "wanda", "Minutes of the steering committee of Alfa Bank omnichannel wait")
    assert "D1 Which channel opens first" in waiting.words
    assert "Ask the vendor, by Fri 3 Jul 2026 (Tomek Wójcik)" in waiting.words
    assert "approved" in waiting.words
    assert links(board, waiting) == ["http://milepost.example/p/ALFA/committee/meetings/1/minutes"]
    assert not [one for one in board.hands["ewa"].messages if "wait for your approval" in one.text]

    def approve() -> None:
        held = meeting_of(meeting_id)
        row: Any = db.session.get_one(Program, program_id)
        content = minutes.content_of(row, held, seats_of(program_id, date(2026, 6, 25)))
        minutes.approve(wanda, held, look=minutes.look_of(content))

    board.act(approve)
    # What everybody gets by the way waits for their morning.
    board.tick_at(date(2026, 6, 26), time(9, 30))
    out = newest(board, "ewa", "Minutes of the steering committee of Alfa Bank omnichannel")
    assert "Ask the vendor" in out.words
    assert "approved" not in out.words


def test_a_meeting_moved_and_called_off_says_so(board: Board) -> None:
    maria = board.cast.manager.actor
    meeting_id = called(board)

    def move() -> None:
        found = meeting_of(meeting_id)
        draft = MeetingDraft(date(2026, 6, 26), time(9), place="Room 6")
        meeting_calendar.change_meeting(maria, found, draft, seen=found.revision)

    def cancel() -> None:
        found = meeting_of(meeting_id)
        meeting_calendar.cancel_meeting(maria, found, "The vendor is *not* ready.", seen=found.revision)

    board.act(move)
    board.tick()
    moved = newest(board, "ewa", "A meeting of the steering committee of Alfa Bank omnichannel has changed")
    assert "26 Jun" in moved.words
    assert len(links(board, moved)) == 1
    board.act(cancel)
    board.tick()
    off = newest(board, "ewa", "A meeting of the steering committee of Alfa Bank omnichannel is cancelled")
    assert "The vendor is *not* ready." in off.words
    assert "On its agenda" not in off.words


def test_the_weekly_report_as_its_manager_left_it(board: Board) -> None:
    maria, program_id = board.cast.manager.actor, board.cast.program_id

    def send() -> None:
        kept = [add_item(maria, program_id, ItemDraft(f"Map journey {number}")) for number in range(7)]
        hidden = add_item(maria, program_id, ItemDraft("Let the vendor go"))
        board.go_to(date(2026, 6, 19), time(14), HOME)
        for one in (*kept, hidden):
            change_item(maria, one, {"status": "done"}, seen=one.revision)
        report = reports.draft_now(maria, program_id)
        text = report.texts["en"]
        assert "Let the vendor go" in text
        # A manager does not want it told; it stands in the facts all the same.
        shorter = [line for line in text.split("\n") if "vendor go" not in line]
        words = "\n".join([*shorter, "# Thanks", "", "**All** of you."])
        reports.save_text(maria, report, "en", words, seen=report.revision)
        reports.send(maria, report, seen=report.revision)

    board.act(send)
    board.tick()
    told = newest(board, "ewa", "Status of Alfa Bank omnichannel, ")
    assert "🟢 *On track*" in told.words
    assert "Map journey 4" in told.words
    assert "and 2 more" in told.words
    assert "Let the vendor go" not in told.words
    # Whoever has the message read aloud hears the state as well.
    assert told.text.split("\n")[1].startswith("On track. ")
    assert "• All of you." in told.words
    assert "Waiting for your vote" in told.words
    assert links(board, told) == ["http://milepost.example/p/ALFA/reports/2026-06-15"]
    polish = newest(board, "jan", "Stan programu Alfa Bank omnichannel, ")
    assert "🟢 *" in polish.words


def test_nobody_reads_in_slack_what_they_may_not_read_on_the_page(board: Board) -> None:
    meeting_id = called(board)
    with board.app.app_context():
        with database.looking():
            ewa = db.session.scalars(select(PersonRow).where(PersonRow.email == "ewa@alfa.example")).one()
            person = Person(ewa.id, ewa.name, ewa.email, ewa.locale, ewa.timezone)
            report: Any = None
        with database.transaction():
            report = reports.draft_now(board.cast.manager.actor, board.cast.program_id).id
        assert core.meeting(person, meeting_id).number == 1
        # A draft is for managers alone.
        with pytest.raises(NotFound):
            core.status_report(person, report)
        with database.transaction():
            db.session.execute(delete(Membership).where(Membership.person_id == person.id))
        for missing in (meeting_id, meeting_id + 1):
            with pytest.raises(NotFound):
                core.meeting(person, missing)


WORDS = st.text(st.sampled_from("aż &<>|*_`\n👩‍🚀é"), max_size=400) | st.just("&" * 3000) | st.just("👩‍🚀" * 900)
LINES = st.lists(WORDS, max_size=9).map(tuple)
POINTS = st.builds(AgendaPoint, st.sampled_from(("decision", "risks", "own")), WORDS, st.integers(0, 90), LINES)
MEETINGS = st.builds(
    Meeting,
    *(st.just(7), st.just(1), WORDS, st.just(3), st.just(datetime(2026, 6, 25, 12, tzinfo=UTC)), st.integers(5, 480)),
    *(WORDS, st.sampled_from(("", CALL, "room 5")), st.sampled_from(("planned", "held", "closed", "cancelled")), WORDS),
    *(st.lists(POINTS, max_size=15).map(tuple), LINES, LINES, st.booleans(), st.just("https://a.example/m")),
)
REPORTS = st.builds(
    StatusReport,
    *(st.just(5), st.just(1), WORDS, st.just(date(2026, 6, 15)), st.just("week 25")),
    *(st.just(date(2026, 6, 12)), st.just(date(2026, 6, 19)), st.sampled_from(("on_track", "")), WORDS),
    *(st.lists(st.builds(ReportSection, WORDS, LINES), max_size=12).map(tuple), st.just("https://a.example/r")),
)
WAITING = Decision(
    *(1, 1, "Alfa", 4, "Which | first <or> last", "", date(2026, 6, 30), "open"),
    *((), (), 0, 2, "", "", "https://a.example/d"),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    meeting=MEETINGS,
    report=REPORTS,
    subject=WORDS,
    kind=st.sampled_from((*faces_of_committees.KINDS, *faces_of_committees.REPORTS)),
    waiting=st.integers(0, 6),
)
def test_whatever_is_in_them_slack_takes_the_message(
    slack_session: Flask, meeting: Meeting, report: StatusReport, subject: str, kind: str, waiting: int
):
    reader = Recipient(1, "Ewa", "ewa@alfa.example", "pl", "Europe/Warsaw")
    data = {"report": 5} if kind in faces_of_committees.REPORTS else {"meeting": 7}
    part = Part(kind, data, subject or "–", "", "Read", "https://a.example/p")
    message = OutgoingMessage(
        id=1, key="k", recipient=reader, channel="", program_id=1, subject=subject, parts=(part,), locale="pl",
        attempt=1, created_at=datetime(2026, 6, 1, tzinfo=UTC), preferences_url="https://a.example/w",
    )  # fmt: skip
    with slack_session.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "meeting", lambda *_who: meeting)
        patch.setattr(core, "status_report", lambda *_who: report)
        patch.setattr(core, "decisions_waiting_for", lambda _who: tuple(replace(WAITING, id=n) for n in range(waiting)))
        _text, blocks = faces.draw(message)
    problems, characters = check_message(blocks)
    assert problems == []
    assert characters <= 13_000
    assert blocks[0]["type"] == "header"


def test_a_report_is_read_without_its_marks():
    done = "# Done\n\n- PRZ-1 Map \\*all\\* [journeys](https://a.example/j)\n* **Two** more\n## Sold\n"
    text = f"Late by *two* days.\n\n{done}"
    assert sections_of(text) == [
        ("", ["Late by *two* days."]),
        ("Done", ["PRZ-1 Map *all* journeys", "Two more"]),
        ("Sold", []),
    ]
