"""How far a crowd of messages has come that was told at once: a pulse's invitations, an announcement to all.

Figures only. Who has got theirs, and what it says, is nobody's business here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from program.ground.database import read
from program.ground.now import utc_now
from program.ground.records import record
from program.outbox import kinds
from program.outbox.models import Message, State
from program.people import places

# Fewer than this go in a moment, and nobody needs to watch.
CROWD = 20
LOOKS_BACK = timedelta(days=2)
MOST = 6
# Why a message waits that is on its way: for the others of its crowd, or for the other side.
_ON_THE_WAY = ("", "turn", "busy", "retry", "settings", "no_answer", "clock_died", "not_arrived", "other_way")
_OPEN = (State.WAITING, State.IN_FLIGHT, State.UNCERTAIN)


@record
class Crowd:
    """Messages of one kind that were told at once. `total` is the sum of the five figures after it."""

    kind: Any
    program: str
    began_at: datetime
    total: int
    sent: int
    waiting: int
    later: int
    failed: int
    other: int


def crowds(way: str) -> list[Crowd]:
    """The crowds of the last two days as that way sees them, the newest first. Two statements."""
    now = utc_now()
    waits = Message.state.in_(_OPEN)
    # What waits without a reason has just been told, or its reader's day has not begun.
    on_the_way = (
        waits & (Message.why.in_(_ON_THE_WAY) | (Message.state != State.WAITING)) & (Message.visible_from <= now)
    )
    by_way = (Message.state == State.SENT) & (Message.transport == way)
    failed = Message.state.in_((State.FAILED,))
    rows = read(
        select(
            Message.kind,
            Message.program_id,
            Message.created_at,
            func.count().label("total"),
            _count(by_way).label("sent"),
            _count(on_the_way).label("waiting"),
            _count(waits).label("open"),
            _count(failed).label("failed"),
        )
        .where(Message.created_at > now - LOOKS_BACK, Message.person_id.is_not(None))
        .group_by(Message.kind, Message.program_id, Message.created_at)
        .having(func.count() >= CROWD)
        .order_by(Message.created_at.desc(), Message.kind)
        .limit(MOST)
    ).all()
    programs = places.look_up({row.program_id for row in rows if row.program_id is not None})
    found = []
    for row in rows:
        kind, place = kinds.find(row.kind), programs.get(row.program_id)
        found.append(
            Crowd(
                kind.label if kind else row.kind,
                place.name if place else "",
                row.created_at,
                row.total,
                row.sent,
                row.waiting,
                row.open - row.waiting,
                row.failed,
                row.total - row.sent - row.open - row.failed,
            )
        )
    return found


def _count(condition: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
