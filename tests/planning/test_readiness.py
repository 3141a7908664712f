"""How ready gates are: what is counted, what is named, and that it costs the same for ten items as for ten thousand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from program.extensions import db
from program.ground.now import utc_now
from program.planning import criteria
from program.planning.criteria import Answer, Criterion
from program.planning.items import ItemDraft, add_item, add_items, change_item
from program.planning.models import Dependency, Gate, GateCriterion, Phase, Program, WorkItem
from program.planning.models.items import Kind, Status
from program.planning.progress import count_items
from program.planning.readiness import next_gate, readiness, states
from tests.planning.builder import TODAY, Alfa, decide_bare

pytestmark = pytest.mark.usefixtures("context")


def of_kind(gate, kind):
    return next(criterion for criterion in gate.criteria if criterion.kind == kind)


def test_a_program_without_gates_has_no_readiness(alfa: Alfa):
    db.session.query(GateCriterion).delete()
    db.session.query(Gate).delete()
    assert readiness(alfa, TODAY) == []


def test_a_gate_asks_the_standing_kinds_and_its_own(alfa: Alfa):
    gate = readiness(alfa, TODAY)[0]
    assert [criterion.kind for criterion in gate.criteria] == [
        "required_items",
        "no_blockers",
        "dependencies_met",
        "no_overdue_conditions",
        "earlier_conditions",
        "manual",
    ]
    assert (gate.name, gate.phase_name, gate.state) == ("Start the pilot", "Discovery", "open")
    assert (gate.met, gate.total) == (5, 6)


def test_required_items_count_only_those_of_the_phase_and_name_blocked_ones_first(alfa: Alfa):
    drafts = [ItemDraft(f"Required {n}", required=True, phase_id=alfa.phases[0]) for n in range(5)]
    items = add_items(alfa.manager, alfa.id, drafts)
    add_item(alfa.manager, alfa.id, ItemDraft("Elsewhere", required=True, phase_id=alfa.phases[1]))
    add_item(alfa.manager, alfa.id, ItemDraft("Optional", phase_id=alfa.phases[0]))
    change_item(alfa.manager, items[0], {"status": Status.DONE}, seen=1)
    change_item(alfa.manager, items[4], {"status": Status.BLOCKED, "status_reason": "No data"}, seen=1)
    found = of_kind(readiness(alfa, TODAY)[0], "required_items")
    assert found.met is False
    assert found.value == "1 of 5 done"
    assert [link.title for link in found.links] == ["Required 4", "Required 1", "Required 2"]
    assert (found.link_total, found.more) == (4, 1)
    assert found.why_not == "4 required items are not done."
    assert found.age == "as of now"


def test_dropped_items_are_finished_and_an_empty_phase_asks_for_nothing(alfa: Alfa):
    item = add_item(alfa.manager, alfa.id, ItemDraft("Dropped", required=True, phase_id=alfa.phases[0]))
    change_item(alfa.manager, item, {"status": Status.DROPPED, "status_reason": "Not needed"}, seen=1)
    first, second, *_rest = readiness(alfa, TODAY)
    assert of_kind(first, "required_items").met is True
    assert of_kind(first, "required_items").value == "1 of 1 done"
    assert of_kind(second, "required_items").value == "nothing is required in this phase"


def test_optional_blocked_items_block_too(alfa: Alfa):
    add_item(
        alfa.manager,
        alfa.id,
        ItemDraft("CRM access", phase_id=alfa.phases[0], status=Status.BLOCKED, status_reason="IT is busy"),
    )
    found = of_kind(readiness(alfa, TODAY)[0], "no_blockers")
    assert found.met is False
    assert [link.title for link in found.links] == ["CRM access"]


def test_dependencies_wait_only_while_both_ends_are_open(alfa: Alfa):
    before = add_item(alfa.manager, alfa.id, ItemDraft("Before", phase_id=alfa.phases[1]))
    after = add_item(alfa.manager, alfa.id, ItemDraft("After", phase_id=alfa.phases[0]))
    db.session.add(Dependency(predecessor_id=before.id, successor_id=after.id, program_id=alfa.id))
    db.session.flush()
    first, second, *_rest = readiness(alfa, TODAY)
    assert of_kind(first, "dependencies_met").met is False
    assert [link.title for link in of_kind(first, "dependencies_met").links] == ["After"]
    assert of_kind(second, "dependencies_met").met is True
    change_item(alfa.manager, before, {"status": Status.DONE}, seen=1)
    assert of_kind(readiness(alfa, TODAY)[0], "dependencies_met").met is True


def test_a_ticked_criterion_says_who_and_when(alfa: Alfa):
    criterion = db.session.query(GateCriterion).filter_by(gate_id=alfa.gates[0]).one()
    criterion.ticked_at = utc_now()
    criterion.ticked_by_id = alfa.contributor.person_id
    criterion.note = "Signed on paper"
    db.session.flush()
    gate = readiness(alfa, TODAY)[0]
    found = of_kind(gate, "manual")
    assert (found.met, found.value) == (True, "Signed on paper")
    assert found.age.startswith("ticked by Tomek Wójcik, ")
    assert gate.state == "ready"
    assert gate.obstacles == ()


def test_the_states_alone_are_those_of_the_full_reading(alfa: Alfa):
    def agreed() -> list[str]:
        full = [(gate.gate_id, gate.phase_id, gate.planned_on, gate.state) for gate in readiness(alfa, TODAY)]
        short = states(alfa, TODAY, count_items(alfa.id, TODAY))
        assert [(gate.gate_id, gate.phase_id, gate.planned_on, gate.state) for gate in short] == full
        return [gate.state for gate in short]

    assert agreed() == ["open", "ready", "ready"]
    for criterion in db.session.query(GateCriterion):
        criterion.ticked_at = utc_now()
    db.session.flush()
    assert agreed() == ["ready", "ready", "ready"]
    blocked = ItemDraft("CRM", phase_id=alfa.phases[0], status=Status.BLOCKED, status_reason="IT is busy")
    before = add_item(alfa.manager, alfa.id, blocked)
    required = add_item(alfa.manager, alfa.id, ItemDraft("Train", phase_id=alfa.phases[1], required=True))
    after = add_item(alfa.manager, alfa.id, ItemDraft("Pilot", phase_id=alfa.phases[2]))
    db.session.add(Dependency(predecessor_id=before.id, successor_id=after.id, program_id=alfa.id))
    db.session.flush()
    assert agreed() == ["open", "open", "open"]
    change_item(alfa.manager, required, {"status": Status.DONE}, seen=1)
    assert agreed() == ["open", "ready", "open"]
    change_item(alfa.manager, before, {"status": Status.DONE}, seen=1)
    assert agreed() == ["ready", "ready", "ready"]
    decision = decide_bare(alfa, alfa.gates[0], "conditional_go", sequence=1)
    yesterday = TODAY - timedelta(days=1)
    late = ItemDraft("Sign", kind=Kind.CONDITION, decision_id=decision.id, due_on=yesterday, phase_id=alfa.phases[1])
    add_item(alfa.manager, alfa.id, late)
    assert agreed() == ["reopened", "open", "open"]
    decide_bare(alfa, alfa.gates[0], "hold", sequence=2)
    assert agreed()[0] == "hold"


def test_the_gates_of_one_phase_are_those_of_the_full_reading(alfa: Alfa):
    add_item(alfa.manager, alfa.id, ItemDraft("Required", required=True, phase_id=alfa.phases[0]))
    before = add_item(alfa.manager, alfa.id, ItemDraft("Before", phase_id=alfa.phases[0]))
    after = add_item(alfa.manager, alfa.id, ItemDraft("After", phase_id=alfa.phases[1]))
    db.session.add(Dependency(predecessor_id=before.id, successor_id=after.id, program_id=alfa.id))
    db.session.flush()
    full = readiness(alfa, TODAY)
    for gate in full:
        assert readiness(alfa, TODAY, only=gate.gate_id) == [gate]
        assert readiness(alfa, TODAY, phase_id=gate.phase_id) == [gate]
    assert readiness(alfa, TODAY, only=0) == []


def test_an_unknown_kind_is_no_data_and_never_green(alfa: Alfa):
    db.session.add(
        GateCriterion(program_id=alfa.id, gate_id=alfa.gates[0], position=9, kind="weather", text="The sun shines")
    )
    db.session.flush()
    gate = readiness(alfa, TODAY)[0]
    found = of_kind(gate, "weather")
    assert found.met is None
    assert found.value == "no data"
    assert any("The sun shines" in obstacle.text for obstacle in gate.obstacles)


def test_another_room_can_register_a_kind(alfa: Alfa):
    asked = []

    def evaluate(asking, questions):
        asked.append(len(questions))
        return [Answer(True, f"{asking.key} 83 %") for _question in questions]

    criteria.register(Criterion("moon", "The moon is full", "The almanac", evaluate))
    try:
        with pytest.raises(ValueError, match="registered twice"):
            criteria.register(Criterion("moon", "", "", evaluate))
        for gate_id in alfa.gates[:2]:
            db.session.add(GateCriterion(program_id=alfa.id, gate_id=gate_id, position=9, kind="moon"))
        db.session.flush()
        gates = readiness(alfa, TODAY)
        assert [of_kind(gate, "moon").value for gate in gates[:2]] == ["ALFA 83 %", "ALFA 83 %"]
        assert asked == [2]
    finally:
        criteria.unregister("moon")


def test_a_late_condition_reopens_the_question_and_stops_later_gates(alfa: Alfa):
    decision = decide_bare(alfa, alfa.gates[0], "conditional_go", sequence=1)
    item = add_item(
        alfa.manager,
        alfa.id,
        ItemDraft(
            "Sign the contract",
            kind=Kind.CONDITION,
            phase_id=alfa.phases[1],
            decision_id=decision.id,
            due_on=TODAY,
        ),
    )
    first, second, third = readiness(alfa, TODAY)
    assert first.state == "conditional_go"
    assert of_kind(second, "earlier_conditions").met is False
    assert of_kind(third, "earlier_conditions").met is False
    assert of_kind(second, "no_overdue_conditions").met is True
    tomorrow = TODAY + timedelta(days=1)
    first, second, _third = readiness(alfa, tomorrow)
    assert first.state == "reopened"
    assert [link.title for link in first.obstacles[0].links] == ["Sign the contract"]
    assert of_kind(second, "no_overdue_conditions").met is False
    assert next_gate([first, second]) == first
    change_item(alfa.manager, item, {"status": Status.DONE}, seen=1)
    first, second, _third = readiness(alfa, tomorrow)
    assert first.state == "conditional_go"
    assert of_kind(second, "earlier_conditions").met is True


def test_a_plain_go_lifts_conditions(alfa: Alfa):
    decision = decide_bare(alfa, alfa.gates[0], "conditional_go", sequence=1)
    add_item(alfa.manager, alfa.id, ItemDraft("Sign", kind=Kind.CONDITION, decision_id=decision.id, due_on=TODAY))
    decide_bare(alfa, alfa.gates[0], "go", sequence=2)
    first, second, _third = readiness(alfa, TODAY + timedelta(days=9))
    assert first.state == "go"
    assert first.conditions == ()
    assert of_kind(second, "earlier_conditions").met is True


@pytest.mark.parametrize("outcome", ["hold", "no_go"])
def test_hold_and_no_go_are_states_that_are_not_passed(alfa: Alfa, outcome: str):
    decide_bare(alfa, alfa.gates[0], outcome, sequence=1)
    gate = readiness(alfa, TODAY)[0]
    assert gate.state == outcome
    assert not gate.passed
    assert gate.obstacles


def test_it_takes_at_most_three_statements_with_ten_thousand_items(alfa: Alfa, statements):
    fill(alfa, 10_000)
    with statements() as ran:
        gates = readiness(alfa, TODAY)
    assert len(ran) <= 3
    assert of_kind(gates[0], "required_items").link_total > 1000


def test_many_phases_still_fit_one_statement_for_names(alfa: Alfa, statements):
    for place in range(60):
        phase = Phase(
            program_id=alfa.id,
            position=10 + place,
            name=f"Wave {place}",
            planned_start=date(2026, 6, 1),
            planned_end=date(2026, 6, 5),
        )
        db.session.add(phase)
        db.session.flush()
        db.session.add(Gate(program_id=alfa.id, phase_id=phase.id, name=f"Gate {place}", planned_on=date(2026, 6, 5)))
        add_item(alfa.manager, alfa.id, ItemDraft("Open", required=True, phase_id=phase.id))
    db.session.flush()
    with statements() as ran:
        gates = readiness(alfa, TODAY)
    assert len(ran) <= 3
    assert [len(of_kind(gate, "required_items").links) for gate in gates[3:]] == [1] * 60


def fill(alfa: Alfa, count: int) -> None:
    """Write many items the fast way."""
    statuses = ["todo", "done", "doing", "todo"]
    rows = [
        {
            "program_id": alfa.id,
            "number": 100 + n,
            "position": n,
            "phase_id": alfa.phases[n % 3],
            "title": f"Item {n}",
            "title_folded": f"item {n}",
            "status": statuses[n % 4],
            "done_at": utc_now() if statuses[n % 4] == "done" else None,
            "required": n % 2 == 0,
        }
        for n in range(count)
    ]
    db.session.execute(insert(WorkItem), rows)
    db.session.execute(update(Program).where(Program.id == alfa.id).values(next_number=100 + count))
