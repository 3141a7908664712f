"""Limits, weighted means and periods, held against slow and obvious references."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from program.ground import formats
from program.ground.errors import Invalid
from program.ground.now import held_at
from program.kpis import periods
from program.kpis.catalogue import entries, parse
from program.kpis.exact import PLACES
from program.kpis.limits import Unusual, limits_of, unusual
from program.kpis.models import Every
from program.kpis.weighing import weighted_mean
from program.kpis.words import difference, figure
from program.kpis.written_periods import Calendar, read_period, write_period
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


Readings = list[tuple[int, Fraction]]


def slow_limits(part: Readings) -> tuple[Decimal, Decimal, Decimal] | None:
    """Mean, lower and upper limit of a stretch's first readings; None where there are none."""
    first = part[:12]
    moves = [abs(later - one) for (at, one), (then, later) in itertools.pairwise(first) if then - at == 1]
    if len(first) < 8 or not moves:
        return None
    mean = sum((value for _place, value in first), Fraction(0)) / len(first)
    reach = Fraction(266, 100) * sum(moves, Fraction(0)) / len(moves)
    return as_kept(mean), as_kept(mean - reach), as_kept(mean + reach)


def sides_of(part: Readings) -> list[int]:
    """Above (1) or below (-1) the mean as it was then, for each reading of a stretch; 0 for neither, or no limits."""
    found = []
    for number, (_place, value) in enumerate(part):
        limits = slow_limits(part[:number])
        found.append(0 if limits is None else (value > limits[0]) - (value < limits[0]))
    return found


def slowly(values: list[Decimal | None]) -> tuple[Readings, Unusual | None]:
    """The present stretch, and what is unusual about the newest reading: each stretch looked at from its beginning."""
    part = [(place, Fraction(value)) for place, value in enumerate(values) if value is not None]
    while True:
        sides = sides_of(part)
        ends = [number for number in range(7, len(part)) if sides[number - 7 : number + 1] in ([1] * 8, [-1] * 8)]
        if not ends:
            return part, Unusual.OUTSIDE if told_outside(part, sides) else None
        if ends[0] == len(part) - 1:
            return part[-8:], Unusual.OUTSIDE if told_outside(part, sides) else Unusual.SHIFT
        part = part[ends[0] - 7 :]


def told_outside(part: Readings, sides: list[int]) -> bool:
    """Whether the newest reading is the first outside since the figure came to this side of the mean."""
    run = []
    for number in reversed(range(len(part))):
        if not sides[number] or sides[number] != sides[-1]:
            break
        run.append(number)
    beyond = []
    for number in run:
        limits = slow_limits(part[:number])
        assert limits is not None
        beyond.append(not limits[1] <= part[number][1] <= limits[2])
    return beyond[:1] == [True] and sum(beyond) == 1


# Few different values, so that runs and excursions happen.
levels = st.sampled_from([D(value) for value in (-3, 0, 1, 2, "2.5", 4, 40)])
wavy = st.lists(st.one_of(st.none(), levels, levels), max_size=40)


@given(st.one_of(st.lists(st.one_of(st.none(), figures), max_size=20), wavy))
@settings(max_examples=120)
def test_limits_are_the_mean_and_the_mean_moving_range(values: list[Decimal | None]) -> None:
    found, (part, _told) = limits_of(values), slowly(values)
    expected = slow_limits(part)
    if expected is None:
        assert found is None
        return
    assert found is not None
    # The mean of so many can lie between two decimals of 28 digits, which rounds the same but for exact halves.
    for shown, exact in zip((found.mean, found.low, found.high), expected, strict=True):
        assert abs(shown - exact) <= Decimal(1).scaleb(-PLACES)
    assert (found.since, found.points) == (part[0][0], min(len(part), 12))


@given(wavy, levels)
@settings(max_examples=120)
def test_what_is_told_of_the_newest_reading(before: list[Decimal | None], value: Decimal) -> None:
    assert unusual(before, value) is slowly([*before, value])[1]


def test_what_is_unusual() -> None:
    quiet = [D(71 - number % 2) for number in range(12)]
    assert unusual(quiet, D("73")) is None
    assert unusual(quiet, D("73.5")) is Unusual.OUTSIDE
    assert unusual([*quiet, D("73.5")], D(75)) is None
    assert unusual([*quiet, D("73.5")], D(60)) is Unusual.OUTSIDE
    assert unusual(quiet[:7], D(500)) is None
    assert unusual([*quiet, *([D("70.6")] * 7)], D("70.6")) is Unusual.SHIFT
    assert unusual([*quiet, *([D("70.6")] * 6)], D("70.6")) is None


def test_a_steady_rise_is_not_called_unusual_every_week() -> None:
    rise = [D(50) + D(number) / 2 + number % 2 for number in range(52)]
    told = [number for number in range(len(rise)) if unusual(rise[:number], rise[number])]
    # As it leaves what it was, and each time that eight weeks in a row have: not in every one of 52.
    assert len(told) <= 52 / 4
    assert limits_of(rise).mean > 65  # type: ignore[union-attr]


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


@given(st.sampled_from(list(periods.QUARTERS_BEGIN)), days)
@settings(max_examples=80)
def test_a_quarter_is_read_as_it_is_named_in_every_fiscal_year(session_app: Flask, begins: int, day: date) -> None:
    quarter = periods.first_day(Every.QUARTER, day)
    # Another year than the quarter's, so that its name has one.
    now = datetime(quarter.year + 5, 6, 1, tzinfo=UTC)
    with session_app.app_context(), held_at(now), formats.reading_as("en", "UTC"):
        name = periods.label(Every.QUARTER, quarter, begins)
        assert read_period(name, Every.QUARTER, Calendar(fiscal_from=begins)) == quarter
        # As files keep it, it is the calendar's quarter everywhere.
        kept = write_period(quarter, Every.QUARTER)
        assert read_period(kept, Every.QUARTER, Calendar(fiscal_from=begins)) == quarter
        if begins == 1:
            return
        with pytest.raises(Invalid, match="both years"):
            read_period(f"Q1 {quarter.year}", Every.QUARTER, Calendar(fiscal_from=begins))
        # The slow way: quarters are counted from the month the year begins with.
        month, number = date(quarter.year - (quarter.month < begins), begins, 1), 1
        while month != quarter:
            month, number = periods.next_period(Every.QUARTER, month), number + 1
        assert name.startswith(f"Q{number} ")


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
