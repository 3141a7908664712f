"""The three stages around go-lives as bars on one scale, in percent of its width: what the strip on the pages draws."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from program.change.plan_steps import PlanStage, add_months, stage_dates
from program.ground.records import record

LAST_LABEL = 91


@record
class StageBar:
    """One stage: its days, where it lies on the scale, and whether it is over, running or ahead."""

    stage: PlanStage
    start: date
    end: date
    x: float
    width: float
    state: str


@record
class Strip:
    """The stages of one go-live. `go_live` and `today` are places on the scale; today is None when it lies outside."""

    bars: tuple[StageBar, ...]
    go_live: float
    today: float | None


@record
class Tick:
    """The first day of a month, and where it lies on the scale."""

    day: date
    x: float


class Scale:
    """Days from the first stage of the first go-live to the last stage of the last one."""

    def __init__(self, days: Sequence[date]) -> None:
        self.first = min(stage_dates(PlanStage.PREPARATION, day)[0] for day in days)
        self.last = max(stage_dates(PlanStage.SUPPORT, day)[1] for day in days)

    def x(self, day: date) -> float:
        """The place of the day's beginning, from 0 to 100."""
        return round(100 * (day - self.first).days / ((self.last - self.first).days + 1), 2)

    def ticks(self, most: int = 12) -> list[Tick]:
        """Beginnings of months, thinned out so that at most so many are drawn."""
        first = self.first.replace(day=1)
        months = []
        while first <= self.last:
            if first >= self.first:
                months.append(first)
            first = add_months(first, 1)
        step = -(-len(months) // most) or 1
        ticks = [Tick(month, self.x(month)) for month in months[::step]]
        # A label to the right of that would stick out.
        return [tick for tick in ticks if tick.x <= LAST_LABEL]

    def strip(self, on_date: date, today: date) -> Strip:
        """The stages of a go-live on that day."""
        bars = []
        for stage in PlanStage:
            start, end = stage_dates(stage, on_date)
            x = self.x(start)
            state = "done" if end < today else "running" if start <= today else "next"
            bars.append(StageBar(stage, start, end, x, round(self.x(end + timedelta(days=1)) - x, 2), state))
        inside = self.first <= today <= self.last
        return Strip(tuple(bars), self.x(on_date), self.x(today) if inside else None)
