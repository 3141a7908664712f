"""What follows from figures when they change: the weighted value for all channels, and the Experience Index.

Nothing here is entered by anybody, so nothing here asks who may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from program.extensions import db
from program.kpis.models import OVERALL, Kpi, OverallBy, Reading
from program.kpis.weighing import weighted_mean


@dataclass(slots=True)
class Followed:
    """Weighted values to write (KPI, period, value, channels left out), and those that can no longer be worked out."""

    known: list[tuple[int, date, Decimal, str]] = field(default_factory=list)
    unknown: list[tuple[int, date]] = field(default_factory=list)


# Who wants to know of changed figures: the program's id, and the (KPI, period) of each.
Listener = Callable[[int, Collection[tuple[int, date]]], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Tell that function of every change of figures, once they are all written. Saying it twice is saying it once."""
    if listener not in _listeners:
        _listeners.append(listener)


def figures_changed(program_id: int, touched: Collection[tuple[int, date]]) -> None:
    """Tell whoever wants to know."""
    for listener in _listeners:
        listener(program_id, touched)


def weighted(program_id: int, touched: Collection[tuple[int, date]]) -> Followed:
    """What the weighted KPIs of the program are now, in the periods where a channel's value or volume has changed.

    The note of a weighted value is the keys of the channels that were left out, with commas between them.
    """
    query = select(Kpi.id, Kpi.volume_id).where(
        Kpi.program_id == program_id, Kpi.overall_by == OverallBy.WEIGHTED.value, Kpi.volume_id.is_not(None)
    )
    volume_of = {row.id: row.volume_id for row in db.session.execute(query)}
    periods_of: dict[int, set[date]] = defaultdict(set)
    for kpi_id, period in touched:
        periods_of[kpi_id].add(period)
    wanted = {
        kpi_id: found
        for kpi_id, volume_id in volume_of.items()
        if (found := periods_of[kpi_id] | periods_of[volume_id])
    }
    return _worked_out(program_id, wanted, volume_of) if wanted else Followed()


def _worked_out(program_id: int, wanted: dict[int, set[date]], volume_of: dict[int, int]) -> Followed:
    days = set().union(*wanted.values())
    ids = wanted.keys() | {volume_of[kpi_id] for kpi_id in wanted}
    figures: dict[tuple[int, date], dict[str, Decimal]] = defaultdict(dict)
    query = select(Reading.kpi_id, Reading.period, Reading.channel, Reading.value).where(
        Reading.program_id == program_id,
        Reading.kpi_id.in_(ids),
        Reading.channel != OVERALL,
        Reading.period.between(min(days), max(days)),
    )
    for kpi_id, period, channel, value in db.session.execute(query).all():
        figures[kpi_id, period][channel] = value
    followed = Followed()
    for kpi_id, periods in wanted.items():
        for period in sorted(periods):
            mean = weighted_mean(figures.get((kpi_id, period), {}), figures.get((volume_of[kpi_id], period), {}))
            if mean.value is None:
                followed.unknown.append((kpi_id, period))
            else:
                followed.known.append((kpi_id, period, mean.value, ",".join(mean.left_out)[:500]))
    return followed
