"""Is a movement more than noise? The control limits of an XmR chart, as rules that can be said in a sentence.

The limits are the mean plus and minus 2.66 times the mean moving range (the mean of the differences between
neighbouring periods, without their signs): what such a figure does by itself, week in, week out. They come from the
first readings there are, eight at least and twelve at most, and then they hold: limits that follow a trend would call
the trend noise, and limits over all of it would call everything a signal.

A reading outside of them is a signal (OUTSIDE), told once while the figure stays on that side of the mean. Eight
readings in a row on one side of the mean are another (SHIFT): from then on the figure does something else by itself,
and the limits are taken anew from those eight on. Gaps are left out: a difference across a missing period is no week's
difference.

The two rules, and when to take limits anew, are Wheeler's (Understanding Variation; Making Sense of Data).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from program.ground.records import record
from program.kpis.judging import rounded

FEWEST, MOST = 8, 12
RUN = 8
# For differences of two neighbouring values: 3 / 1.128 (Wheeler, Understanding Variation).
FACTOR = Decimal("2.66")
_ZERO = Decimal(0)


class Unusual(StrEnum):
    """In which way a reading is more than noise."""

    OUTSIDE = "outside"
    SHIFT = "shift"


@record
class Limits:
    """The mean of so many readings, and how far they go up and down by themselves."""

    mean: Decimal
    low: Decimal
    high: Decimal
    points: int
    # The place of the first of these readings, among all that were given: since when they hold.
    since: int = 0

    def hold(self, value: Decimal) -> bool:
        """Whether the value lies within."""
        return self.low <= value <= self.high


def limits_of(values: Sequence[Decimal | None]) -> Limits | None:
    """What the next reading is held against, after those in the order of their periods (None for a gap).

    None for fewer than eight readings.
    """
    return _walked(tuple(values)).limits()


def unusual(before: Sequence[Decimal | None], value: Decimal) -> Unusual | None:
    """Whether the newest value is more than noise after those before it (oldest first); None when few are known."""
    return _told(tuple(before), value)


# What was is walked through once: a board looks at sixty KPIs with the same figures as the day before. A program of
# sixty with twelve channels has 780 such rows, of half a kilobyte each.
@lru_cache(maxsize=2048)
def _told(before: tuple[Decimal | None, ...], value: Decimal) -> Unusual | None:
    return _walked(before).step(len(before), value)


class _Walk:
    """Going through readings one by one: where the present stretch begins, and how many lie on one side by now."""

    def __init__(self) -> None:
        # Places and values of the readings that are there.
        self.known: list[tuple[int, Decimal]] = []
        # Where the stretch begins, and of how many readings its limits are made.
        self.start = self.points = 0
        # Of these readings: their sum, and the sum and number of the differences of neighbouring periods.
        self.total = self.reach = _ZERO
        self.ranges = 0
        # How many in a row lie on that side of the mean, and whether one of them was told to lie outside.
        self.run = self.side = 0
        self.is_told = False
        self._limits: Limits | None = None

    def step(self, place: int, value: Decimal) -> Unusual | None:
        """Go on to that reading, and say what is unusual about it."""
        found = None
        if (limits := self.limits()) is not None:
            side = (value > limits.mean) - (value < limits.mean)
            if side != self.side:
                self.run, self.side, self.is_told = 0, side, False
            self.run += abs(side)
            if not self.is_told and not limits.hold(value):
                found, self.is_told = Unusual.OUTSIDE, True
        self.known.append((place, value))
        if self.run == RUN:
            self._begin_anew()
            return found or Unusual.SHIFT
        if self.points < MOST:
            self._take_in(len(self.known) - 1)
        return found

    def limits(self) -> Limits | None:
        """The limits as they are now; None for fewer than eight readings, and without two neighbouring ones."""
        if self._limits is None and self.points >= FEWEST and self.ranges:
            # Sums of what is kept are exact; only here is something divided, and rounded.
            mean = self.total / self.points
            reach = self.reach / self.ranges * FACTOR
            since, _value = self.known[self.start]
            self._limits = Limits(rounded(mean), rounded(mean - reach), rounded(mean + reach), self.points, since)
        return self._limits

    def _begin_anew(self) -> None:
        self.start, self.points = len(self.known) - RUN, 0
        self.total = self.reach = _ZERO
        self.run = self.side = self.ranges = 0
        self.is_told = False
        for number in range(self.start, len(self.known)):
            self._take_in(number)

    def _take_in(self, number: int) -> None:
        """Make the limits of that reading too, the next one of the stretch."""
        place, value = self.known[number]
        if self.points:
            before, earlier = self.known[number - 1]
            if place == before + 1:
                self.reach += abs(value - earlier)
                self.ranges += 1
        self.total += value
        self.points, self._limits = self.points + 1, None


def _walked(values: tuple[Decimal | None, ...]) -> _Walk:
    found = _Walk()
    for place, value in enumerate(values):
        if value is not None:
            found.step(place, value)
    return found
