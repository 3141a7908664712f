"""Cadences: every slot once, on the nights when clocks change too, and after a clock that was away."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.ground.cadence import (
    LAST,
    Cadence,
    Unit,
    in_working_days,
    latest_due,
    moment_of,
    monthly,
    next_after,
    occurrences,
    weekly,
)
from program.ground.calendar import WorkingCalendar
from program.ground.now import zone

WARSAW, NEW_YORK = "Europe/Warsaw", "America/New_York"
POLAND = WorkingCalendar("PL")
# The Sundays of 2026 on which the clocks change.
CHANGES = {
    WARSAW: (date(2026, 3, 29), date(2026, 10, 25)),
    NEW_YORK: (date(2026, 3, 8), date(2026, 11, 1)),
}


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def year(cadence: Cadence, zone_name: str = WARSAW, calendar: WorkingCalendar = POLAND) -> list[datetime]:
    found = occurrences(cadence, zone_name, utc(2026, 1, 1), utc(2026, 12, 31), calendar)
    return [one.at.astimezone(zone(zone_name)) for one in found]


cadences = st.builds(
    Cadence,
    unit=st.sampled_from(Unit),
    at=st.times(min_value=time(0, 0)).map(lambda at: at.replace(second=0, microsecond=0)),
    starts_on=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    every=st.integers(1, 12),
    weekday=st.integers(0, 6),
    nth=st.sampled_from((1, 2, 3, 4, LAST)),
    moves=st.booleans(),
)
zones = st.sampled_from((WARSAW, NEW_YORK, "Australia/Lord_Howe", "UTC"))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))


@given(cadences, zones, moments, moments, moments)
def test_however_time_is_cut_every_slot_comes_once(cadence, zone_name, first, second, third):
    """Two clocks that take over from each other at any moment do what one clock would have done."""
    start, cut, end = sorted((first, second, third))
    whole = list(occurrences(cadence, zone_name, start, end, POLAND))
    parts = [
        *occurrences(cadence, zone_name, start, cut, POLAND),
        *occurrences(cadence, zone_name, cut, end, POLAND),
    ]
    assert parts == whole
    assert len({one.key for one in whole}) == len(whole)
    assert all(one.at <= other.at for one, other in pairwise(whole))


@given(cadences, zones, moments)
def test_one_slot_follows_another(cadence, zone_name, moment):
    after = next_after(cadence, zone_name, moment, POLAND)
    assert after is not None
    assert after.at > moment
    assert after.day >= cadence.starts_on
    assert latest_due(cadence, zone_name, moment, after.at, POLAND) == after
    assert latest_due(cadence, zone_name, moment, after.at - timedelta(seconds=1), POLAND) is None


@given(cadences, zones, moments)
def test_it_is_the_hour_people_agreed_on(cadence, zone_name, moment):
    after = next_after(cadence, zone_name, moment, POLAND)
    local = after.at.astimezone(zone(zone_name))
    gap = any(abs(local.replace(tzinfo=None) - datetime.combine(after.day, cadence.at)) == d for d in GAPS)
    assert (local.date() == after.day and local.time() == cadence.at) or gap
    if cadence.unit is Unit.WORKING_DAYS or cadence.moves:
        assert POLAND.is_working(after.day)
    elif cadence.unit is Unit.WEEKS:
        assert after.day.weekday() == cadence.weekday


# What the clocks leave out in spring: an hour, on Lord Howe Island half of one.
GAPS = (timedelta(hours=1), timedelta(minutes=30))


@pytest.mark.parametrize("zone_name", CHANGES)
@pytest.mark.parametrize("at", [time(1, 30), time(2, 0), time(2, 30), time(3, 0)], ids=str)
def test_the_nights_of_the_changing_clocks_have_each_slot_once(zone_name, at):
    sundays = year(weekly(6, at, date(2026, 1, 4)), zone_name)
    assert len(sundays) == 52
    for night in CHANGES[zone_name]:
        assert [one.date() for one in sundays].count(night) == 1
    # Everywhere else the hour is the one agreed on; in spring's gap it is the hour after.
    odd = [one for one in sundays if one.time() != at]
    assert all(one.date() == CHANGES[zone_name][0] and one.hour == 3 for one in odd)


def test_the_hour_that_comes_twice_counts_the_first_time():
    assert moment_of(date(2026, 10, 25), time(2, 30), WARSAW) == utc(2026, 10, 25, 0, 30)
    assert moment_of(date(2026, 11, 1), time(1, 30), NEW_YORK) == utc(2026, 11, 1, 5, 30)


def test_the_hour_that_is_left_out_comes_an_hour_later():
    assert moment_of(date(2026, 3, 29), time(2, 30), WARSAW) == utc(2026, 3, 29, 1, 30)


@pytest.mark.parametrize("zone_name", CHANGES)
def test_nine_stays_nine_across_the_change(zone_name):
    mondays = year(weekly(0, time(9), date(2026, 1, 5)), zone_name)
    assert {one.time() for one in mondays} == {time(9)}
    assert {after.date() - before.date() for before, after in pairwise(mondays)} == {timedelta(days=7)}


def test_a_clock_down_from_friday_to_tuesday_does_the_slot_once():
    review = weekly(0, time(9), date(2026, 3, 2))
    # Down from Friday 27 March to Tuesday 31 March, over the change of the clocks.
    friday, tuesday = utc(2026, 3, 27, 17), utc(2026, 3, 31, 8)
    due = latest_due(review, WARSAW, friday, tuesday)
    assert due is not None
    assert (due.key, due.at) == ("2026-03-30", utc(2026, 3, 30, 7))
    assert latest_due(review, WARSAW, due.at, tuesday) is None
    daily = in_working_days(1, time(9), date(2026, 3, 2))
    # Monday was missed and Tuesday has come: one round is asked for, Tuesday's.
    assert latest_due(daily, WARSAW, friday, tuesday, POLAND).key == "2026-03-31"


def test_every_second_tuesday_counts_from_the_first_one():
    days = [one.date() for one in year(weekly(1, time(10), date(2026, 3, 5), every=2))]
    assert days[:3] == [date(2026, 3, 10), date(2026, 3, 24), date(2026, 4, 7)]


def test_the_last_friday_and_the_first_monday_of_the_month():
    fridays = [one.date() for one in year(monthly(LAST, 4, time(15), date(2026, 1, 31)))]
    assert fridays[:3] == [date(2026, 2, 27), date(2026, 3, 27), date(2026, 4, 24)]
    quarterly = [one.date() for one in year(monthly(1, 0, time(9), date(2026, 1, 1), every=3))]
    assert quarterly == [date(2026, 1, 5), date(2026, 4, 6), date(2026, 7, 6), date(2026, 10, 5)]


def test_a_holiday_moves_what_moves_and_leaves_the_rest():
    # Easter Monday 2026 is 6 April.
    moved = [one.date() for one in year(weekly(0, time(9), date(2026, 3, 30), moves=True))]
    assert moved[:3] == [date(2026, 3, 30), date(2026, 4, 7), date(2026, 4, 13)]
    kept = [one.date() for one in year(weekly(0, time(9), date(2026, 3, 30)))]
    assert kept[1] == date(2026, 4, 6)


def test_working_days_are_counted_over_holidays():
    # Over Easter: Thu 2 and Fri 3 April, then Tue 7 April.
    days = [one.date() for one in year(in_working_days(2, time(9), date(2026, 4, 2)))]
    assert days[:3] == [date(2026, 4, 2), date(2026, 4, 7), date(2026, 4, 9)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": 0},
        {"every": 61},
        {"weekday": 7},
        {"nth": 5},
        {"nth": 0},
        {"starts_on": date(9999, 1, 1)},
        {"at": time(9, 0, 1)},
        {"at": time(9, tzinfo=UTC)},
    ],
    ids=str,
)
def test_what_no_calendar_can_do_is_refused(wrong):
    with pytest.raises(ValueError, match="it takes"):
        Cadence(**({"unit": Unit.WEEKS, "at": time(9), "starts_on": date(2026, 3, 2)} | wrong))


@given(cadences)
def test_a_cadence_survives_its_column(cadence):
    assert Cadence.from_data(cadence.to_data()) == cadence


def test_the_end_of_what_can_be_planned_is_an_end():
    assert next_after(weekly(0, time(9), date(2099, 12, 1)), WARSAW, utc(2099, 12, 30), POLAND) is None
    assert next_after(in_working_days(5, time(9), date(2099, 12, 30)), WARSAW, utc(2099, 12, 31, 23), POLAND) is None
