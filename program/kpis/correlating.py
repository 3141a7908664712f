"""Do two figures move together? Pearson's correlation of weekly readings, one of them some weeks later.

It says that two figures moved together, never that one moved the other: a season, a campaign or a price moves both.
The range beside it (95 %, by Fisher's transformation) says how far chance alone could have led: it assumes weeks that
know nothing of each other, and weeks of a trend do, so it is rather too narrow than too wide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from program.ground.records import record

# Below so many weeks nothing is computed: three points always lie well on a line.
FEWEST = 8
# Below so many weeks one outlier makes or breaks it.
FEW = 20
MOST_LAG = 12
_NORMAL_95 = 1.959964


@record
class Pair:
    """A week, and both figures; the second one is of `lag` weeks later."""

    week: date
    first: Decimal
    second: Decimal


@record
class Correlation:
    """What was found: `r` from -1 to 1 with its range, None for too few weeks or a figure that never moved."""

    pairs: tuple[Pair, ...]
    r: float | None = None
    low: float = 0.0
    high: float = 0.0
    # The straight line through the cloud: second = start + slope x first.
    slope: float | None = None
    start: float = 0.0

    @property
    def points(self) -> int:
        """In how many weeks both are known."""
        return len(self.pairs)

    @property
    def is_chance(self) -> bool:
        """Whether chance alone could have made it: its range holds zero."""
        return self.r is None or self.low <= 0 <= self.high


def correlate(first: Mapping[date, Decimal], second: Mapping[date, Decimal], lag: int = 0) -> Correlation:
    """The correlation of the first figure with the second one `lag` weeks later. Keys are Mondays."""
    pairs = tuple(
        Pair(week, value, second[later])
        for week, value in sorted(first.items())
        if (later := week + timedelta(weeks=lag)) in second
    )
    if len(pairs) < FEWEST:
        return Correlation(pairs)
    xs, ys = [float(pair.first) for pair in pairs], [float(pair.second) for pair in pairs]
    x_mean, y_mean = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    xx = math.fsum((x - x_mean) ** 2 for x in xs)
    yy = math.fsum((y - y_mean) ** 2 for y in ys)
    xy = math.fsum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
    if not xx or not yy:
        return Correlation(pairs)
    r = max(-1.0, min(1.0, xy / math.sqrt(xx) / math.sqrt(yy)))
    low, high = _range(r, len(pairs))
    slope = xy / xx
    return Correlation(pairs, r, low, high, slope, y_mean - slope * x_mean)


def _range(r: float, points: int) -> tuple[float, float]:
    if abs(r) > 0.999999:
        return r, r
    reach = _NORMAL_95 / math.sqrt(points - 3)
    return math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)
