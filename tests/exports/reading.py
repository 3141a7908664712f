"""Reading back what stands in files and on pages, as plain texts to be compared."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from babel import dates as babel_dates
from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader

from program.ground import formats
from tests.exports.conftest import DAY

# What is drawn, or hidden from readers because it is only a key to what is drawn.
_SILENT = {"svg", "script", "style"}
_VOID = {"input", "img", "br", "hr", "meta", "link", "rect", "line", "path", "circle", "use"}


class Leaves(HTMLParser):
    """The texts of a page, each as one element holds it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = 0
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _VOID:
            return
        hides = tag in _SILENT or dict(attrs).get("aria-hidden") == "true"
        self._open.append(hides)
        self._hidden += hides

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and self._open:
            self._hidden -= self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.found.append(" ".join(data.split()))


def page_texts(html: str) -> list[str]:
    """What the progress page says of the program."""
    body = re.search(r'<div class="steer">.*(?=</main>)', html, re.S)
    assert body
    reader = Leaves()
    reader.feed(body[0])
    return reader.found


def squashed(text: str) -> str:
    """The text without what a line's end may change: gaps and hyphens."""
    return re.sub(r"[\s\u00a0\u00ad\u2010\u202f-]", "", text.replace(", ", " "))


def pdf_text(content: bytes) -> str:
    """All text of a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def slide_texts(content: bytes) -> Iterator[str]:
    """All texts of a presentation: shapes, tables, charts, notes."""
    for slide in Presentation(io.BytesIO(content)).slides:
        for shape in slide.shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            if shape.has_table:
                yield from (cell.text for row in shape.table.rows for cell in row.cells)
            if shape.has_chart:
                plot = shape.chart.plots[0]
                yield from (str(one) for one in plot.categories)
                for series in plot.series:
                    yield series.name
                    yield from (str(one) for one in series.values)
        yield slide.notes_slide.notes_text_frame.text


def sheet_texts(content: bytes, locale: str) -> Iterator[str]:
    """All cells of a workbook as somebody who reads that language sees them."""
    for sheet in load_workbook(io.BytesIO(content)).worksheets:
        for row in sheet.iter_rows():
            yield from (as_shown(cell, locale) for cell in row if cell.value is not None)


def as_shown(cell: Any, locale: str) -> str:
    """A cell as its format shows it."""
    value = cell.value
    if isinstance(value, datetime | date):
        day = value.date() if isinstance(value, datetime) else value
        pattern = "d MMM" if day.year == DAY.year else "d MMM y"
        return f"{formats.day(day)} {babel_dates.format_date(day, pattern, locale=locale)}"
    if isinstance(value, int | float):
        form = cell.number_format.split(";")[0]
        places = len(re.search(r"\.(0+)", form)[1]) if "." in form else 0  # type: ignore[index]
        sign = "".join(re.findall(r'"([^"]*)"', form))
        written = formats.exact(Decimal(str(value)), places)
        return ("+" if form.startswith("+") and value > 0 else "") + written + sign
    return str(value)


def numbers(text: str) -> set[str]:
    """The figures of a text, however their thousands are parted."""
    plain = re.sub(r"(?<=\d)[\u00a0\u202f ,](?=\d{3}\b)", "", text)
    return set(re.findall(r"\d+(?:[.,]\d+)?", plain))
