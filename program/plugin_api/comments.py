"""Comments on items, for plugins that carry them elsewhere and back, when a program's manager has said so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from program.extensions import db
from program.ground.actor import Access, Actor, Origin, system
from program.ground.database import read
from program.ground.errors import Conflict, NotFound
from program.people import access
from program.people.models import Person as PersonRow
from program.planning import comments as verbs
from program.planning import items as item_verbs
from program.planning.models import Comment as CommentRow
from program.planning.models import WorkItem
from program.plugin_api import setups
from program.plugin_api.contract import Comment, Connection, Link, Person
from program.plugin_api.links import write_link
from program.plugin_api.models import ExternalLink
from program.plugin_api.units import program_of, reading, writing
from program.plugin_api.work import web_address

OBJECT = "comment"
_COLUMNS: tuple[Any, ...] = (
    *(CommentRow.id, CommentRow.item_id, WorkItem.number, CommentRow.body, CommentRow.created_at),
    *(CommentRow.revision, CommentRow.removed_at, *setups.PERSON_COLUMNS),
)


def comments_changed_since(connection: Connection, *, after: int = 0, limit: int = 100) -> tuple[Comment, ...]:
    """Comments that moved past their 'comment' link or have none, on items with a counterpart, by id after `after`.

    Of those that were taken back only the ones that have a link are among them.
    """
    item_link = aliased(ExternalLink)
    mine = and_(
        ExternalLink.connection_id == connection.id,
        ExternalLink.object_type == OBJECT,
        ExternalLink.object_id == CommentRow.id,
    )
    of_item = and_(
        item_link.connection_id == connection.id,
        item_link.object_type == "item",
        item_link.object_id == CommentRow.item_id,
        item_link.external_id.is_not(None),
    )
    statement = (
        _comments()
        .join(item_link, of_item)
        .outerjoin(ExternalLink, mine)
        .where(CommentRow.program_id == program_of(connection).id, CommentRow.id > after)
        .where(
            or_(
                and_(ExternalLink.id.is_(None), CommentRow.removed_at.is_(None)),
                CommentRow.revision > ExternalLink.synced_revision,
            )
        )
    )
    with reading():
        return _told(connection, read(statement.order_by(CommentRow.id).limit(limit)))


def comments_by_ids(connection: Connection, ids: Sequence[int]) -> tuple[Comment, ...]:
    """Those comments on items of the connection's program, by id; ids of no comment in it are passed over."""
    found = (CommentRow.program_id == program_of(connection).id, CommentRow.id.in_(ids))
    with reading():
        return _told(connection, read(_comments().where(*found).order_by(CommentRow.id)))


def take_comment(
    connection: Connection, link: Link, number: int, body: str, *, who: Person | None, at: datetime, where: Origin
) -> bool:
    """Add what was said outside to the item with that number, and keep its link with it; False if it was there already.

    `link` has the comment's id outside; its `object_id` is filled in here. `at` is when it was said. Raises NotFound,
    Invalid, and Forbidden when `who` may not write in the program.
    """
    actor = system(where) if who is None else Actor(who.id, where)
    try:
        # What was added goes again when another process turns out to have taken it.
        with writing(), db.session.begin_nested():
            item = item_verbs.find_item(actor, program_of(connection).id, number, Access.CONTRIBUTOR)
            comment = verbs.add_comment(actor, item, body, said_at=at)
            revision: int = comment.revision  # type: ignore[assignment]
            kept = replace(link, object_type=OBJECT, object_id=comment.id, synced_revision=revision)
            if not write_link(connection, kept, new=True):
                raise Conflict("")
    except Conflict:
        return False
    return True


def follow_comment(connection: Connection, comment: Comment, body: str, *, where: Origin) -> Comment:
    """Take over how a comment reads outside. Raises NotFound, Invalid, and Conflict when it was changed here since."""
    actor = system(where)
    with writing():
        item = item_verbs.find_item(actor, program_of(connection).id, comment.number, Access.CONTRIBUTOR)
        verbs.follow_comment(actor, item, comment.id, body, seen=comment.revision)
    found = comments_by_ids(connection, [comment.id])
    if not found:
        raise NotFound(access.NOT_HERE)
    return found[0]


def _comments() -> Any:
    return (
        select(*_COLUMNS)
        .join(WorkItem, WorkItem.id == CommentRow.item_id)
        .outerjoin(PersonRow, PersonRow.id == CommentRow.author_id)
    )


def _told(connection: Connection, rows: Iterable[Any]) -> tuple[Comment, ...]:
    key = program_of(connection).key
    return tuple(
        Comment(
            id=id_,
            item_id=item_id,
            number=number,
            author=Person(*author) if author[0] is not None else None,
            body=body,
            created_at=created_at,
            revision=revision,
            is_removed=removed_at is not None,
            url=web_address(f"/p/{key}/items/{number}#comment-{id_}"),
        )
        for id_, item_id, number, body, created_at, revision, removed_at, *author in list(rows)
    )
