"""What the rows of a file mean as figures: words become KPIs, channels, periods and values, or a reason why not.

The same reading serves pasted cells, the preview and the import itself, so that what was previewed is what happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Actor
from program.ground.errors import Invalid
from program.ground.records import record
from program.ground.text import clean_line
from program.kpis.import_columns import Layout
from program.kpis.models import Kpi
from program.kpis.numbers import read_figure
from program.kpis.reading_words import COLUMNS, Words, words_of
from program.kpis.writing import Ground, NewReading, may_write, open_ground, problems_of
from program.kpis.written_periods import read_period
from program.planning.spreadsheets_in import SheetRow

MOST_SHOWN = 60
# Words of a file come again and again; so many of each are remembered.
_REMEMBERED = 5000


@record
class Figure:
    """One figure of a file: where it stands, and what it is, or why it cannot be written."""

    row: int
    column: str
    text: str
    reading: NewReading | None = None
    problem: str = ""


class RowReader:
    """Reads rows of one file for one program, by one who imports. Five statements, at the start."""

    def __init__(
        self, actor: Actor, program_id: int, layout: Layout, headings: Sequence[str], reason: str = ""
    ) -> None:
        self._actor, self._layout, self._reason = actor, layout, reason
        self._headings = tuple(headings)
        self.words: Words = words_of(program_id)
        self._calendar = replace(layout.calendar, fiscal_from=self.words.fiscal_from)
        self.ground: Ground = open_ground(program_id)
        units = select(Kpi.id, Kpi.unit, Kpi.decimals, Kpi.unit_name, Kpi.code).where(Kpi.program_id == program_id)
        self.kpis: dict[int, Any] = {row.id: row for row in db.session.execute(units)}
        self._mine = {found: may_write(actor, program_id, kpi) for found, kpi in self.ground.kpis.items()}
        self._memory: dict[tuple[Any, ...], Any] = {}

    @property
    def figures_a_row(self) -> int:
        """How many figures a row can hold."""
        return len(self._layout.wide) or 1

    def read(self, rows: Sequence[SheetRow]) -> list[Figure]:
        """The figures of up to a thousand rows' worth of cells, those that are empty left out."""
        found = [figure for row in rows for figure in self._row(row)]
        readable = [(place, figure.reading) for place, figure in enumerate(found) if figure.reading is not None]
        # In pieces below the number of problems that are told at once.
        for start in range(0, len(readable), 1000):
            part = readable[start : start + 1000]
            for problem in problems_of(self.ground, [reading for _place, reading in part], self._actor, self._reason):
                place = part[problem.place][0]
                known = found[place]
                column = COLUMNS.get({"kpi": "code"}.get(problem.field, problem.field))
                heading = self._heading(column.name) if column else known.column
                found[place] = Figure(known.row, heading, known.text, None, str(problem.sentence))
        return found

    def _row(self, row: SheetRow) -> Iterator[Figure]:
        layout = self._layout
        if not layout.heading_says:
            yield from self._figure(row, {}, layout.places["value"])
            return
        for place in layout.wide:
            # An empty cell of a wide table says nothing.
            if _cell(row, place):
                yield from self._figure(row, {layout.heading_says: self._headings[place]}, place)

    def _figure(self, row: SheetRow, said: dict[str, str], at: int) -> Iterator[Figure]:
        texts = {name: _cell(row, place) for name, place in self._layout.places.items()} | said
        text, name = _cell(row, at), "code"
        try:
            kpi_id = self._remember("code", texts.get("code") or self._layout.kpi, self.words.kpi)
            if kpi_id not in self._mine or not self._mine[kpi_id]:
                raise Invalid(_("Figures are entered by the KPI's owner, their deputy or a manager."))
            name = "channel"
            channel = self._remember("channel", texts.get("channel") or self._layout.channel, self.words.channel)
            name, every = "period", self.ground.kpis[kpi_id].every
            when = texts.get("period") or self._layout.period
            period: date = self._remember(f"period {every}", when, lambda one: read_period(one, every, self._calendar))
            name = "value"
            value = read_figure(text, self.kpis[kpi_id].unit, self._layout.writing)
            name = "confidence"
            sure = self.words.sureness(texts.get("confidence", ""))
        except Invalid as error:
            shown = text if name == "value" else texts.get(name, "")
            yield Figure(row.number, self._heading(name, at), shown[:MOST_SHOWN], None, str(error))
            return
        note = clean_line(texts["note"])[:500] or None if "note" in texts else None
        reading = NewReading(kpi_id, channel, period, value, note, sure)
        yield Figure(row.number, self._heading("value", at), text[:MOST_SHOWN], reading)

    def _remember(self, kind: str, text: str, read: Any) -> Any:
        key = (kind, text)
        if key in self._memory:
            return self._memory[key]
        found = read(text)
        if len(self._memory) < _REMEMBERED:
            self._memory[key] = found
        return found

    def _heading(self, name: str, at: int | None = None) -> str:
        place = self._layout.places.get(name)
        place = at if place is None else place
        if place is None or place >= len(self._headings):
            return str(COLUMNS[name].heading)
        return self._headings[place]


def _cell(row: SheetRow, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""
