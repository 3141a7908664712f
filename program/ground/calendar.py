"""The working calendar: which days a program works, and how to count in working days and weeks.

Public holidays come from the `holidays` package, by country; weekends are Saturday and Sunday.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from program.ground.records import record

DAY = timedelta(days=1)
WORKING_DAYS_A_WEEK = 5
# Countries a program can choose; "" is a calendar with weekends only.
COUNTRIES = ("PL", "CZ", "SK", "DE", "AT", "LT", "UA", "RO", "HU", "GB", "IE", "FR", "ES", "IT", "NL", "SE", "US", "")
# Dates outside are typing mistakes, and counting to them would take for ever.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


@lru_cache(maxsize=512)
def _holidays_of_year(country: str, year: int, language: str) -> dict[date, str]:
    # Imported here: the package is heavy and most pages read dates that were computed long ago.
    import holidays

    found = holidays.country_holidays(country, years=year, language=language or None)
    return {day: name for day, name in found.items() if day.year == year}


@record
class WorkingCalendar:
    """Working days of one country, by ISO code ('' for weekends only).

    All methods take and give plain dates within FIRST_DAY..LAST_DAY and raise OverflowError beyond.
    """

    country: str = "PL"

    def holiday(self, day: date, language: str = "") -> str | None:
        """The public holiday's name on that day, in that language where known; None on an ordinary day."""
        if not self.country:
            return None
        return _holidays_of_year(self.country, day.year, language).get(day)

    def is_working(self, day: date) -> bool:
        """True for Monday to Friday without a public holiday."""
        return day.weekday() < WORKING_DAYS_A_WEEK and self.holiday(day) is None

    def on_or_after(self, day: date) -> date:
        """The first working day that is not before `day`."""
        while not self.is_working(day):
            day = _checked(day + DAY)
        return day

    def on_or_before(self, day: date) -> date:
        """The last working day that is not after `day`."""
        while not self.is_working(day):
            day = _checked(day - DAY)
        return day

    def add(self, day: date, working_days: int) -> date:
        """The working day `working_days` after `day`, before it when negative; 0 gives the next working one."""
        day = self.on_or_after(day) if working_days >= 0 else self.on_or_before(day)
        step = DAY if working_days >= 0 else -DAY
        for _ in range(abs(working_days)):
            day = _checked(day + step)
            while not self.is_working(day):
                day = _checked(day + step)
        return day

    def between(self, first: date, last: date) -> int:
        """Working days from `first` to `last`, both counted; backwards, minus those that lie between them.

        So stretches add up: between(a, b) + between(b + 1 day, c) == between(a, c), in whatever order the days come.
        """
        if last < first:
            return -self.between(last + DAY, first - DAY) if last + DAY < first else 0
        return sum(1 for day in days(first, last) if self.is_working(day))

    def end_of_weeks(self, start: date, weeks: int) -> date:
        """The last working day of a stretch of `weeks` working weeks that begins on `start`.

        A working week is seven calendar days with whatever working days they hold, as people plan: eight weeks from
        a Monday end on a Friday, holidays or not.
        """
        return self.on_or_before(_checked(start + timedelta(weeks=weeks) - DAY))

    def start_of_week(self, start: date, week: int) -> date:
        """The first working day of week number `week` (1-based) of a stretch that begins on `start`."""
        return self.on_or_after(_checked(start + timedelta(weeks=week - 1)))


def days(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    while first <= last:
        yield first
        first += DAY


def monday_of(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.weekday())


def _checked(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise OverflowError(f"{day} lies outside the years that can be planned.")
    return day
