"""Figures and periods as people write them: read exactly, or refused with a reason."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import Form

from program.ground import formats
from program.ground.errors import Invalid
from program.kpis.forms.fields import ExactField
from program.kpis.models import Every, Unit
from program.kpis.numbers import (
    COMMA,
    POINT,
    UNDECLARED,
    Writing,
    decimal_marks,
    of_language,
    read_figure,
    write_figure,
)
from program.kpis.periods import first_day
from program.kpis.written_periods import Calendar, read_period, write_period

COMMAS, POINTS = Writing(COMMA), Writing(POINT)
figures = st.decimals(min_value=-(10**12), max_value=10**12, places=6, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("85", Unit.NUMBER, "85"),
        ("85,4", Unit.NUMBER, "85.4"),
        ("85.4 %", Unit.PERCENT, "85.4"),
        ("85,40%", Unit.PERCENT, "85.4"),
        ("1 234,5", Unit.NUMBER, "1234.5"),
        ("1\u00a0234\u202f567,25 zł", Unit.MONEY, "1234567.25"),
        ("1'234.5", Unit.NUMBER, "1234.5"),
        ("1’234’567", Unit.NUMBER, "1234567"),
        ("1.234,56 EUR", Unit.MONEY, "1234.56"),
        ("1,234.56", Unit.MONEY, "1234.56"),
        ("1.234.567", Unit.NUMBER, "1234567"),
        ("$1,234.50", Unit.MONEY, "1234.5"),
        ("PLN 12,50", Unit.MONEY, "12.5"),
        ("1,2 mln zł", Unit.MONEY, "1200000"),
        ("3 tys.", Unit.NUMBER, "3000"),
        ("−12", Unit.POINTS, "-12"),
        ("– 12,5 pkt.", Unit.POINTS, "-12.5"),
        ("(12)", Unit.MONEY, "-12"),
        ("12-", Unit.MONEY, "-12"),
        ("+7", Unit.POINTS, "7"),
        ("-€5", Unit.MONEY, "-5"),
        ("€-5", Unit.MONEY, "-5"),
        ("0,234", Unit.NUMBER, "0.234"),
        (".5", Unit.NUMBER, "0.5"),
        ("4:35", Unit.SECONDS, "275"),
        ("1:04:35", Unit.SECONDS, "3875"),
        ("4:30", Unit.MINUTES, "4.5"),
        ("4 min 35 s", Unit.SECONDS, "275"),
        ("4,5 min", Unit.SECONDS, "270"),
        ("90 s", Unit.MINUTES, "1.5"),
        ("275 sek.", Unit.SECONDS, "275"),
        ("275", Unit.SECONDS, "275"),
        ("1.5e-05", Unit.NUMBER, "0.000015"),
        ("0.30000000000000004", Unit.NUMBER, "0.3"),
        ("-0", Unit.NUMBER, "0"),
    ],
)
def test_figures_are_read_as_they_are_meant(text: str, unit: Unit, value: str) -> None:
    found = read_figure(text, unit)
    assert found == Decimal(value)
    assert not (found == 0 and found.is_signed())


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "brak",
        "n/a",
        "1,234",
        "1.234",
        "1 23",
        "12 345 67",
        "1.23.4",
        "1,2,3",
        "1,234.56,7",
        "--5",
        "1e999",
        "٣",
        "1²",
    ]
    + ["NaN", "inf", "0x10", "1_000", "5 zł", "85 %", "1.234 567", "1" * 61, "9999999999999", "=1+1", "1:20", "1 '234"],
)
def test_what_is_no_figure_or_could_be_two_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_figure(text, Unit.NUMBER)
    assert len(str(refused.value)) > 10


@pytest.mark.parametrize("text", ["4:75", "1:75:10", "35 s 4 min", "4 zł", "4:3"])
def test_wrong_times_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_figure(text, Unit.SECONDS)


def test_what_could_be_two_is_decided_by_what_is_declared() -> None:
    assert read_figure("1,234", Unit.NUMBER, COMMAS) == Decimal("1.234")
    assert read_figure("1,234", Unit.NUMBER, POINTS) == 1234
    assert read_figure("1.234", Unit.NUMBER, COMMAS) == 1234
    assert read_figure("1.234", Unit.NUMBER, POINTS) == Decimal("1.234")
    # A file that says commas and means points is a slip, and would be read a thousand times too large elsewhere.
    for text in ("12.5", "1,234.5"):
        with pytest.raises(Invalid):
            read_figure(text, Unit.NUMBER, COMMAS)


def test_pages_read_both_marks_and_refuse_only_what_their_language_leaves_open() -> None:
    polish, english = of_language("pl"), of_language("en")
    assert read_figure("12.5", Unit.NUMBER, polish) == read_figure("12,5", Unit.NUMBER, english) == Decimal("12.5")
    assert read_figure("1,234", Unit.NUMBER, polish) == Decimal("1.234")
    assert read_figure("1,234", Unit.NUMBER, english) == 1234
    with pytest.raises(Invalid):
        read_figure("1.234", Unit.NUMBER, polish)


def test_parts_of_one_are_percent_where_the_file_says_so() -> None:
    shares = Writing(COMMA, shares=True)
    assert read_figure("0,854", Unit.PERCENT, shares) == Decimal("85.4")
    assert read_figure("85,4 %", Unit.PERCENT, shares) == Decimal("85.4")
    assert read_figure("0,854", Unit.NUMBER, shares) == Decimal("0.854")


@settings(max_examples=40)
@given(figures, st.sampled_from([COMMA, POINT]))
def test_what_is_written_is_read_again(value: Decimal, mark: str) -> None:
    assert read_figure(write_figure(value, mark), Unit.NUMBER, Writing(mark)) == value


@settings(max_examples=40)
@given(figures, st.sampled_from([" ", "\u00a0", "\u202f", "'", "’", "other"]), st.sampled_from([COMMA, POINT]))
def test_groups_change_nothing(value: Decimal, group: str, mark: str) -> None:
    between = {COMMA: POINT, POINT: COMMA}[mark] if group == "other" else group
    whole, _point, part = f"{abs(value):f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", between) + mark + part
    assert read_figure(("−" if value < 0 else "") + grouped, Unit.NUMBER, Writing(mark)) == value


@settings(max_examples=40)
@given(st.text(max_size=40), st.sampled_from(list(Unit)), st.sampled_from([UNDECLARED, COMMAS, POINTS]))
def test_any_text_is_a_figure_or_refused(text: str, unit: Unit, writing: Writing) -> None:
    try:
        found = read_figure(text, unit, writing)
    except Invalid:
        return
    assert found.is_finite()
    assert found == found.quantize(Decimal("0.000001"))


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_times_by_the_clock_are_their_seconds(seconds: int) -> None:
    hours, rest = divmod(seconds, 3600)
    text = f"{hours}:{rest // 60:02}:{rest % 60:02}"
    assert read_figure(text, Unit.SECONDS) == seconds
    assert abs(read_figure(text, Unit.MINUTES) * 60 - seconds) < Decimal("0.0001")


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["85,4", "1 234,5"], COMMA),
        (["85.4", "1,234.56"], POINT),
        (["1.234.567", "12"], COMMA),
        (["12", "85", ""], ""),
        (["1,234"], ""),
        (["85,4", "85.4"], "both"),
    ],
)
def test_a_column_tells_its_decimal_mark_where_it_can(texts: list[str], mark: str) -> None:
    assert decimal_marks(texts) == mark


@pytest.mark.parametrize(
    ("text", "every", "period"),
    [
        ("2026-W11", Every.WEEK, date(2026, 3, 9)),
        ("2026W11", Every.WEEK, date(2026, 3, 9)),
        ("11/2026", Every.WEEK, date(2026, 3, 9)),
        ("tydz. 11/2026", Every.WEEK, date(2026, 3, 9)),
        ("Tydzień 11 2026", Every.WEEK, date(2026, 3, 9)),
        ("week 11, 2026", Every.WEEK, date(2026, 3, 9)),
        ("tydz. 11", Every.WEEK, date(2026, 3, 9)),
        ("W50", Every.WEEK, date(2025, 12, 8)),
        ("2026-W53", Every.WEEK, date(2026, 12, 28)),
        ("2026-03-12", Every.WEEK, date(2026, 3, 9)),
        ("12.03.2026", Every.WEEK, date(2026, 3, 9)),
        ("25/12/2026", Every.WEEK, date(2026, 12, 21)),
        ("12/25/2026", Every.WEEK, date(2026, 12, 21)),
        ("46093", Every.WEEK, date(2026, 3, 9)),
        ("2026-11", Every.MONTH, date(2026, 11, 1)),
        ("11/2026", Every.MONTH, date(2026, 11, 1)),
        ("listopad 2026", Every.MONTH, date(2026, 11, 1)),
        ("Nov 2026", Every.MONTH, date(2026, 11, 1)),
        ("marca 2026", Every.MONTH, date(2026, 3, 1)),
        ("2026-11-17", Every.MONTH, date(2026, 11, 1)),
        ("Q1 2026", Every.QUARTER, date(2026, 1, 1)),
        ("2026-Q4", Every.QUARTER, date(2026, 10, 1)),
        ("II kw. 2026", Every.QUARTER, date(2026, 4, 1)),
        ("3 kwartał 2026", Every.QUARTER, date(2026, 7, 1)),
        ("2026-05-12", Every.QUARTER, date(2026, 4, 1)),
    ],
)
def test_periods_are_read_as_they_are_meant(text: str, every: Every, period: date) -> None:
    assert read_period(text, every, Calendar(near=date(2026, 3, 15))) == period


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("", Every.WEEK),
        ("soon", Every.WEEK),
        ("3/12/2026", Every.WEEK),
        ("2027-W53", Every.WEEK),
        ("2026-W00", Every.WEEK),
        ("tydz. 11", Every.WEEK),
        ("2026-11", Every.WEEK),
        ("Q1 2026", Every.WEEK),
        ("2026-W11", Every.MONTH),
        ("2026-13", Every.MONTH),
        ("Q5 2026", Every.QUARTER),
        ("2026-11", Every.QUARTER),
        ("30.02.2026", Every.WEEK),
        ("1926-W11", Every.WEEK),
        ("9" * 50, Every.WEEK),
    ],
)
def test_periods_that_nobody_can_tell_are_refused_with_a_reason(text: str, every: Every) -> None:
    with pytest.raises(Invalid) as refused:
        read_period(text, every)
    assert len(str(refused.value)) > 10


def test_days_with_slashes_are_read_the_way_that_is_declared() -> None:
    assert read_period("3/12/2026", Every.MONTH, Calendar(day_first=True)) == date(2026, 12, 1)
    assert read_period("3/12/2026", Every.MONTH, Calendar(day_first=False)) == date(2026, 3, 1)
    assert read_period("12/12/2026", Every.MONTH) == date(2026, 12, 1)


@settings(max_examples=40)
@given(st.dates(date(2000, 1, 3), date(2099, 12, 24)), st.sampled_from(list(Every)))
def test_a_period_that_is_written_is_read_again(day: date, every: Every) -> None:
    period = first_day(every, day)
    assert read_period(write_period(period, every), every) == period
    assert read_period(day.isoformat(), every) == period
    assert read_period(f"{day.day}.{day.month:02}.{day.year}", every) == period


@settings(max_examples=40)
@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)))
def test_a_week_without_its_year_is_the_last_one_of_that_number(near: date) -> None:
    week = first_day(Every.WEEK, near)
    assert read_period(f"tydz. {week.isocalendar().week}", Every.WEEK, Calendar(near=near)) == week
    before = week - timedelta(weeks=20)
    assert read_period(f"W{before.isocalendar().week}", Every.WEEK, Calendar(near=near)) == before


@settings(max_examples=40)
@given(st.text(max_size=30), st.sampled_from(list(Every)))
def test_any_text_is_a_period_or_refused(text: str, every: Every) -> None:
    with contextlib.suppress(Invalid):
        assert first_day(every, found := read_period(text, every)) == found


class OneFigure(Form):
    figure = ExactField()


@pytest.mark.one_database
@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6), st.sampled_from(["pl", "en"]))
def test_a_field_of_a_form_shows_a_figure_so_that_it_is_read_as_the_same(
    session_app: Flask, value: Decimal, language: str
) -> None:
    with session_app.app_context(), formats.reading_as(language, "Europe/Warsaw"):
        shown = OneFigure(data={"figure": value}).figure._value()
        sent = OneFigure(MultiDict({"figure": shown}))
    assert (sent.figure.data, sent.figure.process_errors) == (value, [])
