"""The forecast: honest about what it knows, monotone where reason demands it, and cheap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.ground.calendar import WorkingCalendar
from program.planning import forecast as forecasting
from program.planning.simulation import NO_ITEMS, TOO_FAR, TOO_LITTLE_HISTORY, PhaseWork, simulate
from tests.planning.plans import finished_weeks_ago, make_items, make_phase

TODAY = date(2026, 5, 20)
PL = WorkingCalendar("PL")
STEADY = (5,) * 8


def phase(number: int = 1, *, start: date = date(2026, 5, 4), weeks: int = 4, **values) -> PhaseWork:
    """A phase that runs, unless told otherwise."""
    values = {"actual_start": start, "actual_end": None, "total": 20, "open": 10, **values}
    return PhaseWork(number, start, start + timedelta(weeks=weeks, days=-3), **values)


def waiting(number: int, *, start: date, **values) -> PhaseWork:
    """A phase that has not begun."""
    return phase(number, start=start, **{"actual_start": None, "total": 10, "open": 10, **values})


def simulated(history, *phases):
    return simulate(tuple(history), phases, TODAY, "PL").phases


def test_a_steady_pace_gives_one_day():
    # Ten items at five a week are ten working days: Wednesday 20 May to Tuesday 2 June.
    found = simulated(STEADY, phase())[1]
    assert (found.starts_on, found.half_on, found.likely_on) == (date(2026, 5, 4), date(2026, 6, 2), date(2026, 6, 2))
    assert found.reason is None


def test_an_uneven_pace_gives_a_range():
    found = simulated((0, 1, 12, 0, 3, 9, 0, 5), phase(open=20))[1]
    assert found.half_on < found.likely_on


def test_holidays_take_no_work():
    # Corpus Christi, Thursday 4 June 2026, is free.
    assert simulated(STEADY, phase(open=12))[1].half_on == date(2026, 6, 5)
    assert simulate(STEADY, (phase(open=12),), TODAY, "").phases[1].half_on == date(2026, 6, 4)


@pytest.mark.parametrize("history", [(), (9, 9, 9), (1, 1, 1, 1, 1, 1, 1), (0,) * 12])
def test_too_little_history_is_said(history):
    found = simulated(history, phase())[1]
    assert (found.half_on, found.likely_on, found.reason) == (None, None, TOO_LITTLE_HISTORY)


def test_a_finished_phase_keeps_its_dates_whatever_the_history():
    ended = phase(actual_end=date(2026, 5, 15), open=3)
    for history in (STEADY, ()):
        found = simulated(history, ended)[1]
        assert (found.half_on, found.likely_on, found.reason) == (date(2026, 5, 15), date(2026, 5, 15), None)


def test_nothing_left_is_done_today():
    found = simulated(STEADY, phase(open=0))[1]
    assert found.half_on == found.likely_on == TODAY


def test_a_phase_without_items_says_so_and_takes_its_planned_time():
    empty = waiting(1, start=date(2026, 6, 1), weeks=2, total=0, open=0)
    after = waiting(2, start=date(2026, 6, 15), total=5, open=5)
    found = simulated(STEADY, empty, after)
    assert (found[1].starts_on, found[1].half_on, found[1].reason) == (date(2026, 6, 1), None, NO_ITEMS)
    assert (found[2].starts_on, found[2].half_on) == (date(2026, 6, 15), date(2026, 6, 19))


def test_a_late_phase_pushes_the_next_and_an_early_one_does_not_pull_it():
    late, early = phase(open=40, total=40), phase(open=1)
    following = waiting(2, start=date(2026, 6, 8))
    assert simulated(STEADY, late, following)[2].starts_on == date(2026, 7, 16)
    assert simulated(STEADY, early, following)[2].starts_on == date(2026, 6, 8)


def test_phases_that_overlap_in_the_plan_begin_as_planned_and_share_the_pace():
    first = phase(open=20)
    beside = waiting(2, start=date(2026, 5, 25), total=5, open=5)
    found = simulated(STEADY, first, beside)
    assert found[2].starts_on == date(2026, 5, 25)
    assert found[2].half_on == simulated(STEADY, phase(open=25, total=30))[1].half_on


def test_no_phase_ends_before_its_last_item_may_begin():
    assert simulated(STEADY, phase(open=1, latest_start=date(2026, 6, 22)))[1].half_on == date(2026, 6, 22)


def test_work_done_ahead_does_not_begin_a_phase():
    following = waiting(2, start=date(2026, 6, 8), total=12, open=10)
    assert simulated(STEADY, phase(open=1), following)[2].starts_on == date(2026, 6, 8)
    assert simulated(STEADY, phase(open=1), replace(following, open=0))[2].likely_on == TODAY


def test_a_hopeless_pace_is_not_dated():
    found = simulated((2,) * 12, phase(open=5000, total=5000), waiting(2, start=date(2026, 8, 3)))
    assert (found[1].half_on, found[1].likely_on, found[1].reason) == (None, None, TOO_FAR)
    assert (found[2].starts_on, found[2].reason) == (date(2026, 8, 3), TOO_FAR)


HISTORY = st.lists(st.integers(0, 30), min_size=4, max_size=12).filter(lambda counts: sum(counts) >= 8).map(tuple)


@st.composite
def plans(draw) -> tuple[PhaseWork, ...]:
    """One to four phases, running, over or to come, one after the other or overlapping."""
    found = []
    start = draw(st.dates(date(2026, 1, 5), date(2026, 7, 31)))
    for number in range(draw(st.integers(1, 4))):
        weeks = draw(st.integers(1, 10))
        total = draw(st.integers(0, 60))
        begun = draw(st.booleans())
        over = begun and draw(st.booleans()) and start <= TODAY
        found.append(
            PhaseWork(
                id=number,
                planned_start=start,
                planned_end=start + timedelta(weeks=weeks, days=-3),
                actual_start=min(start, TODAY) if begun else None,
                actual_end=min(start + timedelta(days=3), TODAY) if over else None,
                total=total,
                open=draw(st.integers(0, total)),
                latest_start=draw(st.none() | st.dates(date(2026, 3, 1), date(2026, 12, 31))),
            )
        )
        start += timedelta(weeks=weeks + draw(st.integers(-2, 2)))
    return tuple(found)


@given(HISTORY, plans())
def test_dates_are_ordered_working_days_from_today_on(history, phases):
    for work, found in zip(phases, simulated(history, *phases).values(), strict=True):
        if work.actual_end:
            assert found.half_on == found.likely_on == work.actual_end
            continue
        assert (found.reason is None) == (found.likely_on is not None)
        for day in (found.half_on, found.likely_on):
            assert day is None or (day >= TODAY and PL.is_working(day))
        if found.likely_on:
            assert found.half_on <= found.likely_on
        if work.total and not work.open:
            assert found.likely_on == TODAY


def ends(found) -> list[tuple[date, date]]:
    """Both dates of every phase; a date that is not given is the latest of all."""
    return [
        (one.half_on or date.max, one.likely_on or date.max) for one in found.values() if one.reason is not NO_ITEMS
    ]


@given(HISTORY, plans(), st.data())
def test_more_left_to_do_is_never_earlier(history, phases, data):
    place = data.draw(st.integers(0, len(phases) - 1))
    more = data.draw(st.integers(1, 20))
    work = phases[place]
    if not work.open:
        return
    heavier = replace(work, total=work.total + more, open=work.open + more)
    before = ends(simulated(history, *phases))
    after = ends(simulated(history, *phases[:place], heavier, *phases[place + 1 :]))
    assert all(old[0] <= new[0] and old[1] <= new[1] for old, new in zip(before, after, strict=True))


@given(HISTORY, plans(), st.data())
def test_a_faster_pace_is_never_later(history, phases, data):
    extra = data.draw(st.lists(st.integers(0, 10), min_size=len(history), max_size=len(history)))
    faster = tuple(sum(pair) for pair in zip(history, extra, strict=True))
    before, after = ends(simulated(history, *phases)), ends(simulated(faster, *phases))
    assert all(new[0] <= old[0] and new[1] <= old[1] for old, new in zip(before, after, strict=True))


def test_the_same_inputs_are_worked_out_once():
    works = (phase(), waiting(2, start=date(2026, 6, 8)))
    first = simulate(STEADY, works, TODAY, "PL")
    assert simulate(tuple([5] * 8), tuple(replace(work) for work in works), TODAY, "PL") is first
    simulate.cache_clear()
    assert simulate(STEADY, works, TODAY, "PL") == first


def test_weekly_counts_know_the_edges_of_weeks_and_of_programs(context, cast, statements):
    monday = "2026-05-18T00:00:00+02:00"
    make_items(
        cast.program_id,
        [
            {"status": "done", "done_at": finished_weeks_ago(1, TODAY)},
            {"status": "done", "done_at": finished_weeks_ago(12, TODAY)},
            {"status": "done", "done_at": finished_weeks_ago(13, TODAY)},
            {"status": "done", "done_at": finished_weeks_ago(0, TODAY)},
            # A Sunday night in Warsaw is the last minute of the week there.
            {"status": "done", "done_at": forecasting.datetime.fromisoformat(monday) - timedelta(minutes=1)},
            {"status": "done", "done_at": forecasting.datetime.fromisoformat(monday)},
            {"status": "todo"},
        ],
    )
    with statements() as ran:
        found = forecasting.finished_per_week([cast.program_id, 0], TODAY, "Europe/Warsaw")
    assert len(ran) == 1
    assert found == {cast.program_id: (1, *[0] * 10, 2), 0: (0,) * 12}
    assert forecasting.finished_per_week([], TODAY) == {}


def test_a_program_is_forecast_in_two_statements(context, cast, statements):
    first = make_phase(cast.program_id, 1, date(2026, 4, 6), date(2026, 5, 29), actual_start=date(2026, 4, 7))
    second = make_phase(cast.program_id, 2, date(2026, 6, 1), date(2026, 6, 26))
    for back in range(1, 6):
        done = finished_weeks_ago(back, TODAY)
        make_items(cast.program_id, [{"phase_id": first, "status": "done", "done_at": done}] * 4)
    make_items(cast.program_id, [{"phase_id": first}] * 6 + [{"phase_id": second}] * 4)
    with statements() as ran:
        found = forecasting.forecast(cast.program_id, TODAY, PL)
    assert len(ran) == 2
    assert list(found) == [first, second]
    # Four a week since the program began six weeks ago, and one week with none: the first week is the seventh of April.
    assert found[first].starts_on == date(2026, 4, 7)
    assert TODAY < found[first].half_on <= found[first].likely_on < found[second].likely_on


def test_history_counts_from_the_programs_first_week():
    works = [phase(start=date(2026, 4, 22))]
    counts = (0,) * 8 + (0, 3, 5, 6)
    assert forecasting._since_start(counts, works, TODAY) == (0, 3, 5, 6)
    assert forecasting._since_start((0,) * 6 + (1,) + (0,) * 5, works, TODAY) == (1, 0, 0, 0, 0, 0)
    assert forecasting._since_start(counts, [phase(start=date(2025, 1, 6))], TODAY) == counts
    assert forecasting._since_start((0,) * 12, [], TODAY) == ()


def test_assumptions_are_written_out(app):
    with app.test_request_context():
        known = forecasting.assumptions(simulate((2, 4, 6, 9), (phase(),), TODAY, "PL"))
        unknown = forecasting.assumptions(simulate((2, 4), (phase(),), TODAY, "PL"))
    assert known[0] == "The pace comes from the last 4 full weeks."
    assert "slowest of them 2 items" in known[1]
    assert "fastest 9" in known[1]
    assert "the middle is 5 a week" in known[1]
    assert "500 times" in known[2]
    assert unknown == [str(TOO_LITTLE_HISTORY)]
