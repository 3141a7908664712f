"""Bars made of parts: what each KPI gave to the index, of what it could have given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from program.charts.look import LIGHT, NAMED, WIDE, Chart, Size, described
from program.charts.scale import shortened
from program.ground.records import record

_BAR = 26
# Room for the names on the left and the words on the right, on a page; half of it on a phone.
_LABELS, _WORDS = 190, 170


@record
class Part:
    """A part of a bar: its name, how long it is, and its tone (a name of `look.LIGHT`)."""

    name: str
    value: float
    tone: str


@record
class Bar:
    """A bar: its name, its parts, and the words at its end."""

    name: str
    parts: Sequence[Part]
    words: str = ""


@record
class Bars:
    """All that stacked bars show, each with its words: there is no axis. The longest bar leaves room for them."""

    title: str
    alt: str
    bars: Sequence[Bar]


def stacked(data: Bars, size: Size = WIDE) -> Chart:
    """The chart; its height follows from the number of bars."""
    labels, words = (_LABELS, _WORDS) if size.width >= NAMED else (_LABELS // 2, _WORDS // 2)
    longest = max((sum(part.value for part in bar.parts) for bar in data.bars), default=0.0) or 1.0
    most = longest * (size.width - labels) / (size.width - labels - words)
    rows: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    for number, bar in enumerate(data.bars):
        at = 0.0
        for part in bar.parts:
            rows.append({"bar": number, "from": at, "to": at + part.value, "colour": LIGHT[part.tone]})
            at += part.value
        ends.append({"bar": number, "at": at, "words": bar.words, "name": shortened(bar.name, labels)})
    y: dict[str, Any] = {
        "field": "bar",
        "type": "ordinal",
        "scale": {"domain": list(range(len(data.bars))), "paddingInner": 0.35, "paddingOuter": 0.1},
        "axis": None,
    }
    x: dict[str, Any] = {
        "field": "from",
        "type": "quantitative",
        "scale": {"domain": [0, most], "nice": False},
        "axis": None,
    }
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "cornerRadius": 2, "opacity": 1},
            "encoding": {
                "y": y,
                "x": x,
                "x2": {"field": "to"},
                "color": {"field": "colour", "type": "nominal", "scale": None},
            },
        },
        {
            "data": {"values": ends},
            "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 6, "fill": LIGHT["ink"]},
            "encoding": {"y": y, "x": {**x, "field": "at"}, "text": {"field": "words", "type": "nominal"}},
        },
        {
            "data": {"values": ends},
            "mark": {"type": "text", "align": "right", "baseline": "middle", "dx": -8, "fill": LIGHT["ink"]},
            "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "name", "type": "nominal"}},
        },
    ]
    shape = Size(size.name, size.width - labels, _BAR * max(1, len(data.bars)))
    return Chart(described(layers, shape, left=20, right=18), data.title, data.alt)
