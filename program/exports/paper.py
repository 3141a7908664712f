"""The PDF: laid out by Typst from `page.typ`, which gets all words as data, so that nobody's text can be code.

A4 and tagged (PDF/UA-1), with the fonts that come along: what it looks like depends on no machine. Nothing is read from
outside of the layout's own folder and nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from program.charts.drawing import NotDrawn, Order, drawn
from program.charts.look import FONTS, LIGHT, Size
from program.charts.trend import Point, trend
from program.charts.trend import Trend as Drawing
from program.exports.cells import TONES
from program.exports.told import On, Part, Table, Told, Trend

_log = logging.getLogger("milepost.exports")
FOLDER = Path(__file__).parent
# Beside a column of text; names at the lines' ends would only repeat the heading.
_SIZE = Size("paper", 330, 130)
_REGIONS = {"pl": "PL", "en": "GB"}
# In Polish a word of one letter does not stand at the end of a line.
_LONELY = re.compile(r"(?<![^\s(„])([AaIiOoUuWwZz]) +(?=\S)")
# Controls and directions have no place on paper; a line's end does.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


class NotLaidOut(Exception):
    """Typst could not make the PDF; the text says why, for the log."""


def write_pdf(told: Told, charts: Path) -> bytes:
    """The PDF. `charts` is the folder where drawings are kept. Raises NotLaidOut."""
    # Heavy, and only an export needs it.
    import typst

    data = json.dumps(_described(told, charts), ensure_ascii=False)
    source = (FOLDER / "page.typ").read_bytes()
    how: dict[str, Any] = {
        "root": FOLDER,
        "font_paths": _fonts(),
        "ignore_system_fonts": True,
        "sys_inputs": {"data": data},
        "timestamp": told.made_at.replace(microsecond=0),
    }
    try:
        made: bytes = typst.compile(source, pdf_standards=["ua-1"], **how)
    except typst.TypstError as error:
        # Letters that no font of ours has are drawn as boxes; such a file is tagged too, but may not call itself UA.
        _log.warning("not accessible to the letter", extra={"fields": {"reason": error.message}})
        try:
            made = typst.compile(source, **how)
        except typst.TypstError as second:
            raise NotLaidOut(second.message) from second
    return made


@cache
def edition() -> str:
    """Which edition of the layout this is: what was kept of another is not used."""
    found = hashlib.sha256()
    for name in ("page.typ", "paper.py", "telling.py", "telling_figures.py", "cells.py"):
        found.update((FOLDER / name).read_bytes())
    return found.hexdigest()


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER / "fonts"])


def _described(told: Told, charts: Path) -> dict[str, Any]:
    """All that the layout needs, as JSON knows it."""
    tidy = _Tidy(told.locale)
    found: dict[str, Any] = tidy(
        {
            "title": told.title,
            "subtitle": told.subtitle,
            "made": told.made,
            "author": told.author,
            "state": {"text": told.state.text, "tone": told.state.tone},
            "headline": told.headline,
            "parts": {part.key: _part(part) for part in told.parts},
            "bars": [
                {"planned": one.planned, "baseline": one.baseline, "real": one.real, "open": one.open}
                for one in told.bars
            ],
            "today": told.today,
            "words": told.words,
        }
    )
    found |= {"lang": told.locale, "region": _REGIONS.get(told.locale), "colours": LIGHT, "tones": TONES}
    for part in told.parts:
        # One picture a part: the index; the figures of the others stand in the table.
        first = next((one for one in part.trends if one.weeks), None)
        found["parts"][part.key]["chart"] = _chart(first, told.locale, charts) if first else None
    return found


def _part(part: Part) -> dict[str, Any]:
    return {
        "title": part.title,
        "lead": [{"text": cell.text, "tone": cell.tone} for cell in part.lead],
        "figure": part.figure,
        "points": list(part.points),
        "notes": list(part.notes),
        "tables": [_table(one.on(On.PAPER)) for one in part.tables if one.place is not On.SHEET],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "headings": [column.heading for column in table.columns],
        "shares": [column.share for column in table.columns],
        "figures": [column.is_figure for column in table.columns],
        "rows": [[{"text": cell.text, "tone": cell.tone} for cell in row] for row in table.rows],
        "total": [cell.text for cell in table.total] if table.total else None,
    }


def _chart(found: Trend, locale: str, charts: Path) -> dict[str, str] | None:
    """The drawing with its words; None where it could not be drawn: the figures stand beside it."""
    points = [
        Point(week, float(value))
        for week, value in zip(found.weeks, found.lines[0].values, strict=True)
        if value is not None
    ]
    if len(points) < 2:
        return None
    data = Drawing(
        found.title,
        found.alt,
        points,
        first=found.weeks[0],
        last=found.weeks[-1],
        figure_format=",.0f",
        floor=found.low,
        ceiling=found.high,
        longest_gap=timedelta(days=8),
    )
    try:
        svg = drawn(Order(trend(data, _SIZE), locale), charts).decode()
    except NotDrawn as error:
        _log.warning("chart not drawn", extra={"fields": {"title": found.title, "reason": str(error)}})
        return None
    return {"svg": svg.replace(FONTS, "Inter"), "alt": found.alt}


class _Tidy:
    """Texts as paper takes them: without controls, and in Polish with no letter left alone at a line's end."""

    def __init__(self, locale: str) -> None:
        self._is_polish = locale == "pl"

    def __call__(self, found: Any) -> Any:
        if isinstance(found, str):
            plain = _CONTROLS.sub("", found)
            return _LONELY.sub("\\1\N{NO-BREAK SPACE}", plain) if self._is_polish else plain
        if isinstance(found, dict):
            return {name: self(one) for name, one in found.items()}
        return [self(one) for one in found] if isinstance(found, list | tuple) else found
