"""Who was trained and coached by when, group by group: heads with the day they came to it.

Trained is what `training_coverage.py` says it is; here it comes with the day of each person's first session, so that it
can be told for any day. Coached is whom one-to-one coaching was begun for. Only people who belong to a group count in
it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, literal, select, union_all

from program.change.models import Coaching, GroupMember, TrainingGroup, TrainingSeat, TrainingSession
from program.change.models.plan import CoachingState
from program.change.models.training import Audience, SeatState, SessionState
from program.change.training_coverage import is_training
from program.ground.database import read
from program.ground.now import zone
from program.ground.records import record


@record
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
    group, person = GroupMember.group_id, GroupMember.person_id
    named = _by_name(group, func.min(TrainingSession.starts_at).label("at"), literal(1).label("count"))
    return union_all(named.group_by(group, person), _without_names(TrainingSession.starts_at))


@cache
def trained_in_all() -> Select[Any]:
    """(group, how many of its people are trained by name), for the program bound as `program`."""
    return _by_name(GroupMember.group_id, func.count(GroupMember.person_id.distinct())).group_by(GroupMember.group_id)


@cache
def counted_in_all() -> Select[Any]:
    """(group, heads that were counted without names), a row for each session."""
    return _without_names()


def _by_name(*columns: Any) -> Select[Any]:
    """Those columns of members whose seats trained them, for the program bound as `program`."""
    program: Any = bindparam("program")
    return (
        select(*columns)
        .select_from(GroupMember)
        .join(
            TrainingSeat,
            and_(TrainingSeat.person_id == GroupMember.person_id, TrainingSeat.program_id == GroupMember.program_id),
        )
        .join(TrainingSession, TrainingSession.id == TrainingSeat.session_id)
        .where(
            GroupMember.program_id == program,
            GroupMember.belongs,
            TrainingSeat.state == SeatState.ATTENDED.value,
            is_training(program),
        )
    )


def _without_names(*columns: Any) -> Select[Any]:
    """The group, those columns and the heads counted at sessions of the program bound as `program`."""
    return (
        select(TrainingGroup.group_id, *columns, TrainingGroup.counted)
        .join(TrainingSession, TrainingSession.id == TrainingGroup.session_id)
        .where(
            TrainingSession.program_id == bindparam("program"),
            TrainingSession.state == SessionState.HELD.value,
            TrainingSession.audience == Audience.AGENTS.value,
            TrainingGroup.counted > 0,
        )
    )


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
