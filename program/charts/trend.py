"""The trend of a figure on one axis: what it was and began from, what was asked for, and what happened meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from program.charts.look import LIGHT, NAMED, WIDE, Chart, Size, described
from program.charts.scale import Span, in_rows, moment, places_apart, shortened, span_of, ticks
from program.ground.records import record

# Pixels above the chart for the names of marks: a row each, and the signs themselves.
_ROW, _SIGNS = 15, 14
# Right of the names: a reader's letters may be wider than those the library measures with.
_AIR = 22
_SHAPES = {"gate": "diamond", "go_live": "triangle-up"}


@record
class Point:
    """A figure of a day; `is_unusual` where it is more than noise."""

    on: date
    value: float
    is_unusual: bool = False


@record
class Line:
    """What is asked for, day by day, or at which figure it turns: with its name at the right edge.

    `tone`: 'good' for what is asked for, 'warn' for the edge of amber.
    """

    name: str
    points: Sequence[tuple[date, float]]
    tone: str = "good"


@record
class Level:
    """A figure that stays: the baseline."""

    name: str
    value: float


@record
class Usual:
    """How far the figure goes up and down by itself, since that day (None: since ever)."""

    name: str
    low: float
    high: float
    since: date | None = None


@record
class Band:
    """A phase, from its first to its last day."""

    name: str
    since: date
    until: date


@record
class Sign:
    """A day with a name: a gate ('gate'), a go-live ('go_live') or a remark (anything else). `number` stands for it."""

    on: date
    kind: str
    name: str
    number: int
    is_planned: bool = False


@record
class Trend:
    """All that a trend shows. `figure_format` is d3's (',.1f'); `floor` and `ceiling` are what the figure can be."""

    title: str
    alt: str
    points: Sequence[Point]
    first: date
    last: date
    figure_format: str = ",.1f"
    unit: str = ""
    floor: float | None = None
    ceiling: float | None = None
    lines: Sequence[Line] = ()
    level: Level | None = None
    usual: Usual | None = None
    bands: Sequence[Band] = ()
    signs: Sequence[Sign] = ()
    # For gaps: points further apart than this are not joined.
    longest_gap: timedelta = timedelta(days=10)


def trend(data: Trend, size: Size = WIDE) -> Chart:
    """The chart of a trend."""
    span = span_of(_all_values(data), low=data.floor, high=data.ceiling)
    is_named = size.width >= NAMED
    layers = [
        *_bands(data, size),
        *_usual(data),
        *_level(data),
        *_lines(data),
        *_signs(data, size),
        *_values(data, size),
        *(_names(data, span, size) if is_named else ()),
    ]
    days, written = ticks(data.first, data.last, max(3, size.width // 62))
    # January carries its year.
    label = f"utcmonth(datum.value) == 0 && '{written}' == '%b' ? '%b %Y' : '{written}'"
    x = {
        "scale": {"type": "utc", "domain": [moment(data.first), moment(data.last)]},
        "axis": {
            "values": [moment(day) for day in days],
            "labelExpr": f"utcFormat(datum.value, {label})",
            "title": None,
            "labelOverlap": True,
        },
    }
    y = {
        "scale": {"domain": [span.low, span.high], "nice": False, "zero": False},
        "axis": {"format": data.figure_format, "tickCount": 5, "title": data.unit or None},
    }
    if data.unit:
        # Above the axis, where it is read with its figures.
        y["axis"] |= {"titleAngle": 0, "titleAlign": "right", "titleAnchor": "end", "titleX": -6, "titleY": -10}
    # What the scales are, is said once, by a layer that draws nothing.
    ends = [{"on": moment(data.first), "value": span.low}, {"on": moment(data.last), "value": span.high}]
    frame = {
        "data": {"values": ends},
        "mark": {"type": "point", "opacity": 0},
        "encoding": {
            "x": {"field": "on", "type": "temporal", **x},
            "y": {"field": "value", "type": "quantitative", **y},
        },
    }
    return Chart(described([frame, *layers], size, right=_AIR if is_named else 4), data.title, data.alt)


def _all_values(data: Trend) -> Iterator[float]:
    yield from (point.value for point in data.points)
    yield from (value for line in data.lines for on, value in line.points if data.first <= on <= data.last)
    if data.level:
        yield data.level.value
    if data.usual:
        yield from (data.usual.low, data.usual.high)


def _bands(data: Trend, size: Size) -> Iterator[dict[str, Any]]:
    rows = []
    days = (data.last - data.first).days or 1
    for number, band in enumerate(sorted(data.bands, key=lambda one: one.since)):
        since, until = max(band.since, data.first), min(band.until + timedelta(days=1), data.last)
        if since >= until:
            continue
        room = (until - since).days / days * size.width
        rows.append(
            {
                "since": moment(since),
                "until": moment(until),
                "name": shortened(band.name, room - 8),
                "is_shaded": number % 2 == 0,
            }
        )
    if rows:
        x = {"x": _on("since"), "x2": {"field": "until"}}
        yield {
            "data": {"values": [row for row in rows if row["is_shaded"]]},
            "mark": {"type": "rect", "fill": LIGHT["band"], "opacity": 0.75},
            "encoding": x,
        }
        yield {
            "data": {"values": rows},
            "mark": {"type": "text", "align": "left", "baseline": "bottom", "dx": 4, "dy": -4, "fontSize": 11},
            "encoding": {"x": x["x"], "y": {"value": size.height}, "text": _text("name")},
        }


def _usual(data: Trend) -> Iterator[dict[str, Any]]:
    if data.usual:
        yield {
            "data": {
                "values": [
                    {
                        "low": data.usual.low,
                        "high": data.usual.high,
                        "from": moment(max(data.usual.since or data.first, data.first)),
                        "to": moment(data.last),
                    }
                ]
            },
            "mark": {"type": "rect", "fill": LIGHT["usual"], "opacity": 0.8},
            "encoding": {"x": _on("from"), "x2": {"field": "to"}, "y": _value("low"), "y2": {"field": "high"}},
        }


def _level(data: Trend) -> Iterator[dict[str, Any]]:
    if data.level:
        yield {
            "data": {"values": [{"value": data.level.value}]},
            "mark": {"type": "rule", "stroke": LIGHT["soft"], "strokeDash": [2, 3], "strokeWidth": 1.5},
            "encoding": {"y": _value("value")},
        }


def _lines(data: Trend) -> Iterator[dict[str, Any]]:
    for line in data.lines:
        is_aim = line.tone == "good"
        rows = [{"on": moment(on), "value": value} for on, value in line.points if data.first <= on <= data.last]
        if rows:
            yield {
                "data": {"values": rows},
                "mark": {
                    "type": "line",
                    "stroke": LIGHT[line.tone],
                    "strokeWidth": 1.75 if is_aim else 1.25,
                    "strokeDash": [6, 4] if is_aim else [1, 3],
                },
                "encoding": {"x": _on("on"), "y": _value("value")},
            }


def _signs(data: Trend, size: Size) -> Iterator[dict[str, Any]]:
    """Signs stand over the chart, with a thin line down; above them the name where there is room, else the number."""
    signs = sorted(
        (one for one in data.signs if data.first <= one.on <= data.last), key=lambda one: (one.on, one.number)
    )
    if not signs:
        return
    days = (data.last - data.first).days or 1
    is_wide = size.width >= NAMED
    places = [
        (
            (sign.on - data.first).days / days * size.width,
            f"{sign.number} {shortened(sign.name, 150)}" if is_wide else str(sign.number),
            str(sign.number),
        )
        for sign in signs
    ]
    labels = in_rows(places, size.width, 3 if is_wide else 2)
    found = [
        {
            "on": moment(sign.on),
            "shape": _SHAPES.get(sign.kind, "circle"),
            "fill": LIGHT["ground"] if sign.is_planned else LIGHT["ink"],
            "words": label.words,
            "row": label.row,
        }
        for sign, label in zip(signs, labels, strict=True)
    ]
    x = _on("on")
    yield {
        "data": {"values": found},
        "mark": {"type": "rule", "stroke": LIGHT["soft"], "strokeWidth": 1, "opacity": 0.55},
        "encoding": {"x": x},
    }
    yield {
        "data": {"values": found},
        "mark": {"type": "point", "size": 56, "stroke": LIGHT["ink"], "strokeWidth": 1.25, "opacity": 1},
        "encoding": {
            "x": x,
            "y": {"value": -_SIGNS // 2},
            "shape": {"field": "shape", "type": "nominal", "scale": None},
            "fill": _as_is("fill"),
        },
    }
    for row in sorted({label.row for label in labels}):
        yield {
            "data": {"values": [one for one in found if one["row"] == row]},
            "mark": {**_words("ink"), "dx": -4},
            "encoding": {"x": x, "y": {"value": -_SIGNS - 7 - row * _ROW}, "text": _text("words")},
        }


def _values(data: Trend, size: Size) -> Iterator[dict[str, Any]]:
    rows, piece, before = [], 0, None
    for point in data.points:
        if before is not None and point.on - before > data.longest_gap:
            piece += 1
        before = point.on
        rows.append({"on": moment(point.on), "value": point.value, "piece": piece, "odd": point.is_unusual})
    if not rows:
        return
    encoding = {"x": _on("on"), "y": _value("value")}
    yield {
        "data": {"values": rows},
        "mark": {"type": "line", "stroke": LIGHT["accent"], "strokeWidth": 2, "strokeJoin": "round"},
        "encoding": {**encoding, "detail": {"field": "piece", "type": "nominal"}},
    }
    if len(rows) * 7 <= size.width:
        yield {"data": {"values": rows}, "mark": _dot("accent", 18), "encoding": encoding}
    else:
        # Too many to tell apart: the newest, and those that nothing joins.
        alone = [row for row in rows if sum(row["piece"] == other["piece"] for other in rows) == 1]
        yield {"data": {"values": [*alone, rows[-1]]}, "mark": _dot("accent", 26), "encoding": encoding}
    odd = [row for row in rows if row["odd"]]
    if odd:
        ring = {"type": "point", "shape": "diamond", "size": 110, "filled": False, "strokeWidth": 2, "opacity": 1}
        yield {"data": {"values": odd}, "mark": {**ring, "stroke": LIGHT["warn"]}, "encoding": encoding}


def _names(data: Trend, span: Span, size: Size) -> Iterator[dict[str, Any]]:
    """What each line is, at its right end, where it is read with it."""
    found: list[tuple[float, str, str]] = []
    if data.points:
        found.append((data.points[-1].value, data.title, LIGHT["accent"]))
    for line in data.lines:
        inside = [value for on, value in line.points if data.first <= on <= data.last]
        if inside:
            found.append((inside[-1], line.name, LIGHT[line.tone]))
    if data.level:
        found.append((data.level.value, data.level.name, LIGHT["soft"]))
    if data.usual:
        found.append((data.usual.high, data.usual.name, LIGHT["soft"]))
    places = places_apart([value for value, _name, _colour in found], span, size.height)
    rows = [
        {"at": at, "name": shortened(name, 150), "colour": colour}
        for at, (_value, name, colour) in zip(places, found, strict=True)
    ]
    yield {
        "data": {"values": rows},
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 8, "fontSize": 12},
        "encoding": {"x": {"value": size.width}, "y": _value("at"), "text": _text("name"), "color": _as_is("colour")},
    }


def _words(tone: str) -> dict[str, Any]:
    return {"type": "text", "fontSize": 11, "fill": LIGHT[tone], "baseline": "middle", "align": "left"}


def _dot(tone: str, area: int) -> dict[str, Any]:
    return {"type": "point", "filled": True, "fill": LIGHT[tone], "size": area, "opacity": 1}


def _on(name: str) -> dict[str, Any]:
    return {"field": name, "type": "temporal"}


def _value(name: str) -> dict[str, Any]:
    return {"field": name, "type": "quantitative"}


def _text(name: str) -> dict[str, Any]:
    return {"field": name, "type": "nominal"}


def _as_is(name: str) -> dict[str, Any]:
    """A colour that stands in the data."""
    return {"field": name, "type": "nominal", "scale": None}
