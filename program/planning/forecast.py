"""When phases will be done, judged by the pace at which items were finished, as a range and never as a promise.

The method is a Monte Carlo simulation: weeks to come are drawn, with replacement, from the last weeks' counts of
finished items, a few hundred times over, and each run tells on which day each phase's open items are through. Half of
the runs finish by `half_on`, 85 % by `likely_on`. Where there is too little history it says so instead of guessing.

`simulation.py` is the arithmetic; here its inputs are read and its assumptions written out. `phase_dates.py` sets the
forecast beside the plan and what happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_, bindparam, func, literal_column, select, union_all

from program.ground import formats
from program.ground.calendar import WorkingCalendar, monday_of
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.now import zone
from program.planning.models import Phase, WorkItem
from program.planning.progress import NOTHING, Progress, phase_progress
from program.planning.simulation import (
    HISTORY_WEEKS,
    RUNS,
    TOO_LITTLE_HISTORY,
    Outlook,
    PhaseForecast,
    PhaseWork,
    simulate,
)

# What the dates of a phase follow from.
PHASE_COLUMNS = (
    Phase.id,
    Phase.program_id,
    Phase.name,
    Phase.position,
    Phase.planned_start,
    Phase.planned_end,
    Phase.actual_start,
    Phase.actual_end,
    Phase.revision,
)
__all__ = ["Outlook", "PhaseForecast", "assumptions", "finished_per_week", "forecast", "outlook", "phases_and_pace"]


def forecast(
    program_id: int, today: date, calendar: WorkingCalendar, timezone: str = "UTC"
) -> dict[int, PhaseForecast]:
    """The forecast of each phase of a program, by the phase's id. Two statements."""
    phases, history = phases_and_pace(program_id, today, timezone)
    return dict(outlook(phases, phase_progress(program_id, today), history, today, calendar).phases)


def phases_and_pace(program_id: int, today: date, timezone: str) -> tuple[list[Any], tuple[int, ...]]:
    """The program's phases in order, and how many items it finished in each of the last full weeks. One statement.

    Weeks run from Monday to Sunday in that time zone; the running week is left out, because it is not over.
    """
    values = {"program_id": program_id, **_edges(today, timezone)}
    rows = read(_PHASES_AND_PACE, values).all()
    # The counts are the same on every row: asked beside the phases, they cost no statement of their own.
    return list(rows), tuple(rows[0][-HISTORY_WEEKS:]) if rows else ()


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


def finished_per_week(program_ids: Sequence[int], today: date, timezone: str = "UTC") -> dict[int, tuple[int, ...]]:
    """How many items each program finished in each of the last twelve full weeks, oldest first. One statement.

    Weeks run from Monday to Sunday in that time zone; the running week is left out, because it is not over.
    """
    counts = {program_id: [0] * HISTORY_WEEKS for program_id in program_ids}
    if counts:
        rows = read(_WEEKLY_COUNTS, {"program_ids": list(counts), **_edges(today, timezone)}).all()
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


def _since_start(history: tuple[int, ...], phases: Sequence[PhaseWork], today: date) -> tuple[int, ...]:
    """The weekly counts since the program began, or since the first finished item if that was earlier."""
    first = min((phase.actual_start or phase.planned_start for phase in phases), default=today)
    weeks = (monday_of(today) - monday_of(first)).days // 7
    active = next((len(history) - place for place, count in enumerate(history) if count), 0)
    kept = min(len(history), max(weeks, active, 0))
    return history[len(history) - kept :]


def _edges(today: date, timezone: str) -> dict[str, datetime]:
    """The moments between the weeks of the history: edge_0 is the beginning of this week."""
    monday = monday_of(today)
    return {
        f"edge_{back}": datetime.combine(monday - timedelta(weeks=back), time(), zone(timezone))
        for back in range(HISTORY_WEEKS + 1)
    }


def _in_week(place: int) -> Any:
    first, after = (
        bindparam(f"edge_{back}", type_=UtcDateTime()) for back in (HISTORY_WEEKS - place, HISTORY_WEEKS - place - 1)
    )
    return and_(WorkItem.done_at >= first, WorkItem.done_at < after)


def _weekly_counts() -> Any:
    """One count a week along the index of finished items: far cheaper than sorting every item into its week."""
    program_ids: Any = bindparam("program_ids", expanding=True)
    return union_all(
        *(
            select(WorkItem.program_id, literal_column(str(place)), func.count())
            .where(WorkItem.program_id.in_(program_ids), _in_week(place))
            .group_by(WorkItem.program_id)
            for place in range(HISTORY_WEEKS)
        )
    )


def _phases_and_pace() -> Any:
    counts = [
        select(func.count())
        .select_from(WorkItem)
        .where(WorkItem.program_id == bindparam("program_id"), _in_week(place))
        .scalar_subquery()
        .label(f"week_{place}")
        for place in range(HISTORY_WEEKS)
    ]
    return (
        select(*PHASE_COLUMNS, *counts)
        .where(Phase.program_id == bindparam("program_id"))
        .order_by(Phase.position, Phase.id)
    )


_WEEKLY_COUNTS = _weekly_counts()
_PHASES_AND_PACE = _phases_and_pace()
