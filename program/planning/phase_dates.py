"""The three dates of a phase side by side: as planned, as it goes, as it happened; and how late it is.

Read by the overview, the week, the timeline, the portfolio and the list of phases. Lateness is counted in working days
of the program's calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

from program.ground.calendar import DAY, WorkingCalendar
from program.ground.records import record
from program.planning.forecast import outlook, phases_and_pace
from program.planning.progress import NOTHING, Progress, phase_progress
from program.planning.simulation import Outlook, PhaseForecast


class PhaseState(StrEnum):
    """Where a phase stands. Exactly one of those to come is 'next'."""

    ENDED = "ended"
    RUNNING = "running"
    NEXT = "next"
    LATER = "later"


class ProgramDates(Protocol):
    """A program, as far as its dates go: an `OpenProgram`, for one."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def timezone(self) -> str:
        """The zone its weeks begin in."""

    @property
    def calendar(self) -> WorkingCalendar:
        """Its working days."""


@record
class PhaseDates:
    """A phase with what was planned, what is forecast and what happened. Slips are signed working days."""

    id: int
    name: str
    position: int
    planned_start: date
    planned_end: date
    actual_start: date | None
    actual_end: date | None
    revision: int
    state: PhaseState
    progress: Progress
    forecast: PhaseForecast
    # How much later than planned it ended, or is expected to end (in half of the runs); None when nobody knows.
    slip: int | None
    # Working days since the planned end of a phase that has not ended; 0 within the plan.
    overdue_days: int

    @property
    def starts_on(self) -> date:
        """The day it began, or is expected to begin."""
        return self.actual_start or self.forecast.starts_on

    @property
    def ends_on(self) -> date | None:
        """The day it ended, or is expected to end; None when nobody knows."""
        return self.actual_end or self.forecast.half_on

    @property
    def is_over(self) -> bool:
        """True when it has ended."""
        return self.state is PhaseState.ENDED

    @property
    def is_late(self) -> bool:
        """True when its planned end went by without it, or is expected to."""
        return not self.is_over and (self.overdue_days > 0 or (self.slip or 0) > 0)

    @property
    def late_by(self) -> int:
        """Working days it is late, counting what is expected; 0 when it is not late."""
        return max(self.overdue_days, self.slip or 0, 0)


@record
class PlanDates:
    """All phases of a program in order, with the forecast they rest on."""

    phases: tuple[PhaseDates, ...]
    outlook: Outlook

    @property
    def running(self) -> tuple[PhaseDates, ...]:
        """The phases that run now."""
        return tuple(phase for phase in self.phases if phase.state is PhaseState.RUNNING)

    @property
    def current(self) -> PhaseDates | None:
        """The phase people mean by 'now': the first that runs, else the next, else the last that ended."""
        running = self.running
        if running:
            return running[0]
        ahead = next((phase for phase in self.phases if phase.state is PhaseState.NEXT), None)
        return ahead or (self.phases[-1] if self.phases else None)


def phase_dates(program: ProgramDates, today: date, progress: Mapping[int | None, Progress] | None = None) -> PlanDates:
    """The dates of a program's phases. Two statements; one when progress was counted already."""
    rows, history = phases_and_pace(program.id, today, program.timezone)
    if progress is None:
        progress = phase_progress(program.id, today)
    return arranged(rows, progress, history, today, program.calendar)


def arranged(
    rows: Sequence[Any],
    progress: Mapping[int | None, Progress],
    history: tuple[int, ...],
    today: date,
    calendar: WorkingCalendar,
) -> PlanDates:
    """The dates of phases whose rows (`forecast.PHASE_COLUMNS`), progress and pace were read already."""
    found = outlook(rows, progress, history, today, calendar)
    phases = []
    next_is_taken = False
    for row in rows:
        done = progress.get(row.id, NOTHING)
        if row.actual_end:
            state = PhaseState.ENDED
        elif row.actual_start or (done.finished and row.planned_start <= today):
            # What is prepared or dropped ahead of time does not begin a phase; somebody may say that it began.
            state = PhaseState.RUNNING
        else:
            state = PhaseState.LATER if next_is_taken else PhaseState.NEXT
            next_is_taken = True
        forecast = found.phases[row.id]
        end = row.actual_end or forecast.half_on
        phases.append(
            PhaseDates(
                id=row.id,
                name=row.name,
                position=row.position,
                planned_start=row.planned_start,
                planned_end=row.planned_end,
                actual_start=row.actual_start,
                actual_end=row.actual_end,
                revision=row.revision,
                state=state,
                progress=done,
                forecast=forecast,
                slip=slip(row.planned_end, end, calendar.country) if end else None,
                overdue_days=0 if row.actual_end else max(0, slip(row.planned_end, today, calendar.country)),
            )
        )
    return PlanDates(tuple(phases), found)


@lru_cache(maxsize=4096)
def slip(planned: date, real: date, country: str) -> int:
    """How many working days later than planned; negative when earlier, 0 within the same stretch of free days."""
    calendar = WorkingCalendar(country)
    if real > planned:
        return calendar.between(planned + DAY, real)
    return -calendar.between(real + DAY, planned) if real < planned else 0
