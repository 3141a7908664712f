"""Scales: from where to where an axis goes, and where words stand that would otherwise lie on one another. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from program.ground.records import record

# Pixels that a letter takes on average, and a line of words, at the size charts are labelled in.
LETTER, LINE = 6.4, 15.0


@record
class Span:
    """From where to where an axis goes."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the low end, 1 at the high one."""
        return (value - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        """The value at that share."""
        return self.low + (self.high - self.low) * share


def span_of(values: Iterable[float], *, low: float | None = None, high: float | None = None, steps: int = 5) -> Span:
    """A span of round figures that holds all values with a little air, but does not leave `low` and `high`.

    Those are what the figure can be at all: an axis of shares does not go to 104 %.
    """
    known = [value for value in values if math.isfinite(value)]
    least, most = (min(known), max(known)) if known else (0.0, 1.0)
    if least == most:
        air = abs(least) * 0.1 or 1.0
    else:
        air = (most - least) * 0.06
    step = _round_step((most - least + 2 * air) / steps)
    bottom, top = math.floor((least - air) / step) * step, math.ceil((most + air) / step) * step
    if low is not None and least >= low:
        bottom = max(bottom, low)
    if high is not None and most <= high:
        top = min(top, high)
    return Span(bottom, top) if top > bottom else Span(bottom, bottom + step)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= rough * 0.999)


def places_apart(values: Sequence[float], span: Span, pixels: float, apart: float = LINE) -> list[float]:
    """Where the names of lines stand on an axis of so many pixels, at least so many apart, each as near as can be.

    In the order of `values`; all of them within the axis if there is room.
    """
    order = sorted(range(len(values)), key=lambda one: values[one])
    wanted = [span.share(values[one]) * pixels for one in order]
    placed: list[float] = []
    for place in wanted:
        placed.append(max(place, placed[-1] + apart) if placed else max(place, 0.0))
    # What was pushed beyond the top goes back down, and pushes in its turn.
    ceiling = pixels
    for n in range(len(placed) - 1, -1, -1):
        placed[n] = min(placed[n], ceiling)
        ceiling = placed[n] - apart
    found = [0.0] * len(values)
    for one, place in zip(order, placed, strict=True):
        found[one] = span.at(place / pixels)
    return found


@record
class Label:
    """Words beside a mark: in which row above the chart they stand."""

    words: str
    row: int


def in_rows(marks: Sequence[tuple[float, str, str]], pixels: float, rows: int) -> list[Label]:
    """What stands beside each mark and in which row, so that no words lie on others; the words are '' without room.

    A mark is where it stands in pixels (ascending), its words, and fewer words for when there is no room for these.
    """
    free_from = [-LETTER] * rows
    placed = []
    for at, *choice in marks:
        label = Label("", 0)
        for words in choice:
            end = at + len(words) * LETTER
            row = next((n for n in range(rows) if free_from[n] <= at and end <= pixels + 2 * LETTER), None)
            if row is not None:
                free_from[row] = end + LETTER
                label = Label(words, row)
                break
        placed.append(label)
    return placed


def ticks(first: date, last: date, most: int) -> tuple[list[date], str]:
    """At most so many days worth a tick, and how d3 writes them: days, months, quarters or years."""
    days = (last - first).days
    if days <= 7 * most:
        return [first + timedelta(days=n) for n in range(0, days + 1, 7)], "%-d %b"
    for months in (1, 2, 3, 6, 12, 24, 60):
        found = _months(first, last, months)
        if len(found) <= most:
            return found, "%b" if months < 12 else "%Y"
    return _months(first, last, 120), "%Y"


def _months(first: date, last: date, every: int) -> list[date]:
    index = first.year * 12 + first.month - 1 + (first.day > 1)
    index += -index % every
    found = []
    while (day := date(index // 12, index % 12 + 1, 1)) <= last:
        found.append(day)
        index += every
    return found


def shortened(words: str, pixels: float) -> str:
    """As much of the words as fits into so many pixels; '' where that would say nothing."""
    letters = int(pixels // LETTER)
    if len(words) <= letters:
        return words
    return f"{words[: letters - 1].rstrip()}…" if letters >= 4 else ""


def moment(day: date) -> str:
    """A day as d3 reads it: with its hour, as it would else be UTC in one place and local time in another."""
    return f"{day.isoformat()}T00:00:00"
