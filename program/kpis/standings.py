"""How all KPIs of a program stand: the newest figure against the one before, the baseline and the target.

At most six statements, whatever the number of KPIs, channels and periods: boards, pages, insets, gates and reports all
read from here, so that none of them can say something else than the other. The rules are in `judging.py` and
`limits.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Date, and_, bindparam, case, func, literal, null, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from program.ground.database import read
from program.ground.records import record
from program.kpis import periods
from program.kpis.exact import Exact
from program.kpis.judging import (
    URGENCY,
    Aim,
    Base,
    Rules,
    State,
    Stone,
    aim_of,
    aim_on,
    change_percent,
    direction,
    judge,
)
from program.kpis.limits import Unusual, unusual
from program.kpis.models import OVERALL, Every, Kpi, KpiBaseline, KpiChannel, KpiTarget, Reading, fiscal_from
from program.kpis.words import kpi_name
from program.people.models import Person

# So many periods are looked at for what is usual, and so many are drawn as a line.
HISTORY, DRAWN = 26, 13


@record
class KpiRow:
    """A KPI as pages need it."""

    id: int
    code: str
    catalogue: str
    name: str
    unit: str
    unit_name: str
    decimals: int
    every: str
    source: str
    overall_by: str
    volume_id: int | None
    is_on_board: bool
    owner_id: int | None
    owner: str
    deputy_id: int | None
    deputy: str
    rules: Rules
    # The month the company's year begins with.
    fiscal_from: int = 1

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return kpi_name(self)


class Figure(NamedTuple):
    """One reading: its period's first day, and its value."""

    period: date
    value: Decimal


# The readings of KPIs by (KPI, channel): period and value, oldest first.
Figures = Mapping[tuple[int, str], Sequence[tuple[date, Decimal]]]


@record
class Standing:
    """A KPI, overall ('' for `channel`) or in one channel, as it stands on a day. All figures are exact."""

    kpi: KpiRow
    channel: str
    # The newest reading, and the newest one before it.
    latest: Figure | None
    before: Figure | None
    baseline: Base | None
    # What is asked for on the last day of the newest reading's period (of the last period that is over, without one).
    aim: Aim | None
    # The last target of all, and its day; `goal` is None where it cannot be worked out.
    goal: Aim | None
    goal_on: date | None
    state: State
    # Periods that are over since the newest reading.
    missed: int
    # Whether the newest reading is more than the usual ups and downs.
    unusual: Unusual | None
    # The last periods up to the newest one that is over or read, None where there is no reading; oldest first.
    recent: tuple[tuple[date, Decimal | None], ...]

    @property
    def value(self) -> Decimal | None:
        """The newest figure."""
        return self.latest.value if self.latest else None

    @property
    def change(self) -> Decimal | None:
        """From the figure before to the newest one."""
        return self.latest.value - self.before.value if self.latest and self.before else None

    @property
    def trend(self) -> int:
        """1 for better than before, -1 for worse, 0 for neither or unknown."""
        return direction(self.before.value, self.latest.value, self.kpi.rules) if self.latest and self.before else 0

    @property
    def since_baseline(self) -> Decimal | None:
        """From the baseline to the newest figure, in percent of the baseline's size; None of zero or without one."""
        return change_percent(self.baseline.value if self.baseline else None, self.value)

    @property
    def is_good_since_baseline(self) -> int:
        """1 for better than the baseline, -1 for worse, 0 for neither or unknown."""
        if self.baseline is None or self.latest is None:
            return 0
        return direction(self.baseline.value, self.latest.value, self.kpi.rules)


def standings(
    program_id: int,
    today: date,
    *,
    channels: Collection[str] | None = (OVERALL,),
    kpi_ids: Collection[int] | None = None,
) -> list[Standing]:
    """The active KPIs in the program's order, each in those channels it is followed in; None for overall and all.

    Overall stands before the channels of the same KPI. `today` is the program's day. Permission is the caller's.
    """
    kpis = kpi_rows(program_id, kpi_ids)
    if not kpis:
        return []
    ids = list(kpis)
    wanted = _places(ids, channels)
    stones, bases = asked_of(program_id, kpi_ids)
    figures = _figures(program_id, kpi_ids, wanted, today)
    return [standing_of(kpis[kpi_id], channel, figures, stones, bases, today) for kpi_id, channel in wanted]


def by_urgency(found: Iterable[Standing]) -> list[Standing]:
    """What needs somebody first; within a state, what got worse first, and then in the given order."""
    return sorted(found, key=lambda standing: (URGENCY.index(standing.state), standing.trend))


def kpi_rows(program_id: int, kpi_ids: Collection[int] | None = None) -> dict[int, KpiRow]:
    """The active KPIs of the program by id, in its order. One statement."""
    return {row[0]: _kpi(row) for row in read(_kpis(kpi_ids is not None), _which(program_id, kpi_ids)).all()}


def asked_of(
    program_id: int, kpi_ids: Collection[int] | None = None
) -> tuple[dict[tuple[int, str], list[Stone]], dict[tuple[int, str], Base]]:
    """Targets and baselines of the active KPIs of the program by (KPI, channel). One statement."""
    stones: dict[tuple[int, str], list[Stone]] = defaultdict(list)
    bases: dict[tuple[int, str], Base] = {}
    rows = read(_asked(kpi_ids is not None), _which(program_id, kpi_ids)).all()
    for kpi_id, channel, kind, value, upper, day in rows:
        if kind:
            stones[kpi_id, channel].append(Stone(kind, value, upper, day))
        else:
            bases[kpi_id, channel] = Base(value, day)
    return stones, bases


def stones_for(stones: dict[tuple[int, str], list[Stone]], kpi_id: int, channel: str) -> list[Stone]:
    """A channel's own targets, or the overall ones where it has none."""
    return stones.get((kpi_id, channel)) or stones.get((kpi_id, OVERALL)) or []


def standing_of(
    kpi: KpiRow,
    channel: str,
    figures: Figures,
    stones: dict[tuple[int, str], list[Stone]],
    bases: dict[tuple[int, str], Base],
    today: date,
) -> Standing:
    """How a KPI stands in a channel, from what was read of it: for whoever has read it already."""
    found = figures.get((kpi.id, channel), ())
    latest = Figure(*found[-1]) if found else None
    base = bases.get((kpi.id, channel))
    own = stones_for(stones, kpi.id, channel)
    last_over = periods.last_over(kpi.every, today)
    newest = latest.period if latest else last_over
    aim = aim_on(periods.last_day(kpi.every, newest), own, base, kpi.rules)
    missed = periods.missed(kpi.every, latest.period, today) if latest else 0
    value = base.value if base else None
    state = judge(
        latest.value if latest else None,
        aim,
        kpi.rules,
        has_targets=bool(own),
        missed_periods=missed,
        baseline=value,
    )
    last = max(own, key=lambda stone: stone.due_on) if own else None
    known = dict(found)
    until = max(newest, last_over)
    drawn = periods.up_to(kpi.every, until, DRAWN)
    return Standing(
        kpi=kpi,
        channel=channel,
        latest=latest,
        before=Figure(*found[-2]) if len(found) > 1 else None,
        baseline=base,
        aim=aim,
        goal=aim_of(last, value) if last else None,
        goal_on=last.due_on if last else None,
        state=state,
        missed=missed,
        unusual=_unusual(kpi, found, known),
        recent=tuple((period, known.get(period)) for period in drawn),
    )


def _unusual(kpi: KpiRow, found: Sequence[tuple[date, Decimal]], known: dict[date, Decimal]) -> Unusual | None:
    if len(found) < 2:
        return None
    (first, _value), (last, newest) = found[0], found[-1]
    count = periods.between(kpi.every, first, last)
    before = periods.up_to(kpi.every, last, count + 1)[:-1]
    return unusual(tuple(map(known.get, before)), newest)


def _places(ids: list[int], channels: Collection[str] | None) -> list[tuple[int, str]]:
    followed: dict[int, list[str]] = {kpi_id: [] for kpi_id in ids}
    if channels is None or set(channels) - {OVERALL}:
        for kpi_id, channel in read(_channels(), {"kpis": ids}).all():
            if channels is None or channel in channels:
                followed[kpi_id].append(channel)
    overall = [OVERALL] if channels is None or OVERALL in channels else []
    return [(kpi_id, channel) for kpi_id in ids for channel in (*overall, *followed[kpi_id])]


def _figures(
    program_id: int, kpi_ids: Collection[int] | None, wanted: list[tuple[int, str]], today: date
) -> dict[tuple[int, str], list[tuple[date, Decimal]]]:
    """The readings of the last periods, oldest first; where there is none, the newest of all."""
    found: dict[tuple[int, str], list[tuple[date, Decimal]]] = defaultdict(list)
    values: dict[str, Any] = {
        **_which(program_id, kpi_ids),
        "channels": sorted({channel for _kpi, channel in wanted}),
        **{every.value: periods.shift(every, periods.first_day(every, today), -HISTORY) for every in Every},
    }
    for kpi_id, channel, period, value in read(_newest(kpi_ids is not None), values).all():
        found[kpi_id, channel].append((period, value))
    # Here, where they come in order as a rule: the database would put two thousand together.
    for figures in found.values():
        figures.sort()
    if missing := [place for place in wanted if place not in found]:
        values = {"kpis": sorted({kpi_id for kpi_id, _channel in missing}), "channels": values["channels"]}
        for kpi_id, channel, period, value in read(_long_ago(), values).all():
            if (kpi_id, channel) not in found:
                found[kpi_id, channel] = [(period, value)]
    return found


def _which(program_id: int, kpi_ids: Collection[int] | None) -> dict[str, Any]:
    return {"program": program_id, "kpis": list(kpi_ids or ())}


def _are_asked_for(only: bool) -> Any:
    """The active KPIs of the program, or those of them that are listed: a long list costs more than what it asks."""
    wanted = and_(Kpi.program_id == bindparam("program"), Kpi.is_active)
    return and_(wanted, Kpi.id.in_(bindparam("kpis", expanding=True))) if only else wanted


# Statements are put together once: that costs more than running them.
_READ = (Reading.kpi_id, Reading.channel, Reading.period, Reading.value)


@cache
def _newest(only: bool) -> Any:
    since = case(*((Kpi.every == every.value, bindparam(every.value, type_=Date())) for every in Every))
    return (
        select(*_READ)
        .join(Kpi, Kpi.id == Reading.kpi_id)
        .where(_are_asked_for(only), Reading.channel.in_(bindparam("channels", expanding=True)))
        .where(Reading.period >= since)
    )


@cache
def _long_ago() -> Any:
    newest = (
        select(Reading.kpi_id, Reading.channel, func.max(Reading.period).label("period"))
        .where(
            Reading.kpi_id.in_(bindparam("kpis", expanding=True)),
            Reading.channel.in_(bindparam("channels", expanding=True)),
        )
        .group_by(Reading.kpi_id, Reading.channel)
        .subquery()
    )
    return select(*_READ).join(
        newest,
        and_(
            newest.c.kpi_id == Reading.kpi_id,
            newest.c.channel == Reading.channel,
            newest.c.period == Reading.period,
        ),
    )


@cache
def _kpis(only: bool) -> Any:
    owner, deputy = aliased(Person), aliased(Person)
    return (
        # In the order in which `_kpi` takes them.
        select(
            *(Kpi.id, Kpi.code, Kpi.catalogue, Kpi.name, Kpi.unit, Kpi.unit_name, Kpi.decimals, Kpi.every, Kpi.source),
            *(Kpi.overall_by, Kpi.volume_id, Kpi.is_on_board, Kpi.owner_id, func.coalesce(owner.name, "")),
            *(Kpi.deputy_id, func.coalesce(deputy.name, ""), fiscal_from(Kpi.program_id)),
            *(Kpi.better, Kpi.amber_percent, Kpi.stale_after, Kpi.inside_low, Kpi.inside_high),
        )
        .outerjoin(owner, owner.id == Kpi.owner_id)
        .outerjoin(deputy, deputy.id == Kpi.deputy_id)
        .where(_are_asked_for(only))
        .order_by(Kpi.position, Kpi.id)
    )


def _kpi(row: Sequence[Any]) -> KpiRow:
    *own, fiscal_from, better, amber_percent, stale_after, low, high = row
    own += (Rules(better, amber_percent, stale_after, low, high), fiscal_from)
    return KpiRow(*own)


@cache
def _asked(only: bool) -> Any:
    targets = (
        select(
            *(KpiTarget.kpi_id, KpiTarget.channel, KpiTarget.kind),
            *(KpiTarget.value, KpiTarget.upper, KpiTarget.due_on),
        )
        .join(Kpi, Kpi.id == KpiTarget.kpi_id)
        .where(_are_asked_for(only))
    )
    baselines = (
        select(
            *(KpiBaseline.kpi_id, KpiBaseline.channel, literal("")),
            *(KpiBaseline.value, type_coerce(null(), Exact()), KpiBaseline.until),
        )
        .join(Kpi, Kpi.id == KpiBaseline.kpi_id)
        .where(_are_asked_for(only))
    )
    return union_all(targets, baselines)


@cache
def _channels() -> Any:
    return (
        select(KpiChannel.kpi_id, KpiChannel.channel)
        .where(KpiChannel.kpi_id.in_(bindparam("kpis", expanding=True)))
        .order_by(KpiChannel.kpi_id, KpiChannel.channel)
    )
