"""A story's weeks on the calendar: holidays and weekends give way, and nothing happens before what led to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from program.cli.demo.almanac import Almanac, first_monday
from program.cli.demo.player import in_order
from program.cli.demo.stage import Stage
from program.cli.demo.story import StoryError, Text, _texts, stories
from program.ground.calendar import WorkingCalendar

WARSAW = ZoneInfo("Europe/Warsaw")
# Week 1 begins on Monday 21 December; Thursday and Friday are free.
CHRISTMAS = Almanac(date(2026, 12, 21), WorkingCalendar("PL"), "Europe/Warsaw")


def test_weeks_and_days_are_counted_from_the_first_monday():
    assert CHRISTMAS.moment("1 tue 14:30") == datetime(2026, 12, 22, 14, 30, tzinfo=WARSAW)
    assert CHRISTMAS.moment("3 mon 09:05") == datetime(2027, 1, 4, 9, 5, tzinfo=WARSAW)


def test_dates_give_way_before_a_holiday_and_work_after_it():
    assert CHRISTMAS.due("1 fri") == date(2026, 12, 23)
    assert CHRISTMAS.worked("1 thu") == date(2026, 12, 28)
    assert CHRISTMAS.moment("1 fri 10:00") == datetime(2026, 12, 28, 10, 0, tzinfo=WARSAW)


def test_a_time_of_day_that_is_not_told_is_the_same_at_every_loading():
    begun, done = CHRISTMAS.told("1 mon", "kpi"), CHRISTMAS.told("1 mon", "kpi", at_end=True)
    assert begun == CHRISTMAS.told("1 mon", "kpi")
    assert begun.date() == done.date() == date(2026, 12, 21)
    assert 8 <= begun.hour < 13 <= done.hour + 1 < 18
    assert begun < done


@pytest.mark.parametrize("told", ["1 mo", "mon 10:00", "1 mon 10", "", "1 fri 10:00 "])
def test_what_is_no_time_is_refused(told: str):
    with pytest.raises(ValueError, match="not a time of a story"):
        CHRISTMAS.moment(told)


def test_a_weekend_belongs_to_the_week_to_come():
    friday = date(2026, 11, 20)
    assert first_monday(friday, 0) == date(2026, 11, 16)
    assert first_monday(friday + timedelta(days=1), 0) == date(2026, 11, 23)
    assert first_monday(friday + timedelta(days=2), 14) == date(2026, 8, 17)


@pytest.mark.parametrize("today", [date(2027, 1, 7), date(2027, 4, 8), date(2027, 5, 6), date(2027, 11, 16)])
def test_over_holidays_everything_happens_in_the_order_it_is_told(today: date):
    for story in stories():
        stage = Stage(story, {}, "pl", today)
        moments = [moment for moment, _step in in_order(stage)]
        assert moments == sorted(moments)
        assert all(stage.almanac.calendar.is_working(moment.date()) for moment in moments)
        told = [step for _moment, step in in_order(stage)]
        ordinary = Stage(story, {}, "pl", date(2026, 9, 16))
        assert told == [step for _moment, step in in_order(ordinary)]


def test_a_text_in_one_language_is_refused():
    assert _texts("x", {"en": "Yes", "pl": "Tak"}) == Text("Yes", "Tak")
    for wrong in ({"en": "Yes"}, {"en": "Yes", "pl": " "}, {"en": "Yes", "pl": "Tak", "de": "Ja"}):
        with pytest.raises(StoryError, match="not in both languages"):
            _texts("x", wrong)
