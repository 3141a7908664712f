"""Correlation against a slow, obvious reference."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program.kpis.correlating import FEWEST, correlate

WEEK = timedelta(weeks=1)
FIRST = date(2026, 1, 5)


def weekly(values: Sequence[int | None]) -> dict[date, Decimal]:
    return {FIRST + n * WEEK: Decimal(value) for n, value in enumerate(values) if value is not None}


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=FEWEST, max_size=30))
def test_it_is_pearsons(pairs: list[tuple[int, int]]) -> None:
    xs, ys = [x for x, _y in pairs], [y for _x, y in pairs]
    found = correlate(weekly(xs), weekly(ys))
    if len(set(xs)) == 1 or len(set(ys)) == 1:
        assert found.r is None
        return
    assert found.r == pytest.approx(statistics.correlation(xs, ys), abs=1e-9)
    slope, start = statistics.linear_regression(xs, ys)
    assert found.slope == pytest.approx(slope, abs=1e-9)
    assert found.start == pytest.approx(start, abs=1e-6)
    assert found.r is not None
    assert -1 <= found.low <= found.r <= found.high <= 1


def test_the_second_figure_is_the_later_one_and_gaps_are_no_pairs() -> None:
    first = [1, 5, 2, 8, 3, 9, 4, 7, 6, 10, 2]
    later: list[int | None] = [None, None, *(3 * value for value in first)]
    found = correlate(weekly(first), weekly(later), 2)
    assert (found.points, round(found.r or 0, 6), round(found.slope or 0, 6)) == (11, 1.0, 3.0)
    assert correlate(weekly(first), weekly(later), 9).r is None
    gapped = weekly([1, None, *first])
    assert correlate(gapped, weekly(list(range(13)))).points == 12


def test_its_range_is_fishers() -> None:
    xs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    ys = [2, 1, 4, 3, 7, 5, 8, 6, 10, 9]
    found = correlate(weekly(xs), weekly(ys))
    r = statistics.correlation(xs, ys)
    reach = 1.959964 / math.sqrt(7)
    assert found.low == pytest.approx(math.tanh(math.atanh(r) - reach))
    assert not found.is_chance
    assert correlate(weekly([1, 2] * 5), weekly([1, 1, 2, 2] * 2 + [1, 2])).is_chance
