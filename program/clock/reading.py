"""What the page of the clock shows: whether one runs, what it does and when next, and how it went lately."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from program.clock.due import SILENCE
from program.clock.models import ClockState, TickRun, TickState
from program.extensions import db
from program.ground import ticks
from program.ground.actor import Actor
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.now import utc_now
from program.ground.records import record
from program.people import access

MOST_RUNS = 60


@record
class TickLine:
    """A piece of regular work and how it stands. `every` is in seconds; `due_at` None for what runs all the time."""

    name: str
    label: Any
    every: int
    everywhere: bool
    due_at: datetime | None
    started_at: datetime | None
    took_ms: int | None
    done: int | None
    error: str
    failures: int


@record
class ClockPage:
    """Clocks that run now (name, since when), the work there is, and the last runs that did something or failed."""

    clocks: list[Any]
    ticks: list[TickLine]
    runs: list[Any]

    @property
    def failing(self) -> int:
        """How many pieces of work failed when they were last done."""
        return sum(1 for tick in self.ticks if tick.error)


def clock_page(actor: Actor) -> ClockPage:
    """Read the page. For administrators; four statements."""
    access.require_admin(actor)
    now = utc_now()
    clocks = read(select(ClockState).where(ClockState.seen_at > now - SILENCE).order_by(ClockState.started_at)).all()
    states = {row.name: row for row in read(select(TickState.__table__))}
    runs = read(select(TickRun.__table__).order_by(TickRun.at.desc(), TickRun.id.desc()).limit(MOST_RUNS)).all()
    latest = {run.name: run for run in reversed(runs)}
    lines = [_line(tick, states.get(tick.name), latest.get(tick.name)) for tick in ticks.all_of(current_app)]
    return ClockPage(list(clocks), lines, list(runs))


def do_now(actor: Actor, name: str) -> None:
    """Have a clock do this the next time it looks. For administrators. Raises NotFound for what there is none of."""
    access.require_admin(actor)
    if name not in {tick.name for tick in ticks.all_of(current_app) if not tick.everywhere}:
        raise NotFound(access.NOT_HERE)
    db.session.execute(update(TickState).where(TickState.name == name).values(due_at=utc_now()))


def _line(tick: ticks.Tick, state: Any, run: Any) -> TickLine:
    period = round(tick.every.total_seconds())
    if tick.everywhere or state is None:
        # Work that never rests keeps no state of its own: its last run that did something stands for it.
        at, took, done = (run.at, run.took_ms, run.done) if run else (None, None, None)
        error = run.error if run else ""
        return TickLine(tick.name, tick.label, period, tick.everywhere, None, at, took, done, error, 0)
    return TickLine(
        *(tick.name, tick.label, period, False, state.due_at, state.started_at, state.took_ms, state.done),
        *(state.error, state.failures),
    )
