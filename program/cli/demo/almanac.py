"""A story's weeks on today's calendar.

'6 fri 14:30' is half past two on the Friday of the program's sixth week, in the program's time zone. Where nobody
works on that day it is the next working day. Without a time of day it is one that depends on what happened, so that a
day's work does not happen all in one minute, and is the same at every loading.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zlib import crc32

from program.ground.calendar import WORKING_DAYS_A_WEEK, WorkingCalendar, monday_of
from program.ground.now import zone
from program.ground.records import record

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"(?P<week>-?\d{1,3}) (?P<day>[a-z]{3})(?: (?P<hour>\d{1,2}):(?P<minute>\d\d))?")
# Work begins in the morning and is finished from noon on.
_BEGINS, _ENDS = time(8, 10), time(12, 10)
_STRETCH = 230


@record
class Almanac:
    """The days of a program that begins on `monday`."""

    monday: date
    calendar: WorkingCalendar
    timezone: str

    def day(self, told: str) -> date:
        """The day itself, a holiday or not: a due date gives way to the day before (`due`), work to the day after."""
        week, day, _hour, _minute = _parts(told)
        return self.monday + timedelta(weeks=week - 1, days=DAYS.index(day))

    def due(self, told: str) -> date:
        """The day as a date people plan for: the last working day up to it."""
        return self.calendar.on_or_before(self.day(told))

    def worked(self, told: str) -> date:
        """The day as one on which something happened: the first working day from it on."""
        return self.calendar.on_or_after(self.day(told))

    def told(self, told: str, what: str = "", *, at_end: bool = False) -> datetime:
        """The moment as told, aware, a holiday or not; `what` and `at_end` choose a time of day where none is told."""
        _week, _day, hour, minute = _parts(told)
        if hour is not None:
            return self._at(self.day(told), time(hour, minute or 0))
        begin = self._at(self.day(told), _ENDS if at_end else _BEGINS)
        return begin + timedelta(minutes=crc32(what.encode()) % _STRETCH)

    def happened(self, told: datetime) -> datetime:
        """The moment on a working day: what is told of a holiday happened at that hour of the next working day."""
        return self._at(self.calendar.on_or_after(told.date()), told.time())

    def moment(self, told: str) -> datetime:
        """The moment at which it happened."""
        return self.happened(self.told(told))

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, zone(self.timezone))


def first_monday(today: date, weeks_ago: int) -> date:
    """The Monday of the week that began so many weeks before this one.

    On a weekend this week is the one to come: otherwise all that is planned for its last days would already be late.
    """
    weekend = today.weekday() >= WORKING_DAYS_A_WEEK
    return monday_of(today) + timedelta(weeks=int(weekend) - weeks_ago)


def _parts(told: str) -> tuple[int, str, int | None, int | None]:
    found = _TIME.fullmatch(told)
    if found is None or found["day"] not in DAYS:
        raise ValueError(f"not a time of a story: {told!r}")
    hour, minute = found["hour"], found["minute"]
    return int(found["week"]), found["day"], int(hour) if hour else None, int(minute) if minute else None
