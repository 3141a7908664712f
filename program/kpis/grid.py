"""The figures of one period on one page: what I may enter, what is there, and what was there before.

Saved as a whole or not at all; what is wrong, or was changed by somebody else meanwhile, is told cell by cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid
from program.ground.records import record
from program.kpis import periods
from program.kpis.models import OVERALL, CustomerChannel, Kpi, KpiChannel, OverallBy, Reading, Way, fiscal_from
from program.kpis.numbers import Writing, read_figure
from program.kpis.readings import take_back
from program.kpis.words import figure, kpi_name
from program.kpis.writing import NOT_RIGHT, Counted, Ground, NewReading, may_write, open_ground, problems_of, put_many
from program.people import access

# So many periods are searched for the figure before.
LOOKED_BACK = 4
Place = tuple[int, str]


@record
class Cell:
    """A figure that can be entered: what is there (None for nothing yet, `revision` 0), and the one before it."""

    value: Decimal | None = None
    revision: int = 0
    note: str = ""
    before: Decimal | None = None
    before_period: date | None = None


@record
class Grid:
    """KPIs in the program's order, channels with overall first, and the cells that can be entered."""

    kpis: list[Any]
    channels: list[tuple[str, str]]
    cells: dict[Place, Cell]
    # Whether the period is closed, and whether the reader may correct it all the same.
    is_settled: bool
    may_correct: bool

    @property
    def fiscal_from(self) -> int:
        """The month the company's year begins with."""
        return self.kpis[0].fiscal_from if self.kpis else 1

    @property
    def filled(self) -> int:
        """How many cells have a figure."""
        return sum(cell.revision > 0 for cell in self.cells.values())


def grid_of(actor: Actor, program_id: int, every: str, period: date) -> Grid:
    """What the actor may enter for that period. Seven statements at most. Raises NotFound for strangers."""
    access.require(actor, program_id, Access.VIEWER)
    columns = (
        *(Kpi.id, Kpi.code, Kpi.name, Kpi.catalogue, Kpi.unit, Kpi.unit_name, Kpi.decimals, Kpi.overall_by),
        *(Kpi.owner_id, Kpi.deputy_id, fiscal_from(Kpi.program_id)),
    )
    query = select(*columns).where(Kpi.program_id == program_id, Kpi.is_active, Kpi.every == every)
    kpis = [row for row in read(query.order_by(Kpi.position, Kpi.id)).all() if may_write(actor, program_id, row)]
    names = read(
        select(CustomerChannel.key, CustomerChannel.name)
        .where(CustomerChannel.program_id == program_id)
        .order_by(CustomerChannel.position, CustomerChannel.id)
    ).all()
    followed = read(
        select(KpiChannel.kpi_id, KpiChannel.channel)
        .join(Kpi, Kpi.id == KpiChannel.kpi_id)
        .where(Kpi.program_id == program_id, Kpi.is_active, Kpi.every == every)
    ).all()
    mine = {kpi.id for kpi in kpis}
    places: list[Place] = [(kpi.id, OVERALL) for kpi in kpis if kpi.overall_by != OverallBy.WEIGHTED]
    places += [(row.kpi_id, row.channel) for row in followed if row.kpi_id in mine]
    used = {channel for _kpi, channel in places}
    ground = open_ground(program_id, mine)
    settled = bool(kpis) and ground.is_settled(NewReading(kpis[0].id, OVERALL, period, Decimal(0)))
    return Grid(
        kpis,
        [(key, name) for key, name in (("", ""), *((row.key, row.name) for row in names)) if key in used],
        _cells(program_id, every, period, places),
        settled,
        (access.access_of(actor, program_id) or 0) >= Access.MANAGER,
    )


def save(
    actor: Actor,
    program_id: int,
    grid: Grid,
    period: date,
    texts: Mapping[Place, str],
    seen: Mapping[Place, int],
    writing: Writing,
    reason: str = "",
    *,
    way: str = Way.GRID,
    note: str | None = None,
) -> Counted:
    """Write what differs from what is there; an emptied cell takes its figure back. All, or none.

    Raises Invalid with a reason for each cell, in `fields` by place, and for the reason.
    """
    kpis = {kpi.id: kpi for kpi in grid.kpis}
    wrong: dict[Any, Any] = {}
    rows: list[NewReading] = []
    gone: list[Place] = []
    for place, text in texts.items():
        cell = grid.cells.get(place)
        if cell is None:
            continue
        try:
            value = read_figure(text, kpis[place[0]].unit, writing) if text.strip() else None
        except Invalid as error:
            wrong[place] = str(error)
            continue
        if value == cell.value:
            continue
        if cell.revision != seen.get(place, 0):
            there = figure(cell.value, kpis[place[0]])
            wrong[place] = _("Somebody has changed this meanwhile: %(figure)s.", figure=there)
        elif value is None:
            gone.append(place)
        else:
            rows.append(NewReading(place[0], place[1], period, value, note))
    ground = open_ground(program_id, {place[0] for place in texts})
    _check(ground, rows, gone, period, actor, reason, wrong)
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    counted = Counted()
    if rows:
        counted = put_many(program_id, rows, way=way, source="", actor=actor, reason=reason)
    for kpi_id, channel in gone:
        take_back(actor, db.session.get_one(Kpi, kpi_id), channel, period, reason=reason)
    return Counted(counted.added, counted.changed + len(gone), counted.unchanged)


def _check(
    ground: Ground,
    rows: list[NewReading],
    gone: list[Place],
    period: date,
    actor: Actor,
    reason: str,
    wrong: dict[Any, Any],
) -> None:
    for problem in problems_of(ground, rows, actor, reason):
        row = rows[problem.place]
        place: Any = "reason" if problem.field == "reason" else (row.kpi_id, row.channel)
        wrong.setdefault(place, str(problem.sentence))
    is_manager = (access.access_of(actor, ground.program_id) or 0) >= Access.MANAGER
    for place in gone:
        if not ground.is_settled(NewReading(place[0], place[1], period, Decimal(0))):
            continue
        if not is_manager:
            wrong[place] = _("This period is closed. A manager of the program can correct it.")
        elif not reason.strip():
            wrong.setdefault("reason", _("This period is closed. Say why it is corrected."))


def _cells(program_id: int, every: str, period: date, places: list[Place]) -> dict[Place, Cell]:
    first = periods.shift(every, period, -LOOKED_BACK)
    columns = (Reading.kpi_id, Reading.channel, Reading.period, Reading.value, Reading.revision, Reading.note)
    query = select(*columns).where(Reading.program_id == program_id, Reading.period.between(first, period))
    here: dict[Place, Any] = {}
    before: dict[Place, Any] = {}
    for row in read(query.order_by(Reading.period)).all():
        (here if row.period == period else before)[row.kpi_id, row.channel] = row
    found = {}
    for place in places:
        now, earlier = here.get(place), before.get(place)
        found[place] = Cell(
            now.value if now else None,
            now.revision if now else 0,
            now.note if now else "",
            earlier.value if earlier else None,
            earlier.period if earlier else None,
        )
    return found


def names_of(grid: Grid) -> dict[int, str]:
    """The KPIs' names in the reader's language."""
    return {kpi.id: kpi_name(kpi) for kpi in grid.kpis}
