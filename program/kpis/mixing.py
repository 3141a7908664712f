"""The Experience Index as arithmetic: several figures, each on a scale from 0 to 100, mixed by weight. Pure.

A figure counts 0 at its floor and 100 at its goal, straight between them, and no more beyond either. The index is the
mean of these scores by weight. What is missing is left out and the others share its weight; where less than half of
the weight is known, there is no index: a number made of the smaller half would be about something else.

A figure belongs to a week when its period holds the week's Sunday. An older one stands in for a missing one: of weekly
figures for as many weeks as the mix says, of monthly and quarterly ones through the whole next period and as many weeks
more. A week in which nothing at all was read has no index; carrying alone makes none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from program.ground.records import record
from program.kpis import periods
from program.kpis.judging import rounded
from program.kpis.models import Every

ZERO, HUNDRED = Decimal(0), Decimal(100)
# So much of the weight has to be known, in percent.
ENOUGH = Decimal(50)
# The longest that a mix may let a figure stand in for a missing one, in weeks.
MOST_CARRIED = 12
_SUNDAY = timedelta(days=6)
_WEEK = timedelta(weeks=1)


@record
class Part:
    """A figure of a mix: whose it is, how often it is read, its weight, and the values that count 0 and 100."""

    kpi_id: int
    channel: str
    every: str
    weight: Decimal
    floor: Decimal
    goal: Decimal


@record
class Share:
    """What a part gave: its value, its score from 0 to 100, and the points of the index that are its. None: missing."""

    part: Part
    value: Decimal | None
    score: Decimal | None
    points: Decimal | None
    # The period the value was read for, where that is not the week's own.
    carried_from: date | None


@record
class Mixed:
    """The index of one week. `value` is None where too little is known."""

    value: Decimal | None
    shares: tuple[Share, ...]
    # How much of the weight is known, in percent.
    known: Decimal


def score(value: Decimal, part: Part) -> Decimal:
    """The value on the scale from 0 (floor) to 100 (goal); the goal may lie below the floor."""
    raw = (value - part.floor) / (part.goal - part.floor) * HUNDRED
    return min(max(raw, ZERO), HUNDRED)


def mix(
    week: date, parts: Sequence[Part], figures: Mapping[tuple[int, str], Mapping[date, Decimal]], carries: int
) -> Mixed | None:
    """The index of the week that begins on that Monday; None where nothing was read for it.

    `figures` are the values of each (KPI, channel) by period; `carries` is for how many weeks one stands in.
    """
    found = [
        (part, period_for(week, part.every, figures.get((part.kpi_id, part.channel), {}), carries)) for part in parts
    ]
    if not any(period is not None and belongs(week, part.every, period) for part, period in found):
        return None
    scores: list[tuple[Part, Decimal | None, Decimal | None, date | None]] = []
    for part, period in found:
        value = None if period is None else figures[part.kpi_id, part.channel][period]
        carried = period if period is not None and not belongs(week, part.every, period) else None
        scores.append((part, value, None if value is None else score(value, part), carried))
    whole = sum((part.weight for part in parts), ZERO)
    known = sum((part.weight for part, _value, counted, _carried in scores if counted is not None), ZERO)
    shares = tuple(
        Share(
            part,
            value,
            None if counted is None else rounded(counted),
            None if counted is None else rounded(counted * part.weight / known),
            carried,
        )
        for part, value, counted, carried in scores
    )
    is_enough = known * HUNDRED >= whole * ENOUGH
    total = sum((counted * part.weight for part, _v, counted, _c in scores if counted is not None), ZERO)
    return Mixed(rounded(total / known) if is_enough else None, shares, rounded(known / whole * HUNDRED))


def belongs(week: date, every: str, period: date) -> bool:
    """Whether the period is the one that the week counts to: the one of its Sunday."""
    return periods.first_day(every, week + _SUNDAY) == period


def period_for(week: date, every: str, values: Mapping[date, Decimal], carries: int) -> date | None:
    """The period whose value counts for the week: its own, else the newest that may stand in; None for none."""
    own = periods.first_day(every, week + _SUNDAY)
    earlier = [period for period in values if period <= own]
    if not earlier:
        return None
    newest = max(earlier)
    return newest if week <= last_week(every, newest, carries) else None


def last_week(every: str, period: date, carries: int) -> date:
    """The Monday of the last week for which a period's value counts, when no newer one comes."""
    if every == Every.WEEK:
        return period + _WEEK * carries
    # Until the next period's figure could be there, and so many weeks more.
    return periods.first_day(Every.WEEK, periods.last_day(every, periods.next_period(every, period))) + _WEEK * carries


def weeks_of(every: str, period: date, carries: int) -> list[date]:
    """The Mondays of all weeks whose index a figure of that period can change."""
    first = periods.first_day(Every.WEEK, period)
    last = last_week(every, period, carries)
    return [first + _WEEK * step for step in range((last - first).days // 7 + 1)]
