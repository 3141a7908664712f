"""Limits, weighted means and periods, held against slow and obvious references."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from program.ground import formats
from program.kpis import periods
from program.kpis.catalogue import entries, parse
from program.kpis.exact import PLACES
from program.kpis.limits import Unusual, limits_of, unusual
from program.kpis.models import Every
from program.kpis.weighing import weighted_mean
from program.kpis.words import difference, figure
from program.playbooks.problems import PlaybookError
from program.playbooks.vocabulary import KPI_CODES
from tests.kpis.conftest import at, make_kpi

D = Decimal
figures = st.decimals(-500, 500, places=3, allow_nan=False)
CHANNELS = st.sampled_from(["web", "app", "chat", "phone"])
days = st.dates(date(2000, 1, 10), date(2098, 1, 1))


def as_kept(value: Fraction) -> Decimal:
    """Half up, to the places that are kept."""
    scaled = abs(value) * 10**PLACES
    whole = scaled.numerator // scaled.denominator + (2 * (scaled % 1) >= 1)
    return Decimal(whole if value >= 0 else -whole).scaleb(-PLACES)


@given(st.lists(st.one_of(st.none(), figures), max_size=20))
@settings(max_examples=80)
def test_limits_are_the_mean_and_the_mean_moving_range(values: list[Decimal | None]) -> None:
    found = limits_of(values)
    known = [Fraction(value) for value in values if value is not None]
    moves = []
    for place in range(1, len(values)):
        one, other = values[place - 1], values[place]
        if one is not None and other is not None:
            moves.append(abs(Fraction(other) - Fraction(one)))
    if len(known) < 8 or not moves:
        assert found is None
        return
    assert found is not None
    mean = sum(known, Fraction(0)) / len(known)
    reach = Fraction(266, 100) * sum(moves, Fraction(0)) / len(moves)
    # The mean of so many can lie between two decimals of 28 digits, which rounds the same but for exact halves.
    for shown, exact in ((found.mean, mean), (found.low, mean - reach), (found.high, mean + reach)):
        assert abs(shown - as_kept(exact)) <= Decimal(1).scaleb(-PLACES)


def test_what_is_unusual() -> None:
    quiet = [D(71 - number % 2) for number in range(10)]
    assert unusual(quiet, D("73")) is None
    assert unusual(quiet, D("73.5")) is Unusual.OUTSIDE
    assert unusual(quiet[:7], D(500)) is None
    assert unusual([*quiet, *([D("70.6")] * 7)], D("70.6")) is Unusual.SHIFT
    assert unusual([*quiet, *([D("70.6")] * 6)], D("70.6")) is None


@given(st.dictionaries(CHANNELS, figures), st.dictionaries(CHANNELS, figures))
@settings(max_examples=80)
def test_the_weighted_mean_and_who_is_left_out(values: dict[str, Decimal], volumes: dict[str, Decimal]) -> None:
    found = weighted_mean(values, volumes)
    total, sum_of = Fraction(0), Fraction(0)
    left_out = set()
    for channel in {*values, *volumes}:
        has_volume = channel in volumes and volumes[channel] >= 0
        if channel in values and has_volume:
            total += Fraction(volumes[channel])
            sum_of += Fraction(values[channel]) * Fraction(volumes[channel])
        elif channel in values or (has_volume and volumes[channel] > 0):
            left_out.add(channel)
    assert set(found.left_out) == left_out
    if not total:
        assert found.value is None
    else:
        assert found.value is not None
        assert abs(found.value - as_kept(sum_of / total)) <= Decimal(1).scaleb(-PLACES)


@given(st.sampled_from(list(Every)), days, st.integers(-60, 60))
@settings(max_examples=80)
def test_periods_cover_every_day_once(every: Every, day: date, count: int) -> None:
    first = periods.first_day(every, day)
    assert first <= day <= periods.last_day(every, first)
    assert periods.is_first_day(every, first)
    assert periods.next_period(every, first) == periods.last_day(every, first) + timedelta(days=1)
    other = periods.shift(every, first, count)
    assert periods.between(every, first, other) == count
    assert periods.shift(every, other, -count) == first
    assert periods.missed(every, first, day) == 0
    assert periods.last_over(every, day) == periods.previous(every, first)


def test_periods_in_words(app: Flask) -> None:
    with app.test_request_context(), at("2026-12-30T10:00+01:00"), formats.reading_as("en", "Europe/Warsaw"):
        # 2026 has a week 53, which holds the first days of 2027.
        assert periods.first_day(Every.WEEK, date(2027, 1, 3)) == date(2026, 12, 28)
        weeks = [periods.label(Every.WEEK, day) for day in (date(2026, 12, 28), date(2027, 1, 4), date(2025, 12, 29))]
        assert weeks == ["week 53", "week 1 of 2027", "week 1"]
        assert [periods.label(Every.MONTH, date(year, 3, 1)) for year in (2026, 2025)] == ["March", "March 2025"]
        quarters = [
            periods.label(Every.QUARTER, date(2026, 1, 1), 1),
            periods.label(Every.QUARTER, date(2025, 10, 1), 1),
            # A fiscal year that begins in April: its last quarter, and its first.
            periods.label(Every.QUARTER, date(2026, 1, 1), 4),
            periods.label(Every.QUARTER, date(2026, 4, 1), 4),
        ]
        assert quarters == ["Q1", "Q4 2025", "Q4 2025/26", "Q1 2026/27"]
        with pytest.raises(ValueError, match="fiscal"):
            periods.label(Every.QUARTER, date(2026, 1, 1), 2)


def test_figures_are_shown_as_they_were_typed(app: Flask, context: None, cast: object) -> None:
    kpi = make_kpi(cast.program_id, "CSAT", decimals=1)  # type: ignore[attr-defined]
    with app.test_request_context():
        with formats.reading_as("pl", "Europe/Warsaw"):
            assert figure(D("1234.45"), kpi) == "1\N{NO-BREAK SPACE}234,5\N{NO-BREAK SPACE}%"
        with formats.reading_as("en", "Europe/Warsaw"):
            shown = [figure(D(value), kpi, sign=False) for value in ("0.05", "2.675", "-0.04", "2.25", "-2.25")]
            assert shown == ["0.1", "2.7", "0.0", "2.3", "-2.3"]
            assert difference(D("-0.26"), kpi) == "\N{MINUS SIGN}0.3\N{NO-BREAK SPACE}pp"
            assert difference(D("0.04"), kpi) == "±0.0\N{NO-BREAK SPACE}pp"
            assert figure(None, kpi) == "—"


def test_the_catalogue_is_the_handbooks() -> None:
    found = entries()
    assert set(found) == KPI_CODES
    for entry in found.values():
        for text in (entry.name, entry.meaning, entry.formula, entry.advice):
            assert len({text.en, text.pl, ""}) == 3, entry.code
    with pytest.raises(PlaybookError, match="CSTA"):
        parse("CSTA: {unit: percent}", "own.yaml")
