"""Which ticks are due, and doing them: one clock at a time for each, whatever dies on the way.

A tick's row says when it is due. A clock takes it by moving that moment beyond a lease and, when it is done, back to
where it belongs. A clock that dies in the middle leaves the lease to run out; what it left undone stands in the rooms'
rows and is done by whoever comes next.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from program.clock.models import ClockState, TickRun, TickState
from program.extensions import db
from program.ground import database, ticks
from program.ground.errors import MilepostError
from program.ground.now import utc_now
from program.ground.records import record
from program.ground.ticks import Tick

_log = logging.getLogger("milepost.clock")
# How long a clock may be at one tick before another may take it up.
LEASE = timedelta(minutes=5)
# A clock that has not been heard of for so long does not run.
SILENCE = timedelta(minutes=2)
KEPT = timedelta(days=14)


@record
class Outcome:
    """How one run went: how many things it did, or why it failed."""

    tick: Tick
    started_at: datetime
    took_ms: int
    done: int
    error: str = ""


def clock_name() -> str:
    """This process, as the page of the clock shows it."""
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def run_due(app: Flask) -> list[Outcome]:
    """Do every tick that is due and that no other clock has, one after the other."""
    mine = [tick for tick in ticks.all_of(app) if not tick.everywhere]
    outcomes: list[Outcome] = []
    for tick in _due(mine):
        if ticks.stopping.is_set():
            break
        if _take(tick):
            outcome = run(tick)
            _put_back(outcome)
            outcomes.append(outcome)
    return outcomes


def run_all(app: Flask) -> list[Outcome]:
    """Do every tick once, due or not: for `milepost tick`. What hands over comes last, for what the others told.

    What is kept open by clocks that go on has no place in one that ends.
    """
    wanted = [tick for tick in ticks.all_of(app) if not tick.lasting]
    return [run(tick) for tick in sorted(wanted, key=lambda tick: (tick.everywhere, tick.name))]


def run(tick: Tick) -> Outcome:
    """Do one tick in its own transaction. What it raises is told, not passed on."""
    started, begun = utc_now(), time.perf_counter()
    done, error = 0, ""
    try:
        with database.transaction():
            done = tick.run()
    except MilepostError as problem:
        error = str(problem)
    except Exception as problem:  # noqa: BLE001 - a tick that fails must not stop the others
        # Its text may hold people's data (a database names the values it refused): that goes to the log only.
        error = type(problem).__name__
        _log.exception("a tick failed", extra={"fields": {"tick": tick.name}})
    finally:
        db.session.remove()
    took = round((time.perf_counter() - begun) * 1000)
    return Outcome(tick, started, took, int(done or 0), error[:500])


def note(outcomes: Sequence[Outcome]) -> None:
    """Keep how runs went that did something or failed."""
    told = [outcome for outcome in outcomes if outcome.done or outcome.error]
    if not told:
        return
    name = clock_name()
    with database.transaction():
        db.session.execute(
            insert(TickRun),
            [
                {
                    "name": one.tick.name,
                    "at": one.started_at,
                    "took_ms": one.took_ms,
                    "done": one.done,
                    "failed": bool(one.error),
                    "error": one.error,
                    "clock": name,
                }
                for one in told
            ],
        )


def say_alive(started_at: datetime) -> None:
    """Let the page of the clock know that this one runs."""
    now = utc_now()
    with database.transaction():
        _upsert(ClockState, "name", {"name": clock_name(), "started_at": started_at, "seen_at": now}, ("seen_at",))


def say_goodbye() -> None:
    """This clock ends."""
    with database.transaction():
        db.session.execute(delete(ClockState).where(ClockState.name == clock_name()))


def sweep() -> int:
    """Forget runs of long ago and clocks that are gone."""
    now = utc_now()
    gone: Any = db.session.execute(delete(TickRun).where(TickRun.at < now - KEPT))
    db.session.execute(delete(ClockState).where(ClockState.seen_at < now - timedelta(days=1)))
    return int(gone.rowcount)


def _due(wanted: Sequence[Tick]) -> list[Tick]:
    """Those whose moment has come. Reads only: looking takes no lock. A tick that was never seen is due."""
    now = utc_now()
    database.begin_reading()
    try:
        moments = dict(db.session.execute(select(TickState.name, TickState.due_at)).all())
    finally:
        db.session.rollback()
        database.begin_writing()
    return [tick for tick in wanted if moments.get(tick.name, now) <= now]


def _take(tick: Tick) -> bool:
    now = utc_now()
    with database.transaction():
        _upsert(TickState, "name", {"name": tick.name, "due_at": now, "error": "", "failures": 0}, ())
        taken: Any = db.session.execute(
            update(TickState)
            .where(TickState.name == tick.name, TickState.due_at <= now)
            .values(due_at=now + max(LEASE, tick.every), started_at=now)
            .execution_options(synchronize_session=False)
        )
        return bool(taken.rowcount)


def _put_back(outcome: Outcome) -> None:
    failures = TickState.failures + 1 if outcome.error else 0
    values = {"took_ms": outcome.took_ms, "done": outcome.done, "error": outcome.error, "failures": failures}
    with database.transaction():
        db.session.execute(
            update(TickState)
            .where(TickState.name == outcome.tick.name)
            .values(**values, due_at=outcome.started_at + outcome.tick.every)
            .execution_options(synchronize_session=False)
        )
    note([outcome])


def _upsert(model: Any, key: str, values: dict[str, Any], renewed: Sequence[str]) -> None:
    """Add the row, or renew those columns of the one that is there."""
    family: Any = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    statement = family.insert(model.__table__).values(**values)
    if renewed:
        changed = {name: statement.excluded[name] for name in renewed}
        statement = statement.on_conflict_do_update(index_elements=[key], set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=[key])
    db.session.execute(statement)
