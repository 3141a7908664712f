"""Reading one idea: its steps with who took them, its support, the item it became, its A/B tests and successes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from program.change.models import AbTest, Idea, IdeaStep, IdeaSupport, Proof
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.records import record
from program.people.access import NOT_HERE
from program.people.models import Person
from program.planning.models import WorkItem


@record
class IdeaPage:
    """One idea as its page shows it; rows are plain columns."""

    idea: Any
    # Oldest first, each with `by`, the name of who took it.
    steps: Sequence[Any]
    tests: Sequence[Any]
    proofs: Sequence[Any]


def idea_page(program_id: int, number: int, reader_id: int | None) -> IdeaPage:
    """The idea with that number. Four statements. Raises NotFound; who may read is checked before."""
    idea = read(_idea(), {"program": program_id, "number": number, "reader": reader_id}).first()
    if idea is None:
        raise NotFound(NOT_HERE)
    asked = {"idea": idea.id}
    return IdeaPage(idea, read(_steps(), asked).all(), read(_tests(), asked).all(), read(_proofs(), asked).all())


@cache
def _idea() -> Any:
    owner, proposer = aliased(Person), aliased(Person)
    supporters = (
        select(func.count()).select_from(IdeaSupport).where(IdeaSupport.idea_id == Idea.id).correlate(Idea)
    ).scalar_subquery()
    return (
        select(
            *(Idea.id, Idea.number, Idea.title, Idea.detail, Idea.channel, Idea.stage, Idea.created_at),
            *(Idea.stage_since, Idea.revision, Idea.owner_id, Idea.proposer_id, Idea.item_id),
            owner.name.label("owner"),
            proposer.name.label("proposer"),
            WorkItem.number.label("item_number"),
            WorkItem.title.label("item_title"),
            WorkItem.status.label("item_status"),
            supporters.label("supporters"),
            IdeaSupport.at.label("mine_since"),
        )
        .select_from(Idea)
        .outerjoin(owner, owner.id == Idea.owner_id)
        .outerjoin(proposer, proposer.id == Idea.proposer_id)
        .outerjoin(WorkItem, WorkItem.id == Idea.item_id)
        .outerjoin(
            IdeaSupport,
            and_(IdeaSupport.idea_id == Idea.id, IdeaSupport.person_id == bindparam("reader", type_=Integer)),
        )
        .where(Idea.program_id == bindparam("program"), Idea.number == bindparam("number"))
    )


@cache
def _steps() -> Any:
    return (
        select(IdeaStep.id, IdeaStep.stage, IdeaStep.note, IdeaStep.at, IdeaStep.seen_at, Person.name.label("by"))
        .outerjoin(Person, Person.id == IdeaStep.by_id)
        .where(IdeaStep.idea_id == bindparam("idea"))
        .order_by(IdeaStep.at, IdeaStep.id)
    )


@cache
def _tests() -> Any:
    return (
        select(AbTest.id, AbTest.hypothesis, AbTest.starts_on, AbTest.ends_on, AbTest.verdict)
        .where(AbTest.idea_id == bindparam("idea"))
        .order_by(AbTest.starts_on, AbTest.id)
    )


@cache
def _proofs() -> Any:
    return (
        select(Proof.id, Proof.title, Proof.kind, Proof.figure, Proof.happened_on)
        .where(Proof.idea_id == bindparam("idea"))
        .order_by(Proof.happened_on, Proof.id)
    )
