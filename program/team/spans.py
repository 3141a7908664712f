"""Stretches of days and shares of time, as arithmetic: when nobody is there, and how much of a week is taken.

Nothing here knows people or tables. A load is counted in share-days: percent of a day, added up over the five weekdays
of a week, so that it is a whole number and 500 is a full week. Because each day counts for itself, it makes no
difference whether somebody's time is written down in one piece or cut into several.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from program.ground.calendar import DAY, WORKING_DAYS_A_WEEK
from program.ground.records import record

WEEK = timedelta(weeks=1)
FULL_DAY = 100
FULL_WEEK = FULL_DAY * WORKING_DAYS_A_WEEK


@record
class Span:
    """Days from `starts_on` to `ends_on`, both counted; without an end it goes on."""

    starts_on: date
    ends_on: date | None = None

    def covers(self, day: date) -> bool:
        """True when the day lies in it."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def meets(self, other: Span) -> bool:
        """True when the two have a day in common."""
        return (self.ends_on is None or other.starts_on <= self.ends_on) and (
            other.ends_on is None or self.starts_on <= other.ends_on
        )


@record
class Gap:
    """Days on which nobody is there, from the first to the last; without a last day nobody is foreseen afterwards."""

    first: date
    last: date | None


def first_gap(spans: Iterable[Span], start: date, end: date | None) -> Gap | None:
    """The first stretch of days from `start` to `end` that no span covers; None when all of them are covered.

    Without an `end` the question is open: then the last of the days that somebody foresaw is followed by a gap.
    """
    day = start
    for span in sorted(spans, key=lambda span: span.starts_on):
        if end is not None and day > end:
            return None
        if span.starts_on > day:
            return Gap(day, None if end is not None and span.starts_on > end else span.starts_on - DAY)
        if span.ends_on is None:
            return None
        if span.ends_on >= day:
            day = span.ends_on + DAY
    return None if end is not None and day > end else Gap(day, None)


def weekdays(span: Span, monday: date) -> int:
    """How many of the five weekdays of that week lie in the span."""
    friday = monday + (WORKING_DAYS_A_WEEK - 1) * DAY
    first = max(span.starts_on, monday)
    last = friday if span.ends_on is None else min(span.ends_on, friday)
    return max(0, (last - first).days + 1)


def share_days(share: int, span: Span, monday: date) -> int:
    """What a share in percent takes of that week, in share-days (500 is the whole week)."""
    return share * weekdays(span, monday)


def percent(share_days: int) -> int:
    """A week's load in percent of a full week, rounded; what is over a full week is never shown as 100."""
    rounded = (2 * share_days + WORKING_DAYS_A_WEEK) // (2 * WORKING_DAYS_A_WEEK)
    return max(rounded, FULL_DAY + 1) if share_days > FULL_WEEK else rounded


def mondays(first: date, count: int) -> Iterator[date]:
    """So many Mondays, the first of them first."""
    return (first + number * WEEK for number in range(count))
