"""What the change room shows on planning's pages: where an item came from, successes on the overview, and on My work
the way to the front line's own pages.

One source for each place, one statement each (see `planning/insets.py`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func, or_, select

from program.change.models import (
    ChangePlanItem,
    Coaching,
    GoLive,
    GroupMember,
    Idea,
    IdeaStep,
    TrainingSeat,
    TrainingSession,
)
from program.change.models.plan import CoachingState
from program.change.models.training import SeatState, SessionState
from program.change.proofs import newest_proofs
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.now import utc_now
from program.ground.pages import address
from program.people.models import Membership
from program.planning.insets import Asked, Inset
from program.planning.models import Program, WorkItem

MOST_PAGES = 20


def item_origin(asked: Asked) -> Inset | None:
    """Where an item came from: the idea that became it, the go-live whose plan brought it."""
    row = read(_origin(), {"item": asked.item_id}).first()
    if row is None or (row.idea_number is None and row.go_live is None):
        return None
    (key,) = asked.programs.values()
    data = {
        "idea": row.idea_title,
        "idea_url": f"{address('ideas.index', key)}/{row.idea_number}",
        "go_live": row.go_live,
        "go_live_on": row.on_date,
    }
    return Inset("change/ideas/item_origin.html", data, order=40)


def successes(asked: Asked) -> Inset | None:
    """The pinned and the newest successes of the program."""
    ((program_id, key),) = asked.programs.items()
    found = newest_proofs(program_id)
    if not found:
        return None
    return Inset("change/proofs/inset.html", {"proofs": found, "url": address("proofs.index", key)}, order=60)


def own_pages(asked: Asked) -> Inset | None:
    """The reader's own page of each program in whose groups they are, with what waits for them there.

    News of their ideas, invitations to trainings without an answer, and coaching of their own.
    """
    rows = read(_own_pages(), {"person": asked.actor.person_id, "now": utc_now()}).all()
    if not rows:
        return None
    pages = [(address("front_line.show", row.key), row.name, row.news, row.invited, row.coached) for row in rows]
    return Inset("change/front_line/inset.html", {"pages": pages}, order=30)


@cache
def _own_pages() -> Any:
    person = bindparam("person", type_=Integer)
    in_a_group = (
        select(GroupMember.program_id).where(GroupMember.person_id == person, GroupMember.program_id == Program.id)
    ).exists()
    is_member = (
        select(Membership.id).where(Membership.person_id == person, Membership.program_id == Program.id)
    ).exists()
    news = (
        select(func.count(func.distinct(Idea.id)))
        .join(IdeaStep, and_(IdeaStep.idea_id == Idea.id, IdeaStep.seen_at.is_(None)))
        .where(Idea.program_id == Program.id, Idea.proposer_id == person)
        .correlate(Program)
        .scalar_subquery()
    )
    invited = (
        select(func.count())
        .select_from(TrainingSeat)
        .join(TrainingSession, TrainingSession.id == TrainingSeat.session_id)
        .where(
            TrainingSeat.program_id == Program.id,
            TrainingSeat.person_id == person,
            TrainingSeat.state == SeatState.INVITED.value,
            TrainingSession.state == SessionState.PLANNED.value,
            TrainingSession.starts_at > bindparam("now", type_=UtcDateTime()),
        )
        .correlate(Program)
        .scalar_subquery()
    )
    coached = (
        select(func.count())
        .select_from(Coaching)
        .where(
            Coaching.program_id == Program.id,
            Coaching.person_id == person,
            Coaching.state == CoachingState.RUNNING.value,
        )
        .correlate(Program)
        .scalar_subquery()
    )
    waits = or_(news > 0, invited > 0, coached > 0)
    return (
        select(Program.key, Program.name, news.label("news"), invited.label("invited"), coached.label("coached"))
        .where(Program.closed_on.is_(None), or_(in_a_group, and_(is_member, waits)))
        .order_by(Program.name_folded, Program.id)
        .limit(MOST_PAGES)
    )


@cache
def _origin() -> Any:
    return (
        select(
            *(Idea.number.label("idea_number"), Idea.title.label("idea_title")),
            *(GoLive.name.label("go_live"), GoLive.on_date),
        )
        .select_from(WorkItem)
        .outerjoin(Idea, Idea.item_id == WorkItem.id)
        .outerjoin(ChangePlanItem, ChangePlanItem.item_id == WorkItem.id)
        .outerjoin(GoLive, GoLive.id == ChangePlanItem.go_live_id)
        .where(WorkItem.id == bindparam("item"))
        .order_by(Idea.id)
        .limit(1)
    )
