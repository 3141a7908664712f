"""What the page of one item shows, read in a fixed number of statements however much hangs on the item."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased

from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.records import record
from program.people.access import NOT_HERE
from program.people.models import Person
from program.planning import comments
from program.planning.dependencies import Neighbours, neighbours
from program.planning.history_text import HistoryLine, history_of
from program.planning.models import (
    Baseline,
    BaselineLine,
    Comment,
    EvidenceLink,
    Gate,
    GateDecision,
    ItemTag,
    Mention,
    Phase,
    PhaseBlock,
    WorkItem,
)

HISTORY_LINES, ALL_HISTORY, PEOPLE_OFFERED = 5, 500, 200


@record
class CommentLine:
    """A comment as the page shows it; `unseen` when it names the reader and they have not said they saw it."""

    id: int
    body: str
    html: Any
    author_id: int | None
    author: str | None
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    removed_by: str | None
    revision: int
    unseen: bool


@record
class ItemPage:
    """Everything on the page of one item. `item` is a row of plain columns, named in `_item`."""

    item: Any
    tags: list[str]
    ends: Neighbours
    evidence: list[Any]
    comments: list[CommentLine]
    history: list[HistoryLine]
    has_more_history: bool
    # People who can be told of a comment, by id; empty for those who only read.
    people: dict[int, str]

    @property
    def slip_days(self) -> int | None:
        """Days by which the item is due later (or earlier, negative) than in the newest baseline; None for no slip."""
        planned, now = self.item.planned_on, self.item.due_on
        return (now - planned).days or None if planned and now else None

    @property
    def unseen(self) -> bool:
        """True when a comment names the reader and they have not said they saw it."""
        return any(comment.unseen for comment in self.comments)


def item_page(program_id: int, number: int, reader_id: int | None, *, writes: bool, all_history: bool) -> ItemPage:
    """Read the page of that item for a reader who may see the program. Raises NotFound."""
    item = _item(program_id, number)
    most = ALL_HISTORY if all_history else HISTORY_LINES
    history = history_of("item", item.id, most + 1)
    return ItemPage(
        item=item,
        tags=sorted(item.tags.split(",")) if item.tags else [],
        ends=neighbours(item.id),
        evidence=_evidence(item.id),
        comments=_comments(item.id, reader_id),
        history=history[:most],
        has_more_history=len(history) > most,
        people=comments.members(program_id, PEOPLE_OFFERED) if writes else {},
    )


def _item(program_id: int, number: int) -> Any:
    row = read(_item_query(), {"program": program_id, "number": number}).one_or_none()
    if row is None:
        raise NotFound(NOT_HERE)
    return row


# Queries are put together once: building one takes longer than the database takes to answer it.
@cache
def _item_query() -> Any:
    owner, creator = aliased(Person), aliased(Person)
    newest = (
        select(Baseline.id)
        .where(Baseline.program_id == bindparam("program"))
        .order_by(Baseline.taken_at.desc(), Baseline.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    # No tag holds a comma.
    tags = (
        select(func.aggregate_strings(ItemTag.tag, ","))
        .where(ItemTag.item_id == WorkItem.id)
        .correlate(WorkItem)
        .scalar_subquery()
    )
    columns = [column for name, column in WorkItem.__table__.c.items() if name not in ("title_folded", "position")]
    return (
        select(
            *columns,
            owner.name.label("owner"),
            creator.name.label("creator"),
            Phase.name.label("phase"),
            PhaseBlock.name.label("block"),
            Gate.id.label("gate_id"),
            Gate.name.label("gate"),
            Baseline.name.label("baseline"),
            BaselineLine.ends_on.label("planned_on"),
            tags.label("tags"),
        )
        .outerjoin(owner, owner.id == WorkItem.owner_id)
        .outerjoin(creator, creator.id == WorkItem.created_by_id)
        .outerjoin(Phase, Phase.id == WorkItem.phase_id)
        .outerjoin(PhaseBlock, PhaseBlock.id == WorkItem.block_id)
        .outerjoin(GateDecision, GateDecision.id == WorkItem.decision_id)
        .outerjoin(Gate, Gate.id == GateDecision.gate_id)
        .outerjoin(
            BaselineLine,
            and_(
                BaselineLine.baseline_id == newest,
                BaselineLine.object_type == "item",
                BaselineLine.object_id == WorkItem.id,
            ),
        )
        .outerjoin(Baseline, Baseline.id == BaselineLine.baseline_id)
        .where(WorkItem.program_id == bindparam("program"), WorkItem.number == bindparam("number"))
    )


def _evidence(item_id: int) -> list[Any]:
    return list(read(_evidence_query(), {"item": item_id}))


@cache
def _evidence_query() -> Any:
    return (
        select(EvidenceLink.id, EvidenceLink.url, EvidenceLink.label, EvidenceLink.added_at, Person.name.label("who"))
        .outerjoin(Person, Person.id == EvidenceLink.added_by_id)
        .where(EvidenceLink.item_id == bindparam("item"))
        .order_by(EvidenceLink.id)
    )


def _comments(item_id: int, reader_id: int | None) -> list[CommentLine]:
    """The comments in order; a row for each mention, folded into its comment."""
    by_comment: dict[int, list[Any]] = {}
    for row in read(_comments_query(), {"item": item_id}).all():
        by_comment.setdefault(row.id, []).append(row)
    return [_comment(of_one, reader_id) for of_one in by_comment.values()]


@cache
def _comments_query() -> Any:
    author, remover, named = aliased(Person), aliased(Person), aliased(Person)
    return (
        select(
            Comment.id,
            Comment.body,
            Comment.author_id,
            author.name.label("author"),
            Comment.created_at,
            Comment.edited_at,
            Comment.removed_at,
            remover.name.label("remover"),
            Comment.revision,
            Mention.person_id,
            Mention.seen_at,
            named.name.label("named"),
        )
        .outerjoin(author, author.id == Comment.author_id)
        .outerjoin(remover, remover.id == Comment.removed_by_id)
        .outerjoin(Mention, Mention.comment_id == Comment.id)
        .outerjoin(named, named.id == Mention.person_id)
        .where(Comment.item_id == bindparam("item"))
        .order_by(Comment.created_at, Comment.id)
    )


def _comment(rows: list[Any], reader_id: int | None) -> CommentLine:
    row = rows[0]
    return CommentLine(
        id=row.id,
        body=row.body,
        html=comments.render(row.body, [one.named for one in rows if one.named]),
        author_id=row.author_id,
        author=row.author,
        created_at=row.created_at,
        edited_at=row.edited_at,
        removed_at=row.removed_at,
        removed_by=row.remover,
        revision=row.revision,
        unseen=any(one.person_id == reader_id and one.seen_at is None for one in rows if one.person_id is not None),
    )


def overdue(status: str, due_on: date | None, today: date) -> bool:
    """True for open work whose day has passed."""
    return due_on is not None and due_on < today and status not in ("done", "dropped")
