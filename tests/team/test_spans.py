"""The arithmetic of days and shares: gaps, and loads that do not depend on how time is cut into assignments."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.ground.calendar import DAY, days, monday_of
from program.team.spans import FULL_WEEK, Gap, Span, first_gap, mondays, percent, share_days, weekdays

FIRST = date(2026, 3, 2)
near = st.integers(0, 60).map(lambda number: FIRST + timedelta(days=number))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(near)
    return Span(start, draw(st.none() | st.integers(0, 40).map(lambda more: start + timedelta(days=more))))


shares = st.lists(st.tuples(st.integers(1, 100), spans()), max_size=6)
weeks = list(mondays(monday_of(FIRST), 16))


def load(assignments: list[tuple[int, Span]], monday: date) -> int:
    return sum(share_days(share, span, monday) for share, span in assignments)


def by_days(assignments: list[tuple[int, Span]], monday: date) -> int:
    """The same, counted day by day: what the word 'load' means."""
    return sum(share for day in days(monday, monday + 4 * DAY) for share, span in assignments if span.covers(day))


@given(shares, st.sampled_from(weeks))
def test_a_week_is_the_sum_of_its_weekdays(assignments: list[tuple[int, Span]], monday: date) -> None:
    assert load(assignments, monday) == by_days(assignments, monday)


@given(st.integers(1, 100), spans(), near)
def test_cutting_an_assignment_in_two_changes_no_week(share: int, span: Span, cut: date) -> None:
    if not span.starts_on <= cut or (span.ends_on is not None and cut >= span.ends_on):
        return
    pieces = [(share, Span(span.starts_on, cut)), (share, Span(cut + DAY, span.ends_on))]
    for monday in weeks:
        assert load(pieces, monday) == load([(share, span)], monday)


@given(shares, shares, st.sampled_from(weeks))
def test_loads_add_up_whatever_overlaps(
    one: list[tuple[int, Span]], other: list[tuple[int, Span]], monday: date
) -> None:
    assert load(one + other, monday) == load(one, monday) + load(other, monday)
    assert load(list(reversed(one)), monday) == load(one, monday)


@given(st.integers(1, 50), st.integers(1, 50), spans(), st.sampled_from(weeks))
def test_two_shares_of_the_same_days_are_one_share(low: int, high: int, span: Span, monday: date) -> None:
    assert load([(low, span), (high, span)], monday) == load([(low + high, span)], monday)


@given(st.integers(0, 2000))
def test_what_is_more_than_a_full_week_is_never_shown_as_one(taken: int) -> None:
    assert (percent(taken) > 100) == (taken > FULL_WEEK)
    assert abs(percent(taken) - taken / 5) <= 1


def test_figures_people_expect() -> None:
    monday = date(2026, 3, 9)
    assert percent(share_days(60, Span(monday), monday)) == 60
    # From Thursday on: two of five days.
    assert weekdays(Span(date(2026, 3, 12)), monday) == 2
    assert percent(share_days(50, Span(date(2026, 3, 12)), monday)) == 20
    # A weekend takes nothing.
    assert weekdays(Span(date(2026, 3, 14), date(2026, 3, 15)), monday) == 0
    assert percent(501) == 101
    assert percent(0) == 0


@given(st.lists(spans(), max_size=6), near, st.none() | st.integers(0, 90))
def test_a_gap_is_the_first_stretch_without_anybody(held: list[Span], start: date, more: int | None) -> None:
    end = None if more is None else start + timedelta(days=more)
    gap = first_gap(held, start, end)
    # Far enough to see everything that ends.
    horizon = end or start + timedelta(days=200)
    free = [day for day in days(start, horizon) if not any(span.covers(day) for span in held)]
    if gap is None:
        assert not free
        return
    assert gap.first == free[0]
    if gap.last is None:
        assert free == list(days(gap.first, horizon))
    else:
        assert all(day in free for day in days(gap.first, gap.last))
        assert any(span.starts_on == gap.last + DAY for span in held)


@pytest.mark.parametrize(
    ("held", "gap"),
    [
        ([], Gap(FIRST, None)),
        ([Span(FIRST)], None),
        ([Span(date(2026, 3, 10))], Gap(FIRST, date(2026, 3, 9))),
        ([Span(FIRST, date(2026, 3, 9))], Gap(date(2026, 3, 10), None)),
        ([Span(FIRST, date(2026, 3, 9)), Span(date(2026, 3, 10))], None),
        # Somebody comes only after the plan has ended: then nobody comes.
        ([Span(date(2026, 4, 2))], Gap(FIRST, None)),
        ([Span(FIRST, date(2026, 4, 1))], None),
    ],
)
def test_gaps_until_a_planned_end(held: list[Span], gap: Gap | None) -> None:
    assert first_gap(held, FIRST, date(2026, 4, 1)) == gap


@given(spans(), spans())
def test_two_spans_meet_when_they_have_a_day_in_common(one: Span, other: Span) -> None:
    common = any(one.covers(day) and other.covers(day) for day in days(FIRST, FIRST + timedelta(days=110)))
    assert one.meets(other) == other.meets(one) == common
