"""Figures of KPIs, for plugins: what a person is to enter, what they wrote, and what another system measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from program.ground import formats
from program.ground.actor import Actor, Origin, system
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.now import today_in
from program.ground.pages import path_to
from program.kpis import grid as grids
from program.kpis import periods
from program.kpis.grid import Grid
from program.kpis.models import Kpi as KpiRow
from program.kpis.models import Way
from program.kpis.numbers import of_language
from program.kpis.reading_words import words_of
from program.kpis.words import channel_name, unit_sign
from program.kpis.writing import NewReading, put_many
from program.kpis.written_periods import read_period, write_period
from program.people.access import NOT_HERE
from program.planning.models import Program as ProgramRow
from program.plugin_api.contract import Connection, Kpi, KpiChannel, Person, Recorded
from program.plugin_api.units import program_of, reading, writing
from program.plugin_api.work import web_address


def own_kpis(person: Person) -> tuple[Kpi, ...]:
    """The KPIs which that person owns or stands in for, in their running programs, by the last period that is over."""
    found: list[Kpi] = []
    with reading(), formats.reading_as(person.locale, person.timezone):
        columns = (KpiRow.id, KpiRow.program_id, KpiRow.every, ProgramRow.key, ProgramRow.timezone)
        query = select(*columns).join(ProgramRow, ProgramRow.id == KpiRow.program_id)
        mine = or_(KpiRow.owner_id == person.id, KpiRow.deputy_id == person.id)
        query = query.where(mine, KpiRow.is_active, ProgramRow.closed_on.is_(None))
        rows = read(query.order_by(ProgramRow.id, KpiRow.position, KpiRow.id)).all()
        grid_of: dict[tuple[int, str], Grid | None] = {}
        for row in rows:
            period = periods.last_over(row.every, today_in(row.timezone))
            at = (row.program_id, row.every)
            if at not in grid_of:
                grid_of[at] = _grid(person, row.program_id, row.every, period)
            grid = grid_of[at]
            if grid is not None:
                found += [_kpi(grid, one, row, period) for one in grid.kpis if one.id == row.id]
    return tuple(found)


def record_figures(
    person: Person,
    kpi_id: int,
    period: date,
    figures: Mapping[str, str],
    *,
    seen: Mapping[str, int],
    note: str = "",
    where: Origin = Origin.SLACK,
) -> Recorded:
    """Enter what that person wrote for a KPI, by channel: all of it, or nothing with a reason for each channel.

    `figures` are texts by the key of the channel, read in the person's language; an empty one takes the figure back.
    `seen` are the revisions as they were shown. Raises NotFound, and Invalid whose `fields` are by channel.
    """
    with writing(), formats.reading_as(person.locale, person.timezone):
        row = read(select(KpiRow.program_id, KpiRow.every).where(KpiRow.id == kpi_id)).first()
        if row is None:
            raise NotFound(NOT_HERE)
        actor = Actor(person.id, where)
        grid = grids.grid_of(actor, row.program_id, row.every, period)
        if not any(place[0] == kpi_id for place in grid.cells):
            raise NotFound(NOT_HERE)
        texts = {(kpi_id, channel): text for channel, text in figures.items()}
        revisions = {(kpi_id, channel): revision for channel, revision in seen.items()}
        way = Way.SLACK if where is Origin.SLACK else Way.PLUGIN
        try:
            counted = grids.save(
                *(actor, row.program_id, grid, period, texts, revisions, of_language(person.locale)),
                way=way,
                note=note.strip() or None,
            )
        except Invalid as error:
            by_channel = {place[1] if isinstance(place, tuple) else place: text for place, text in error.fields.items()}
            raise Invalid(error.sentence, by_channel) from error
    return Recorded(counted.added, counted.changed, counted.unchanged)


def record_reading(
    connection: Connection, code: str, period: date | str, value: Decimal, *, channel: str = "", note: str | None = None
) -> Recorded:
    """Enter one figure from the connection; `period` is a day in it or text as '2026-W23'. Twice is the same as once.

    `channel` is its key or name, '' for all channels together. Raises Invalid, also for a closed period.
    """
    program_id = program_of(connection).id
    with writing():
        kpi_id = words_of(program_id).kpi(code)
        key = words_of(program_id).channel(channel)
        every = read(select(KpiRow.every).where(KpiRow.id == kpi_id)).scalar_one()
        first = periods.first_day(every, period) if isinstance(period, date) else read_period(period, every)
        row = NewReading(kpi_id, key, first, value, note)
        source = f"{connection.plugin}: {connection.name}"
        try:
            counted = put_many(program_id, [row], way=Way.PLUGIN, source=source, actor=system(Origin.API))
        except Invalid as error:
            fields = {problem.field: problem.sentence for problem in error.rows}
            raise Invalid(" ".join(map(str, fields.values())) or error.sentence, fields) from error
    return Recorded(counted.added, counted.changed, counted.unchanged)


def _grid(person: Person, program_id: int, every: str, period: date) -> Grid | None:
    try:
        return grids.grid_of(Actor(person.id), program_id, every, period)
    except NotFound:
        # An owner who has left the program.
        return None


def _kpi(grid: Grid, kpi: Any, row: Any, period: date) -> Kpi:
    channels = tuple(
        KpiChannel(key, channel_name(key, own), cell.value, cell.revision, cell.before, cell.before_period)
        for key, own in grid.channels
        if (cell := grid.cells.get((kpi.id, key))) is not None
    )
    path = path_to("kpi_grid.show", key=row.key, every=row.every, period=write_period(period, row.every))
    return Kpi(
        id=kpi.id,
        program_id=row.program_id,
        program=row.key,
        code=kpi.code,
        name=grids.names_of(grid)[kpi.id],
        unit=unit_sign(kpi),
        decimals=kpi.decimals,
        every=row.every,
        period=period,
        period_name=periods.label(row.every, period),
        is_closed=grid.is_settled and not grid.may_correct,
        channels=channels,
        url=web_address(path),
    )
