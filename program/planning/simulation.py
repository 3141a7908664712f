"""The simulation behind a forecast: from weekly counts of finished items to days, without database or clock.

`forecast.py` reads the inputs and writes out the assumptions. Time is counted in working days from today; a week of
the history stands for five of them.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import Any

from flask_babel import lazy_gettext as _l

from program.ground.calendar import DAY, LAST_DAY, WORKING_DAYS_A_WEEK, WorkingCalendar
from program.ground.records import record

HISTORY_WEEKS = 12
LEAST_WEEKS, LEAST_FINISHED = 4, 8
RUNS = 500
HORIZON_WEEKS = 104
HALF, LIKELY = 0.5, 0.85
NEVER = math.inf
# Positions are sums of fractions: what differs by less is the same moment.
HAIR = 1e-9

TOO_LITTLE_HISTORY = _l(
    "Too little history for a forecast: it takes at least %(weeks)s weeks of work and %(items)s finished items.",
    weeks=LEAST_WEEKS,
    items=LEAST_FINISHED,
)
NO_ITEMS = _l("This phase has no items yet, so there is nothing to forecast from.")
TOO_FAR = _l("At the present pace this takes more than two years.")


@record
class PhaseWork:
    """What a forecast needs to know of a phase: its plan, what happened, and how many items are left."""

    id: int
    planned_start: date
    planned_end: date
    actual_start: date | None
    actual_end: date | None
    total: int = 0
    open: int = 0
    # No item is finished before it is planned to begin, so the phase is not either.
    latest_start: date | None = None

    def started(self, today: date) -> bool:
        """True once somebody said so, or something of it is finished and its planned day has come."""
        if self.actual_start is not None or self.actual_end is not None:
            return True
        return self.open < self.total and self.planned_start <= today


@record
class PhaseForecast:
    """A phase's forecast: when it begins, and by when it is done in half and in 85 % of the runs.

    The last two are None where nothing can be said; `reason` is then the sentence that says why.
    """

    starts_on: date
    half_on: date | None
    likely_on: date | None
    reason: Any = None


@record
class Outlook:
    """The forecast of all phases of a program, with the pace it rests on (items finished in each full week)."""

    phases: Mapping[int, PhaseForecast]
    pace: tuple[int, ...]

    @property
    def is_known(self) -> bool:
        """True when there was history enough."""
        return is_enough(self.pace)


def is_enough(history: Sequence[int]) -> bool:
    """True when the history carries a forecast."""
    return len(history) >= LEAST_WEEKS and sum(history) >= LEAST_FINISHED


@lru_cache(maxsize=2048)
def simulate(history: tuple[int, ...], phases: tuple[PhaseWork, ...], today: date, country: str) -> Outlook:
    """Forecast phases, in their order, from weekly counts of finished items. Pure, and kept by its inputs.

    More left to do never gives an earlier date, a faster pace never a later one, and no date lies before today.
    """
    days = _working_days(today, country)
    known = is_enough(history)
    runs = _run_all(sorted(history), _steps(phases, today, days)) if known else None
    found = {}
    for place, phase in enumerate(phases):
        begins, ends = runs[place] if runs else ([], [])
        start = _start(phase, today, days, begins)
        if phase.actual_end is not None:
            found[phase.id] = PhaseForecast(start, phase.actual_end, phase.actual_end)
        elif not phase.total:
            found[phase.id] = PhaseForecast(start, None, None, NO_ITEMS)
        elif not phase.open:
            found[phase.id] = PhaseForecast(min(start, days[0]), days[0], days[0])
        elif not runs:
            found[phase.id] = PhaseForecast(start, None, None, TOO_LITTLE_HISTORY)
        else:
            half, likely = (_end_day(_quantile(ends, share), days) for share in (HALF, LIKELY))
            found[phase.id] = PhaseForecast(start, half, likely, None if likely else TOO_FAR)
    return Outlook(found, history)


@record
class _Step:
    """A phase as a run sees it, in working days from today."""

    over: bool
    begun: bool
    begin: float
    overlaps: bool
    open: int
    total: int
    # The phase does not end before; for a phase without items it is the plan's length instead.
    floor: float
    length: int


def _steps(phases: Sequence[PhaseWork], today: date, days: Sequence[date]) -> list[_Step]:
    def position(day: date) -> float:
        return NEVER if day > days[-1] else bisect_left(days, day)

    steps: list[_Step] = []
    for place, phase in enumerate(phases):
        begin = position(phase.planned_start)
        end = position(phase.planned_end + DAY)
        steps.append(
            _Step(
                over=phase.actual_end is not None,
                begun=phase.started(today),
                begin=begin,
                overlaps=place > 0 and phase.planned_start <= phases[place - 1].planned_end,
                open=phase.open,
                total=phase.total,
                floor=position(phase.latest_start) + 1 if phase.latest_start and phase.open else 0,
                length=0 if NEVER in (begin, end) else int(end - begin),
            )
        )
    return steps


def _run_all(counts: Sequence[int], steps: Sequence[_Step]) -> list[tuple[list[float], list[float]]]:
    """For each phase, its beginnings and its ends over all runs, sorted, in working days from today.

    Finished items pile up over the weeks along a line of straight pieces. A phase takes its items from where the
    phases before it stopped taking, or from where the line stands when it begins, whichever is higher.
    """
    found: list[tuple[list[float], list[float]]] = [([], []) for _step in steps]
    for draws in _draws(len(counts)):
        pile = [0, *accumulate(map(counts.__getitem__, draws))]
        taken = previous_end = 0.0
        for step, (begins, ends) in zip(steps, found, strict=True):
            if step.over:
                begins.append(0)
                ends.append(0)
                previous_end = 0
                continue
            begin = 0 if step.begun else step.begin if step.overlaps else max(step.begin, previous_end)
            if step.total:
                taken = max(taken, _pile_at(pile, begin)) + step.open
                previous_end = max(_reached(pile, taken), step.floor) if step.open else begin
            else:
                previous_end = begin + step.length
            begins.append(begin)
            ends.append(previous_end)
    return [(sorted(begins), sorted(ends)) for begins, ends in found]


def _pile_at(pile: Sequence[int], position: float) -> float:
    """Items finished after that many working days."""
    weeks = position / WORKING_DAYS_A_WEEK
    if weeks >= HORIZON_WEEKS:
        return NEVER
    whole = int(weeks)
    return pile[whole] + (weeks - whole) * (pile[whole + 1] - pile[whole])


def _reached(pile: Sequence[int], items: float) -> float:
    """The working days after which that many items are finished."""
    week = bisect_left(pile, items - HAIR)
    if week > HORIZON_WEEKS:
        return NEVER
    if not week:
        return 0
    return WORKING_DAYS_A_WEEK * (week - 1 + (items - pile[week - 1]) / (pile[week] - pile[week - 1]))


@lru_cache(maxsize=HISTORY_WEEKS + 1)
def _draws(weeks: int) -> tuple[bytes, ...]:
    """Which week of the history each week to come is like, for every run.

    The same luck for every program with as many weeks of history: two forecasts differ because the work differs,
    never because of the dice.
    """
    dice = random.Random(weeks)  # noqa: S311 - nothing secret is drawn
    return tuple(bytes(dice.choices(range(weeks), k=HORIZON_WEEKS)) for _run in range(RUNS))


@lru_cache(maxsize=64)
def _working_days(today: date, country: str) -> list[date]:
    """Working days from today on, as far as the simulation looks; never empty."""
    calendar = WorkingCalendar(country)
    days = [calendar.on_or_after(today)]
    day = days[0]
    while len(days) <= HORIZON_WEEKS * WORKING_DAYS_A_WEEK and day < LAST_DAY:
        day += DAY
        if calendar.is_working(day):
            days.append(day)
    return days


def _quantile(positions: Sequence[float], share: float) -> float:
    return positions[math.ceil(share * len(positions)) - 1]


def _end_day(position: float, days: Sequence[date]) -> date | None:
    """The working day in which that position lies; None beyond what was simulated."""
    place = NEVER if position == NEVER else max(0, math.ceil(position - HAIR) - 1)
    return days[int(place)] if place < len(days) else None


def _start(phase: PhaseWork, today: date, days: Sequence[date], begins: Sequence[float]) -> date:
    """The day the phase began, or begins in half of the runs, or by the plan where nothing is known."""
    if phase.actual_start is not None:
        return phase.actual_start
    if phase.started(today):
        return min(phase.planned_start, phase.actual_end or today)
    position = math.floor(_quantile(begins, HALF) + HAIR) if begins and begins[0] != NEVER else -1
    if 0 <= position < len(days):
        return days[position]
    return max(phase.planned_start, days[0])
