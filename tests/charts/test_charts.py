"""Charts as pure functions: where things stand, and that every colour has a partner in the dark theme."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program.charts.look import LIGHT, NARROW, WIDE, Chart, in_theme, number_locale, time_locale
from program.charts.multiples import Multiples, Small, multiples
from program.charts.scale import LINE, Span, in_rows, places_apart, shortened, span_of, ticks
from program.charts.scatter import Scatter, scatter
from program.charts.sparkline import sparkline
from program.charts.stacked import Bar, Bars, Part, stacked
from program.charts.trend import Band, Level, Line, Point, Sign, Trend, Usual, trend

FIRST = date(2026, 1, 5)


def week(number: int) -> date:
    return FIRST + timedelta(weeks=number)


def a_trend(**more: Any) -> Trend:
    values: dict[str, Any] = {
        "title": "CSAT",
        "alt": "It rose.",
        "points": [Point(week(n), 70.0 + n, n == 7) for n in range(10) if n not in (3, 4)],
        "first": FIRST,
        "last": week(12),
        "lines": [Line("Target", [(week(0), 71.0), (week(12), 85.0)])],
        "level": Level("Baseline", 68.0),
        "usual": Usual("Usual range", 66.0, 74.0),
        "bands": [Band("Pilot", week(-3), week(6)), Band("Rollout", week(6), week(40))],
        "signs": [
            Sign(week(2), "gate", "Gate", 1),
            Sign(week(2), "note", "Price rise", 2),
            Sign(week(30), "gate", "Later", 3),
        ],
        "ceiling": 100.0,
    }
    return Trend(**{**values, **more})


def charts() -> list[Chart]:
    return [
        trend(a_trend()),
        trend(a_trend(), NARROW),
        trend(a_trend(points=[], lines=[], level=None, usual=None, bands=[], signs=[])),
        multiples(Multiples("By channel", "…", [Small("Store", [(week(1), 3.0)]), Small("App", [])], FIRST, week(12))),
        multiples(Multiples("By channel", "…", [], FIRST, FIRST)),
        scatter(Scatter("Two", "…", [(1.0, 2.0), (2.0, 5.0)], "x", "y", slope=3.0, start=-1.0)),
        scatter(Scatter("Two", "…", [], "x", "y")),
        stacked(Bars("Parts", "…", [Bar("CSAT", [Part("", 3.0, "accent"), Part("", 7.0, "usual")], "3")])),
        stacked(Bars("Parts", "…", [Bar("CSAT", [], "missing")]), NARROW),
        stacked(Bars("Parts", "…", [])),
    ]


def layers_with(chart: Chart, kind: str) -> list[dict[str, Any]]:
    return [layer for layer in chart.spec["layer"] if layer["mark"]["type"] == kind]


@pytest.mark.parametrize("chart", charts())
def test_a_description_is_plain_data_in_colours_of_the_palette(chart: Chart) -> None:
    text = json.dumps(chart.spec)
    assert set(re.findall(r"#[0-9a-f]{6}", text)) <= set(LIGHT.values())
    assert "url" not in text


def test_the_dark_theme_exchanges_every_colour() -> None:
    light = " ".join(LIGHT.values())
    dark = in_theme(light, "dark")
    assert not set(light.split()) & set(dark.split())
    assert in_theme(light, "light") == light


def test_a_gap_is_not_joined_and_unusual_points_are_ringed() -> None:
    chart = trend(a_trend())
    pieces = next(layer for layer in layers_with(chart, "line") if "detail" in layer["encoding"])
    assert {row["piece"] for row in pieces["data"]["values"]} == {0, 1}
    ringed = [layer for layer in layers_with(chart, "point") if layer["mark"].get("shape") == "diamond"]
    assert [row["value"] for row in ringed[0]["data"]["values"]] == [77.0]


def test_signs_outside_the_axis_are_left_out_and_bands_are_cut() -> None:
    chart = trend(a_trend())
    text = json.dumps(chart.spec)
    assert "Price rise" in text
    assert "Later" not in text
    band = layers_with(chart, "rect")[0]["data"]["values"][0]
    assert band["since"].startswith(FIRST.isoformat())


def test_names_of_people_never_become_expressions() -> None:
    nasty = "evil'); alert(1)//"
    chart = trend(a_trend(signs=[Sign(week(2), "note", nasty, 1)], bands=[Band(nasty, FIRST, week(12))], title=nasty))
    assert nasty not in json.dumps([layer["encoding"] for layer in chart.spec["layer"]])


@settings(max_examples=60)
@given(st.lists(st.floats(-1e6, 1e6), max_size=12), st.booleans())
def test_a_span_holds_its_values_and_the_bounds_of_the_figure(values: list[float], bounded: bool) -> None:
    low, high = (-1e6, 1e6) if bounded else (None, None)
    span = span_of(values, low=low, high=high)
    assert span.low < span.high
    assert all(span.low <= value <= span.high for value in values)
    if bounded and values:
        assert span.low >= -1e6
        assert span.high <= 1e6


def test_a_share_does_not_leave_a_hundred() -> None:
    assert span_of([91.0, 99.9], low=0, high=100).high == 100
    # A figure that is beyond its bounds all the same is shown.
    assert span_of([97.0, 104.0], low=0, high=100).high > 104


@settings(max_examples=60)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=8))
def test_names_of_lines_do_not_lie_on_one_another(values: list[float]) -> None:
    span = Span(0, 100)
    pixels = [span.share(place) * 320 for place in places_apart(values, span, 320)]
    ordered = sorted(pixels)
    assert all(later - earlier >= LINE - 0.01 for earlier, later in pairwise(ordered))
    assert ordered[0] >= -0.01
    assert ordered[-1] <= 320.01


def test_words_of_marks_take_the_next_row_then_their_number_then_nothing() -> None:
    marks = [(0.0, "1 A long name of a gate", "1"), (20.0, "2 Another name", "2"), (24.0, "3 And one more", "3")]
    labels = in_rows([*marks, (26.0, "4 x", "4")], 400, 2)
    assert [(label.words, label.row) for label in labels[:2]] == [(marks[0][1], 0), (marks[1][1], 1)]
    assert [label.words for label in labels[2:]] == ["", ""]
    # At the right edge the number is all there is room for.
    assert in_rows([(390.0, "9 Rather long", "9")], 400, 1)[0].words == "9"


def test_ticks_are_as_many_as_there_is_room_for() -> None:
    assert ticks(date(2026, 3, 2), date(2026, 3, 30), 6)[1] == "%-d %b"
    assert ticks(date(2026, 1, 5), date(2026, 12, 28), 12)[0][0] == date(2026, 2, 1)
    for last in (date(2026, 2, 1), date(2027, 1, 1), date(2029, 1, 1), date(2060, 1, 1)):
        days, _written = ticks(date(2026, 1, 5), last, 8)
        assert 1 <= len(days) <= 8
    assert shortened("Nothing fits", 3) == ""


def test_numbers_and_months_are_written_as_on_the_page() -> None:
    assert number_locale("pl")["decimal"] == ","
    assert number_locale("en")["thousands"] == ","
    assert time_locale("pl")["shortMonths"][9] == "paź"
    assert time_locale("en")["days"][0] == "Sunday"


def test_a_sparkline_breaks_at_gaps_and_says_what_it_shows() -> None:
    line = sparkline(
        (
            1.0,
            2.0,
            None,
            3.0,
        ),
        'CSAT "rose"',
    )
    assert line.count("M") == 2
    assert 'aria-label="CSAT &#34;rose&#34;"' in line
    assert "style" not in line
    assert 'aria-hidden="true"' in sparkline(
        (
            5.0,
            5.0,
        )
    )
    assert (
        sparkline(
            (
                None,
                None,
            )
        )
        == ""
    )
    assert f'viewBox="0 0 {WIDE.width} 24"' in sparkline((1.0,), width=WIDE.width)
