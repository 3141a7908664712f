"""Progress is counted right, in one statement, for one program and for many."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.extensions import db
from program.planning.progress import Progress, added_up, count_items, phase_progress, phases_progress
from tests.cast import make_program
from tests.planning.plans import make_items, make_phase

TODAY = date(2026, 5, 20)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def phase_id(context, cast) -> int:
    return make_phase(cast.program_id, 1, date(2026, 5, 4), date(2026, 5, 29))


def test_each_status_counts_where_it_belongs(cast, phase_id):
    make_items(
        cast.program_id,
        [
            {"phase_id": phase_id, "status": "done", "required": True, "due_on": YESTERDAY},
            {"phase_id": phase_id, "status": "done", "start_on": TOMORROW},
            {"phase_id": phase_id, "status": "todo", "required": True, "due_on": YESTERDAY},
            {"phase_id": phase_id, "status": "doing", "due_on": YESTERDAY, "start_on": date(2026, 5, 1)},
            {"phase_id": phase_id, "status": "todo", "due_on": TODAY, "start_on": date(2026, 5, 6)},
            {"phase_id": phase_id, "status": "blocked", "required": True, "due_on": None},
            {"phase_id": phase_id, "status": "dropped", "required": True, "due_on": YESTERDAY},
            {"status": "todo"},
        ],
    )
    counted = phase_progress(cast.program_id, TODAY)
    assert counted == {
        phase_id: Progress(
            total=6,
            finished=2,
            required_total=3,
            required_open=2,
            overdue=2,
            required_overdue=1,
            blocked=1,
            latest_start=date(2026, 5, 6),
        ),
        None: Progress(total=1),
    }
    assert counted[phase_id].open == 4
    assert counted[phase_id].share == pytest.approx(1 / 3)


def test_a_program_without_items_has_no_progress(cast, phase_id):
    assert phase_progress(cast.program_id, TODAY) == {}
    assert phases_progress([cast.program_id], TODAY) == {}
    assert phases_progress([], TODAY) == {}
    assert Progress().share == 0


def test_many_programs_take_one_statement_and_agree_with_each_alone(cast, phase_id, statements):
    other = make_program("BETA", "Beta")
    other_phase = make_phase(other.id, 1, date(2026, 5, 4), date(2026, 5, 29))
    make_items(cast.program_id, [{"phase_id": phase_id}, {"phase_id": phase_id, "status": "done"}])
    make_items(other.id, [{"phase_id": other_phase, "due_on": YESTERDAY}, {"status": "done"}])
    with statements() as ran:
        together = phases_progress([cast.program_id, other.id], TODAY)
    assert len(ran) == 1
    assert together == {program_id: phase_progress(program_id, TODAY) for program_id in (cast.program_id, other.id)}


def test_counting_reads_the_index_alone(cast, phase_id, statements):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by its statistics.")
    with statements() as ran:
        count_items(cast.program_id, TODAY)
    question = f"EXPLAIN QUERY PLAN {ran.texts[0]}"
    plan = db.session.connection().exec_driver_sql(question, (None,) * question.count("?")).all()
    read_from = [row[-1] for row in plan if "SEARCH" in row[-1] or "SCAN" in row[-1]]
    assert len(read_from) == 2
    assert "COVERING INDEX ix_work_item_progress" in read_from[0]
    assert "COVERING INDEX ix_dependency_waits" in read_from[1]


COUNTS = st.builds(
    Progress,
    *[st.integers(0, 50)] * 7,
    latest_start=st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)


@given(st.lists(COUNTS, max_size=6), st.integers(0, 6))
def test_adding_up_does_not_depend_on_how_it_is_cut(parts, cut):
    assert added_up([added_up(parts[:cut]), added_up(parts[cut:])]) == added_up(parts)
