"""Is a movement more than noise? The control limits of an XmR chart, as a rule that can be said in a sentence.

The limits are the mean plus and minus 2.66 times the mean moving range (the mean of the differences between
neighbouring periods, without their signs): what such a figure does by itself, week in, week out. They take eight
readings at least. A new reading is held against the limits of those before it, so that a jump does not widen its own
limits. It is unusual when it lies beyond them (OUTSIDE), or when it is the eighth in a row on one side of the mean of
those before the eight (SHIFT). Gaps are left out: a difference across a missing period is no week's difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from program.kpis.judging import rounded

FEWEST = 8
RUN = 8
# For differences of two neighbouring values: 3 / 1.128 (Wheeler, Understanding Variation).
FACTOR = Decimal("2.66")


class Unusual(StrEnum):
    """In which way a reading is more than noise."""

    OUTSIDE = "outside"
    SHIFT = "shift"


@dataclass(frozen=True, slots=True)
class Limits:
    """The mean of so many readings, and how far they go up and down by themselves."""

    mean: Decimal
    low: Decimal
    high: Decimal
    points: int

    def hold(self, value: Decimal) -> bool:
        """Whether the value lies within."""
        return self.low <= value <= self.high


def limits_of(values: Sequence[Decimal | None]) -> Limits | None:
    """The limits of readings in the order of their periods, None for a gap; None for fewer than eight of them."""
    known = [value for value in values if value is not None]
    if len(known) < FEWEST:
        return None
    ranges = [abs(later - earlier) for earlier, later in pairwise(values) if earlier is not None and later is not None]
    if not ranges:
        return None
    mean = sum(known, Decimal(0)) / len(known)
    reach = sum(ranges, Decimal(0)) / len(ranges) * FACTOR
    return Limits(rounded(mean), rounded(mean - reach), rounded(mean + reach), len(known))


def unusual(before: Sequence[Decimal | None], value: Decimal) -> Unusual | None:
    """Whether the newest value is more than noise after those before it (oldest first); None when few are known."""
    limits = limits_of(before)
    if limits is not None and not limits.hold(value):
        return Unusual.OUTSIDE
    known = [found for found in before if found is not None]
    run = [*known[len(known) - RUN + 1 :], value]
    earlier = known[: len(known) - RUN + 1]
    if len(earlier) < FEWEST:
        return None
    mean = sum(earlier, Decimal(0)) / len(earlier)
    if all(found > mean for found in run) or all(found < mean for found in run):
        return Unusual.SHIFT
    return None
