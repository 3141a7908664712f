"""The working calendar against a slow, obvious reference, and the holidays people plan around."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.ground.calendar import COUNTRIES, DAY, WorkingCalendar, days, monday_of

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
NEAR = st.integers(-60, 60)
POLAND = WorkingCalendar("PL")


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 6), "Święto Trzech Króli"),
        (date(2026, 4, 6), "Poniedziałek Wielkanocny"),
        (date(2026, 6, 4), "Dzień Bożego Ciała"),
        (date(2026, 11, 11), "Narodowe Święto Niepodległości"),
    ],
)
def test_polish_holidays_are_free(day, name):
    assert not POLAND.is_working(day)
    assert POLAND.holiday(day, "pl") == name


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_on_offer_is_known(country):
    year = [WorkingCalendar(country).is_working(day) for day in days(date(2026, 1, 1), date(2026, 12, 31))]
    assert 240 <= sum(year) <= 261


@given(DAYS, NEAR)
def test_adding_counts_working_days(day, distance):
    reached = POLAND.add(day, distance)
    assert POLAND.is_working(reached)
    if distance >= 0:
        start = POLAND.on_or_after(day)
        assert sum(POLAND.is_working(one) for one in days(start, reached)) == distance + 1
    else:
        start = POLAND.on_or_before(day)
        assert sum(POLAND.is_working(one) for one in days(reached, start)) == -distance + 1


@given(DAYS, NEAR, NEAR)
def test_stretches_add_up_in_any_order(first, there, back):
    middle, last = first + timedelta(days=there), first + timedelta(days=there + back)
    assert POLAND.between(first, middle) + POLAND.between(middle + DAY, last) == POLAND.between(first, last)
    assert POLAND.between(first, first - DAY) == 0


@given(DAYS, st.integers(1, 30))
def test_working_weeks_end_before_the_next_begins(start, weeks):
    start = POLAND.on_or_after(start)
    end = POLAND.end_of_weeks(start, weeks)
    assert POLAND.is_working(end)
    assert end < POLAND.start_of_week(start, weeks + 1)
    assert (end - start).days < weeks * 7


@given(DAYS)
def test_a_week_begins_on_monday(day):
    monday = monday_of(day)
    assert monday.weekday() == 0
    assert 0 <= (day - monday).days <= 6


def test_counting_stops_where_planning_does():
    with pytest.raises(OverflowError):
        POLAND.add(date(2099, 12, 1), 500)
    with pytest.raises(OverflowError):
        POLAND.on_or_before(date(2000, 1, 1))
