"""One small trend for each channel, side by side on the same scales, so that they can be compared.

All of them are one view whose places are worked out here: a view for each would take four times as long to draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from program.charts.look import LIGHT, NAMED, WIDE, Chart, Size, described
from program.charts.scale import Span, moment, shortened, span_of, ticks
from program.ground.records import record

# Pixels: between columns, a small chart's height, and what stands over and under it.
_GAP, _TALL, _TITLE, _DAYS = 22, 84, 24, 30


@record
class Small:
    """One of them: its name and its figures by day."""

    name: str
    points: Sequence[tuple[date, float]]


@record
class Multiples:
    """All that small multiples show; `aims` are figures that are asked for in all of them."""

    title: str
    alt: str
    smalls: Sequence[Small]
    first: date
    last: date
    figure_format: str = ",.1f"
    floor: float | None = None
    ceiling: float | None = None
    aims: Sequence[float] = ()
    longest_gap: timedelta = timedelta(days=10)


@record
class _Grid:
    data: Multiples
    span: Span
    width: int
    columns: int

    def corner(self, number: int) -> tuple[int, int]:
        """Where a small chart's upper left corner lies."""
        row, column = divmod(number, self.columns)
        return column * (self.width + _GAP), row * (_TITLE + _TALL + _DAYS) + _TITLE

    def x(self, number: int, on: date) -> float:
        days = (self.data.last - self.data.first).days or 1
        return self.corner(number)[0] + (on - self.data.first).days / days * self.width

    def y(self, number: int, value: float) -> float:
        return self.corner(number)[1] + _TALL * (1 - self.span.share(value))


def multiples(data: Multiples, size: Size = WIDE) -> Chart:
    """The chart: four in a row on a page, two on a phone."""
    columns = 4 if size.width >= NAMED else 2
    wide = size.width + (80 if columns == 4 else 30)
    values = [value for small in data.smalls for _on, value in small.points] + list(data.aims)
    span = span_of(values, low=data.floor, high=data.ceiling, steps=2)
    grid = _Grid(data, span, (wide - (columns - 1) * _GAP) // columns, columns)
    rows = -(-len(data.smalls) // columns)
    shape = Size(size.name, wide, max(1, rows) * (_TITLE + _TALL + _DAYS))
    layers = [layer for layer in _layers(grid) if layer["data"]["values"]]
    return Chart(described(layers or [_nothing()], shape, left=6, right=10), data.title, data.alt)


def _layers(grid: _Grid) -> Iterator[dict[str, Any]]:
    data, numbers = grid.data, range(len(grid.data.smalls))
    levels = [grid.span.low, (grid.span.low + grid.span.high) / 2, grid.span.high]
    yield _rules(grid, levels, {"stroke": LIGHT["line"], "strokeWidth": 1})
    yield _rules(grid, data.aims, {"stroke": LIGHT["good"], "strokeWidth": 1.25, "strokeDash": [6, 4]})
    lines, ends = [], []
    for number, small in enumerate(data.smalls):
        piece, before = number * 10_000, None
        for on, value in small.points:
            piece += before is not None and on - before > data.longest_gap
            before = on
            lines.append({"x": grid.x(number, on), "y": grid.y(number, value), "piece": piece})
        ends += lines[-1:] if small.points else []
    line = {"type": "line", "stroke": LIGHT["accent"], "strokeWidth": 1.75, "strokeJoin": "round"}
    yield {
        "data": {"values": lines},
        "mark": line,
        "encoding": {**_place(), "detail": {"field": "piece", "type": "nominal"}},
    }
    dot = {"type": "point", "filled": True, "fill": LIGHT["accent"], "size": 26, "opacity": 1}
    yield {"data": {"values": ends}, "mark": dot, "encoding": _place()}
    titles = [
        {
            "x": grid.corner(number)[0],
            "y": grid.corner(number)[1] - 12,
            "words": shortened(small.name, grid.width * 0.9),
        }
        for number, small in enumerate(data.smalls)
    ]
    yield _words(titles, {"align": "left", "fontWeight": "bold", "fill": LIGHT["ink"]}, "nominal")
    # The scale's figures stand once a row, the days under each.
    figures = [
        {"x": -6, "y": grid.y(number, level), "words": level}
        for number in numbers
        if number % grid.columns == 0
        for level in levels
    ]
    yield _words(figures, {"align": "right"}, "quantitative", format=data.figure_format)
    days, written = ticks(data.first, data.last, max(2, grid.width // 60))
    under = [
        {"x": grid.x(number, day), "y": grid.corner(number)[1] + _TALL + 13, "words": moment(day)}
        for number in numbers
        for day in days
        # Beside the edge there is no room for half a word.
        if grid.x(number, day) - grid.corner(number)[0] <= grid.width - 8
    ]
    yield _words(under, {"align": "center"}, "temporal", format=written)


def _rules(grid: _Grid, levels: Sequence[float], look: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {"x": grid.corner(number)[0], "end": grid.corner(number)[0] + grid.width, "y": grid.y(number, level)}
        for number in range(len(grid.data.smalls))
        for level in levels
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "rule", **look},
        "encoding": {**_place(), "x2": {"field": "end"}},
    }


def _words(rows: list[dict[str, Any]], look: dict[str, Any], kind: str, **more: Any) -> dict[str, Any]:
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "baseline": "middle", "fontSize": 12, **look},
        "encoding": {**_place(), "text": {"field": "words", "type": kind, **more}},
    }


def _place() -> dict[str, Any]:
    """Places in the data are pixels already."""
    return {name: {"field": name, "type": "quantitative", "scale": None, "axis": None} for name in ("x", "y")}


def _nothing() -> dict[str, Any]:
    return {"data": {"values": [{}]}, "mark": {"type": "point", "opacity": 0}}
