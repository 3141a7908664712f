"""Periods of readings: ISO weeks, months and quarters, each kept as its first day.

Weeks are those people speak of (ISO 8601: the week of the year's first Thursday is week 1, and some years have a week
53). Quarters are those of the calendar. A fiscal year that begins with another month has the same quarters under other
numbers, as long as it begins with one of them; `label` is told the month.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _

from program.ground import formats
from program.ground.calendar import monday_of
from program.kpis.models import Every

_WEEK = timedelta(weeks=1)
_DAY = timedelta(days=1)
_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3}
# The months in which quarters begin: what a fiscal year may begin with.
QUARTERS_BEGIN = (1, 4, 7, 10)


def first_day(every: str, day: date) -> date:
    """The first day of the period that the day lies in: how the period is kept."""
    if every == Every.WEEK:
        return monday_of(day)
    months = _MONTHS[Every(every)]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def is_first_day(every: str, day: date) -> bool:
    """Whether a period begins on that day."""
    return first_day(every, day) == day


def shift(every: str, period: date, count: int) -> date:
    """The period `count` after that one, before it when negative. Raises OverflowError or ValueError beyond years."""
    if every == Every.WEEK:
        return period + _WEEK * count
    index = period.year * 12 + period.month - 1 + count * _MONTHS[Every(every)]
    return date(index // 12, index % 12 + 1, 1)


def next_period(every: str, period: date) -> date:
    """The period after that one."""
    return shift(every, period, 1)


def previous(every: str, period: date) -> date:
    """The period before that one."""
    return shift(every, period, -1)


def last_day(every: str, period: date) -> date:
    """The period's last day: the day on which its figure is judged."""
    return next_period(every, period) - _DAY


def between(every: str, earlier: date, later: date) -> int:
    """How many periods `later` comes after `earlier`; negative when it comes before."""
    if every == Every.WEEK:
        return (later - earlier).days // 7
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months // _MONTHS[Every(every)]


def span(every: str, first: date, last: date) -> list[date]:
    """All periods from the one that holds the day `first` to the one that holds the day `last`."""
    period, end = first_day(every, first), first_day(every, last)
    return [shift(every, period, count) for count in range(between(every, period, end) + 1)]


@lru_cache(maxsize=512)
def up_to(every: str, last: date, count: int) -> tuple[date, ...]:
    """So many periods up to that one, the oldest first. A board asks for the same ones sixty times."""
    return tuple(shift(every, last, step) for step in range(1 - count, 1))


def last_over(every: str, today: date) -> date:
    """The newest period that is over on that day: the first one whose figure can be asked for."""
    return previous(every, first_day(every, today))


def missed(every: str, latest: date, today: date) -> int:
    """How many periods are over since that one without a newer reading; 0 while none is."""
    return max(0, between(every, latest, last_over(every, today)))


def week_year(period: date) -> tuple[int, int]:
    """The ISO year and week of a week's first day: what people say and files write (2026-W53)."""
    year, week, _day = period.isocalendar()
    return year, week


def label(every: str, period: date, fiscal_from: int = 1) -> str:
    """The period in the reader's words: 'week 11', 'March', 'Q1'; with its year only when that is not this one's.

    `fiscal_from` is the month the company's year begins with (1, 4, 7 or 10); from 4 on, quarters are numbered from
    there and named by both calendar years: 'Q1 2026/27'.
    """
    if every == Every.WEEK:
        return _week(period)
    if every == Every.MONTH:
        return _month(period)
    return _quarter(period, fiscal_from)


def label_of(kpi: Any, period: date) -> str:
    """The same for a KPI: anything with `every` and `fiscal_from`. Of None, which is no longer there, as a week."""
    return _week(period) if kpi is None else label(kpi.every, period, kpi.fiscal_from)


def _week(period: date) -> str:
    year, number = week_year(period)
    # The year of a week is that of its Thursday: 29 December can be week 1.
    if year == week_year(monday_of(formats.today()))[0]:
        return _("week %(number)s", number=number)
    return _("week %(number)s of %(year)s", number=number, year=year)


def _month(period: date) -> str:
    name = formats.month(period)
    return name if period.year == formats.today().year else f"{name} {period.year}"


def _quarter(period: date, fiscal_from: int) -> str:
    if fiscal_from not in QUARTERS_BEGIN:
        raise ValueError(f"a fiscal year begins with month 1, 4, 7 or 10, not {fiscal_from}")
    number = (period.month - fiscal_from) % 12 // 3 + 1
    begins = period.year if period.month >= fiscal_from else period.year - 1
    if fiscal_from == 1:
        return f"Q{number}" if begins == formats.today().year else f"Q{number} {begins}"
    return f"Q{number} {begins}/{(begins + 1) % 100:02}"
