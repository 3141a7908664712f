"""The responsibility matrix: who marks what, what is refused, and that two editors never write over each other."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.planning.models import Phase, WorkItem
from program.planning.phases import remove_phase
from program.team import raci, raci_matrix
from program.team.models import Letter, RaciMark, RaciRow
from program.team.raci import RowEdit
from program.team.raci_suggestion import fill_in, suggestion
from tests.cast import Cast, make_program
from tests.planning.plan_parts import Parts, make_parts
from tests.team.samples import make_roles, make_row

TODAY = date(2026, 4, 15)
KEYS = ("product_owner", "data_analyst", "it_architect")


@pytest.fixture
def parts(context: None, cast: Cast) -> Parts:
    return make_parts(cast)


@pytest.fixture
def roles(parts: Parts, cast: Cast) -> dict[str, int]:
    return make_roles(cast.program_id, *KEYS)


def mark(cast: Cast, *edits: RowEdit) -> int:
    return raci.mark(cast.manager.actor, cast.program_id, edits)


def matrix(cast: Cast) -> dict[str, raci_matrix.MatrixRow]:
    rows = raci_matrix.rows_of(cast.program_id)
    raci_matrix.fill(rows)
    return {row.label: row for row in rows}


def test_every_phase_has_a_row_before_anybody_wrote_one(cast: Cast, parts: Parts):
    rows = raci_matrix.rows_of(cast.program_id)
    assert [(row.label, row.id, row.revision, row.finding) for row in rows] == [
        (name, None, 0, "gap") for name in ("Discovery", "Pilot", "Rollout")
    ]


def test_letters_are_written_changed_and_taken_away(cast: Cast, parts: Parts, roles: dict[str, int]):
    assert mark(cast, RowEdit(None, parts.pilot.id, {roles["product_owner"]: "A", roles["data_analyst"]: "R"}, 0)) == 1
    row = matrix(cast)["Pilot"]
    assert (row.letters, row.accountable, row.revision) == (
        {roles["product_owner"]: "A", roles["data_analyst"]: "R"},
        1,
        1,
    )
    edit = RowEdit(row.id, None, {roles["product_owner"]: "AR", roles["data_analyst"]: ""}, row.revision)
    assert mark(cast, edit) == 1
    row = matrix(cast)["Pilot"]
    assert (row.letters, row.revision) == ({roles["product_owner"]: "AR"}, 2)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.name) == ("responsibility.changed", "Pilot")
    assert entry.changes == {"Product owner": ["A", "AR"], "Data analyst": ["R", None]}


def test_the_same_letters_again_change_nothing(cast: Cast, parts: Parts, roles: dict[str, int]):
    mark(cast, RowEdit(None, parts.pilot.id, {roles["product_owner"]: "A"}, 0))
    row = matrix(cast)["Pilot"]
    before = db.session.scalar(select(func.count()).select_from(AuditEntry))
    assert mark(cast, RowEdit(row.id, None, {roles["product_owner"]: "A"}, row.revision)) == 0
    assert matrix(cast)["Pilot"].revision == row.revision
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_nobody_writes_over_what_they_have_not_seen(cast: Cast, parts: Parts, roles: dict[str, int]):
    first = RowEdit(None, parts.pilot.id, {roles["product_owner"]: "A"}, 0)
    mark(cast, first)
    # A second page that was opened while the phase had no row yet.
    with pytest.raises(Conflict):
        mark(cast, RowEdit(None, parts.pilot.id, {roles["data_analyst"]: "A"}, 0))
    row = matrix(cast)["Pilot"]
    mark(cast, RowEdit(row.id, None, {roles["it_architect"]: "C"}, row.revision))
    with pytest.raises(Conflict):
        mark(cast, RowEdit(row.id, None, {roles["data_analyst"]: "A"}, row.revision))
    assert matrix(cast)["Pilot"].letters == {roles["product_owner"]: "A", roles["it_architect"]: "C"}


def test_what_is_no_letter_or_somebody_elses_is_refused(cast: Cast, parts: Parts, roles: dict[str, int]):
    beta = make_program("BETA", "Beta")
    foreign = make_roles(beta.id, "product_owner")["product_owner"]
    phase = Phase(
        program_id=beta.id, position=1, name="B", planned_start=date(2026, 3, 2), planned_end=date(2026, 4, 3)
    )
    db.session.add(phase)
    db.session.flush()
    strange_row = make_row(beta.id, {foreign: "A"}, phase_id=phase.id)
    with pytest.raises(Invalid):
        mark(cast, RowEdit(None, parts.pilot.id, {roles["product_owner"]: "X"}, 0))
    for edit in (
        RowEdit(None, parts.pilot.id, {foreign: "A"}, 0),
        RowEdit(None, phase.id, {roles["product_owner"]: "A"}, 0),
        RowEdit(strange_row, None, {roles["product_owner"]: "A"}, 1),
    ):
        with pytest.raises(NotFound):
            mark(cast, edit)
    strange_item = WorkItem(program_id=beta.id, number=1, title="Theirs", title_folded="theirs")
    db.session.add(strange_item)
    db.session.flush()
    with pytest.raises(NotFound):
        raci.add_items(cast.manager.actor, cast.program_id, [strange_item.id])
    with pytest.raises(Invalid) as caught:
        raci.add_named(cast.manager.actor, cast.program_id, phase.id, "Plan")
    assert list(caught.value.fields) == ["phase"]


def test_deliverables_stand_under_the_phase_their_item_is_in_today(cast: Cast, parts: Parts, roles: dict[str, int]):
    item = parts.items["late"]
    assert raci.add_items(cast.manager.actor, cast.program_id, [item.id, item.id]) == 1
    assert raci.add_items(cast.manager.actor, cast.program_id, [item.id]) == 0
    raci.add_named(cast.manager.actor, cast.program_id, parts.pilot.id, "  Training\tplan ")
    labels = [(row.phase, row.label) for row in raci_matrix.rows_of(cast.program_id)]
    assert labels[1:4] == [("Pilot", "Pilot"), ("Pilot", item.title), ("Pilot", "Training plan")]
    item.phase_id, item.block_id = parts.rollout.id, None
    db.session.flush()
    assert matrix(cast)[item.title].phase == "Rollout"
    item.phase_id = None
    db.session.flush()
    assert raci_matrix.rows_of(cast.program_id)[-1].label == item.title


def test_an_item_keeps_its_row_when_its_phase_is_removed(cast: Cast, parts: Parts, roles: dict[str, int]):
    item = parts.items["late"]
    raci.add_items(cast.manager.actor, cast.program_id, [item.id])
    for gate in (parts.gate, parts.rollout_gate):
        db.session.delete(gate)
    db.session.flush()
    remove_phase(cast.manager.actor, parts.pilot, parts.rollout.id, seen=parts.pilot.revision)
    db.session.expire_all()
    assert matrix(cast)[item.title].phase == "Rollout"


def test_a_dropped_deliverable_needs_nobody(cast: Cast, parts: Parts, roles: dict[str, int]):
    item = parts.items["late"]
    raci.add_items(cast.manager.actor, cast.program_id, [item.id])
    assert raci_matrix.tally_of(raci_matrix.rows_of(cast.program_id)).gaps == 4
    item.status, item.status_reason = "dropped", "Not needed"
    db.session.flush()
    assert raci_matrix.tally_of(raci_matrix.rows_of(cast.program_id)).rows == 3


@pytest.mark.parametrize("name", ["", " \t", "\u200b", "x" * 201])
def test_a_deliverable_has_a_name_of_sensible_length(cast: Cast, parts: Parts, name: str):
    with pytest.raises(Invalid) as caught:
        raci.add_named(cast.manager.actor, cast.program_id, parts.pilot.id, name)
    assert list(caught.value.fields) == ["name"]


def test_rows_are_renamed_and_removed_with_their_letters(cast: Cast, parts: Parts, roles: dict[str, int]):
    row = raci.add_named(cast.manager.actor, cast.program_id, parts.pilot.id, "Plan")
    mark(cast, RowEdit(row.id, None, {roles["product_owner"]: "A"}, row.revision))
    with pytest.raises(Conflict):
        raci.rename(cast.manager.actor, row, "Plan B", seen=1)
    assert raci.rename(cast.manager.actor, row, "Plan B", seen=2)
    with pytest.raises(Conflict):
        raci.remove(cast.manager.actor, row, seen=2)
    raci.remove(cast.manager.actor, row, seen=3)
    assert db.session.scalar(select(func.count()).select_from(RaciMark)) == 0
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.name, entry.changes) == (
        "responsibility.removed",
        "Plan B",
        {"Product owner": ["A", None]},
    )


def test_only_managers_shape_the_matrix(cast: Cast, parts: Parts, roles: dict[str, int]):
    row = raci.add_named(cast.manager.actor, cast.program_id, parts.pilot.id, "Plan")
    for who, error in (("contributor", Forbidden), ("viewer", Forbidden), ("stranger", NotFound)):
        actor = getattr(cast, who).actor
        for act in (
            lambda actor=actor: raci.mark(actor, cast.program_id, [RowEdit(row.id, None, {}, 1)]),
            lambda actor=actor: raci.add_items(actor, cast.program_id, []),
            lambda actor=actor: raci.add_named(actor, cast.program_id, parts.pilot.id, "More"),
            lambda actor=actor: raci.rename(actor, row, "Else", seen=1),
            lambda actor=actor: raci.remove(actor, row, seen=1),
            lambda actor=actor: fill_in(actor, cast.program_id, TODAY, seen=""),
        ):
            with pytest.raises(error):
                act()


def test_the_plan_fills_empty_cells_with_who_does_the_work(cast: Cast, parts: Parts, roles: dict[str, int]):
    item, other = parts.items["late"], parts.items["early"]
    item.role, other.role, parts.items["next"].role = "data_analyst", "product_owner", "compliance"
    parts.items["done"].role = "it_architect"
    db.session.flush()
    raci.add_items(cast.manager.actor, cast.program_id, [item.id, other.id])
    row = matrix(cast)[other.title]
    mark(cast, RowEdit(row.id, None, {roles["product_owner"]: "A"}, row.revision))
    found = suggestion(cast.program_id, TODAY)
    shown = {fill.row.label: [role.key for role in fill.roles] for fill in found.fills}
    # The cell that says A stays; the role that the program does not have is told, not invented.
    assert shown == {"Pilot": list(KEYS), item.title: ["data_analyst"]}
    assert found.unknown == ["compliance"]
    assert fill_in(cast.manager.actor, cast.program_id, TODAY, seen=found.fingerprint) == 4
    assert matrix(cast)[item.title].letters == {roles["data_analyst"]: "R"}
    assert matrix(cast)[other.title].letters == {roles["product_owner"]: "A"}
    batches = set(db.session.scalars(select(AuditEntry.batch).where(AuditEntry.batch.is_not(None))))
    assert len(batches) == 1
    assert suggestion(cast.program_id, TODAY).cells == 0


def test_filling_in_is_refused_when_the_matrix_moved_on(cast: Cast, parts: Parts, roles: dict[str, int]):
    parts.items["late"].role = "data_analyst"
    db.session.flush()
    seen = suggestion(cast.program_id, TODAY).fingerprint
    mark(cast, RowEdit(None, parts.pilot.id, {roles["product_owner"]: "A"}, 0))
    with pytest.raises(Conflict):
        fill_in(cast.manager.actor, cast.program_id, TODAY, seen=seen)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.lists(
        st.dictionaries(st.integers(0, 2), st.sampled_from(["", *Letter]), max_size=3),
        min_size=1,
        max_size=5,
    )
)
def test_any_course_of_edits_ends_with_what_was_said_last(
    cast: Cast, parts: Parts, roles: dict[str, int], edits: list[dict[int, str]]
):
    """Each edit names some cells; a cell holds the last letter said for it, and the tally agrees with the cells."""
    db.session.execute(RaciRow.__table__.delete())
    db.session.expire_all()
    ids = [roles[key] for key in KEYS]
    expected: dict[int, str] = {}
    for edit in edits:
        row = matrix(cast)["Pilot"]
        letters = {ids[place]: str(letter) for place, letter in edit.items()}
        mark(cast, RowEdit(row.id, parts.pilot.id, letters, row.revision))
        expected |= letters
    row = matrix(cast)["Pilot"]
    assert row.letters == {role: letter for role, letter in expected.items() if letter}
    assert row.accountable == sum(1 for letter in expected.values() if letter in ("A", "AR"))
