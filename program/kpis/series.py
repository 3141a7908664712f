"""One KPI over time: its figures period by period, each judged by what was asked for then, and its channels beside it.

Pages and charts read from here. What a figure is judged by is in `judging.py`, what is unusual in `limits.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select

from program.extensions import db
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.records import record
from program.kpis import periods
from program.kpis.judging import Aim, Base, State, Stone, aim_on, amber_width, judge_value
from program.kpis.limits import Limits, Unusual, limits_of, unusual
from program.kpis.models import OVERALL, CustomerChannel, Every, Kpi, KpiChannel, Reading
from program.kpis.standings import HISTORY, KpiRow, Standing, asked_of, kpi_rows, standing_of, stones_for
from program.kpis.words import channel_name
from program.people.access import NOT_HERE

# How many periods a chart goes back: names as they stand in addresses; None for all there are.
SPANS: dict[str, dict[str, int | None]] = {
    "half": {Every.WEEK: 26, Every.MONTH: 6, Every.QUARTER: 4},
    "year": {Every.WEEK: 52, Every.MONTH: 12, Every.QUARTER: 8},
    "all": {Every.WEEK: None, Every.MONTH: None, Every.QUARTER: None},
}
USUAL_SPAN = "year"
# Longer than any program lasts.
_MOST_PERIODS = 1_000


class Figure(NamedTuple):
    """One reading with what is said about it; `note` of a weighted one names the channels left out of it."""

    period: date
    value: Decimal
    way: str
    note: str
    confidence: str


@record
class Row:
    """A period's figure with what was asked for on its last day. `state` is None where nothing was."""

    figure: Figure
    change: Decimal | None
    aim: Aim | None
    state: State | None
    unusual: Unusual | None


@dataclass(slots=True)
class KpiView:
    """A KPI in all its channels, read once: the definition, and figures by channel, oldest first."""

    definition: Kpi
    kpi: KpiRow
    # Keys and names of its channels, overall first.
    channels: list[tuple[str, str]]
    # The channel that is looked at, whose figures go back to `since`; those of the others only as far as is usual.
    channel: str
    today: date
    figures: dict[tuple[int, str], list[Figure]]
    stones: dict[tuple[int, str], list[Stone]]
    bases: dict[tuple[int, str], Base]
    since: date | None
    _standings: dict[str, Standing] = field(default_factory=dict)

    @property
    def every(self) -> str:
        """How long its periods are."""
        return self.kpi.every

    @property
    def base(self) -> Base | None:
        """The baseline of the channel that is looked at."""
        return self.bases.get((self.kpi.id, self.channel))

    @property
    def asked(self) -> list[Stone]:
        """What is asked for in the channel that is looked at."""
        return stones_for(self.stones, self.kpi.id, self.channel)

    def figures_of(self, channel: str) -> list[Figure]:
        """The figures of a channel, oldest first."""
        return self.figures.get((self.kpi.id, channel), [])

    @property
    def shown(self) -> list[Figure]:
        """The figures of the channel that is looked at, from `since` on."""
        found = self.figures_of(self.channel)
        return found if self.since is None else [figure for figure in found if figure.period >= self.since]

    def standing(self, channel: str | None = None) -> Standing:
        """How a channel stands (that which is looked at, when none is named)."""
        key = self.channel if channel is None else channel
        if key not in self._standings:
            # As on the board: what is usual is what the last periods did, however far the chart goes back.
            since = periods.shift(self.every, periods.first_day(self.every, self.today), -HISTORY)
            all_of_it = self.figures_of(key)
            recent = [figure[:2] for figure in all_of_it if figure.period >= since]
            figures = {(self.kpi.id, key): recent or [figure[:2] for figure in all_of_it[-1:]]}
            self._standings[key] = standing_of(self.kpi, key, figures, self.stones, self.bases, self.today)
        return self._standings[key]

    def aim_at(self, period: date) -> Aim | None:
        """What is asked for at the end of that period."""
        return aim_on(periods.last_day(self.every, period), self.asked, self.base, self.kpi.rules)

    def amber_at(self, aim: Aim, side: Decimal) -> Decimal:
        """How far beside that figure of an aim is still amber."""
        return amber_width(aim, side, self.kpi.rules, self.base.value if self.base else None)

    def rows(self, most: int | None = None) -> list[Row]:
        """The newest of the figures shown, newest first: all of them, or so many."""
        figures = self.figures_of(self.channel)
        first = len(figures) - len(self.shown)
        numbers = range(len(figures) - 1, first - 1, -1)
        known = {figure.period: figure.value for figure in figures}
        return [self._row(figures, number, known) for number in numbers[:most]]

    def limits(self) -> Limits | None:
        """How far the figure goes up and down by itself, by the periods before the newest one."""
        figures = self.figures_of(self.channel)
        if not figures:
            return None
        known = {figure.period: figure.value for figure in figures}
        return limits_of(self._before(figures[-1].period, known))

    def usual_since(self) -> date | None:
        """The period whose reading is the first of those that the limits come from; None without limits."""
        limits, figures = self.limits(), self.figures_of(self.channel)
        if limits is None:
            return None
        known = {figure.period: figure.value for figure in figures}
        back = len(self._before(figures[-1].period, known)) - limits.since
        return periods.shift(self.every, figures[-1].period, -back)

    def _row(self, figures: list[Figure], number: int, known: dict[date, Decimal]) -> Row:
        figure = figures[number]
        aim = self.aim_at(figure.period)
        base = self.base.value if self.base else None
        return Row(
            figure=figure,
            change=figure.value - figures[number - 1].value if number else None,
            aim=aim,
            state=judge_value(figure.value, aim, self.kpi.rules, base) if aim else None,
            unusual=unusual(self._before(figure.period, known), figure.value),
        )

    def _before(self, period: date, known: dict[date, Decimal]) -> list[Decimal | None]:
        """The figures of the periods before that one, as far as is looked back, None for a gap."""
        before = [known.get(earlier) for earlier in periods.up_to(self.every, period, HISTORY + 1)[:-1]]
        first = next((number for number, value in enumerate(before) if value is not None), len(before))
        return before[first:]


def find_kpi(program_id: int, code: str) -> Kpi:
    """The active KPI of that code. Raises NotFound. Permission is the caller's."""
    found = db.session.scalars(
        select(Kpi).where(Kpi.program_id == program_id, Kpi.code == code.upper(), Kpi.is_active)
    ).one_or_none()
    if found is None:
        raise NotFound(NOT_HERE)
    return found


def open_kpi(
    program_id: int, code: str, channel: str, today: date, span: str = USUAL_SPAN, *, all_channels: bool = False
) -> KpiView:
    """A KPI with its figures: five statements. Raises NotFound for a wrong code or channel.

    `span` is one of SPANS; with `all_channels` the figures of every channel go as far back as those looked at.
    """
    definition = find_kpi(program_id, code)
    kpi = kpi_rows(program_id, [definition.id])[definition.id]
    channels = _channels_of(kpi.id)
    if channel not in dict(channels):
        raise NotFound(NOT_HERE)
    first = periods.first_day(kpi.every, today)
    count = SPANS[span][kpi.every]
    since = None if count is None else periods.shift(kpi.every, first, -count)
    # What is usual of the oldest figure shown is told by those before it.
    far = periods.shift(kpi.every, since or first, -HISTORY) if count else date.min
    near = far if all_channels else max(far, periods.shift(kpi.every, first, -HISTORY))
    figures: dict[tuple[int, str], list[Figure]] = defaultdict(list)
    values = {"kpi": kpi.id, "channel": channel, "far": far, "near": near}
    for place, period, value, way, note, confidence in read(_readings(), values).all():
        figures[kpi.id, place].append(Figure(period, value, way, note, confidence))
    stones, bases = asked_of(program_id, [kpi.id])
    return KpiView(definition, kpi, channels, channel, today, figures, stones, bases, since)


def _channels_of(kpi_id: int) -> list[tuple[str, str]]:
    rows: Sequence[Any] = read(_kpi_channels(), {"kpi": kpi_id}).all()
    return [
        (OVERALL, channel_name(OVERALL)),
        *((row.channel, channel_name(row.channel, row.name or "")) for row in rows),
    ]


@cache
def _readings() -> Any:
    columns = (Reading.channel, Reading.period, Reading.value, Reading.way, Reading.note, Reading.confidence)
    far, near = Reading.period >= bindparam("far"), Reading.period >= bindparam("near")
    return (
        select(*columns)
        .where(Reading.kpi_id == bindparam("kpi"), or_((Reading.channel == bindparam("channel")) & far, near))
        .order_by(Reading.period)
    )


@cache
def _kpi_channels() -> Any:
    return (
        select(KpiChannel.channel, CustomerChannel.name)
        .select_from(KpiChannel)
        .join(Kpi, Kpi.id == KpiChannel.kpi_id)
        .outerjoin(
            CustomerChannel,
            (CustomerChannel.program_id == Kpi.program_id) & (CustomerChannel.key == KpiChannel.channel),
        )
        .where(KpiChannel.kpi_id == bindparam("kpi"))
        .order_by(CustomerChannel.position, KpiChannel.channel)
    )
