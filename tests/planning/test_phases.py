"""Phases: added, ordered, split and removed without losing an item, and every change readable in the trail."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.planning import phases
from program.planning.models import Gate, GateCriterion, GateDecision, Phase, PhaseBlock, Program, WorkItem
from program.planning.phases import PhaseDraft
from tests.cast import Cast
from tests.planning.plan_parts import Parts, make_parts


@pytest.fixture
def parts(cast: Cast, context: None) -> Parts:
    return make_parts(cast)


def order(cast: Cast) -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(Phase.position, Phase.name).where(Phase.program_id == cast.program_id).order_by(Phase.position)
    )
    return [(row.position, row.name) for row in rows]


def fresh(row: Any) -> Any:
    db.session.expire_all()
    return db.session.get(type(row), row.id)


def item_phases(parts: Parts) -> dict[str, str | None]:
    db.session.expire_all()
    names = {phase.id: phase.name for phase in db.session.scalars(select(Phase))}
    return {key: names.get(item.phase_id) for key, item in parts.items.items()}


def test_a_phase_is_added_after_another_and_starts_when_that_one_ends(cast: Cast, parts: Parts) -> None:
    draft = PhaseDraft("  Second   pilot ", weeks=4, purpose="Two more shops", after_id=parts.pilot.id)
    added = phases.add_phase(cast.manager.actor, cast.program_id, draft)
    assert (added.name, added.planned_start, added.planned_end) == (
        "Second pilot",
        date(2026, 6, 1),
        date(2026, 6, 26),
    )
    assert order(cast) == [(1, "Discovery"), (2, "Pilot"), (3, "Second pilot"), (4, "Rollout")]


def test_a_phase_may_overlap_and_come_first(cast: Cast, parts: Parts) -> None:
    draft = PhaseDraft("Overlap", weeks=1, starts_on=date(2026, 4, 4))
    added = phases.add_phase(cast.manager.actor, cast.program_id, draft)
    # Saturday before Easter: Tuesday is the first working day.
    assert (added.position, added.planned_start) == (1, date(2026, 4, 7))
    assert order(cast)[1:] == [(2, "Discovery"), (3, "Pilot"), (4, "Rollout")]


def test_the_first_phase_of_an_empty_program_starts_with_it(cast: Cast, context: None) -> None:
    added = phases.add_phase(cast.manager.actor, cast.program_id, PhaseDraft("Only", weeks=2))
    assert (added.planned_start, added.planned_end) == (date(2026, 3, 2), date(2026, 3, 13))


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (PhaseDraft("", weeks=1), "name"),
        (PhaseDraft("x" * 121, weeks=1), "name"),
        (PhaseDraft("Fine", weeks=0), "weeks"),
        (PhaseDraft("Fine", weeks=-3), "weeks"),
        (PhaseDraft("Fine", weeks=10**9), "weeks"),
        (PhaseDraft("Fine", weeks=1, after_id=999_999), "after"),
        (PhaseDraft("Fine", weeks=1, purpose="x" * 10_001), "purpose"),
        (PhaseDraft("Fine", weeks=1, starts_on=date(9999, 1, 1)), "starts_on"),
        (PhaseDraft("Fine", weeks=260, starts_on=date(2099, 1, 5)), "starts_on"),
    ],
)
def test_what_cannot_be_a_phase_is_named(cast: Cast, parts: Parts, draft: PhaseDraft, field: str) -> None:
    with pytest.raises(Invalid) as told:
        phases.add_phase(cast.manager.actor, cast.program_id, draft)
    assert list(told.value.fields) == [field]
    assert len(order(cast)) == 3


def test_another_programs_phase_is_not_here(cast: Cast, parts: Parts) -> None:
    other = Program(
        key="OTHER", name="O", name_folded="o", locale="en", timezone="UTC", country="", starts_on=date(2026, 3, 2)
    )
    db.session.add(other)
    db.session.flush()
    theirs = Phase(
        program_id=other.id, position=1, name="T", planned_start=date(2026, 3, 2), planned_end=date(2026, 3, 6)
    )
    db.session.add(theirs)
    db.session.flush()
    manager = cast.manager.actor
    with pytest.raises(NotFound):
        phases.find_phase(manager, cast.program_id, theirs.id)
    with pytest.raises(Invalid):
        phases.place_phase(manager, parts.pilot, theirs.id, seen=1)
    with pytest.raises(Invalid):
        phases.remove_phase(manager, parts.pilot, theirs.id, seen=1)
    with pytest.raises(NotFound):
        phases.find_phase(cast.stranger.actor, cast.program_id, parts.pilot.id)
    with pytest.raises(Forbidden):
        phases.find_phase(cast.contributor.actor, cast.program_id, parts.pilot.id)


def test_two_editors_of_one_phase(cast: Cast, parts: Parts) -> None:
    manager = cast.manager.actor
    changes = phases.change_phase(manager, parts.pilot, {"name": "Pilot in two shops"}, seen=1)
    assert changes == {"name": ["Pilot", "Pilot in two shops"]}
    for act in (
        lambda: phases.change_phase(manager, parts.pilot, {"name": "Mine"}, seen=1),
        lambda: phases.place_phase(manager, parts.pilot, None, seen=1),
        lambda: phases.split_phase(manager, parts.pilot, date(2026, 5, 4), "B", seen=1),
        lambda: phases.remove_phase(manager, parts.pilot, None, seen=1),
        lambda: phases.set_actual_dates(manager, parts.pilot, None, None, seen=1),
    ):
        with pytest.raises(Conflict) as told:
            act()
        assert told.value.current_revision == 2


def test_phases_are_put_in_another_order_and_keep_their_dates(cast: Cast, parts: Parts) -> None:
    phases.place_phase(cast.manager.actor, parts.rollout, None, seen=1)
    assert order(cast) == [(1, "Rollout"), (2, "Discovery"), (3, "Pilot")]
    phases.place_phase(cast.manager.actor, parts.discovery, parts.pilot.id, seen=parts.discovery.revision)
    assert order(cast) == [(1, "Rollout"), (2, "Pilot"), (3, "Discovery")]
    assert fresh(parts.rollout).planned_start == date(2026, 6, 1)


def test_a_split_sends_items_by_due_date_and_the_gate_with_the_second_part(cast: Cast, parts: Parts) -> None:
    second = phases.split_phase(cast.manager.actor, parts.pilot, date(2026, 5, 4), "Pilot: tuning", seen=1)
    assert fresh(parts.pilot).planned_end == date(2026, 4, 30)
    assert (second.planned_start, second.planned_end) == (date(2026, 5, 4), date(2026, 5, 29))
    assert order(cast) == [(1, "Discovery"), (2, "Pilot"), (3, "Pilot: tuning"), (4, "Rollout")]
    assert item_phases(parts) == {
        "early": "Pilot",
        "late": "Pilot: tuning",
        "done": "Pilot",
        "undated": "Pilot",
        "milestone": "Pilot: tuning",
        "next": "Rollout",
        "outside": None,
    }
    assert fresh(parts.gate).phase_id == second.id
    assert (fresh(parts.scope).phase_id, fresh(parts.tuning).phase_id) == (parts.pilot.id, second.id)
    assert fresh(parts.items["late"]).block_id == parts.tuning.id


def test_a_split_inside_a_block_cuts_the_block(cast: Cast, parts: Parts) -> None:
    phases.split_phase(cast.manager.actor, parts.pilot, date(2026, 4, 13), "Rest", seen=1)
    assert fresh(parts.scope).ends_on == date(2026, 4, 10)
    early = fresh(parts.items["early"])
    assert early.block_id is None
    assert early.phase_id != parts.pilot.id


@pytest.mark.parametrize(
    "on", [None, date(2026, 4, 7), date(2026, 3, 1), date(2026, 5, 30), date(9999, 1, 1), date(2026, 4, 6)]
)
def test_a_split_needs_a_day_inside(cast: Cast, parts: Parts, on: date | None) -> None:
    with pytest.raises(Invalid) as told:
        phases.split_phase(cast.manager.actor, parts.pilot, on, "Rest", seen=1)
    assert list(told.value.fields) == ["on"]


def test_a_split_on_a_weekend_begins_on_monday_and_a_finished_phase_stays_whole(cast: Cast, parts: Parts) -> None:
    second = phases.split_phase(cast.manager.actor, parts.pilot, date(2026, 5, 9), "Rest", seen=1)
    assert (fresh(parts.pilot).planned_end, second.planned_start) == (date(2026, 5, 8), date(2026, 5, 11))
    discovery = fresh(parts.discovery)
    phases.set_actual_dates(cast.manager.actor, discovery, date(2026, 3, 2), date(2026, 4, 3), seen=1)
    with pytest.raises(Invalid):
        phases.split_phase(cast.manager.actor, discovery, date(2026, 3, 9), "Rest", seen=2)


@pytest.mark.parametrize("to", ["Rollout", None])
def test_removing_a_phase_loses_no_item(cast: Cast, parts: Parts, to: str | None) -> None:
    before = db.session.scalar(select(func.count()).select_from(WorkItem))
    what = phases.removal(cast.manager.actor, parts.pilot)
    assert (what.item_count, what.block_names, what.criterion_count, what.is_possible) == (
        5,
        ("Scope", "Tuning"),
        1,
        True,
    )
    phases.remove_phase(cast.manager.actor, parts.pilot, parts.rollout.id if to else None, seen=1)
    assert db.session.scalar(select(func.count()).select_from(WorkItem)) == before
    homes = item_phases(parts)
    assert {homes[key] for key in ("early", "late", "done", "undated", "milestone")} == {to}
    assert order(cast) == [(1, "Discovery"), (2, "Rollout")]
    assert db.session.scalar(select(func.count()).select_from(GateCriterion)) == 0
    assert db.session.scalar(select(func.count()).select_from(PhaseBlock)) == 0
    assert db.session.scalars(select(Gate.name)).all() == ["After rollout"]


def test_a_decided_gate_keeps_its_phase(cast: Cast, parts: Parts) -> None:
    decision = GateDecision(
        program_id=cast.program_id,
        gate_id=parts.gate.id,
        sequence=1,
        outcome="go",
        reason="All done",
        record="{}",
        previous_hash="",
        hash="x",
    )
    db.session.add(decision)
    db.session.flush()
    assert not phases.removal(cast.manager.actor, parts.pilot).is_possible
    with pytest.raises(Invalid, match="After the pilot"):
        phases.remove_phase(cast.manager.actor, parts.pilot, None, seen=1)
    assert len(order(cast)) == 3


def test_a_removal_is_told_with_everything_that_was(cast: Cast, parts: Parts) -> None:
    batch = phases.remove_phase(cast.manager.actor, parts.pilot, parts.rollout.id, seen=1)
    entries = db.session.execute(
        select(AuditEntry.verb, AuditEntry.name, AuditEntry.changes).where(AuditEntry.batch == batch)
    ).all()
    verbs = [entry.verb for entry in entries]
    assert verbs.count("item.changed") == 5
    assert {"gate.removed", "block.removed", "phase.removed", "phase.changed"} <= set(verbs)
    told = next(entry.changes for entry in entries if entry.verb == "phase.removed")
    assert told["name"] == ["Pilot", None]
    assert (told["planned_start"], told["planned_end"]) == (["2026-04-07", None], ["2026-05-29", None])
    gate = next(entry.changes for entry in entries if entry.verb == "gate.removed")
    assert gate["planned_on"] == ["2026-05-29", None]
    assert gate["phase_id"] == [parts.pilot.id, None]


def test_really_begun_and_ended(cast: Cast, parts: Parts) -> None:
    pilot, manager = parts.pilot, cast.manager.actor
    phases.set_actual_dates(manager, pilot, date(2026, 4, 8), None, seen=1)
    phases.set_actual_dates(manager, pilot, date(2026, 4, 8), date(2026, 6, 3), seen=2)
    assert (pilot.actual_start, pilot.actual_end) == (date(2026, 4, 8), date(2026, 6, 3))
    phases.set_actual_dates(manager, pilot, None, None, seen=3)
    assert (pilot.actual_start, pilot.actual_end) == (None, None)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (None, date(2026, 3, 2), "actual_start"),
        (date(2026, 3, 3), date(2026, 3, 2), "actual_end"),
        (date(2098, 3, 3), None, "actual_start"),
        (date(1999, 3, 3), None, "actual_start"),
        (date(2026, 3, 3), date(9999, 12, 31), "actual_end"),
    ],
)
def test_days_that_cannot_have_been(cast: Cast, parts: Parts, start: date | None, end: date | None, field: str) -> None:
    with pytest.raises(Invalid) as told:
        phases.set_actual_dates(cast.manager.actor, parts.pilot, start, end, seen=1)
    assert list(told.value.fields) == [field]


@pytest.mark.parametrize(
    ("start", "end", "weeks"),
    [
        (date(2026, 3, 2), date(2026, 4, 3), 5),
        (date(2026, 3, 2), date(2026, 3, 2), 1),
        (date(2026, 3, 4), date(2026, 3, 10), 1),
        (date(2026, 3, 4), date(2026, 3, 11), 2),
    ],
)
def test_weeks_of_a_stretch(start: date, end: date, weeks: int) -> None:
    assert phases.weeks_between(start, end) == weeks
