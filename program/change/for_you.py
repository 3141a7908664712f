"""What the front line's own page shows: news of one's ideas, colleagues' ideas, trainings, and whom to ask.

Each part is one statement, or two; all of them take the reader and one program. Colleagues' ideas come without their
names: the page is open to whole teams, and an idea should be supported for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from program.change.models import (
    GroupMember,
    Idea,
    IdeaStep,
    IdeaSupport,
    ImpactedGroup,
    JobAid,
    TrainingSeat,
    TrainingSession,
)
from program.change.models.ideas import OPEN_STAGES
from program.change.models.training import AidKind, SeatState, SessionState
from program.ground.database import read
from program.ground.records import record
from program.people.models import Person

MY_IDEAS, OTHER_IDEAS, TRAININGS, AIDS = 20, 8, 20, 12


@record
class MyIdea:
    """One of the reader's ideas with the steps it took, newest first."""

    idea: Any
    steps: Sequence[Any]

    @property
    def news(self) -> int:
        """How many of its steps the reader has not seen."""
        return sum(1 for step in self.steps if step.seen_at is None)


@record
class MyGroup:
    """A group the reader belongs to, and who helps there: (name, is ambassador, is super-user)."""

    name: str
    channel: str
    helpers: tuple[tuple[str, bool, bool], ...]


def my_ideas(program_id: int, person_id: int | None) -> list[MyIdea]:
    """The reader's newest ideas there, those with news first. Two statements."""
    ideas = read(_mine(), {"program": program_id, "person": person_id}).all()
    steps: dict[int, list[Any]] = {}
    for step in read(_steps(), {"ideas": [idea.id for idea in ideas]}) if ideas else ():
        steps.setdefault(step.idea_id, []).append(step)
    found = [MyIdea(idea, steps.get(idea.id, ())) for idea in ideas]
    return sorted(found, key=lambda one: not one.news)


def other_ideas(program_id: int, person_id: int | None) -> Sequence[Any]:
    """Open ideas of colleagues, the most supported first, with the moment the reader joined in. One statement."""
    return read(_others(), {"program": program_id, "person": person_id}).all()


def my_trainings(program_id: int, person_id: int | None, now: datetime) -> Sequence[Any]:
    """The reader's trainings there that are not over, next first. One statement."""
    return read(_trainings(), {"program": program_id, "person": person_id, "now": now}).all()


def my_groups(program_id: int, person_id: int | None) -> list[MyGroup]:
    """The reader's groups with their ambassadors and super-users. One statement."""
    groups: dict[int, MyGroup] = {}
    helpers: dict[int, list[tuple[str, bool, bool]]] = {}
    for row in read(_groups(), {"program": program_id, "person": person_id}):
        groups.setdefault(row.id, MyGroup(row.name, row.channel, ()))
        if row.helper is not None:
            helpers.setdefault(row.id, []).append((row.helper, row.is_ambassador, row.is_super_user))
    return [MyGroup(one.name, one.channel, tuple(helpers.get(group_id, ()))) for group_id, one in groups.items()]


def aids(program_id: int, channels: Sequence[str]) -> Sequence[Any]:
    """Helpdesks and job aids for those customer channels and for all: title, url, note, kind. One statement."""
    return read(_aids(), {"program": program_id, "channels": ["", *channels]}).all()


@cache
def _mine() -> Any:
    supporters = (
        select(func.count()).select_from(IdeaSupport).where(IdeaSupport.idea_id == Idea.id).correlate(Idea)
    ).scalar_subquery()
    return (
        select(
            *(Idea.id, Idea.number, Idea.title, Idea.stage, Idea.created_at, Idea.revision),
            supporters.label("supporters"),
        )
        .where(Idea.proposer_id == bindparam("person", type_=Integer), Idea.program_id == bindparam("program"))
        .order_by(Idea.stage_since.desc(), Idea.id.desc())
        .limit(MY_IDEAS)
    )


@cache
def _steps() -> Any:
    return (
        select(IdeaStep.idea_id, IdeaStep.stage, IdeaStep.note, IdeaStep.at, IdeaStep.seen_at)
        .where(IdeaStep.idea_id.in_(bindparam("ideas", expanding=True)))
        .order_by(IdeaStep.at.desc(), IdeaStep.id.desc())
    )


@cache
def _others() -> Any:
    person = bindparam("person", type_=Integer)
    supporters = (
        select(func.count()).select_from(IdeaSupport).where(IdeaSupport.idea_id == Idea.id).correlate(Idea)
    ).scalar_subquery()
    mine = aliased(IdeaSupport)
    return (
        select(
            *(Idea.number, Idea.title, Idea.stage, Idea.created_at, mine.at.label("mine_since")),
            supporters.label("supporters"),
        )
        .outerjoin(mine, and_(mine.idea_id == Idea.id, mine.person_id == person))
        .where(
            Idea.program_id == bindparam("program"),
            Idea.stage.in_([stage.value for stage in OPEN_STAGES]),
            or_(Idea.proposer_id.is_(None), Idea.proposer_id != person),
        )
        .order_by(supporters.desc(), Idea.id.desc())
        .limit(OTHER_IDEAS)
    )


@cache
def _trainings() -> Any:
    return (
        select(
            *(TrainingSession.id, TrainingSession.title, TrainingSession.starts_at, TrainingSession.ends_at),
            *(TrainingSession.place, TrainingSession.state.label("session_state"), TrainingSession.note),
            *(TrainingSeat.state, Person.name.label("trainer")),
        )
        .select_from(TrainingSeat)
        .join(TrainingSession, TrainingSession.id == TrainingSeat.session_id)
        .outerjoin(Person, Person.id == TrainingSession.trainer_id)
        .where(
            TrainingSeat.person_id == bindparam("person", type_=Integer),
            TrainingSeat.program_id == bindparam("program"),
            TrainingSeat.state.in_([SeatState.INVITED, SeatState.ACCEPTED, SeatState.WAITING, SeatState.DECLINED]),
            TrainingSession.state != SessionState.HELD.value,
            TrainingSession.ends_at > bindparam("now", type_=TrainingSession.ends_at.type),
        )
        .order_by(TrainingSession.starts_at, TrainingSession.id)
        .limit(TRAININGS)
    )


@cache
def _groups() -> Any:
    helper = aliased(GroupMember)
    who = aliased(Person)
    return (
        select(
            *(ImpactedGroup.id, ImpactedGroup.name, ImpactedGroup.channel, who.name.label("helper")),
            *(helper.is_ambassador, helper.is_super_user),
        )
        .select_from(GroupMember)
        .join(ImpactedGroup, ImpactedGroup.id == GroupMember.group_id)
        .outerjoin(
            helper,
            and_(helper.group_id == ImpactedGroup.id, or_(helper.is_ambassador, helper.is_super_user)),
        )
        .outerjoin(who, and_(who.id == helper.person_id, who.is_active))
        .where(
            GroupMember.person_id == bindparam("person", type_=Integer),
            GroupMember.program_id == bindparam("program"),
        )
        .order_by(ImpactedGroup.name_folded, ImpactedGroup.id, who.name_folded)
    )


@cache
def _aids() -> Any:
    # Whom to call comes first.
    helpdesk_first = case((JobAid.kind == AidKind.HELPDESK.value, 0), else_=1)
    return (
        select(JobAid.kind, JobAid.title, JobAid.url, JobAid.note)
        .where(JobAid.program_id == bindparam("program"), JobAid.channel.in_(bindparam("channels", expanding=True)))
        .order_by(helpdesk_first, JobAid.channel.desc(), JobAid.title, JobAid.id)
        .limit(AIDS)
    )
