"""The agenda: what is due comes on it, last time's actions first, and it stands once the meeting begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.formats import reading_as
from program.ground.now import held_at, utc_now
from program.kpis.index import IndexPoint, Told
from program.outbox.models import Message
from program.outbox.wording import words
from program.planning.items import ItemDraft, add_item, change_item
from program.planning.models import Gate, Phase
from program.planning.models.items import Kind, Status
from program.planning.opening import OpenProgram, find_program
from program.steering import budget, committee, meeting_acts, meeting_rounds, risks, snapshots
from program.steering.agenda import _figures, assemble, ordered
from program.steering.agenda_points import Agenda, Point, PointKind
from program.steering.agenda_words import lines, point_title
from program.steering.committee import SeatDraft
from program.steering.decision_requests import OptionDraft, RequestDraft, put_to_committee, write_request
from program.steering.frozen import from_json, to_json
from program.steering.meeting_calendar import MeetingDraft, cancel_meeting, plan_meeting
from program.steering.models import (
    CommitteeMeeting,
    MeetingAction,
    MeetingState,
    Risk,
    Snapshot,
    SnapshotKind,
)
from tests.cast import Cast

NOW = datetime.fromisoformat("2026-06-03T10:00+02:00")
TODAY = NOW.date()
OPTIONS = [OptionDraft("Chat"), OptionDraft("Shop")]


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with held_at(NOW):
        yield


@pytest.fixture
def program(cast: Cast, context: None) -> OpenProgram:
    committee.add_seat(cast.manager.actor, cast.program_id, SeatDraft(cast.viewer.id, cast.contributor.id, "chair"))
    return find_program(cast.manager.actor, cast.key)


def call(cast: Cast, day: date = date(2026, 6, 15)) -> CommitteeMeeting:
    return plan_meeting(cast.manager.actor, cast.program_id, MeetingDraft(day, time(14), place="Room 3"))


def ask(cast: Cast, title: str, by: date) -> None:
    draft = RequestDraft(title, decide_by=by, options=OPTIONS)
    request = write_request(cast.manager.actor, cast.program_id, draft)
    put_to_committee(cast.manager.actor, request, seen=request.revision)


def make_everything_due(cast: Cast) -> CommitteeMeeting:
    """Something of every kind; the meeting before agreed on two actions, of which one is done."""
    maria = cast.manager.actor
    then = utc_now() - timedelta(days=28)
    last = CommitteeMeeting(
        program_id=cast.program_id, number=90, meets_at=then, held_at=then, state=MeetingState.CLOSED.value
    )
    db.session.add(last)
    for title, day in (("Name the agents", date(2026, 6, 12)), ("Ask the vendor", date(2026, 6, 1))):
        action = ItemDraft(title, kind=Kind.ACTION, owner_id=cast.contributor.id, due_on=day)
        item = add_item(maria, cast.program_id, action)
        db.session.flush()
        db.session.add(MeetingAction(meeting_id=last.id, item_id=item.id))
    change_item(maria, item, {"status": Status.DONE}, seen=item.revision)
    phase = Phase(
        program_id=cast.program_id,
        position=1,
        name="Pilot",
        planned_start=date(2026, 5, 1),
        planned_end=date(2026, 6, 30),
    )
    db.session.add(phase)
    db.session.flush()
    for name, day in (("Pilot gate", date(2026, 6, 30)), ("Rollout gate", date(2026, 9, 30))):
        db.session.add(Gate(program_id=cast.program_id, phase_id=phase.id, name=name, planned_on=day))
    for title, probability, impact in (("Data silos", 4, 4), ("Small one", 1, 2), ("Taken further", 2, 2)):
        values = {"title": title, "probability": probability, "impact": impact, "category": "data"}
        risks.add_risk(maria, cast.program_id, dict.fromkeys(risks.COLUMNS) | values)
    risk = db.session.scalars(select(Risk).where(Risk.title == "Taken further")).one()
    risk.escalated_at = utc_now()
    for label, approved, forecast in (("Chat", 1000, 1200), ("Shop", 1000, 900)):
        values = {"label": label, "approved": Decimal(approved), "spent": Decimal(0), "forecast": Decimal(forecast)}
        budget.add_line(maria, cast.program_id, {"phase_id": None, "note": "", **values})
    ask(cast, "Later", date(2026, 7, 1))
    ask(cast, "Sooner", date(2026, 6, 16))
    meeting = call(cast)
    meeting_acts.add_point(cast.contributor.actor, meeting, "Guests from the pilot shop", "Ten minutes.")
    return meeting


def titles(agenda: Agenda) -> list[str]:
    with reading_as("en", "Europe/Warsaw"):
        return [point_title(point.kind, point.title) for point in agenda.points]


class TestAssembling:
    def test_puts_last_times_actions_first_and_then_what_is_due(self, cast: Cast, program: OpenProgram):
        agenda = assemble(program, make_everything_due(cast), TODAY)
        assert titles(agenda) == [
            *("Actions agreed on before", "To decide: Sooner", "To decide: Later", "Gate: Pilot gate"),
            *("Risks that need the committee", "Money beyond what was approved", "Guests from the pilot shop"),
        ]
        facts = {point.kind: [fact.text for fact in point.facts] for point in agenda.points}
        # Open ones before those that are done; risks by how bad they are, the small one not at all.
        assert facts[PointKind.ACTIONS] == ["Name the agents", "Ask the vendor"]
        assert facts[PointKind.RISKS] == ["Data silos", "Taken further"]
        with reading_as("en", "Europe/Warsaw"):
            said = [one.text for point in agenda.points for one in lines(point)]
        assert "Name the agents, by Fri 12 Jun 2026" in said
        assert "The whole program: 2,100 PLN, approved 2,000" in said
        # Frozen and back it is the same.
        assert from_json(Agenda, to_json(agenda)) == agenda

    def test_names_the_kpis_that_stand_worse_than_at_the_last_meeting(self, context: None):
        def week(monday: date, value: str, *scores: tuple[int, str]) -> IndexPoint:
            parts = tuple(
                Told(
                    *(kpi, f"K{kpi}", "", Decimal(1), Decimal(0), Decimal(100), Decimal(score), Decimal(score)),
                    *(None, None),
                )
                for kpi, score in scores
            )
            return IndexPoint(monday, Decimal(value), parts)

        points = [
            week(date(2026, 4, 27), "40", (1, "10"), (2, "90")),
            week(date(2026, 5, 4), "60", (1, "70"), (2, "50")),
            week(date(2026, 5, 25), "55", (1, "60"), (2, "55")),
        ]
        kpis = [
            type("Row", (), {"a": number, "b": 0, "s": f"KPI {number}", "text": "", "u": "percent", "v": ""})
            for number in (1, 2)
        ]
        (point,) = _figures(points, kpis, date(2026, 5, 6))
        assert [(fact.kind, fact.amount, fact.before) for fact in point.facts] == [
            ("index", Decimal(55), Decimal(60)),
            ("kpi", Decimal(60), Decimal(70)),
        ]
        with reading_as("en", "Europe/Warsaw"):
            assert next(one.text for one in lines(point)) == "Experience Index 55.0 (60.0 at the last meeting)"
        assert _figures(points[:1], kpis, TODAY) == []

    def test_order_and_minutes_are_what_was_chosen_and_what_comes_later_stands_last(self):
        points = [Point(key, kind) for key, kind in (("actions", "actions"), ("gate:1", "gate"), ("own:1", "own"))]
        plan = {"order": ["own:1", "actions", "gate:1"], "minutes": {"gate:1": 0}}
        found = ordered([*points, Point("decision:9", "decision")], plan)
        assert [(one.key, one.minutes) for one in found] == [
            *(("actions", 5), ("own:1", 10), ("gate:1", 0), ("decision:9", 15)),
        ]

    def test_is_arranged_by_managers_until_the_meeting_begins(self, cast: Cast, program: OpenProgram):
        meeting = make_everything_due(cast)
        keys = [point.key for point in assemble(program, meeting, TODAY).points]
        seen = meeting.revision
        meeting_acts.arrange(cast.manager.actor, meeting, [keys[-1], *keys[:-1]], {keys[-1]: 20}, seen=seen)
        agenda = assemble(program, meeting, TODAY)
        assert [point.key for point in agenda.points][:2] == ["actions", keys[-1]]
        assert agenda.points[1].minutes == 20
        with pytest.raises(Conflict):
            meeting_acts.arrange(cast.manager.actor, meeting, keys, {}, seen=seen)
        with pytest.raises(Invalid):
            meeting_acts.arrange(cast.manager.actor, meeting, keys, {"actions": 999}, seen=meeting.revision)
        own = int(keys[-1].partition(":")[2])
        other = call(cast, date(2026, 6, 22))
        with pytest.raises(NotFound):
            meeting_acts.remove_point(cast.manager.actor, other, own)
        with held_at(meeting.meets_at):
            meeting_acts.begin(cast.manager.actor, meeting, seen=meeting.revision)
        with pytest.raises(Conflict):
            meeting_acts.remove_point(cast.manager.actor, meeting, own)


class TestTheClock:
    def test_sends_the_agenda_some_working_days_before_once_in_each_language(self, cast: Cast, program: OpenProgram):
        meeting = make_everything_due(cast)
        # Monday the 15th at two; three working days before is Wednesday the 10th, at eight in the morning.
        with held_at(datetime.fromisoformat("2026-06-10T07:59+02:00")):
            assert meeting_rounds.announce_due() == 0
        with held_at(datetime.fromisoformat("2026-06-10T08:00+02:00")):
            assert (meeting_rounds.announce_due(), meeting_rounds.announce_due()) == (1, 0)
        told = list(db.session.scalars(select(Message).where(Message.kind == "steering.meeting_agenda")))
        assert {one.person_id for one in told} == {cast.viewer.id, cast.contributor.id}
        for locale, said in (("en", "1. Actions agreed on before"), ("pl", "\n1. ")):
            with reading_as(locale, "Europe/Warsaw"):
                assert said in words(told[0].kind, told[0].data).text
        assert all(one.expires_at == meeting.meets_at for one in told)

    def test_that_stood_still_over_a_meeting_loses_and_doubles_nothing(self, cast: Cast, program: OpenProgram):
        meeting = make_everything_due(cast)
        other = call(cast, date(2026, 6, 17))
        late = datetime.fromisoformat("2026-06-15T22:00+02:00")
        with held_at(late):
            # The agenda of what has begun is not sent any more, that of the next one is.
            assert meeting_rounds.tick() == 2
            assert meeting_rounds.tick() == 0
            db.session.commit()
            assert (snapshots.take_due(), snapshots.take_due()) == (2, 0)
            db.session.refresh(meeting)
            db.session.refresh(other)
        assert (meeting.state, meeting.held_at, other.state) == ("held", meeting.meets_at, "planned")
        assert (meeting.announced_at, other.announced_at) == (None, late)
        # What the committee saw stands, whatever becomes of it.
        ask(cast, "Too late for it", date(2026, 7, 2))
        kept = from_json(Agenda, meeting.agenda)
        assert "To decide: Too late for it" not in titles(kept)
        assert len(kept.points) == 7
        assert "To decide: Too late for it" in titles(assemble(program, other, TODAY))
        assert db.session.scalars(select(Snapshot.meeting_id).where(Snapshot.kind == SnapshotKind.MEETING)).all() == [
            meeting.id
        ]

    def test_a_meeting_that_only_its_hour_began_may_turn_out_not_to_have_been(self, cast: Cast, program: OpenProgram):
        meeting = call(cast)
        with held_at(meeting.meets_at):
            meeting_rounds.tick()
            cancel_meeting(cast.manager.actor, meeting, "Nobody came", seen=meeting.revision)
            assert meeting_rounds.tick() == 0
        assert meeting.state == MeetingState.CANCELLED

    def test_by_hand_a_meeting_begins_once_and_not_days_before(self, cast: Cast, program: OpenProgram):
        meeting = call(cast)
        with pytest.raises(Conflict):
            meeting_acts.begin(cast.manager.actor, meeting, seen=meeting.revision)
        with held_at(meeting.meets_at - timedelta(minutes=5)):
            first = meeting_acts.begin(cast.manager.actor, meeting, seen=meeting.revision)
            ask(cast, "Late", date(2026, 7, 1))
            assert meeting_acts.begin(cast.manager.actor, meeting, seen=1) == replace(first)
        with held_at(meeting.meets_at):
            assert meeting_rounds.tick() == 0


class TestThePages:
    def test_cost_few_statements_and_are_each_readers_own(self, app: Flask, cast: Cast, browser: Any, statements: Any):
        with app.app_context(), database.transaction():
            seat = SeatDraft(cast.viewer.id, cast.contributor.id, "chair")
            committee.add_seat(cast.manager.actor, cast.program_id, seat)
            make_everything_due(cast)
        for person, may_move in ((cast.manager, True), (cast.viewer, False)):
            with statements() as ran:
                page = browser(person).get("/p/ALFA/committee/meetings/91")
            assert page.status_code == 200
            assert len(ran) <= 12, ran.texts
            assert ("/committee/meetings/91/edit" in page.text) == may_move
            assert "To decide: Sooner" in page.text
        with statements() as ran:
            assert "Meeting 91" in browser(cast.viewer).get("/p/ALFA/committee/meetings").text
        assert len(ran) <= 12

    def test_offer_another_day_without_losing_what_was_typed(self, app: Flask, cast: Cast, browser: Any):
        client = browser(cast.manager)
        told = {"day": "2026-06-06", "at": "10:00", "duration_minutes": "45", "place": "Room 9", "link": ""}
        page = client.post("/p/ALFA/committee/meetings/new", data=told)
        assert page.status_code == 422
        assert 'name="move_to" value="2026-06-08"' in page.text
        assert 'value="Room 9"' in page.text
        moved = client.post("/p/ALFA/committee/meetings/new", data={**told, "move_to": "2026-06-08"})
        assert moved.status_code == 303
