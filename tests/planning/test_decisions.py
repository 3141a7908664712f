"""Deciding a gate: the rules, what follows from a decision, and two people deciding at once."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.now import today_in
from program.planning import gate_evidence as evidence
from program.planning.baselines import baselines_of, lines, present_plan
from program.planning.decisions import ConditionDraft, DecisionDraft, Dissent, LookAgain, decide
from program.planning.gates import find_criterion, tick
from program.planning.items import ItemDraft, add_item, change_item
from program.planning.models import Gate, GateCriterion, GateDecision, Phase, Program, WorkItem
from program.planning.models.items import Kind, Status
from program.planning.readiness import GateReadiness, readiness
from tests.cast import Cast
from tests.planning.builder import Alfa, build_alfa


def now() -> date:
    return today_in("Europe/Warsaw")


def draft(alfa: Alfa, outcome: str = "hold", **values) -> DecisionDraft:
    usual = DecisionDraft(outcome, "The figures say so.", now(), deciders=(alfa.cast.viewer.id,))
    return replace(usual, **values)


def gate_now(alfa: Alfa, place: int = 0) -> GateReadiness:
    db.session.expire_all()
    return readiness(alfa, now())[place]


def take(alfa: Alfa, outcome: str = "hold", place: int = 0, **values) -> GateDecision:
    gate = db.session.get(Gate, alfa.gates[place])
    return decide(alfa.manager, alfa.id, gate.id, draft(alfa, outcome, **values), seen=gate.revision)


def contract(alfa: Alfa, days: int = 10) -> ConditionDraft:
    return ConditionDraft("Sign the contract", alfa.cast.contributor.id, now() + timedelta(days=days))


def make_ready(alfa: Alfa) -> None:
    criterion = db.session.scalars(select(GateCriterion)).one()
    tick(alfa.contributor, criterion, "", seen=criterion.revision)


@pytest.mark.usefixtures("context")
class TestRules:
    def test_go_when_all_is_met(self, alfa: Alfa):
        make_ready(alfa)
        decision = take(alfa, "go")
        assert (decision.sequence, decision.outcome, decision.previous_hash) == (1, "go", "0" * 64)
        assert gate_now(alfa).state == "go"
        assert gate_now(alfa).passed

    def test_go_with_something_unmet_needs_a_written_reason_that_is_kept(self, alfa: Alfa):
        with pytest.raises(Invalid) as caught:
            take(alfa, "go")
        assert set(caught.value.fields) == {"override"}
        db.session.rollback()
        decision = take(alfa, "go", override="The budget comes by letter tomorrow.")
        assert json.loads(decision.record)["override"] == "The budget comes by letter tomorrow."

    def test_a_reason_to_go_all_the_same_is_never_dropped_without_a_word(self, alfa: Alfa):
        with pytest.raises(Invalid) as caught:
            take(alfa, "hold", override="The budget comes by letter tomorrow.")
        assert set(caught.value.fields) == {"override"}
        db.session.rollback()
        make_ready(alfa)
        with pytest.raises(Invalid) as caught:
            take(alfa, "go", override="The budget comes by letter tomorrow.")
        assert set(caught.value.fields) == {"override"}

    def test_every_wrong_field_is_named_at_once(self, alfa: Alfa):
        wrong = DecisionDraft("maybe", "  ", now() + timedelta(days=1), deciders=(), dissent=(Dissent("", "no"),))
        with pytest.raises(Invalid) as caught:
            decide(alfa.manager, alfa.id, alfa.gates[0], wrong, seen=1)
        assert set(caught.value.fields) == {"outcome", "reason", "decided_on", "deciders", "dissent-0-name"}

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"decided_on": None}, "decided_on"),
            ({"decided_on": date(2000, 1, 1)}, "decided_on"),
            ({"deciders": (999_999,)}, "deciders"),
            ({"deciders": (), "guests": ("  ",)}, "deciders"),
            ({"guests": ("x" * 121,)}, "guests"),
            ({"guests": tuple(f"Guest {n}" for n in range(31))}, "guests"),
            ({"reason": "x" * 5001}, "reason"),
            ({"dissent": (Dissent("Wanda Łoś", " "),)}, "dissent-0-why"),
        ],
    )
    def test_what_cannot_be(self, alfa: Alfa, values, field):
        with pytest.raises(Invalid) as caught:
            take(alfa, "hold", **values)
        assert set(caught.value.fields) == {field}

    def test_a_stranger_of_another_program_cannot_be_a_decider_and_guests_can(self, alfa: Alfa):
        with pytest.raises(Invalid):
            take(alfa, deciders=(alfa.cast.stranger.id,))
        db.session.rollback()
        decision = take(alfa, deciders=(), guests=("Jan Kowalski", "Jan  Kowalski", ""))
        assert json.loads(decision.record)["deciders"] == [{"id": None, "name": "Jan Kowalski"}]

    def test_only_managers_decide(self, alfa: Alfa):
        for actor, error in ((alfa.contributor, Forbidden), (alfa.viewer, Forbidden), (alfa.stranger, NotFound)):
            with pytest.raises(error):
                decide(actor, alfa.id, alfa.gates[0], draft(alfa), seen=1)

    def test_a_gate_of_another_program_is_not_found(self, alfa: Alfa):
        with pytest.raises(NotFound):
            decide(alfa.manager, alfa.id, 999_999, draft(alfa), seen=1)

    def test_hold_and_no_go_can_be_followed_by_anything(self, alfa: Alfa):
        for outcome in ("hold", "hold", "no_go"):
            take(alfa, outcome)
        take(alfa, "go", override="New facts.")
        assert gate_now(alfa).state == "go"

    def test_a_passed_gate_passes_no_second_time_but_can_be_taken_back(self, alfa: Alfa):
        take(alfa, "go", override="Yes.")
        for outcome in ("go", "conditional_go"):
            with pytest.raises(Invalid) as caught:
                take(alfa, outcome, override="Again.", conditions=(contract(alfa),))
            assert set(caught.value.fields) == {"outcome"}
            db.session.rollback()
            build_again = db.session.scalar(select(func.count()).select_from(GateDecision))
            assert build_again == 0
            take(alfa, "go", override="Yes.")
        take(alfa, "no_go")
        assert gate_now(alfa).state == "no_go"
        take(alfa, "go", override="After all.")

    def test_nul_and_odd_letters_do_no_harm(self, alfa: Alfa):
        decision = take(alfa, reason="Yes\x00 <script>alert(1)</script> \u202e👩‍👩‍👧 ąę")
        assert decision.reason == "Yes <script>alert(1)</script> 👩‍👩‍👧 ąę"
        assert evidence.verify(alfa.id) == []


@pytest.mark.usefixtures("context")
class TestConditions:
    def test_they_become_required_items_of_the_next_phase(self, alfa: Alfa):
        decision = take(alfa, "conditional_go", conditions=(contract(alfa), ConditionDraft("", None, None)))
        item = db.session.scalars(select(WorkItem)).one()
        assert (item.kind, item.required, item.phase_id) == (Kind.CONDITION, True, alfa.phases[1])
        assert (item.decision_id, item.owner_id) == (decision.id, alfa.cast.contributor.id)
        kept = json.loads(decision.record)["conditions"]
        assert kept == [
            {
                "number": item.number,
                "title": "Sign the contract",
                "owner": "Tomek Wójcik",
                "due_on": item.due_on.isoformat(),
            }
        ]
        assert gate_now(alfa).state == "conditional_go"

    def test_those_of_the_last_gate_stay_in_its_phase(self, alfa: Alfa):
        take(alfa, "conditional_go", place=2, conditions=(contract(alfa),))
        assert db.session.scalars(select(WorkItem.phase_id)).one() == alfa.phases[2]

    def test_each_needs_title_owner_and_a_day_ahead(self, alfa: Alfa):
        wrong = (
            ConditionDraft("", alfa.cast.viewer.id, now() - timedelta(days=1)),
            ConditionDraft("x" * 201, None, None),
        )
        with pytest.raises(Invalid) as caught:
            take(alfa, "conditional_go", conditions=wrong)
        assert set(caught.value.fields) == {
            f"conditions-{place}-{name}" for place in (0, 1) for name in ("title", "owner_id", "due_on")
        }

    def test_none_is_refused(self, alfa: Alfa):
        with pytest.raises(Invalid) as caught:
            take(alfa, "conditional_go")
        assert set(caught.value.fields) == {"conditions"}

    def test_no_later_gate_passes_until_they_are_finished(self, alfa: Alfa):
        take(alfa, "conditional_go", conditions=(contract(alfa),))
        for outcome in ("go", "conditional_go"):
            with pytest.raises(Invalid) as caught:
                take(alfa, outcome, place=1, override="Yes.", conditions=(contract(alfa),))
            assert "outcome" in caught.value.fields
            db.session.rollback()
            take(alfa, "conditional_go", conditions=(contract(alfa),))
        take(alfa, "hold", place=1)
        item = db.session.scalars(select(WorkItem)).one()
        change_item(alfa.manager, item, {"status": Status.DONE}, seen=None)
        take(alfa, "go", place=1)
        assert gate_now(alfa, 1).state == "go"

    def test_a_late_one_reopens_the_gate_and_is_taken_along(self, alfa: Alfa):
        first = take(alfa, "conditional_go", conditions=(contract(alfa),))
        item = db.session.scalars(select(WorkItem)).one()
        change_item(alfa.manager, item, {"due_on": now() - timedelta(days=1)}, seen=None)
        assert gate_now(alfa).state == "reopened"
        with pytest.raises(Invalid) as caught:
            take(alfa, "conditional_go", conditions=(contract(alfa),))
        assert set(caught.value.fields) == {"conditions"}
        db.session.rollback()
        first = take(alfa, "conditional_go", conditions=(contract(alfa),))
        item = db.session.scalars(select(WorkItem)).one()
        change_item(alfa.manager, item, {"due_on": now() - timedelta(days=1)}, seen=None)
        along = ConditionDraft("Sign the contract", alfa.cast.manager.id, now() + timedelta(days=5), number=item.number)
        second = take(alfa, "conditional_go", conditions=(along,))
        assert second.id != first.id
        db.session.refresh(item)
        assert (item.decision_id, item.due_on) == (second.id, now() + timedelta(days=5))
        assert gate_now(alfa).state == "conditional_go"
        assert [c.link.number for c in gate_now(alfa).conditions] == [item.number]

    def test_a_foreign_item_cannot_be_taken_along(self, alfa: Alfa):
        item = add_item(alfa.manager, alfa.id, ItemDraft("Not a condition"))
        foreign = replace(contract(alfa), number=item.number)
        with pytest.raises(Invalid) as caught:
            take(alfa, "conditional_go", conditions=(foreign,))
        assert set(caught.value.fields) == {"conditions-0-title"}

    def test_go_on_a_reopened_gate_lifts_them_with_a_reason(self, alfa: Alfa):
        make_ready(alfa)
        take(alfa, "conditional_go", conditions=(contract(alfa),))
        item = db.session.scalars(select(WorkItem)).one()
        change_item(alfa.manager, item, {"due_on": now() - timedelta(days=1)}, seen=None)
        with pytest.raises(Invalid) as caught:
            take(alfa, "go")
        assert set(caught.value.fields) == {"override"}


@pytest.mark.usefixtures("context")
class TestWhatFollows:
    def test_what_was_seen_is_frozen_with_the_items_behind_it(self, alfa: Alfa):
        add_item(
            alfa.manager,
            alfa.id,
            ItemDraft(
                "CRM access",
                phase_id=alfa.phases[0],
                required=True,
                owner_id=alfa.cast.contributor.id,
                status=Status.BLOCKED,
                status_reason="IT is busy",
            ),
        )
        add_item(alfa.manager, alfa.id, ItemDraft("Optional", phase_id=alfa.phases[0]))
        add_item(alfa.manager, alfa.id, ItemDraft("Elsewhere", phase_id=alfa.phases[1], required=True))
        decision = take(alfa, dissent=(Dissent("Wanda Łoś", "Too early"), Dissent("A guest", "No")))
        record = json.loads(decision.record)
        assert [item["title"] for item in record["items"]] == ["CRM access"]
        assert record["items"][0]["owner"] == "Tomek Wójcik"
        assert record["items"][0]["status_reason"] == "IT is busy"
        assert record["recorded_by"] == {"id": alfa.cast.manager.id, "name": "Maria Zielińska"}
        assert record["dissent"] == [
            {"id": alfa.cast.viewer.id, "name": "Wanda Łoś", "why": "Too early"},
            {"id": None, "name": "A guest", "why": "No"},
        ]
        seen = {each["kind"]: (each["met"], each["value"]) for each in record["readiness"]["criteria"]}
        assert seen["required_items"] == (False, "0 of 1 done")
        assert seen["no_blockers"] == (False, "1 blocked")
        assert seen["manual"] == (False, "not ticked")

    def test_a_baseline_and_an_audit_entry_are_kept(self, alfa: Alfa):
        decision = take(alfa)
        baseline = baselines_of(alfa.id)[0]
        assert (baseline.name, baseline.decision_id) == ("Start the pilot: Hold", decision.id)
        assert lines(baseline.id) == present_plan(alfa.id)
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "gate.decided")).one()
        assert entry.changes["outcome"] == [None, "hold"]
        assert entry.changes["hash"] == [None, decision.hash]

    def test_the_phase_closes_only_with_a_passing_decision_and_when_asked(self, alfa: Alfa):
        take(alfa, "hold", close_phase=True)
        assert db.session.get(Phase, alfa.phases[0]).actual_end is None
        take(alfa, "go", override="Yes.", close_phase=True)
        first, second = (db.session.get(Phase, phase_id) for phase_id in alfa.phases[:2])
        assert (first.actual_end, second.actual_start) == (now(), now())

    def test_who_looked_at_something_else_has_to_look_again(self, alfa: Alfa):
        looked = evidence.look(gate_now(alfa))
        criterion = db.session.scalars(select(GateCriterion)).one()
        tick(alfa.contributor, find_criterion(alfa.contributor, alfa.id, criterion.id), "", seen=1)
        with pytest.raises(LookAgain):
            take(alfa, looked=looked)
        db.session.rollback()
        take(alfa, looked=evidence.look(gate_now(alfa)))

    def test_the_chain_runs_through_all_gates_of_a_program(self, alfa: Alfa):
        first, second = take(alfa), take(alfa, place=1)
        assert (second.sequence, second.previous_hash) == (2, first.hash)
        assert evidence.verify(alfa.id) == []


def test_of_two_decisions_at_the_same_moment_one_wins(app: Flask, cast: Cast):
    with app.app_context(), database.transaction():
        alfa = build_alfa(cast)
    outcomes: list[object] = []
    start = threading.Barrier(4)

    def run(place: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with database.transaction():
                    decide(alfa.manager, alfa.id, alfa.gates[0], draft(alfa, reason=f"Number {place}"), seen=1)
                outcomes.append(place)
            except Conflict as conflict:
                outcomes.append(conflict)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, int) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(GateDecision)) == 1
        assert evidence.verify(alfa.id) == []


def test_decisions_on_two_gates_at_once_follow_one_another(app: Flask, cast: Cast):
    with app.app_context(), database.transaction():
        alfa = build_alfa(cast)
    failures: list[BaseException] = []
    start = threading.Barrier(3)

    def run(place: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with database.transaction():
                    decide(alfa.manager, alfa.id, alfa.gates[place], draft(alfa), seen=1)
            except BaseException as failure:  # noqa: BLE001 - shown by the assertion below
                failures.append(failure)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context():
        assert sorted(db.session.scalars(select(GateDecision.sequence))) == [1, 2, 3]
        assert evidence.verify(alfa.id) == []
        assert db.session.get(Program, alfa.id) is not None
