"""What change management shows on planning's pages, and what gates can ask of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert

from program.change import group_members
from program.change.group_lists import all_groups
from program.change.models import Communication, Idea, ImpactedGroup, TrainingGroup, TrainingSeat, TrainingSession
from program.change.trained import trained_heads
from program.change.training_coverage import coverage
from program.extensions import db
from program.ground import database
from program.ground.folding import fold
from program.planning import gates
from program.planning.models import Gate
from program.planning.opening import find_program
from program.planning.readiness import readiness
from tests.cast import Cast
from tests.change.conftest import Floor
from tests.crowd import TODAY, gather_crowd
from tests.planning.plans import make_gate, make_phase

NOW = "2026-04-20T09:00:00Z"


def add_idea(program_id: int, number: int, at: datetime) -> None:
    title = f"Idea {number}"
    idea = Idea(program_id=program_id, number=number, title=title, title_folded=fold(title), created_at=at)
    db.session.add(idea)
    db.session.flush()


def train(floor: Floor, counted: int) -> None:
    starts = datetime(2026, 4, 1, 9, tzinfo=UTC)
    session = TrainingSession(
        program_id=floor.program_id, title="x", starts_at=starts, ends_at=starts + timedelta(hours=1), state="held"
    )
    db.session.add(session)
    db.session.flush()
    db.session.add(TrainingGroup(session_id=session.id, group_id=floor.night_shift, counted=counted))
    db.session.flush()


class TestThisWeek:
    def test_it_says_what_is_late_waits_and_is_short(self, app: Flask, floor: Floor, browser: Any):
        with app.app_context(), database.transaction():
            day = date(2026, 4, 1)
            db.session.add(Communication(program_id=floor.program_id, message="Why", planned_on=day, medium="email"))
            add_idea(floor.program_id, 1, datetime(2026, 4, 1, tzinfo=UTC))
            add_idea(floor.program_id, 2, datetime(2026, 4, 19, tzinfo=UTC))
        with time_machine.travel(NOW, tick=False):
            client = browser(floor.cast.viewer)
            one, several = client.get("/p/ALFA/week").text, client.get("/").text
        assert "1 group goes live within four weeks below its training target" in one
        for page in (one, several):
            assert "1 message is late" in page
            assert "1 idea has waited over a week for an answer" in page

    def test_it_is_silent_when_nothing_is_wrong(self, app: Flask, floor: Floor, browser: Any):
        with app.app_context(), database.transaction():
            train(floor, 24)
        with time_machine.travel(NOW, tick=False):
            page = browser(floor.cast.viewer).get("/p/ALFA/week").text
        assert "change-week" not in page

    def test_it_costs_one_statement_a_page(self, app: Flask, cast: Cast, browser: Any, statements: Any):
        with app.app_context(), database.transaction():
            crowd = gather_crowd(cast)
            rows = [
                {"program_id": crowd.program_id, "message": f"M {number}", "planned_on": TODAY - timedelta(days=9)}
                for number in range(300)
            ]
            db.session.execute(insert(Communication), rows)
        with time_machine.travel("2026-03-12T09:00:00Z", tick=False):
            client = browser(cast.manager)
            for path in ("/p/ALFA/week", "/", "/my-work"):
                with statements() as ran:
                    answer = client.get(path)
                assert len(ran) <= 12, (path, ran.texts)
                if path != "/my-work":
                    assert "300 messages are late" in answer.text


def test_my_work_tells_of_an_invitation(app: Flask, floor: Floor, browser: Any):
    with app.app_context(), database.transaction():
        starts = datetime(2026, 5, 1, 9, tzinfo=UTC)
        session = TrainingSession(
            program_id=floor.program_id, title="x", starts_at=starts, ends_at=starts + timedelta(hours=1)
        )
        db.session.add(session)
        db.session.flush()
        db.session.add(TrainingSeat(session_id=session.id, person_id=floor.agent.id, program_id=floor.program_id))
    with time_machine.travel(NOW, tick=False):
        page = browser(floor.agent).get("/my-work").text
    assert "1 invitation waits for your answer" in page
    assert "/p/ALFA/for-you" in page


@pytest.mark.usefixtures("context")
class TestGates:
    @pytest.fixture
    def gate(self, floor: Floor) -> Gate:
        phase = make_phase(floor.program_id, 1, date(2026, 3, 2), date(2026, 5, 29))
        found = db.session.get_one(Gate, make_gate(floor.program_id, phase, date(2026, 5, 29)))
        for kind in ("training", "coverage"):
            assert gates.ask_for(floor.cast.manager.actor, found, kind) is not None
        return found

    def answers(self, floor: Floor, today: date = date(2026, 4, 20)) -> dict[str, Any]:
        program = find_program(floor.cast.viewer.actor, floor.key)
        (found,) = readiness(program, today)
        return {state.kind: state for state in found.criteria if state.kind in ("training", "coverage")}

    def test_both_name_the_group_that_is_not_ready(self, floor: Floor, gate: Gate):
        found = self.answers(floor)
        assert [found[kind].met for kind in ("training", "coverage")] == [False, False]
        assert "Night shift" in found["training"].why_not
        assert "Chat team" not in found["training"].why_not

    def test_both_are_met_when_the_group_is_ready(self, floor: Floor, gate: Gate):
        group = db.session.get_one(ImpactedGroup, floor.night_shift)
        group_members.mark_member(floor.cast.manager.actor, group, floor.agent.id, is_ambassador=True)
        train(floor, 24)
        assert [state.met for state in self.answers(floor).values()] == [True, True]

    def test_a_gate_before_every_go_live_asks_nothing_of_groups(self, floor: Floor, gate: Gate):
        gate.planned_on = date(2026, 5, 1)
        db.session.flush()
        assert [state.met for state in self.answers(floor).values()] == [True, True]

    def test_a_gate_that_went_by_is_asked_for_today(self, floor: Floor, gate: Gate):
        gate.planned_on = date(2026, 5, 1)
        db.session.flush()
        assert [state.met for state in self.answers(floor, date(2026, 5, 4)).values()] == [False, False]


@pytest.mark.usefixtures("context")
def test_trained_by_today_is_what_the_training_page_says(cast: Cast):
    crowd = gather_crowd(cast)
    heads = trained_heads(crowd.program_id, "UTC")
    sizes = {group.id: group.size for group in all_groups(crowd.program_id)}
    told = {group.id: group.trained for group in coverage(crowd.program_id)}
    assert {group_id: heads[group_id].by(date.max, size) for group_id, size in sizes.items()} == told
    assert sum(told.values()) > 0
