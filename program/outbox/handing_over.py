"""Handing messages over: what every clock does each second with those that are due.

Claim a few, put them into words, then one by one: mark it begun, hand it over outside of any transaction, write down
what became of it. Nothing a way does can stop the others: whatever it raises becomes the message's fate.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import Integer, bindparam, select, update

from program.extensions import db
from program.ground import database, ticks
from program.ground.model import UtcDateTime
from program.ground.now import utc_now
from program.ground.records import record
from program.outbox import claiming, pacing, settling, transports
from program.outbox.claiming import BATCH, Claimed, claim, parts_of, readers_of
from program.outbox.fates import Delivered, Fate, GiveUp, Misconfigured, ReplyLost, Retry
from program.outbox.kinds import Pace
from program.outbox.models import Message, State
from program.outbox.settling import Settlement
from program.outbox.transports import OutgoingMessage, Transport
from program.outbox.wording import outgoing

_log = logging.getLogger("milepost.outbox")
_ROW = Message.__table__.c


@record
class Ready:
    """A message in words and the way it goes; without a way, what is to be written down instead."""

    claimed: Claimed
    message: OutgoingMessage | None
    way: Transport | None
    instead: Settlement | None = None

    @property
    def needs_turn(self) -> bool:
        """True for one whose way is paced and that has not waited for its turn yet."""
        if self.instead is not None or self.message is None or self.way is None or not self.way.a_minute:
            return False
        row = self.claimed.rows[0]
        # Somebody waits in front of the screen for what goes at once.
        return bool(row.why != settling.TURN and row.pace != Pace.AT_ONCE)


class Pauses:
    """Which ways have asked to be left alone, and until when: one answer of 'too much' spares a hundred questions.

    Per process; the others learn it by their own first question.
    """

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def note(self, name: str, after: timedelta) -> None:
        """That way wants to be left alone for so long."""
        with self._lock:
            self._until[name] = max(self._until.get(name, utc_now()), utc_now() + after)

    def until(self, name: str) -> datetime | None:
        """Until when that way is to be left alone; None when it is not."""
        with self._lock:
            found = self._until.get(name)
            if found is not None and found <= utc_now():
                del self._until[name]
                return None
            return found


def drain(pauses: Pauses | None = None, most: int | None = None) -> int:
    """Hand over what is due until nothing is, or until so many were looked at. Returns how many were handed over."""
    pauses = pauses or Pauses()
    handed_over = looked_at = 0
    while (most is None or looked_at < most) and not ticks.stopping.is_set():
        claimed, looked = claim(BATCH)
        if not looked:
            break
        looked_at += looked
        handed_over += _hand_over_all(claimed, pauses)
    return handed_over


def resolve(most: int = BATCH) -> int:
    """Find out about messages whose answer was lost, by the rule of the way they went. Returns how many were."""
    with database.transaction():
        settling.give_up_leases()
        settling.free_stranded_parts()
    ways = transports.all_of(current_app)
    found = _take_uncertain(most)
    for claimed in found:
        settling.step(_found_out(claimed, ways), None)
    return len(found)


def _hand_over_all(claimed: list[Claimed], pauses: Pauses) -> int:
    ways = transports.all_of(current_app)
    handed_over = 0
    before: Settlement | None = None
    for ready in _in_turn([_prepare(one, ways) for one in claimed]):
        instead = ready.instead or _paused(ready, pauses)
        if instead is not None:
            settling.step(before, None)
            settling.step(instead, None)
            before = None
            continue
        if ready.way is None or ready.message is None:
            continue
        begun = settling.step(before, ready.claimed, ready.way.name)
        before = None
        if begun:
            before = _hand_over(ready.claimed, ready.message, ready.way, pauses)
            handed_over += 1
    if before is not None:
        settling.step(before, None)
    return handed_over


def _in_turn(prepared: list[Ready]) -> Iterator[Ready]:
    """Those whose turn it is, in order; the others are put back until it is."""
    later: list[Settlement] = []
    turns: dict[str, Iterator[timedelta]] = {}
    for way in {one.way.name: one.way for one in prepared if one.needs_turn and one.way}.values():
        wanted = sum(one.needs_turn and one.way is way for one in prepared)
        turns[way.name] = iter(pacing.take(way.name, way.a_minute, wanted))
    going: list[tuple[Ready, timedelta]] = []
    for ready in prepared:
        turn = next(turns[ready.way.name]) if ready.needs_turn and ready.way else timedelta(0)
        if pacing.may_go(turn):
            going.append((ready, turn))
        elif ready.way is not None:
            later.append(settling.wait_for_turn(ready.claimed, ready.way.name, turn))
    if later:
        settling.settle_all(later)
    started = time.monotonic()
    for ready, turn in going:
        # Only work for another time has anything to wait for here.
        time.sleep(max(0.0, turn.total_seconds() - (time.monotonic() - started)))
        yield ready


def _paused(ready: Ready, pauses: Pauses) -> Settlement | None:
    """What is written of a message whose way has asked to be left alone."""
    until = pauses.until(ready.way.name) if ready.way is not None else None
    if until is None or ready.way is None:
        return None
    values = {"state": State.WAITING, "due_at": until + settling.pause(1) / 10, "why": "busy"}
    reason = ready.claimed.rows[0].reason
    return Settlement(ready.claimed, values | {"transport": ready.way.name, "reason": reason})


def _prepare(claimed: Claimed, ways: Mapping[str, Transport]) -> Ready:
    """Find the way and the words. What goes wrong here is our own mistake, and must not hold the others up."""
    row = claimed.rows[0]
    way: Transport | None = None
    try:
        names = _order(claimed, ways)
        way = next((ways[name] for name in names if _leads(ways[name], claimed)), None)
        message = outgoing(claimed.rows, claimed.reader.recipient if claimed.reader else None)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this message's fate alone
        _log.exception("a message could not be prepared", extra={"fields": {"message": claimed.id}})
        again = settling.retry(claimed, type(error).__name__, None)
        # It was not begun, which is where tries are counted.
        return Ready(claimed, None, way, Settlement(claimed, again.values | {"attempts": row.attempts + 1}))
    finally:
        # What was read on the way must not keep a transaction open while the message is handed over.
        db.session.rollback()
    if way is None:
        return Ready(claimed, None, None, _without_way(claimed))
    return Ready(claimed, message, way)


def _order(claimed: Claimed, ways: Mapping[str, Transport]) -> list[str]:
    row = claimed.rows[0]
    if claimed.reader is None:
        named = row.channel.partition(":")[0]
        return [named] if named in ways and named not in row.tried else []
    return [name for name in claimed.reader.preferences.order(list(ways)) if name not in row.tried]


def _leads(way: Transport, claimed: Claimed) -> bool:
    if claimed.reader is None:
        return True
    return way.knows(claimed.reader.recipient, claimed.rows[0].program_id)


def _without_way(claimed: Claimed) -> Settlement:
    row = claimed.rows[0]
    if claimed.reader is None:
        # A channel's way may be switched on again; there is no other.
        if row.tried:
            return settling.failed(claimed, "given_up", row.reason)
        return settling.wait_for_settings(claimed, "")
    return settling.failed(claimed, "given_up", row.reason) if row.tried else settling.on_page(claimed, "no_way")


def _hand_over(claimed: Claimed, message: OutgoingMessage, way: Transport, pauses: Pauses) -> Settlement:
    try:
        answer = way.deliver(message)
    except Retry as fate:
        if fate.after is not None:
            pauses.note(way.name, fate.after)
        return settling.retry(claimed, fate.reason, fate.after)
    except GiveUp as fate:
        return settling.other_way(claimed, way.name, fate.reason)
    except Misconfigured as fate:
        return settling.wait_for_settings(claimed, fate.reason)
    except ReplyLost as fate:
        return settling.uncertain(claimed, fate.reason)
    except Exception as error:  # noqa: BLE001 - a plugin's mistake must not stop the clock
        _log.exception("a way failed in a way it should not", extra={"fields": {"way": way.name}})
        return settling.uncertain(claimed, type(error).__name__)
    finally:
        # What a way left open must not be committed with our own notes.
        db.session.rollback()
    if not isinstance(answer, Delivered):
        return settling.uncertain(claimed, f"The way answered {type(answer).__name__}, which means nothing.")
    return settling.sent(claimed, answer.reference)


def _found_out(claimed: Claimed, ways: Mapping[str, Transport]) -> Settlement:
    """What the way says about a message whose answer was lost."""
    row = claimed.rows[0]
    if claimed.reader is None and row.person_id is not None:
        return Settlement(claimed, {"state": State.CANCELLED, "why": "account_closed", "settled_at": utc_now()})
    way = ways.get(row.transport)
    if way is None:
        return _ask_again(claimed, "")
    try:
        message = outgoing(claimed.rows, claimed.reader.recipient if claimed.reader else None)
        db.session.rollback()
        arrived = way.was_delivered(message)
    except Fate as fate:
        return _ask_again(claimed, fate.reason)
    except Exception as error:  # noqa: BLE001 - as above
        _log.exception("a way failed when it was asked", extra={"fields": {"way": row.transport}})
        return _ask_again(claimed, type(error).__name__)
    finally:
        db.session.rollback()
    if arrived is None:
        # Nobody can tell: a person decides, on the page of messages.
        return Settlement(claimed, {"state": State.UNCERTAIN, "why": "cannot_tell", "due_at": settling.NEVER})
    if arrived:
        return settling.sent(claimed, row.reference)
    return Settlement(claimed, {"state": State.WAITING, "why": "not_arrived", "due_at": utc_now()})


def _ask_again(claimed: Claimed, reason: str) -> Settlement:
    """The way cannot be asked now. It is asked less and less often, and never taken as an answer."""
    row = claimed.rows[0]
    waited = utc_now() - (row.begun_at or row.created_at)
    values = {
        "state": State.UNCERTAIN,
        "due_at": utc_now() + max(timedelta(seconds=30), min(waited, timedelta(hours=1))),
    }
    return Settlement(claimed, values | ({"reason": reason[: settling.MAX_REASON]} if reason else {}))


def _take_uncertain(most: int) -> list[Claimed]:
    """Messages of unknown fate, taken as in `claiming.py`."""
    asked = {"now": utc_now(), "most": most}
    with database.transaction():
        rows = db.session.execute(_uncertain(), asked).all()
        if not rows:
            return []
        readers = readers_of([row.person_id for row in rows])
        mark = secrets.token_hex(16)
        found = [Claimed((row, *parts_of(row)), readers.get(row.person_id), mark, row.counted) for row in rows]
        ids = [row.id for one in found for row in one.rows]
        taken = update(Message).where(Message.id.in_(ids)).values(claim=mark, due_at=utc_now() + claiming.LEASE)
        db.session.execute(taken.execution_options(synchronize_session=False))
        return found


@cache
def _uncertain() -> Any:
    return (
        select(Message.__table__)
        .where(
            *(_ROW.state == State.UNCERTAIN, _ROW.due_at <= bindparam("now", type_=UtcDateTime())),
            _ROW.carried_by_id.is_(None),
        )
        .order_by(_ROW.due_at, _ROW.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )
