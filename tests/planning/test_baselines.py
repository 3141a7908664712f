"""Baselines and past moments: both say the same, whatever happened in between."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.now import utc_now
from program.planning.baselines import (
    baseline_and_present,
    baselines_of,
    delete_baseline,
    find_baseline,
    lines,
    present_plan,
    take_baseline,
)
from program.planning.comparison import compare
from program.planning.gates import add_gate, change_gate, remove_gate
from program.planning.items import ItemDraft, add_item, change_item
from program.planning.models import BaselineLine, Gate, GateDecision, Phase, WorkItem
from program.planning.models.items import Status
from program.planning.past_plans import plan_at
from program.planning.phases import remove_phase, set_actual_dates, split_phase
from tests.planning.builder import TODAY, Alfa, decide_bare
from tests.planning.test_readiness import fill

pytestmark = pytest.mark.usefixtures("context")


def test_a_baseline_keeps_what_the_present_is(alfa: Alfa):
    item = add_item(
        alfa.manager, alfa.id, ItemDraft("Map the channels", phase_id=alfa.phases[0], due_on=TODAY, start_on=TODAY)
    )
    decide_bare(alfa, alfa.gates[0], "hold", sequence=1)
    before = present_plan(alfa.id)
    baseline = take_baseline(alfa.manager, alfa.id, "  Plan at  the start ")
    assert baseline.name == "Plan at the start"
    assert lines(baseline.id) == before
    assert before["gate", alfa.gates[0]].status == "hold"
    assert before["phase", alfa.phases[0]].status == "todo"
    change_item(alfa.manager, item, {"due_on": TODAY + timedelta(days=7), "status": Status.DONE}, seen=1)
    assert lines(baseline.id) == before != present_plan(alfa.id)


def test_another_programs_rows_stay_out(alfa: Alfa):
    other = Phase(program_id=other_program(), position=0, name="Elsewhere", planned_start=TODAY, planned_end=TODAY)
    db.session.add(other)
    db.session.flush()
    baseline = take_baseline(alfa.manager, alfa.id, "Ours")
    assert ("phase", other.id) not in lines(baseline.id)
    assert ("phase", other.id) not in present_plan(alfa.id)
    with pytest.raises(NotFound):
        find_baseline(other.program_id, baseline.id)


def other_program() -> int:
    from tests.cast import make_program

    return make_program("BETA", "Beta").id


def test_names_are_checked_and_access_is_a_managers(alfa: Alfa):
    for name in ("", "   ", "x" * 121):
        with pytest.raises(Invalid) as caught:
            take_baseline(alfa.manager, alfa.id, name)
        assert "name" in caught.value.fields
    with pytest.raises(Forbidden):
        take_baseline(alfa.contributor, alfa.id, "Mine")
    with pytest.raises(NotFound):
        take_baseline(alfa.stranger, alfa.id, "Mine")


def test_one_of_a_decision_stays_and_one_taken_by_hand_can_go(alfa: Alfa):
    decision = decide_bare(alfa, alfa.gates[0], "go", sequence=1)
    kept = take_baseline(alfa.manager, alfa.id, "At the gate", decision_id=decision.id)
    by_hand = take_baseline(alfa.manager, alfa.id, "By hand")
    listed = baselines_of(alfa.id)
    assert [row.name for row in listed] == ["By hand", "At the gate"]
    assert (listed[0].gate_id, listed[1].gate_id) == (None, alfa.gates[0])
    assert listed[0].taken_by == "Maria Zielińska"
    with pytest.raises(Invalid):
        delete_baseline(alfa.manager, alfa.id, kept.id)
    with pytest.raises(Forbidden):
        delete_baseline(alfa.contributor, alfa.id, by_hand.id)
    delete_baseline(alfa.manager, alfa.id, by_hand.id)
    assert [row.name for row in baselines_of(alfa.id)] == ["At the gate"]
    left = db.session.scalar(
        select(func.count()).select_from(BaselineLine).where(BaselineLine.baseline_id == by_hand.id)
    )
    assert left == 0


def test_ten_thousand_lines_are_taken_in_a_few_statements(alfa: Alfa, statements):
    fill(alfa, 10_000)
    with statements() as ran:
        baseline = take_baseline(alfa.manager, alfa.id, "Large")
        db.session.flush()
    assert len(ran) <= 6
    assert len(lines(baseline.id)) == 10_000 + 6


def test_before_the_program_there_was_no_plan(alfa: Alfa):
    assert plan_at(alfa.id, utc_now() - timedelta(days=400)) == {}


def test_a_removed_gate_is_there_in_the_past(alfa: Alfa):
    moment = utc_now()
    gate = db.session.get(Gate, alfa.gates[2])
    remove_gate(alfa.manager, gate, seen=1)
    assert ("gate", alfa.gates[2]) not in present_plan(alfa.id)
    past = plan_at(alfa.id, moment)
    assert past["gate", alfa.gates[2]].name == "Launch"
    assert past["gate", alfa.gates[2]].ends_on == date(2026, 7, 17)


days = st.integers(0, 60).map(lambda n: TODAY + timedelta(days=n))
acts = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 2), days),
        st.tuples(st.just("rename"), st.integers(0, 9), st.text("abc", min_size=1, max_size=3)),
        st.tuples(st.just("due"), st.integers(0, 9), st.none() | days),
        st.tuples(st.just("owner"), st.integers(0, 9), st.booleans()),
        st.tuples(st.just("place"), st.integers(0, 9), st.integers(0, 2)),
        st.tuples(st.just("status"), st.integers(0, 9), st.sampled_from(list(Status))),
        st.tuples(st.just("gate_add"), st.integers(0, 2), days),
        st.tuples(st.just("gate_move"), st.integers(0, 9), days),
        st.tuples(st.just("gate_remove"), st.integers(0, 9), st.none()),
        st.tuples(st.just("decide"), st.integers(0, 9), st.sampled_from(["go", "hold", "no_go"])),
        st.tuples(st.just("phase"), st.integers(0, 2), st.none() | days),
    ),
    min_size=1,
    max_size=12,
)


class Stage:
    """Plays random acts through the verbs."""

    def __init__(self, alfa: Alfa) -> None:
        self.alfa = alfa
        self.sequence = 0

    def play(self, act: tuple) -> None:
        verb, place, value = act
        getattr(self, f"do_{verb}")(place, value)
        db.session.flush()

    def item(self, place: int) -> WorkItem | None:
        items = db.session.scalars(select(WorkItem).order_by(WorkItem.number)).all()
        return items[place % len(items)] if items else None

    def gate(self, place: int) -> Gate | None:
        gates = db.session.scalars(select(Gate).order_by(Gate.id)).all()
        return gates[place % len(gates)] if gates else None

    def change(self, place: int, values: dict) -> None:
        item = self.item(place)
        if item is not None:
            change_item(self.alfa.manager, item, values, seen=item.revision)

    def do_add(self, place: int, day: date) -> None:
        add_item(self.alfa.manager, self.alfa.id, ItemDraft("New", phase_id=self.alfa.phases[place], due_on=day))

    def do_rename(self, place: int, title: str) -> None:
        self.change(place, {"title": title})

    def do_due(self, place: int, day: date | None) -> None:
        self.change(place, {"due_on": day})

    def do_owner(self, place: int, someone: bool) -> None:
        self.change(place, {"owner_id": self.alfa.contributor.person_id if someone else None})

    def do_place(self, place: int, phase: int) -> None:
        self.change(place, {"phase_id": self.alfa.phases[phase]})

    def do_status(self, place: int, status: Status) -> None:
        reason = {"status_reason": "because"} if status in (Status.BLOCKED, Status.DROPPED) else {}
        self.change(place, {"status": status, **reason})

    def do_gate_add(self, place: int, day: date) -> None:
        add_gate(self.alfa.manager, self.alfa.id, phase_id=self.alfa.phases[place], name="Extra", planned_on=day)

    def do_gate_move(self, place: int, day: date) -> None:
        gate = self.gate(place)
        if gate is not None:
            change_gate(self.alfa.manager, gate, {"planned_on": day, "name": f"Gate {day}"}, seen=gate.revision)

    def do_gate_remove(self, place: int, _nothing: None) -> None:
        gate = self.gate(place)
        if gate is None:
            return
        if db.session.scalar(select(GateDecision.id).where(GateDecision.gate_id == gate.id)) is None:
            remove_gate(self.alfa.manager, gate, seen=gate.revision)

    def do_decide(self, place: int, outcome: str) -> None:
        gate = self.gate(place)
        if gate is None:
            return
        before = present_plan(self.alfa.id)["gate", gate.id].status or None
        self.sequence += 1
        decide_bare(self.alfa, gate.id, outcome, self.sequence)
        audit.record(
            self.alfa.manager,
            "gate.decided",
            object_id=gate.id,
            name=gate.name,
            program_id=self.alfa.id,
            changes={"outcome": [before, outcome]},
        )

    def do_phase(self, place: int, day: date | None) -> None:
        phase = db.session.get(Phase, self.alfa.phases[place])
        values = {"actual_start": day, "planned_end": phase.planned_end + timedelta(days=3)}
        changes = audit.change(phase, values)
        db.session.flush()
        audit.record(
            self.alfa.manager,
            "phase.moved",
            object_id=phase.id,
            name=phase.name,
            program_id=self.alfa.id,
            changes=changes,
        )


@given(before=acts, after=acts)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_past_moment_is_what_was_there(alfa: Alfa, before: list, after: list):
    stage = Stage(alfa)
    try:
        for act in before:
            stage.play(act)
        db.session.flush()
        moment, snapshot = utc_now(), present_plan(alfa.id)
        baseline = take_baseline(alfa.manager, alfa.id, "Then")
        for act in after:
            stage.play(act)
        db.session.flush()
        assert plan_at(alfa.id, moment) == snapshot
        assert lines(baseline.id) == snapshot
        assert plan_at(alfa.id, utc_now()) == present_plan(alfa.id)
        told = compare(*baseline_and_present(alfa.id, baseline.id), WorkingCalendar("PL"))
        assert told == compare(snapshot, present_plan(alfa.id), WorkingCalendar("PL"))
    finally:
        db.session.rollback()


def test_splitting_and_removing_phases_and_undoing_are_seen_from_the_past(alfa: Alfa):
    for n, phase_id in enumerate(alfa.phases):
        add_item(alfa.manager, alfa.id, ItemDraft(f"Item {n}", phase_id=phase_id, due_on=date(2026, 5, 4)))
    moments = [(utc_now(), present_plan(alfa.id))]

    def remember() -> None:
        db.session.flush()
        moments.append((utc_now(), present_plan(alfa.id)))

    pilot, rollout = (db.session.get(Phase, phase_id) for phase_id in alfa.phases[1:])
    split_phase(alfa.manager, pilot, date(2026, 4, 27), "Pilot, second half", seen=pilot.revision)
    remember()
    batch = remove_phase(alfa.manager, rollout, pilot.id, seen=rollout.revision)
    remember()
    set_actual_dates(alfa.manager, pilot, utc_now().date() - timedelta(days=30), None, seen=pilot.revision)
    remember()
    assert batch
    for moment, snapshot in moments:
        assert plan_at(alfa.id, moment) == snapshot
