"""How often something comes round: every second Tuesday at 9, the last Friday of the month, every tenth working day.

Pure functions. A cadence speaks in wall-clock time; with a time zone it gives moments. Days are counted on the calendar
and the hour is looked up on each day anew, so the nights on which clocks change neither double nor skip anything: an
hour that comes twice counts when it first comes, an hour that is left out counts as the hour after it.

Whoever works by a cadence keeps the key of the occurrence that was done last, and asks `latest_due` what is due: a
clock that was down through several slots then does the last of them, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count
from typing import Any

from program.ground.calendar import DAY, FIRST_DAY, LAST_DAY, WorkingCalendar
from program.ground.now import zone
from program.ground.records import record

WEEK = timedelta(weeks=1)
# The most weeks, months or working days between two occurrences.
MOST_APART = 60
LAST = -1
# The longest stretch without a working day that a moved occurrence may jump over.
_LONGEST_HOLIDAY = timedelta(days=16)
_WEEKENDS_ONLY = WorkingCalendar("")


class Unit(StrEnum):
    """What a cadence counts in."""

    WEEKS = "weeks"
    MONTHS = "months"
    WORKING_DAYS = "working_days"


@record
class Cadence:
    """How often, from which day, at what hour of the wall clock. Build it with `weekly`, `monthly`, `in_working_days`.

    `weekday` is 0 for Monday to 6 for Sunday. `nth` is 1 to 4, or LAST. `moves` puts an occurrence that falls on a
    weekend or public holiday on the next working day. Raises ValueError for what no calendar can do.
    """

    unit: Unit
    at: time
    starts_on: date
    every: int = 1
    weekday: int = 0
    nth: int = 1
    moves: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.every <= MOST_APART:
            raise ValueError(f"every {self.every}: it takes 1 to {MOST_APART}")
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"weekday {self.weekday}: it takes 0 for Monday to 6 for Sunday")
        if self.nth not in (1, 2, 3, 4, LAST):
            raise ValueError(f"nth {self.nth}: it takes 1 to 4, or {LAST} for the last one")
        if not FIRST_DAY <= self.starts_on <= LAST_DAY:
            raise ValueError(f"starts on {self.starts_on}: it takes a day between 2000 and 2099")
        if self.at.tzinfo is not None or self.at.second or self.at.microsecond:
            raise ValueError("at: it takes hours and minutes of a wall clock")

    def to_data(self) -> dict[str, Any]:
        """The cadence in JSON terms, for a column."""
        return {
            "unit": self.unit.value,
            "at": self.at.strftime("%H:%M"),
            "starts_on": self.starts_on.isoformat(),
            "every": self.every,
            "weekday": self.weekday,
            "nth": self.nth,
            "moves": self.moves,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Cadence:
        """The cadence that `to_data` wrote. Raises ValueError or KeyError for anything else."""
        return cls(
            unit=Unit(data["unit"]),
            at=time.fromisoformat(data["at"]),
            starts_on=date.fromisoformat(data["starts_on"]),
            every=int(data["every"]),
            weekday=int(data["weekday"]),
            nth=int(data["nth"]),
            moves=bool(data["moves"]),
        )


@record
class Occurrence:
    """One time that something comes round: the day it is meant for, the day it takes place, and the moment in UTC."""

    meant_for: date
    day: date
    at: datetime

    @property
    def key(self) -> str:
        """What makes it itself, whatever the hour and the zone are changed to: '2026-03-30'."""
        return self.meant_for.isoformat()


def weekly(weekday: int, at: time, starts_on: date, *, every: int = 1, moves: bool = False) -> Cadence:
    """Every week, or every so many weeks counted from the first such weekday on or after `starts_on`."""
    return Cadence(Unit.WEEKS, at, starts_on, every=every, weekday=weekday, moves=moves)


def monthly(nth: int, weekday: int, at: time, starts_on: date, *, every: int = 1, moves: bool = False) -> Cadence:
    """The nth (or LAST) such weekday of every month, or of every so many months."""
    return Cadence(Unit.MONTHS, at, starts_on, every=every, weekday=weekday, nth=nth, moves=moves)


def in_working_days(every: int, at: time, starts_on: date) -> Cadence:
    """Every so many working days, counted from the first one on or after `starts_on`."""
    return Cadence(Unit.WORKING_DAYS, at, starts_on, every=every)


def occurrences(
    cadence: Cadence, zone_name: str, after: datetime, before: datetime, calendar: WorkingCalendar = _WEEKENDS_ONLY
) -> Iterator[Occurrence]:
    """What comes round later than `after` and not later than `before` (aware moments), in order.

    `calendar` says which days are worked; it matters to cadences in working days and to those that move.
    """
    # A day earlier: it may still be yesterday there. Moved ones were meant for a day before the holidays.
    first = max(FIRST_DAY, after.astimezone(UTC).date() - DAY - (_LONGEST_HOLIDAY if cadence.moves else DAY))
    for meant_for in _days(cadence, calendar, first):
        try:
            day = calendar.on_or_after(meant_for) if cadence.moves else meant_for
        except OverflowError:
            return
        moment = moment_of(day, cadence.at, zone_name)
        if moment > before:
            return
        if moment > after:
            yield Occurrence(meant_for, day, moment)


def next_after(
    cadence: Cadence, zone_name: str, moment: datetime, calendar: WorkingCalendar = _WEEKENDS_ONLY
) -> Occurrence | None:
    """The first occurrence later than that moment; None when it would lie beyond the years that can be planned."""
    return next(occurrences(cadence, zone_name, moment, datetime.max.replace(tzinfo=UTC), calendar), None)


def latest_due(
    cadence: Cadence, zone_name: str, after: datetime, now: datetime, calendar: WorkingCalendar = _WEEKENDS_ONLY
) -> Occurrence | None:
    """The last occurrence later than `after` that has come by `now`: what a clock that was away does, once."""
    latest = None
    for latest in occurrences(cadence, zone_name, after, now, calendar):  # noqa: B007 - the last one is the point
        pass
    return latest


def moment_of(day: date, at: time, zone_name: str) -> datetime:
    """That hour of that day in that zone, as a moment in UTC.

    An hour that comes twice (autumn) is its first coming; one that is left out (spring) comes an hour later.
    """
    return datetime.combine(day, at, zone(zone_name)).astimezone(UTC)


def _days(cadence: Cadence, calendar: WorkingCalendar, first: date) -> Iterator[date]:
    """The days the cadence is meant for that are not before `first`, to the end of what can be planned."""
    walk = {Unit.WEEKS: _weeks, Unit.MONTHS: _months, Unit.WORKING_DAYS: _working_days}[cadence.unit]
    try:
        for day in walk(cadence, calendar, first):
            if day > LAST_DAY:
                return
            if day >= first:
                yield day
    except OverflowError:
        return


def _weeks(cadence: Cadence, _calendar: WorkingCalendar, first: date) -> Iterator[date]:
    begin = cadence.starts_on + timedelta(days=(cadence.weekday - cadence.starts_on.weekday()) % 7)
    apart = cadence.every * WEEK
    for turn in count(max(0, (first - begin) // apart)):
        yield begin + turn * apart


def _months(cadence: Cadence, _calendar: WorkingCalendar, first: date) -> Iterator[date]:
    begin = cadence.starts_on.year * 12 + cadence.starts_on.month - 1
    if _nth_weekday(begin, cadence.nth, cadence.weekday) < cadence.starts_on:
        begin += 1
    asked = first.year * 12 + first.month - 1
    for turn in count(max(0, (asked - begin) // cadence.every)):
        yield _nth_weekday(begin + turn * cadence.every, cadence.nth, cadence.weekday)


def _nth_weekday(month: int, nth: int, weekday: int) -> date:
    """The nth such weekday of a month, which is counted from the year 0."""
    if nth == LAST:
        end = _first_of(month + 1) - DAY
        return end - timedelta(days=(end.weekday() - weekday) % 7)
    start = _first_of(month)
    return start + timedelta(days=(weekday - start.weekday()) % 7, weeks=nth - 1)


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _working_days(cadence: Cadence, calendar: WorkingCalendar, first: date) -> Iterator[date]:
    day = calendar.on_or_after(cadence.starts_on)
    if first > day:
        passed = calendar.between(day, first - DAY)
        # From the first working day that may count, on to the next that does.
        day = calendar.add(first, -passed % cadence.every)
    while True:
        yield day
        day = calendar.add(day, cadence.every)
