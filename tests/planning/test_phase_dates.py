"""Plan, forecast and reality of phases: states, slips and the phase people mean by 'now'."""

from __future__ import annotations

from collections import namedtuple
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.ground.calendar import WorkingCalendar
from program.planning.phase_dates import PhaseState, arranged, phase_dates, slip
from program.planning.progress import Progress
from tests.planning.plans import finished_weeks_ago, make_items, make_phase

TODAY = date(2026, 5, 20)
PL = WorkingCalendar("PL")
Row = namedtuple("Row", "id name position planned_start planned_end actual_start actual_end revision")


def row(number: int, start: date, end: date, began: date | None = None, ended: date | None = None) -> Row:
    return Row(number, f"Phase {number}", number, start, end, began, ended, 1)


DISCOVERY = row(1, date(2026, 3, 2), date(2026, 4, 3), date(2026, 3, 2), date(2026, 4, 10))
PILOT = row(2, date(2026, 4, 13), date(2026, 5, 12), date(2026, 4, 13))
ROLLOUT = row(3, date(2026, 6, 1), date(2026, 7, 31))
LAUNCH = row(4, date(2026, 8, 3), date(2026, 8, 28))
STEADY = (0,) * 4 + (5,) * 8
WORK = {2: Progress(total=20, finished=10), 3: Progress(total=10), 4: Progress(total=5)}


def test_phases_are_done_running_next_and_later():
    dates = arranged([DISCOVERY, PILOT, ROLLOUT, LAUNCH], WORK, STEADY, TODAY, PL)
    assert [phase.state for phase in dates.phases] == ["ended", "running", "next", "later"]
    assert dates.current.id == 2
    assert [phase.id for phase in dates.running] == [2]


def test_a_phase_without_a_start_runs_once_something_of_it_is_finished():
    unstarted = row(1, date(2026, 5, 4), date(2026, 5, 29))
    assert arranged([unstarted], {}, STEADY, TODAY, PL).phases[0].state is PhaseState.NEXT
    begun = {1: Progress(total=5, finished=1)}
    assert arranged([unstarted], begun, STEADY, TODAY, PL).phases[0].state is PhaseState.RUNNING


def test_what_is_prepared_ahead_does_not_begin_a_phase():
    prepared = {**WORK, 3: Progress(total=10, finished=2)}
    dates = arranged([DISCOVERY, PILOT, ROLLOUT, LAUNCH], prepared, STEADY, TODAY, PL)
    assert [phase.state for phase in dates.phases] == ["ended", "running", "next", "later"]


def test_slips_are_what_happened_or_what_is_expected():
    discovery, pilot, rollout, _launch = arranged([DISCOVERY, PILOT, ROLLOUT, LAUNCH], WORK, STEADY, TODAY, PL).phases
    # From Friday 3 April over Easter Monday to Friday 10 April.
    assert (discovery.slip, discovery.overdue_days, discovery.is_late) == (4, 0, False)
    # Planned for Tuesday 12 May; ten items at five a week take until Tuesday 2 June.
    assert (pilot.ends_on, pilot.slip, pilot.overdue_days, pilot.is_late) == (date(2026, 6, 2), 15, 6, True)
    assert pilot.late_by == 15
    assert rollout.starts_on == date(2026, 6, 3)
    assert rollout.slip < 0
    assert not rollout.is_late
    assert rollout.late_by == 0


def test_a_phase_can_be_late_without_a_forecast():
    pilot = arranged([PILOT], WORK, (), TODAY, PL).phases[0]
    assert (pilot.slip, pilot.overdue_days, pilot.is_late, pilot.late_by) == (None, 6, True, 6)


def test_now_is_the_running_the_next_or_the_last_phase():
    assert arranged([DISCOVERY, ROLLOUT, LAUNCH], {}, (), TODAY, PL).current.id == 3
    assert arranged([DISCOVERY], {}, (), TODAY, PL).current.id == 1
    assert arranged([], {}, (), TODAY, PL).current is None


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(DAYS, DAYS)
def test_slip_is_antisymmetric_and_grows_with_time(one, other):
    assert slip(one, other, "PL") == -slip(other, one, "PL")
    assert (slip(one, other, "PL") >= 0) or other < one


@given(DAYS, DAYS, DAYS)
def test_slips_add_up(one, two, three):
    assert slip(one, two, "PL") + slip(two, three, "PL") == slip(one, three, "PL")


@pytest.fixture
def program(context, cast):
    first = make_phase(cast.program_id, 1, date(2026, 4, 6), date(2026, 5, 29), actual_start=date(2026, 4, 7))
    make_phase(cast.program_id, 2, date(2026, 6, 1), date(2026, 6, 26))
    for back in range(1, 6):
        done = finished_weeks_ago(back, TODAY)
        make_items(cast.program_id, [{"phase_id": first, "status": "done", "done_at": done}] * 4)
    make_items(cast.program_id, [{"phase_id": first}] * 6)
    from program.planning.opening import find_program

    return find_program(cast.manager.actor, cast.key)


def test_dates_of_a_program_take_two_statements(program, statements):
    with statements() as ran:
        dates = phase_dates(program, TODAY)
    assert len(ran) == 2
    assert [phase.state for phase in dates.phases] == ["running", "next"]
    assert dates.phases[0].progress == Progress(total=26, finished=20)
    assert dates.outlook.pace == (0, 4, 4, 4, 4, 4)
    with statements() as ran:
        again = phase_dates(program, TODAY, {phase.id: phase.progress for phase in dates.phases})
    assert len(ran) == 1
    assert again == dates
