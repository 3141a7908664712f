"""Readings as a file that can be imported again: one row for each figure, without those that are worked out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from flask_babel import gettext as _
from sqlalchemy import select

from program.ground.actor import Access, Actor
from program.ground.database import read
from program.kpis.models import CustomerChannel, Kpi, Reading, Way
from program.kpis.numbers import COMMA, POINT, write_figure
from program.kpis.reading_words import COLUMNS
from program.kpis.words import CONFIDENCE_WORDS, channel_name
from program.kpis.written_periods import write_period
from program.people import access
from program.planning.spreadsheets_out import SEPARATORS, Cell, csv_file, xlsx_file

_STEP = 2000


def write_readings(actor: Actor, program_id: int, kind: str, locale: str) -> IO[bytes]:
    """All readings of the program as 'csv' or 'xlsx', in the reader's language. Raises NotFound for strangers."""
    access.require(actor, program_id, Access.VIEWER)
    headings = [str(column.heading) for column in COLUMNS.values()]
    rows = _rows(program_id, COMMA if locale == "pl" else POINT)
    if kind == "csv":
        return csv_file(headings, rows, SEPARATORS.get(locale, ","))
    return xlsx_file(_("Readings"), headings, [column.width for column in COLUMNS.values()], rows)


def _rows(program_id: int, decimal: str) -> Iterator[list[Cell]]:
    channels = dict(
        read(select(CustomerChannel.key, CustomerChannel.name).where(CustomerChannel.program_id == program_id)).all()
    )
    columns: Any = (
        *(Reading.id, Kpi.code, Kpi.every, Reading.channel, Reading.period, Reading.value),
        *(Reading.note, Reading.confidence),
    )
    query = select(*columns).join(Kpi, Kpi.id == Reading.kpi_id)
    query = query.where(Reading.program_id == program_id, Reading.way != Way.WEIGHTED, Kpi.is_active)
    last = 0
    # By id, a part at a time: a file of any length takes the memory of one part.
    while part := read(query.where(Reading.id > last).order_by(Reading.id).limit(_STEP)).all():
        last = part[-1].id
        for row in part:
            yield [
                row.code,
                channel_name(row.channel, channels.get(row.channel, "")) if row.channel else "",
                write_period(row.period, row.every),
                write_figure(row.value, decimal),
                row.note,
                str(CONFIDENCE_WORDS[row.confidence]),
            ]
