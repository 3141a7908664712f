"""Who was trained and coached by when, group by group: heads with the day they came to it.

Trained is who attended a session for everybody, or, being a super-user, one for super-users; each person counts once,
on the day of the first. Heads that were counted at a session without names are added. Coached is whom one-to-one
coaching was begun for. Only people who belong to a group count in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, literal, or_, select, union_all

from program.change.models import Coaching, GroupMember, TrainingGroup, TrainingSeat, TrainingSession
from program.change.models.plan import CoachingState
from program.change.models.training import Audience, SeatState, SessionState
from program.ground.database import read
from program.ground.now import zone


@dataclass(frozen=True, slots=True)
class Heads:
    """Days on which heads were added, in order: (day, how many)."""

    added: Sequence[tuple[date, int]] = ()

    def by(self, day: date, size: int) -> int:
        """How many there were by that day, never more than the group has people."""
        return min(size, sum(count for when, count in self.added if when <= day))

    def share(self, day: date, size: int) -> int | None:
        """The share of the group in whole percent, rounded down; None for a group of nobody."""
        return 100 * self.by(day, size) // size if size else None

    @property
    def last(self) -> date | None:
        """The day of the last addition."""
        return self.added[-1][0] if self.added else None


NOBODY = Heads()


def trained_heads(program_id: int, timezone: str) -> Mapping[int, Heads]:
    """Trained heads of every group, by group. One statement."""
    return _heads(read(_trained(), {"program": program_id}), timezone)


def coached_heads(program_id: int, timezone: str) -> Mapping[int, Heads]:
    """Coached people of every group, by group. One statement."""
    return _heads(read(_coached(), {"program": program_id}), timezone)


def _heads(rows: Any, timezone: str) -> Mapping[int, Heads]:
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for group_id, at, count in rows:
        found[group_id].append((at.astimezone(zone(timezone)).date(), int(count)))
    return defaultdict(Heads, {group_id: Heads(tuple(sorted(added))) for group_id, added in found.items()})


@cache
def _trained() -> Any:
    member, seat = GroupMember.__table__.c, TrainingSeat.__table__.c
    session, invited = TrainingSession.__table__.c, TrainingGroup.__table__.c
    program: Any = bindparam("program")
    named = (
        select(member.group_id, func.min(session.starts_at).label("at"), literal(1).label("count"))
        .select_from(GroupMember.__table__)
        .join(TrainingSeat.__table__, and_(seat.person_id == member.person_id, seat.program_id == member.program_id))
        .join(TrainingSession.__table__, session.id == seat.session_id)
        .where(
            member.program_id == program,
            member.belongs,
            seat.state == SeatState.ATTENDED.value,
            or_(
                session.audience == Audience.AGENTS.value,
                and_(session.audience == Audience.SUPER_USERS.value, member.is_super_user),
            ),
        )
        .group_by(member.group_id, member.person_id)
    )
    counted = (
        select(invited.group_id, session.starts_at, invited.counted)
        .select_from(TrainingGroup.__table__)
        .join(TrainingSession.__table__, session.id == invited.session_id)
        .where(
            session.program_id == program,
            session.state == SessionState.HELD.value,
            session.audience == Audience.AGENTS.value,
            invited.counted > 0,
        )
    )
    return union_all(named, counted)


@cache
def _coached() -> Any:
    member, coaching = GroupMember.__table__.c, Coaching.__table__.c
    begun = (CoachingState.RUNNING.value, CoachingState.DONE.value)
    return (
        select(member.group_id, func.min(coaching.created_at), literal(1))
        .select_from(GroupMember.__table__)
        .join(
            Coaching.__table__,
            and_(coaching.person_id == member.person_id, coaching.program_id == member.program_id),
        )
        .where(member.program_id == bindparam("program"), member.belongs, coaching.state.in_(begun))
        .group_by(member.group_id, member.person_id)
    )
