"""The arithmetic of saturation: sums that do not depend on order, and freezes that win."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from program.change.limits import Limits
from program.change.load import (
    BAD,
    TENTHS,
    Cell,
    Freeze,
    Part,
    Source,
    State,
    add_up,
    monday_of,
    of_go_live,
    of_training,
    weeks_between,
)

MONDAYS = [date(2026, 3, 2) + timedelta(weeks=step) for step in range(4)]
GROUPS = [1, 2, 3]
LIMITS = Limits()
parts = st.builds(
    Part,
    st.sampled_from(GROUPS),
    st.sampled_from(MONDAYS),
    st.sampled_from(list(Source)),
    st.integers(0, 200),
    st.sampled_from(["Wave 1", "One inbox", "New payroll"]),
)
freezes = st.builds(
    Freeze, st.sampled_from(GROUPS), st.sampled_from(MONDAYS), st.sampled_from(["Black Week", "Christmas"])
)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(st.lists(parts), st.lists(parts))
def test_two_plans_together_are_the_sum_of_both(one: list[Part], other: list[Part]):
    together, first, second = add_up(one + other), add_up(one), add_up(other)
    for group in GROUPS:
        for week in MONDAYS:
            at = (group, week)
            assert together.get(at, Cell()).tenths == first.get(at, Cell()).tenths + second.get(at, Cell()).tenths


@given(st.lists(parts), st.lists(freezes), st.randoms())
def test_the_order_of_planning_does_not_matter(planned: list[Part], frozen: list[Freeze], dice: object):
    shuffled, thawed = list(planned), list(frozen)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    dice.shuffle(thawed)  # type: ignore[attr-defined]
    assert add_up(planned, frozen) == add_up(shuffled, thawed)


@given(st.lists(parts, max_size=8), freezes)
def test_a_freeze_wins_over_any_load(planned: list[Part], freeze: Freeze):
    cell = add_up(planned, [freeze])[freeze.group_id, freeze.week]
    assert cell.state(LIMITS) in (State.FROZEN, State.BROKEN)
    own = [part for part in cell.parts if part.source is not Source.OTHER and part.tenths]
    assert (cell.state(LIMITS) is State.BROKEN) == bool(own)


@given(st.lists(parts, max_size=8), parts, st.lists(freezes, max_size=2))
def test_more_never_makes_a_week_better(planned: list[Part], one: Part, frozen: list[Freeze]):
    at = (one.group_id, one.week)
    order = [State.FREE, State.FINE, State.AMBER, State.RED]
    before = add_up(planned, frozen).get(at, Cell()).state(LIMITS)
    after = add_up([*planned, one], frozen).get(at, Cell()).state(LIMITS)
    if before in order:
        assert order.index(after) >= order.index(before)
    if before in BAD:
        assert after in BAD


@given(st.floats(0.25, 8), st.integers(1, 500), st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_a_training_asks_at_most_its_hours(hours: float, capacity: int, sizes: list[int]):
    by_group = dict(enumerate(sizes))
    found = of_training("One inbox", MONDAYS[0], hours, capacity, by_group)
    assert [part.group_id for part in found] == list(by_group)
    assert all(0 <= part.tenths <= round(hours * TENTHS) for part in found)
    if capacity >= sum(sizes):
        assert all(part.tenths == round(hours * TENTHS) for part in found)


def test_the_figures_are_those_on_the_page():
    assert [part.tenths for part in of_training("x", MONDAYS[0], 2, 12, {1: 24, 2: 24})] == [5, 5]
    assert [part.tenths for part in of_go_live(1, "Wave 1", date(2026, 3, 5), 4)] == [80, 40, 40]
    assert [part.tenths for part in of_go_live(1, "Wave 1", date(2026, 3, 5), None)] == [60, 30, 30]
    assert [part.week for part in of_go_live(1, "Wave 1", date(2026, 3, 5), 4)] == MONDAYS[:3]
    week = MONDAYS[0]
    for tenths, state in ((0, State.FREE), (1, State.FINE), (59, State.FINE), (60, State.AMBER), (119, State.AMBER)):
        assert Cell((Part(1, week, Source.OTHER, tenths, "x"),)).state(LIMITS) is state
    assert Cell((Part(1, week, Source.OTHER, 120, "x"),)).state(LIMITS) is State.RED


@given(days, st.integers(0, 400))
def test_weeks_between_are_mondays_that_hold_every_day(first: date, length: int):
    last = first + timedelta(days=length)
    weeks = weeks_between(first, last)
    assert all(week.weekday() == 0 for week in weeks)
    assert weeks == sorted(set(weeks))
    assert weeks[0] == monday_of(first)
    assert weeks[-1] == monday_of(last)
