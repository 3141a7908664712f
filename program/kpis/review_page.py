"""A review as its page shows it, and the list of those there were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, func, literal, null, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from program.extensions import db
from program.ground.actor import Actor
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.model import UtcDateTime
from program.ground.records import record
from program.kpis.models import (
    Kpi,
    Review,
    ReviewAction,
    ReviewConfidence,
    ReviewNote,
    ReviewPlan,
    ReviewState,
)
from program.kpis.review_facts import ActionFact, Facts, actions_up_to, facts_now
from program.kpis.reviews import may_hold
from program.people.access import NOT_HERE
from program.people.models import Person
from program.planning.models import WorkItem

CONFIDENCE = "confidence"


@record
class NoteLine:
    """A note, a cause or a decision; `kpi` is a code, '' for the week."""

    id: int
    kpi: str
    kind: str
    text: str
    author: str
    author_id: int | None
    at: datetime


@record
class ReviewSheet:
    """All of a review's page."""

    review: Review
    facts: Facts
    # Whether these are the figures as the meeting saw them.
    is_kept: bool
    notes: tuple[NoteLine, ...]
    # KPI id -> 1 to 5.
    confidence: dict[int, int]
    # What was agreed on in this review, as it stands today.
    actions: tuple[ActionFact, ...]
    chair: str
    held_by: str
    closed_by: str
    newest: int
    may_hold: bool

    @property
    def is_open(self) -> bool:
        """Whether it can still be written in."""
        return self.review.state != ReviewState.CLOSED


@record
class ReviewLine:
    """A review in the list."""

    number: int
    week: date
    meets_at: datetime
    state: str
    is_held: bool
    notes: int
    actions: int
    open_actions: int
    summary: str


def read_review(actor: Actor, program_id: int, number: int, today: date) -> ReviewSheet:
    """A review with all that belongs to it; `today` is the program's day. Ten statements at most. Raises NotFound.

    Permission is the caller's. The newest review shows figures as they are now until it is held.
    """
    row = db.session.execute(_review(), {"program": program_id, "number": number}).first()
    if row is None:
        raise NotFound(NOT_HERE)
    review = row.Review
    is_live = review.number == row.newest and review.state in (ReviewState.COLLECTING, ReviewState.READY)
    agreed = actions_up_to(review)
    facts = facts_now(review, today, agreed) if is_live else Facts.from_data(review.facts)
    notes, confidence = [], {}
    for kind, at, *rest in read(_written(), {"review": review.id}).all():
        if kind == CONFIDENCE:
            confidence[rest[1]] = rest[2]
        else:
            note_id, _kpi_id, _level, code, text, author, author_id = rest
            notes.append(NoteLine(note_id, code or "", kind, text, author or "", author_id, at))
    return ReviewSheet(
        review=review,
        facts=facts,
        is_kept=not is_live,
        notes=tuple(notes),
        confidence=confidence,
        actions=tuple(one for one in agreed if one.review == number),
        chair=row.chair or "",
        held_by=row.held_by or "",
        closed_by=row.closed_by or "",
        newest=row.newest,
        may_hold=may_hold(actor, program_id, row.chair_id),
    )


def list_reviews(program_id: int, limit: int, offset: int = 0) -> tuple[Sequence[ReviewLine], int]:
    """The program's reviews, the newest first, and how many there are. One statement."""
    rows = read(_lines(), {"program": program_id, "limit": limit, "offset": offset}).all()
    return [ReviewLine(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


@cache
def _review() -> Any:
    chair, held, closed = aliased(Person), aliased(Person), aliased(Person)
    newest = select(func.max(Review.number)).where(Review.program_id == bindparam("program")).scalar_subquery()
    return (
        select(
            *(Review, ReviewPlan.chair_id, chair.name.label("chair"), held.name.label("held_by")),
            *(closed.name.label("closed_by"), newest.label("newest")),
        )
        .outerjoin(ReviewPlan, ReviewPlan.program_id == Review.program_id)
        .outerjoin(chair, chair.id == ReviewPlan.chair_id)
        .outerjoin(held, held.id == Review.held_by_id)
        .outerjoin(closed, closed.id == Review.closed_by_id)
        .where(Review.program_id == bindparam("program"), Review.number == bindparam("number"))
    )


@cache
def _written() -> Any:
    """Notes and how sure the meeting is, in one statement."""
    notes = (
        select(
            *(ReviewNote.kind.label("kind"), ReviewNote.created_at.label("at"), ReviewNote.id.label("id")),
            *(ReviewNote.kpi_id.label("kpi_id"), literal(0).label("level"), Kpi.code.label("code")),
            *(ReviewNote.text.label("text"), Person.name.label("author"), ReviewNote.author_id.label("author_id")),
        )
        .outerjoin(Kpi, Kpi.id == ReviewNote.kpi_id)
        .outerjoin(Person, Person.id == ReviewNote.author_id)
        .where(ReviewNote.review_id == bindparam("review"))
    )
    sure = select(
        *(literal(CONFIDENCE), type_coerce(null(), UtcDateTime()), literal(0), ReviewConfidence.kpi_id),
        *(ReviewConfidence.level, literal(""), literal(""), literal(""), type_coerce(null(), ReviewNote.id.type)),
    ).where(ReviewConfidence.review_id == bindparam("review"))
    found = union_all(notes, sure).subquery()
    return select(found).order_by(found.c.id)


@cache
def _lines() -> Any:
    notes = select(func.count()).where(ReviewNote.review_id == Review.id).correlate(Review).scalar_subquery()
    is_open = case((WorkItem.status.in_(("todo", "doing", "blocked")), 1), else_=0)

    def actions(what: Any) -> Any:
        return (
            select(what)
            .select_from(ReviewAction)
            .join(WorkItem, WorkItem.id == ReviewAction.item_id)
            .where(ReviewAction.review_id == Review.id)
            .correlate(Review)
            .scalar_subquery()
        )

    return (
        select(
            *(Review.number, Review.week, Review.meets_at, Review.state, Review.held_at.is_not(None)),
            *(notes, actions(func.count()), actions(func.coalesce(func.sum(is_open), 0)), Review.summary),
            func.count().over(),
        )
        .where(Review.program_id == bindparam("program"))
        .order_by(Review.number.desc())
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )
