"""Figures of KPIs, for plugins: what a person is to enter, what they wrote, and what another system measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select

from program.extensions import db
from program.ground import formats
from program.ground.actor import Actor, Origin, system
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.now import today_in
from program.ground.pages import path_to
from program.kpis import grid as grids
from program.kpis import periods
from program.kpis.grid import Cell, Grid
from program.kpis.models import Kpi as KpiRow
from program.kpis.models import Review as ReviewRow
from program.kpis.models import Way
from program.kpis.numbers import POINT, of_language, read_figure, write_figure
from program.kpis.reading_words import words_of
from program.kpis.review_facts import periods_at
from program.kpis.words import channel_name, figure, unit_sign
from program.kpis.writing import NewReading, put_many, slip_of
from program.kpis.written_periods import Calendar, read_period, write_period
from program.people.access import NOT_HERE
from program.planning.models import Program as ProgramRow
from program.plugin_api.contract import Connection, Kpi, KpiChannel, Person, Recorded
from program.plugin_api.measured import source_of
from program.plugin_api.units import program_of, reading, writing
from program.plugin_api.work import web_address


def own_kpis(person: Person) -> tuple[Kpi, ...]:
    """The KPIs which that person owns or stands in for, in their running programs, by the last period that is over."""
    mine = or_(KpiRow.owner_id == person.id, KpiRow.deputy_id == person.id)
    with reading(), formats.reading_as(person.locale, person.timezone):
        rows = _rows(mine)
        return _found(person, rows, [periods.last_over(row.every, today_in(row.timezone)) for row in rows])


def kpis_for_review(person: Person, review_id: int, kpi_ids: Collection[int]) -> tuple[Kpi, ...]:
    """Those KPIs by the week that a review looks at: the ones whose figures that person may enter."""
    with reading(), formats.reading_as(person.locale, person.timezone):
        review = read(select(ReviewRow.program_id, ReviewRow.week).where(ReviewRow.id == review_id)).first()
        if review is None or not kpi_ids:
            return ()
        asked = periods_at(review.week)
        rows = _rows(and_(KpiRow.id.in_(kpi_ids), KpiRow.program_id == review.program_id))
        return _found(person, rows, [asked[row.every] for row in rows])


def wrong_figure(text: str, measure: str, low: Decimal | None, high: Decimal | None, locale: str) -> str:
    """Why that text is no figure of a KPI with that measure and scale, '' if it is one.

    It is read as people of that language write, and no database is asked. What else may be wrong (a closed period,
    somebody else's figure) `record_figures` says.
    """
    try:
        slip = slip_of(read_figure(text, measure, of_language(locale)), low, high)
    except Invalid as error:
        return str(error.sentence)
    return "" if slip is None else str(slip)


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
        # Held until the commit: of two who write the same figure, the second one sees what the first one wrote.
        held = select(KpiRow.program_id, KpiRow.every).where(KpiRow.id == kpi_id).with_for_update()
        row = db.session.execute(held).first()
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
        words = words_of(program_id)
        kpi_id, key = words.kpi(code), words.channel(channel)
        every = read(select(KpiRow.every).where(KpiRow.id == kpi_id)).scalar_one()
        if isinstance(period, date):
            first = periods.first_day(every, period)
        else:
            first = read_period(period, every, Calendar(fiscal_from=words.fiscal_from))
        row = NewReading(kpi_id, key, first, value, note)
        source = source_of(connection)
        try:
            counted = put_many(program_id, [row], way=Way.PLUGIN, source=source, actor=system(Origin.API))
        except Invalid as error:
            fields = {problem.field: problem.sentence for problem in error.rows}
            raise Invalid(" ".join(map(str, fields.values())) or error.sentence, fields) from error
    return Recorded(counted.added, counted.changed, counted.unchanged)


def _rows(wanted: Any) -> Sequence[Any]:
    columns = (KpiRow.id, KpiRow.program_id, KpiRow.every, KpiRow.scale_low, KpiRow.scale_high)
    query = select(*columns, ProgramRow.key, ProgramRow.timezone)
    query = query.join(ProgramRow, ProgramRow.id == KpiRow.program_id)
    query = query.where(wanted, KpiRow.is_active, ProgramRow.closed_on.is_(None))
    return read(query.order_by(ProgramRow.id, KpiRow.position, KpiRow.id)).all()


def _found(person: Person, rows: Sequence[Any], asked: Sequence[date]) -> tuple[Kpi, ...]:
    """Those KPIs, each by its period, as far as that person may enter their figures."""
    found: list[Kpi] = []
    grid_of: dict[tuple[int, str, date], Grid | None] = {}
    for row, period in zip(rows, asked, strict=True):
        at = (row.program_id, row.every, period)
        if at not in grid_of:
            grid_of[at] = _grid(person, *at)
        grid = grid_of[at]
        if grid is not None:
            found += [_kpi(grid, one, row, period, person.locale) for one in grid.kpis if one.id == row.id]
    return tuple(found)


def _grid(person: Person, program_id: int, every: str, period: date) -> Grid | None:
    try:
        return grids.grid_of(Actor(person.id), program_id, every, period)
    except NotFound:
        # An owner who has left the program.
        return None


def _kpi(grid: Grid, kpi: Any, row: Any, period: date, locale: str) -> Kpi:
    channels = tuple(
        KpiChannel(
            *(key, channel_name(key, own), cell.value, cell.revision, cell.before, cell.before_period),
            "" if cell.value is None else write_figure(cell.value, of_language(locale).decimal or POINT),
            _before(cell, kpi, row.every, grid.fiscal_from),
        )
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
        period_name=periods.label(row.every, period, grid.fiscal_from),
        is_closed=grid.is_settled and not grid.may_correct,
        channels=channels,
        url=web_address(path),
        measure=kpi.unit,
        low=row.scale_low,
        high=row.scale_high,
    )


def _before(cell: Cell, kpi: Any, every: str, fiscal_from: int) -> str:
    if cell.before is None or cell.before_period is None:
        return ""
    return f"{figure(cell.before, kpi)} ({periods.label(every, cell.before_period, fiscal_from)})"
