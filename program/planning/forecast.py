"""When phases will be done, judged by the pace at which items were finished, as a range and never as a promise.

The method is a Monte Carlo simulation: weeks to come are drawn, with replacement, from the last weeks' counts of
finished items, a few hundred times over, and each run tells on which day each phase's open items are through. Half of
the runs finish by `half_on`, 85 % by `likely_on`. Where there is too little history it says so instead of guessing.

Everything below `simulate` is pure: the same inputs give the same dates, so that results are kept by their inputs.
`phase_dates.py` sets the forecast beside the plan and what happened.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from statistics import median
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import bindparam, func, literal, select, union_all

from program.extensions import db
from program.ground import formats
from program.ground.calendar import DAY, LAST_DAY, WORKING_DAYS_A_WEEK, WorkingCalendar, monday_of
from program.ground.model import UtcDateTime
from program.ground.now import zone
from program.planning.models import Phase, WorkItem
from program.planning.progress import NOTHING, Progress, phase_progress

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


@dataclass(frozen=True, slots=True)
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

    @property
    def started(self) -> bool:
        """True once somebody said so, or something of it is finished."""
        return self.actual_start is not None or self.actual_end is not None or self.open < self.total


@dataclass(frozen=True, slots=True)
class PhaseForecast:
    """A phase's forecast: when it begins, and by when it is done in half and in 85 % of the runs.

    The last two are None where nothing can be said; `reason` is then the sentence that says why.
    """

    starts_on: date
    half_on: date | None
    likely_on: date | None
    reason: Any = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast of all phases of a program, with the pace it rests on (items finished in each full week)."""

    phases: Mapping[int, PhaseForecast]
    pace: tuple[int, ...]

    @property
    def is_known(self) -> bool:
        """True when there was history enough."""
        return _is_enough(self.pace)


def forecast(program_id: int, today: date, calendar: WorkingCalendar) -> dict[int, PhaseForecast]:
    """The forecast of each phase of a program, by the phase's id. Three statements."""
    phases = db.session.execute(
        select(Phase.id, Phase.planned_start, Phase.planned_end, Phase.actual_start, Phase.actual_end)
        .where(Phase.program_id == program_id)
        .order_by(Phase.position, Phase.id)
    ).all()
    progress = phase_progress(program_id, today)
    history = finished_per_week([program_id], today)[program_id]
    return dict(outlook(phases, progress, history, today, calendar).phases)


def outlook(
    phases: Sequence[Any],
    progress: Mapping[int | None, Progress],
    history: tuple[int, ...],
    today: date,
    calendar: WorkingCalendar,
) -> Outlook:
    """The forecast from rows already read: phases in their order (id and the four dates), progress, weekly counts."""
    works = []
    for phase in phases:
        done = progress.get(phase.id, NOTHING)
        works.append(
            PhaseWork(
                phase.id,
                phase.planned_start,
                phase.planned_end,
                phase.actual_start,
                phase.actual_end,
                done.total,
                done.open,
                done.latest_start,
            )
        )
    return simulate(_since_start(history, works, today), tuple(works), today, calendar.country)


def finished_per_week(
    program_ids: Sequence[int], today: date, timezone: str = "Europe/Warsaw"
) -> dict[int, tuple[int, ...]]:
    """How many items each program finished in each of the last twelve full weeks, oldest first. One statement.

    Weeks run from Monday to Sunday in that time zone; the running week is left out, because it is not over.
    """
    counts = {program_id: [0] * HISTORY_WEEKS for program_id in program_ids}
    if counts:
        monday = monday_of(today)
        edges = {
            f"edge_{back}": datetime.combine(monday - timedelta(weeks=back), time(), zone(timezone))
            for back in range(HISTORY_WEEKS + 1)
        }
        rows = db.session.execute(_WEEKLY_COUNTS, {"program_ids": list(counts), **edges})
        for program_id, week, count in rows:
            counts[program_id][week] = count
    return {program_id: tuple(found) for program_id, found in counts.items()}


def assumptions(found: Outlook) -> list[str]:
    """What the forecast rests on and what it leaves out, in sentences for its reader."""
    if not found.is_known:
        return [str(TOO_LITTLE_HISTORY)]
    pace = found.pace
    return [
        ngettext(
            "The pace comes from the last full week.", "The pace comes from the last %(num)s full weeks.", len(pace)
        ),
        _(
            "In the slowest of them %(slowest)s items were finished, in the fastest %(fastest)s; the middle is"
            " %(middle)s a week.",
            slowest=formats.number(min(pace)),
            fastest=formats.number(max(pace)),
            middle=formats.number(median(pace), 0 if float(median(pace)).is_integer() else 1),
        ),
        _(
            "The weeks to come were drawn from these %(runs)s times. Half of the runs finish by the first date, 85 of"
            " 100 by the second.",
            runs=formats.number(RUNS),
        ),
        _("The team works on one phase after the other; phases that overlap in the plan share its pace."),
        _(
            "A phase begins no earlier than planned and after the one before it, and no item is finished before it is"
            " planned to begin."
        ),
        _(
            "Not considered: how large items are, who is free, blockers and dependencies, work that will still be"
            " added, and how long decisions at gates take."
        ),
    ]


@lru_cache(maxsize=2048)
def simulate(history: tuple[int, ...], phases: tuple[PhaseWork, ...], today: date, country: str) -> Outlook:
    """Forecast phases, in their order, from weekly counts of finished items. Pure, and kept by its inputs.

    More left to do never gives an earlier date, a faster pace never a later one, and no date lies before today.
    """
    calendar = WorkingCalendar(country)
    days = _working_days(today, country)
    known = _is_enough(history)
    steps = _steps(phases, days)
    begins, ends = _run_all(sorted(history), steps) if known else ([], [])
    found = {}
    for place, phase in enumerate(phases):
        start = phase.actual_start or max(phase.planned_start, today if phase.started else phase.planned_start)
        if phase.actual_end is not None:
            found[phase.id] = PhaseForecast(start, phase.actual_end, phase.actual_end)
            continue
        if known and not phase.started:
            start = _day_at(begins[place], HALF, days, beginning=True) or phase.planned_start
        elif phase.actual_start is None:
            start = calendar.on_or_after(max(phase.planned_start, today)) if not phase.started else phase.planned_start
        if not phase.total:
            found[phase.id] = PhaseForecast(start, None, None, NO_ITEMS)
        elif not phase.open:
            found[phase.id] = PhaseForecast(min(start, days[0]), days[0], days[0])
        elif not known:
            found[phase.id] = PhaseForecast(start, None, None, TOO_LITTLE_HISTORY)
        else:
            half = _day_at(ends[place], HALF, days)
            likely = _day_at(ends[place], LIKELY, days)
            reason = None if half and likely else TOO_FAR
            found[phase.id] = PhaseForecast(start, half, likely, reason)
    return Outlook(found, history)
