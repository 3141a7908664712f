"""How charts look: their colours in both themes, their fonts, and how numbers and months are written on their scales.

A chart is drawn once, in the colours of the light theme; for the dark one each colour is exchanged for its partner
(`in_theme`). So every colour of a drawing has to come from here.
"""

from __future__ import annotations

import re
from dataclasses import field
from functools import lru_cache
from typing import Any

from babel import Locale

from program.ground.records import record

# What browsers and the drawing library both know; the last is the one that comes with the library.
FONTS = "system-ui, 'Segoe UI', Roboto, sans-serif"

# Light, dark: the tokens of milepost.css, as hexadecimals because image formats know no others.
_COLOURS = {
    "ground": ("#ffffff", "#14171d"),
    "ink": ("#1c212b", "#e1e4ea"),
    "soft": ("#525866", "#a6abb5"),
    "line": ("#e2e5ea", "#2f343d"),
    "band": ("#f2f4f8", "#1d2129"),
    "usual": ("#e7eaf1", "#282e39"),
    "accent": ("#3f51b8", "#9db0f7"),
    "second": ("#0f766e", "#5cc8bd"),
    "good": ("#16703c", "#74cf94"),
    "warn": ("#8a5300", "#f2b45c"),
    "bad": ("#b3261e", "#f58d84"),
}
LIGHT = {name: pair[0] for name, pair in _COLOURS.items()}
_TO_DARK = dict(_COLOURS.values())
_ANY_COLOUR = re.compile("|".join(_TO_DARK))

THEMES = ("light", "dark")


@record
class Size:
    """How wide a chart is drawn, in pixels of the plot, and how tall."""

    name: str
    width: int
    height: int


# A page's column, a phone, and a picture in a message.
WIDE, NARROW, PICTURE = Size("wide", 760, 320), Size("narrow", 250, 240), Size("picture", 880, 380)
# From this width on there is room for names beside what they name.
NAMED = 400
SIZES = {size.name: size for size in (WIDE, NARROW, PICTURE)}


@record
class Chart:
    """One chart: its Vega-Lite description, and what it says to those who do not see it.

    `title` names it, `alt` tells in a sentence or two what is to be seen.
    """

    spec: dict[str, Any] = field(hash=False)
    title: str = ""
    alt: str = ""


def described(layers: list[dict[str, Any]], size: Size, *, left: int = 4, right: int = 4) -> dict[str, Any]:
    """A Vega-Lite description of layers over one another, in our look, with so many pixels free at its sides."""
    return {**head(left, right), "width": size.width, "height": size.height, "layer": layers}


def head(left: int = 4, right: int = 4) -> dict[str, Any]:
    """What every description begins with."""
    padding = {"left": left, "top": 4, "bottom": 4, "right": right}
    return {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "padding": padding, "config": _config()}


def in_theme(svg: str, theme: str) -> str:
    """The drawing in that theme's colours."""
    return svg if theme != "dark" else _ANY_COLOUR.sub(lambda found: _TO_DARK[found.group()], svg)


def _config() -> dict[str, Any]:
    words = {"font": FONTS, "fill": LIGHT["soft"], "fontSize": 12}
    axis = {
        "labelFont": FONTS,
        "titleFont": FONTS,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": LIGHT["soft"],
        "titleColor": LIGHT["soft"],
        "gridColor": LIGHT["line"],
        "domainColor": LIGHT["line"],
        "tickColor": LIGHT["line"],
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    }
    return {
        "background": None,
        "font": FONTS,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False},
        "text": words,
        # Each mark would repeat its figures for screen readers, who have the table beside the chart.
        "aria": False,
        "header": {"labelFont": FONTS, "labelFontSize": 12, "labelColor": LIGHT["ink"], "labelFontWeight": "bold"},
        "rule": {"stroke": LIGHT["soft"]},
    }


@lru_cache(maxsize=4)
def number_locale(locale: str) -> dict[str, Any]:
    """How d3 writes numbers in that language: as the page around the chart does."""
    symbols = Locale.parse(locale).number_symbols["latn"]
    return {
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "grouping": [3],
        "currency": ["", ""],
        "minus": "\u2212",
    }


@lru_cache(maxsize=4)
def time_locale(locale: str) -> dict[str, Any]:
    """How d3 writes months and days in that language."""
    found = Locale.parse(locale)

    def names(table: Any, kind: str, width: str, first: int, count: int) -> list[str]:
        return [table[kind][width][(first + n) % 7 if count == 7 else first + n] for n in range(count)]

    return {
        "dateTime": "%x, %X",
        "date": "%d.%m.%Y",
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        # Babel counts from Monday, d3 from Sunday.
        "days": names(found.days, "stand-alone", "wide", 6, 7),
        "shortDays": names(found.days, "stand-alone", "abbreviated", 6, 7),
        "months": names(found.months, "stand-alone", "wide", 1, 12),
        "shortMonths": names(found.months, "stand-alone", "abbreviated", 1, 12),
    }
