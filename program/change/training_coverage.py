"""How much of each impacted group is trained, against the group's target.

Trained is who attended at least one session of the program for everybody; for a super-user a session for super-users
counts as well. Each person counts once, however many sessions they attended. Heads that were counted without names at
such sessions are added; a group's size is its headcount, or the number of its people known by name where that is
larger.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, case, distinct, func, or_, select
from sqlalchemy.orm import aliased

from program.change.coverage import size_of
from program.change.models import GoLive, GroupMember, ImpactedGroup, TrainingGroup, TrainingSeat, TrainingSession
from program.change.models.training import Audience, SeatState, SessionState
from program.ground.database import read
from program.ground.records import record


@record
class GroupTraining:
    """How far a group is: people trained by name, heads counted, and the share aimed at in percent."""

    id: int
    name: str
    channel: str
    go_live: str | None
    go_live_on: date | None
    headcount: int
    known: int
    named: int
    counted: int
    target: int

    @property
    def size(self) -> int:
        """How many people the group has."""
        return size_of(self.headcount, self.known)

    @property
    def trained(self) -> int:
        """How many of them are trained; never more than there are."""
        return min(self.size, self.named + self.counted)

    @property
    def percent(self) -> int | None:
        """The share trained, in whole percent, rounded down; None for a group of nobody."""
        return 100 * self.trained // self.size if self.size else None

    @property
    def missing(self) -> int:
        """How many more must be trained to meet the target."""
        return max(0, -(-self.size * self.target // 100) - self.trained)

    @property
    def state(self) -> str:
        """One of the states of `macros/states.html`."""
        if not self.size:
            return "no_data"
        if not self.missing:
            return "on_track"
        return "at_risk" if self.trained else "off_track"


@record
class Total:
    """All groups of a program together."""

    groups: int
    short: int
    size: int
    trained: int

    @property
    def percent(self) -> int | None:
        """The share trained in whole percent; None without people."""
        return 100 * self.trained // self.size if self.size else None


def coverage(program_id: int) -> list[GroupTraining]:
    """Every group, the one furthest from its target first. One statement; permission is the caller's."""
    found = [GroupTraining(*row) for row in read(_groups(), {"program": program_id})]
    return sorted(found, key=lambda group: (-group.missing, group.name))


def total(groups: list[GroupTraining]) -> Total:
    """The sums. Somebody who belongs to two groups counts in each of them, as their headcounts do."""
    return Total(
        len(groups),
        sum(1 for group in groups if group.missing),
        sum(group.size for group in groups),
        sum(group.trained for group in groups),
    )


def is_training(program: Any) -> Any:
    """The condition under which a seat in a session trains the member whose seat it is.

    A super-user is one wherever they are: of whichever group they look after.
    """
    helper = aliased(GroupMember)
    super_users = select(helper.person_id).where(helper.program_id == program, helper.is_super_user.is_(True))
    return or_(
        TrainingSession.audience == Audience.AGENTS,
        and_(TrainingSession.audience == Audience.SUPER_USERS, GroupMember.person_id.in_(super_users)),
    )


@cache
def _groups() -> Any:
    program: Any = bindparam("program")
    members = (
        select(
            GroupMember.group_id,
            func.count(distinct(GroupMember.person_id)).label("known"),
            func.count(distinct(case((TrainingSession.id.is_not(None), GroupMember.person_id)))).label("named"),
        )
        .outerjoin(
            TrainingSeat,
            and_(
                TrainingSeat.person_id == GroupMember.person_id,
                TrainingSeat.program_id == GroupMember.program_id,
                TrainingSeat.state == SeatState.ATTENDED,
            ),
        )
        .outerjoin(TrainingSession, and_(TrainingSession.id == TrainingSeat.session_id, is_training(program)))
        .where(GroupMember.program_id == program, GroupMember.belongs.is_(True))
        .group_by(GroupMember.group_id)
        .subquery()
    )
    heads = (
        select(TrainingGroup.group_id, func.sum(TrainingGroup.counted).label("counted"))
        .join(TrainingSession, TrainingSession.id == TrainingGroup.session_id)
        .where(
            TrainingSession.program_id == program,
            TrainingSession.state == SessionState.HELD,
            TrainingSession.audience == Audience.AGENTS,
        )
        .group_by(TrainingGroup.group_id)
        .subquery()
    )
    return (
        select(
            ImpactedGroup.id,
            ImpactedGroup.name,
            ImpactedGroup.channel,
            GoLive.name,
            GoLive.on_date,
            ImpactedGroup.headcount,
            func.coalesce(members.c.known, 0),
            func.coalesce(members.c.named, 0),
            func.coalesce(heads.c.counted, 0),
            ImpactedGroup.training_target,
        )
        .outerjoin(GoLive, GoLive.id == ImpactedGroup.go_live_id)
        .outerjoin(members, members.c.group_id == ImpactedGroup.id)
        .outerjoin(heads, heads.c.group_id == ImpactedGroup.id)
        .where(ImpactedGroup.program_id == program)
        .order_by(ImpactedGroup.name_folded, ImpactedGroup.id)
    )
