"""Cells copied from a spreadsheet into the table of a week: a block with headings, KPIs down and channels across.

The first column names KPIs and the first row channels, or the other way round; without channels the second column is
the value for all channels together. What is understood is put into the table; nothing is saved before somebody has
looked at it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from program.ground.actor import Actor
from program.ground.errors import Invalid
from program.kpis.grid import Grid, Place
from program.kpis.import_columns import guess
from program.kpis.models import OVERALL
from program.kpis.numbers import Writing, decimal_marks, read_figure
from program.kpis.reading_words import Words, words_of
from program.kpis.words import channel_name
from program.planning.spreadsheets_in import from_csv_text

MOST_CELLS, MAX_TEXT = 5000, 200_000


@dataclass(slots=True)
class Pasted:
    """What was understood: values and problems by their place in the table, and what was left out, in words."""

    values: dict[Place, Decimal] = field(default_factory=dict)
    problems: dict[Any, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def read_cells(actor: Actor, program_id: int, grid: Grid, text: str, period: date, writing: Writing) -> Pasted:
    """What a pasted block says for the table. Raises Invalid for one in which nothing is known."""
    rows = _rows(text)
    words = words_of(program_id)
    figures = [cell for row in rows for cell in row[1:] if cell]
    mark = writing.decimal or decimal_marks(figures)
    if mark in (",", "."):
        writing = Writing(mark)
    pasted = Pasted()
    units = {kpi.id: kpi.unit for kpi in grid.kpis}
    for kpi_text, channel_text, value in _triples(rows, words):
        try:
            place = words.kpi(kpi_text), words.channel(channel_text)
        except Invalid as error:
            pasted.left_out.append(str(error))
            continue
        if place not in grid.cells:
            named = channel_name(place[1])
            pasted.left_out.append(_("%(kpi)s, %(channel)s: not in this table.", kpi=kpi_text, channel=named))
            continue
        try:
            pasted.values[place] = read_figure(value, units[place[0]], writing)
        except Invalid as error:
            pasted.problems[place] = f"{value[:30]}: {error}"
    pasted.left_out = list(dict.fromkeys(pasted.left_out))[:20]
    if not pasted.values and not pasted.problems:
        raise Invalid(_("None of these cells belongs to this table. Copy them with their headings."))
    return pasted


def _rows(text: str) -> list[list[str]]:
    if not text.strip():
        raise Invalid(_("Paste cells with their headings first."))
    if len(text) > MAX_TEXT:
        raise Invalid(_("This is too much to paste. Import a file instead."))
    separator = "\t" if "\t" in text else ";"
    try:
        rows = [
            [from_csv_text(cell.strip()) for cell in row]
            for row in csv.reader(io.StringIO(text.strip("\r\n"), newline=""), delimiter=separator)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise Invalid(_("These cells cannot be read. Copy them anew.")) from error
    if sum(map(len, rows)) > MOST_CELLS:
        raise Invalid(_("This is too much to paste. Import a file instead."))
    return rows


def _triples(rows: Sequence[Sequence[str]], words: Words) -> list[tuple[str, str, str]]:
    """(KPI, channel, value) as texts, whatever way the block lies; empty cells left out."""
    head = rows[0]
    layout = guess(head, rows[1:], words)
    if {"code", "value"} <= layout.places.keys():
        code, value, channel = layout.places["code"], layout.places["value"], layout.places.get("channel")
        found = [(_at(row, code), _at(row, channel), _at(row, value)) for row in rows[1:]]
    elif len(head) == 2 and _is_kpi(words, head[0]):
        found = [(_at(row, 0), OVERALL, _at(row, 1)) for row in rows]
    elif any(_is_kpi(words, cell) for cell in head[1:]):
        found = [(name, _at(row, 0), _at(row, at)) for row in rows[1:] for at, name in enumerate(head) if at]
    else:
        found = [(_at(row, 0), name, _at(row, at)) for row in rows[1:] for at, name in enumerate(head) if at]
    return [one for one in found if one[2]]


def _is_kpi(words: Words, text: str) -> bool:
    try:
        words.kpi(text)
    except Invalid:
        return False
    return True


def _at(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""
