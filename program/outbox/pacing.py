"""The pace of a way: a chat takes so many messages a minute, whoever sends them, and 2,000 may be due in one morning.

Each message that a paced way is to take gets a turn: a moment. Turns lie in a row of the database, so that all clocks
of an instance share one queue. A message whose turn is still to come is put back until then, and its clock goes on with
what leaves by other ways: a sign-in link does not stand behind two thousand pulses.

The queue runs by the real time. Work for another time (`milepost tick --at`) waits for its turn instead: to be put back
would leave it undone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from program.extensions import db
from program.ground import database
from program.ground.model import UtcDateTime
from program.ground.now import held_moment
from program.outbox.models import Turn

# What may go at once after a quiet while, as a part of what may go in a minute. Small programs never wait.
BURST = 0.2
# Sooner than this is now.
SOON = timedelta(milliseconds=50)
_ROW: Any = Turn.__table__


def take(
    name: str, a_minute: float, count: int = 1, *, within: timedelta | None = None, burst: float = BURST
) -> list[timedelta]:
    """The next turns of that queue, as how long to wait for each, 0 for now. A transaction of its own.

    With `within` only turns that come so soon are taken; there may be fewer then. `burst` is the part of a minute's
    turns that may be taken at once after a quiet while.
    """
    with database.transaction():
        return _take(name, timedelta(minutes=1) / a_minute, count, int(a_minute * burst), within)


def may_go(turn: timedelta) -> bool:
    """Whether what has that turn goes now. Work for another time than this does: it waits where it stands."""
    return turn <= SOON or held_moment() is not None


def _take(name: str, apart: timedelta, count: int, burst: int, within: timedelta | None) -> list[timedelta]:
    now = datetime.now(UTC)
    free_at = _free_at(name, now)
    # A queue that was idle has saved up a burst, and no more.
    free_at = max(free_at, now - apart * burst)
    turns = []
    for _ in range(count):
        if within is not None and free_at > now + within:
            break
        turns.append(max(free_at - now, timedelta(0)))
        free_at += apart
    db.session.connection().execute(_moving_on(), {"queue": name, "then": free_at})
    return turns


def _free_at(name: str, now: datetime) -> datetime:
    """The queue's next free turn, its row locked; a queue that was never used begins as an idle one."""
    found = db.session.connection().execute(_reading(), {"queue": name}).scalar()
    if found is None:
        db.session.connection().execute(_beginning(), {"name": name, "free_at": now - timedelta(minutes=1)})
        found = db.session.connection().execute(_reading(), {"queue": name}).scalar_one()
    moment: datetime = found
    return moment


@cache
def _reading() -> Any:
    return select(_ROW.c.free_at).where(_ROW.c.name == bindparam("queue")).with_for_update()


@cache
def _moving_on() -> Any:
    return update(_ROW).where(_ROW.c.name == bindparam("queue")).values(free_at=bindparam("then", type_=UtcDateTime()))


def _beginning() -> Any:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    return insert(_ROW).on_conflict_do_nothing()
