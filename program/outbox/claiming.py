"""A clock takes messages that are due, so that no other clock has them at the same time.

One short transaction: rows are taken with SKIP LOCKED on PostgreSQL and under the one write lock on SQLite; whoever
takes a row moves its `due_at` to the end of a lease and leaves its mark on it. Whoever dies lets the lease run out, and
another takes over: see `settling.py` for what it had begun. What may not go yet is put back until it may.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, and_, bindparam, or_, select, update

from program.extensions import db
from program.ground import database
from program.ground.model import UtcDateTime
from program.ground.now import utc_now
from program.ground.records import record
from program.outbox import rhythm
from program.outbox.kinds import Pace
from program.outbox.models import Message, State, Wishes
from program.outbox.transports import Recipient
from program.outbox.wishes import Preferences, from_row
from program.people.models import Membership, Person

# How long a clock may have a message before it counts as dead. Longer than a way may take to hand one over.
LEASE = timedelta(minutes=3)
# Taken at once: few enough that a dead clock holds little up, enough that looking costs little.
BATCH = 20
# What could not go for so long is no news any more: it stays on the page of messages.
OLD = timedelta(days=14)
# Parts of one message; more wait for the next morning.
MOST_PARTS = 50
_GATHERED = (Pace.DIGEST.value, Pace.PROMPT.value)
_BUDGET_LOOKS_BACK = timedelta(days=8)
_ROW = Message.__table__.c


@record
class Reader:
    """Somebody with an open account, as the clock needs them. `programs` are the ids of theirs; None for all."""

    recipient: Recipient
    preferences: Preferences
    programs: frozenset[int] | None

    @property
    def rhythm(self) -> rhythm.Rhythm:
        """When they may be reached."""
        return self.preferences.rhythm(self.recipient.timezone)

    def may_read(self, program_id: int | None) -> bool:
        """False for a program that they have left, or that was never theirs."""
        return program_id is None or self.programs is None or program_id in self.programs


@record
class Claimed:
    """A message that this clock has: its rows (the first carries the others), its reader, and the mark of the claim."""

    rows: tuple[Any, ...]
    reader: Reader | None
    claim: str
    # True for the gathered message of a morning.
    counted: bool = False

    @property
    def id(self) -> int:
        """The id of the row that carries it."""
        return int(self.rows[0].id)


@dataclass(slots=True)
class _Outcome:
    """What becomes of the rows that were looked at, to be written at the end in a few statements."""

    claim: str
    now: datetime
    claimed: list[Claimed] = field(default_factory=list)
    later: list[dict[str, Any]] = field(default_factory=list)
    # Rows that are settled without being handed over, by state and reason.
    settled: dict[tuple[State, str], list[int]] = field(default_factory=dict)

    def take(self, rows: Sequence[Any], reader: Reader | None, counted: bool = False) -> None:
        self.claimed.append(Claimed(tuple(rows), reader, self.claim, counted))

    def hold(self, row: Any, verdict: rhythm.Verdict) -> None:
        if verdict.until is None:
            self.settled.setdefault((State.SENT, verdict.why), []).append(row.id)
            return
        # To be expired in time rather than kept until its turn would have come.
        until = min(verdict.until, row.expires_at) if row.expires_at else verdict.until
        self.later.append({"row": row.id, "until": until, "because": verdict.why})

    def is_over(self, row: Any, reader: Reader | None) -> bool:
        """Settle what must not go any more."""
        ending: tuple[State, str] | None = None
        if row.expires_at is not None and row.expires_at <= self.now:
            ending = State.EXPIRED, "too_late"
        elif row.person_id is not None and reader is None:
            ending = State.CANCELLED, "account_closed"
        elif reader is not None and not reader.may_read(row.program_id):
            ending = State.CANCELLED, "left_program"
        elif row.read_at is not None and row.begun_at is None:
            # Read on the page before its turn came: nothing is left to say.
            ending = State.SENT, "read"
        elif row.begun_at is None and row.visible_from < self.now - OLD:
            # A channel has no such page.
            ending = (State.SENT, "old") if row.person_id is not None else (State.EXPIRED, "too_late")
        if ending is not None:
            self.settled.setdefault(ending, []).append(row.id)
        return ending is not None


def claim(limit: int = BATCH) -> tuple[list[Claimed], int]:
    """Take up to so many messages that are due. Returns them, and how many rows were looked at: 0 when none was due."""
    if not anything_due():
        return [], 0
    with database.transaction():
        outcome = _Outcome(secrets.token_hex(16), utc_now())
        asked = {"now": outcome.now, "most": limit}
        rows = db.session.execute(_due(), asked).all()
        _sort_out(rows, outcome)
        # A person's row is locked meanwhile, so that two clocks never gather for the same one.
        person_ids = db.session.scalars(_lock(), asked).all() if len(rows) < limit else []
        _gather(person_ids, outcome)
        _write(outcome)
        return outcome.claimed, len(rows) + len(person_ids)


def anything_due() -> bool:
    """Whether it is worth taking SQLite's one write lock. Reads only."""
    database.begin_reading()
    try:
        return db.session.execute(_anything(), {"now": utc_now()}).first() is not None
    finally:
        db.session.rollback()
        database.begin_writing()


def readers_of(person_ids: Sequence[int | None]) -> dict[int, Reader]:
    """Those of the people whose accounts are open. Two statements."""
    asked = {"people": sorted({person_id for person_id in person_ids if person_id is not None})}
    if not asked["people"]:
        return {}
    programs: dict[int, set[int]] = {}
    for program_id, person_id in db.session.execute(_memberships(), asked):
        programs.setdefault(person_id, set()).add(program_id)
    return {
        row.id: Reader(
            Recipient(row.id, row.name, row.email, row.locale, row.timezone),
            from_row(row),
            None if row.is_admin else frozenset(programs.get(row.id, ())),
        )
        for row in db.session.execute(_readers(), asked)
    }


def _sort_out(rows: Sequence[Any], outcome: _Outcome) -> None:
    """What goes by itself: it is for one person at one moment, or was begun before."""
    readers = readers_of([row.person_id for row in rows])
    for row in rows:
        reader = readers.get(row.person_id) if row.person_id is not None else None
        if not outcome.is_over(row, reader):
            _decide(row, reader, outcome)


def _decide(row: Any, reader: Reader | None, outcome: _Outcome) -> None:
    if reader is None:
        outcome.take([row], None)
        return
    # What was begun once has its turn behind it; it only respects the hours.
    pace = Pace(row.pace) if row.begun_at is None or row.pace == Pace.AT_ONCE else Pace.DIRECT
    verdict = rhythm.decide(reader.rhythm, pace, row.visible_from, outcome.now)
    if verdict.go:
        outcome.take([row, *parts_of(row)], reader, row.counted)
    else:
        outcome.hold(row, verdict)


def parts_of(carrier: Any) -> Sequence[Any]:
    """The rows that go out with that one, from an earlier try."""
    return db.session.execute(_parts(), {"carrier": carrier.id}).all() if carrier.counted else ()


def _gather(person_ids: Sequence[int], outcome: _Outcome) -> None:
    """One message a person of all that goes out in the morning; by itself what its reader wants at once."""
    if not person_ids:
        return
    readers = readers_of(person_ids)
    asked = {"people": sorted(person_ids), "now": outcome.now, "since": outcome.now - _BUDGET_LOOKS_BACK}
    mornings: dict[int, list[datetime]] = {}
    for person_id, begun_at in db.session.execute(_mornings(), asked):
        # One that another clock has taken and will begin any moment counts, too.
        mornings.setdefault(person_id, []).append(begun_at or outcome.now)
    due: dict[int, list[Any]] = {}
    for row in db.session.execute(_gathered(), asked):
        due.setdefault(row.person_id, []).append(row)
    for person_id, rows in due.items():
        reader = readers.get(person_id)
        open_rows = [row for row in rows if not outcome.is_over(row, reader)]
        if reader is None:
            continue
        together = [row for row in open_rows if rhythm.gathers(reader.rhythm, Pace(row.pace))][:MOST_PARTS]
        for row in open_rows:
            if not rhythm.gathers(reader.rhythm, Pace(row.pace)):
                _decide(row, reader, outcome)
        if together:
            _decide_together(together, reader, tuple(mornings.get(person_id, ())), outcome)


def _decide_together(rows: list[Any], reader: Reader, mornings: tuple[datetime, ...], outcome: _Outcome) -> None:
    asked_at = min(row.visible_from for row in rows)
    verdict = rhythm.decide(reader.rhythm, Pace(rows[0].pace), asked_at, outcome.now, mornings)
    if verdict.go:
        outcome.take(rows, reader, counted=True)
        return
    for row in rows:
        outcome.hold(row, verdict)


def _write(outcome: _Outcome) -> None:
    taken = [row.id for claimed in outcome.claimed for row in claimed.rows]
    if taken:
        counted = [claimed.id for claimed in outcome.claimed if claimed.counted]
        values = {"claim": outcome.claim, "due_at": outcome.now + LEASE, "why": "", "reason": ""}
        _run(update(Message).where(Message.id.in_(taken)).values(**values, counted=Message.id.in_(counted)))
    if outcome.later:
        db.session.connection().execute(_later(), outcome.later)
    for (state, why), ids in outcome.settled.items():
        ending = {"state": state, "why": why, "settled_at": outcome.now, "claim": None}
        _run(update(Message).where(Message.id.in_(ids)).values(**ending))


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


# Statements are put together once: clocks run them all day.
@cache
def _anything() -> Any:
    return (
        select(_ROW.id).where(_ROW.state == State.WAITING, _ROW.due_at <= _now(), _ROW.carried_by_id.is_(None)).limit(1)
    )


@cache
def _due() -> Any:
    return (
        select(Message.__table__)
        .where(
            *(_ROW.state == State.WAITING, _ROW.due_at <= _now(), _ROW.carried_by_id.is_(None)),
            or_(_ROW.pace.not_in(_GATHERED), _ROW.begun_at.is_not(None)),
        )
        .order_by(_ROW.due_at, _ROW.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )


def _waits_to_be_gathered() -> tuple[Any, ...]:
    """Only who has locked the person touches these rows."""
    return (
        *(_ROW.state == State.WAITING, _ROW.due_at <= _now(), _ROW.carried_by_id.is_(None)),
        *(_ROW.begun_at.is_(None), _ROW.pace.in_(_GATHERED)),
    )


@cache
def _lock() -> Any:
    # 'No key': rows that refer to the person may be written meanwhile. Who is locked is another clock's.
    people = Person.id.in_(select(_ROW.person_id).where(*_waits_to_be_gathered()))
    return (
        select(Person.id)
        .where(people)
        .order_by(Person.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, key_share=True)
    )


@cache
def _gathered() -> Any:
    return (
        select(Message.__table__)
        .where(*_waits_to_be_gathered(), _ROW.person_id.in_(bindparam("people", expanding=True)))
        .order_by(_ROW.person_id, _ROW.visible_from, _ROW.id)
        .with_for_update(skip_locked=True)
    )


@cache
def _parts() -> Any:
    return (
        select(Message.__table__)
        .where(_ROW.carried_by_id == bindparam("carrier", type_=Integer), _ROW.state != State.CANCELLED)
        .order_by(_ROW.visible_from, _ROW.id)
        .with_for_update(skip_locked=True)
    )


@cache
def _mornings() -> Any:
    return select(_ROW.person_id, _ROW.begun_at).where(
        _ROW.person_id.in_(bindparam("people", expanding=True)),
        *(_ROW.counted, _ROW.carried_by_id.is_(None)),
        or_(
            _ROW.begun_at > bindparam("since", type_=UtcDateTime()),
            and_(_ROW.state == State.WAITING, _ROW.claim.is_not(None), _ROW.due_at > _now()),
        ),
    )


@cache
def _readers() -> Any:
    wishes = Wishes.__table__.c
    return (
        select(
            *(Person.id, Person.name, Person.email, Person.locale, Person.timezone, Person.is_admin),
            *(column for column in wishes if column.name != "person_id"),
        )
        .outerjoin(Wishes, Wishes.person_id == Person.id)
        .where(Person.id.in_(bindparam("people", expanding=True)), Person.is_active)
    )


@cache
def _memberships() -> Any:
    people = Membership.person_id.in_(bindparam("people", expanding=True))
    return select(Membership.program_id, Membership.person_id).where(people)


@cache
def _later() -> Any:
    values = {"due_at": bindparam("until", type_=UtcDateTime()), "why": bindparam("because"), "claim": None}
    return update(Message.__table__).where(_ROW.id == bindparam("row", type_=Integer)).values(**values)  # type: ignore[arg-type]


def _now() -> Any:
    return bindparam("now", type_=UtcDateTime())
