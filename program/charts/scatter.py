"""Two figures against each other: each point a period in which both are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from program.charts.look import LIGHT, WIDE, Chart, Size, described
from program.charts.scale import span_of
from program.ground.records import record


@record
class Scatter:
    """All that it shows. `slope` and `start` are those of the straight line through the cloud, if one is drawn."""

    title: str
    alt: str
    points: Sequence[tuple[float, float]]
    across: str
    upwards: str
    across_format: str = ",.1f"
    upwards_format: str = ",.1f"
    slope: float | None = None
    start: float = 0.0


def scatter(data: Scatter, size: Size = WIDE) -> Chart:
    """The chart."""
    x_span = span_of(x for x, _y in data.points)
    y_span = span_of(y for _x, y in data.points)
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [x_span.low, x_span.high], "nice": False, "zero": False},
        "axis": {"format": data.across_format, "tickCount": 5, "title": data.across, "grid": True},
    }
    y = {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [y_span.low, y_span.high], "nice": False, "zero": False},
        "axis": {"format": data.upwards_format, "tickCount": 5, "title": data.upwards},
    }
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": [{"x": one, "y": other} for one, other in data.points]},
            "mark": {"type": "point", "filled": True, "fill": LIGHT["accent"], "size": 46, "opacity": 0.7},
            "encoding": {"x": x, "y": y},
        }
    ]
    if data.slope is not None and data.points:
        ends = [min(one for one, _y in data.points), max(one for one, _y in data.points)]
        layers.append(
            {
                "data": {"values": [{"x": end, "y": data.start + data.slope * end} for end in ends]},
                "mark": {"type": "line", "stroke": LIGHT["soft"], "strokeDash": [6, 4], "clip": True},
                "encoding": {"x": x, "y": y},
            }
        )
    return Chart(described(layers, size, right=14), data.title, data.alt)
