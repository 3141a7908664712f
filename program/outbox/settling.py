"""What became of a message that was handed over, written down; and what is done about those nobody knows of.

A message is begun, handed over and settled: it is marked in flight before anything leaves the house, so a clock that
dies in the middle leaves a message of which it is known that it may have arrived. What was claimed but not begun is
simply taken by another. Settling one message and beginning the next is one transaction: `step`.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Boolean, Integer, String, bindparam, select, update
from sqlalchemy.exc import OperationalError

from program.extensions import db
from program.ground import database
from program.ground.now import utc_now
from program.ground.records import record
from program.outbox import claiming
from program.outbox.claiming import Claimed
from program.outbox.models import Message, State

_log = logging.getLogger("milepost.outbox")
_TABLE: Any = Message.__table__
_ROW = _TABLE.c
# The first pause in seconds; each is twice the one before, up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = 30, 2 * 3600
# Some three days of trying.
MOST_ATTEMPTS = 40
# Settings are not put right within seconds.
SETTINGS_PAUSE = timedelta(minutes=5)
# After this the way is asked about a message whose answer was lost: what is on its way has arrived by then.
ASK_AFTER = timedelta(seconds=5)
# How often a database that is busy is asked again.
PATIENCE = 2
# Why a message waits whose way is paced: it has its turn and need not ask for another.
TURN = "turn"
# For messages that nothing happens to until somebody decides.
NEVER = datetime(2200, 1, 1, tzinfo=UTC)
MAX_REASON, MAX_REFERENCE = 500, 300


@record
class Settlement:
    """What is to be written of a message that was handed over: columns of its rows."""

    claimed: Claimed
    values: dict[str, Any] = field(default_factory=dict)


def pause(attempts: int) -> timedelta:
    """How long to wait after that many tries: growing, and never the same for all, so that they do not come at once."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 20))
    # Not for secrets.
    return timedelta(seconds=longest * random.uniform(0.75, 1.25))  # noqa: S311


def sent(claimed: Claimed, reference: str) -> Settlement:
    """It arrived."""
    values = {"state": State.SENT, "reference": reference[:MAX_REFERENCE], "why": "", "reason": ""}
    return Settlement(claimed, values | {"settled_at": utc_now()})


def retry(claimed: Claimed, reason: str, after: timedelta | None) -> Settlement:
    """Later again; for good not, after too many tries. `after` is what the other side asked for: never sooner."""
    attempts = claimed.rows[0].attempts + 1
    if attempts >= MOST_ATTEMPTS:
        return failed(claimed, "too_many", reason)
    return _later(max(pause(attempts), after or timedelta(0)), "retry", reason, claimed)


def wait_for_settings(claimed: Claimed, reason: str) -> Settlement:
    """Again when somebody may have put the settings right; for good not, once it is no news any more."""
    if claimed.rows[0].created_at < utc_now() - claiming.OLD:
        return failed(claimed, "too_many", reason)
    return _later(max(pause(claimed.rows[0].attempts + 1), SETTINGS_PAUSE), "settings", reason, claimed)


def wait_for_turn(claimed: Claimed, transport: str, turn: timedelta) -> Settlement:
    """The way takes only so many a minute: not a try, and nothing is wrong."""
    values = {"state": State.WAITING, "due_at": utc_now() + turn, "why": TURN, "transport": transport}
    return Settlement(claimed, values | {"reason": claimed.rows[0].reason})


def settle_all(settlements: Sequence[Settlement]) -> None:
    """Write down what became of several that were not begun, in one transaction."""
    with database.transaction():
        for settlement in settlements:
            _settle(settlement)


def other_way(claimed: Claimed, transport: str, reason: str) -> Settlement:
    """This way will never do: at once by the next one, if there is any."""
    tried = sorted({*claimed.rows[0].tried, transport})
    settlement = _later(timedelta(0), "other_way", reason, claimed)
    return Settlement(claimed, settlement.values | {"tried": tried})


def failed(claimed: Claimed, why: str, reason: str) -> Settlement:
    """For good; a person may try it again."""
    values = {"state": State.FAILED, "why": why, "reason": reason[:MAX_REASON], "settled_at": utc_now()}
    return Settlement(claimed, values)


def on_page(claimed: Claimed, why: str) -> Settlement:
    """There is no other way to the person than the page of messages, where it stands."""
    return Settlement(claimed, {"state": State.SENT, "why": why, "transport": "", "settled_at": utc_now()})


def uncertain(claimed: Claimed, reason: str) -> Settlement:
    """It was handed over and nobody knows whether it arrived; the way is asked soon."""
    values = {"state": State.UNCERTAIN, "why": "no_answer", "reason": reason[:MAX_REASON]}
    return Settlement(claimed, values | {"due_at": utc_now() + ASK_AFTER})


def step(settlement: Settlement | None, begin: Claimed | None, transport: str = "") -> bool:
    """Write down what became of one message and, in the same transaction, that the next is begun.

    False when the next is not this clock's any more: it took so long that another one has it. A database that is busy
    is asked again: what is not written down now would have to be found out later.
    """
    for _ in range(PATIENCE):
        try:
            return _step(settlement, begin, transport)
        except OperationalError:
            _log.warning("the fate of a message could not be written down; trying again")
    return _step(settlement, begin, transport)


def _step(settlement: Settlement | None, begin: Claimed | None, transport: str) -> bool:
    with database.transaction():
        if settlement is not None:
            _settle(settlement)
        return begin is not None and _begin(begin, transport)


def free_stranded_parts() -> int:
    """Let go of what was to go out with a message that will not; it is gathered anew."""
    carrier = Message.__table__.alias("carrier")
    gone = (State.CANCELLED, State.SUPERSEDED, State.EXPIRED)
    return _count(
        update(Message)
        .where(
            Message.carried_by_id.is_not(None),
            Message.state == State.WAITING,
            Message.carried_by_id.in_(select(carrier.c.id).where(carrier.c.state.in_(gone))),
        )
        .values(carried_by_id=None, begun_at=None, attempts=0, due_at=utc_now(), claim=None)
    )


def give_up_leases() -> int:
    """Messages whose clock has died, or hangs, with them in the air: nobody knows whether they arrived."""
    now = utc_now()
    return _count(
        update(Message)
        .where(Message.state == State.IN_FLIGHT, Message.due_at <= now)
        .values(state=State.UNCERTAIN, why="clock_died", due_at=now)
    )


def _later(after: timedelta, why: str, reason: str, claimed: Claimed) -> Settlement:
    values = {"state": State.WAITING, "due_at": utc_now() + after, "why": why, "reason": reason[:MAX_REASON]}
    return Settlement(claimed, values)


def _begin(claimed: Claimed, transport: str) -> bool:
    now = utc_now()
    values = {"new_begun_at": now, "new_due_at": now + claiming.LEASE, "new_transport": transport}
    ours = values | {"claimed": claimed.claim, "carrier": claimed.id}
    begun = _prepared(_beginning(), ours | {"new_counted": claimed.counted})
    if begun and len(claimed.rows) > 1:
        _prepared(_beginning_parts(), ours | {"parts": [row.id for row in claimed.rows[1:]]})
    return bool(begun)


def _settle(settlement: Settlement) -> None:
    """Only while the message is still this clock's to speak of: another one may have found out meanwhile."""
    claimed, values = settlement.claimed, settlement.values
    ours = {"rows": [row.id for row in claimed.rows], "claimed": claimed.claim}
    _prepared(_settling(tuple(sorted(values))), ours | {f"new_{name}": value for name, value in values.items()})


# Statements of every single message are put together once: that takes longer than sending them.
@cache
def _beginning() -> Any:
    row = _ROW.id == bindparam("carrier", type_=Integer)
    more = {"attempts": _ROW.attempts + 1, "counted": bindparam("new_counted", type_=Boolean)}
    return update(_TABLE).where(row, *_still_ours()).values(**_in_flight(), **more)


@cache
def _beginning_parts() -> Any:
    rows = _ROW.id.in_(bindparam("parts", expanding=True))
    carrier = bindparam("carrier", type_=Integer)
    return update(_TABLE).where(rows, *_still_ours()).values(**_in_flight(), carried_by_id=carrier)


def _still_ours() -> tuple[Any, ...]:
    return _ROW.claim == bindparam("claimed", type_=String), _ROW.state == State.WAITING


def _in_flight() -> dict[str, Any]:
    changing = {name: bindparam(f"new_{name}", type_=_ROW[name].type) for name in ("begun_at", "due_at", "transport")}
    return {"state": State.IN_FLIGHT, **changing}


@lru_cache(maxsize=64)
def _settling(names: tuple[str, ...]) -> Any:
    open_states = (State.WAITING, State.IN_FLIGHT, State.UNCERTAIN)
    ours = (_ROW.id.in_(bindparam("rows", expanding=True)), _ROW.claim == bindparam("claimed", type_=String))
    changing = {name: bindparam(f"new_{name}", type_=_ROW[name].type) for name in names}
    return update(_TABLE).where(*ours, _ROW.state.in_(open_states)).values(**changing, claim=None)


def _prepared(statement: Any, values: dict[str, Any]) -> int:
    return int(db.session.connection().execute(statement, values).rowcount)


def _count(statement: Any) -> int:
    result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)
