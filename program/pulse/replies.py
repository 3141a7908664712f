"""Closing the loop: 'you said, we did'. What was done about something the pulse showed, told to those who were asked.

A falling theme can become a change task here; when something was done, a manager writes down what people said and what
came of it, and the next round tells it with its thanks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.people import access
from program.planning.items import ItemDraft, add_item, find_item
from program.planning.models import WorkItem
from program.planning.models.items import Kind
from program.pulse.bank import THEME_WORDS, Theme
from program.pulse.models import Reply, Round

MAX_SAID, MAX_DID = 300, 600
SHOWN = 20
WRONG = _l("Something is not right yet.")
TOLD = _l("People have read this already. Write another one instead.")


@record
class ReplyLine:
    """What was said and done, as pages show it; `told_in` is the number of the round that told it."""

    id: int
    theme: str
    said: str
    did: str
    told_in: int | None
    item_number: int | None
    item_title: str | None
    created_at: datetime


def add_reply(actor: Actor, program_id: int, theme: str, said: str, did: str, item_number: int | None = None) -> Reply:
    """Write down what people said and what was done about it. Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.MANAGER)
    said, did = clean_line(said), clean_text(did)
    wrong: dict[str, Any] = {}
    for name, text, most in (("said", said, MAX_SAID), ("did", did, MAX_DID)):
        if not text:
            wrong[name] = _l("Write a sentence or two.")
        elif len(text) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    if theme not in tuple(Theme):
        wrong["theme"] = _l("Choose a theme.")
    item_id = None
    if item_number is not None:
        try:
            item_id = find_item(actor, program_id, item_number).id
        except NotFound:
            wrong["item"] = _l("There is no item with that number.")
    if wrong:
        raise Invalid(WRONG, wrong)
    reply = Reply(
        program_id=program_id, theme=theme, said=said, did=did, item_id=item_id, created_by_id=actor.person_id
    )
    db.session.add(reply)
    db.session.flush()
    changes = audit.created({"theme": theme, "said": said, "did": did})
    audit.record(actor, "pulse_reply.created", object_id=reply.id, name=said, program_id=program_id, changes=changes)
    return reply


def remove_reply(actor: Actor, program_id: int, reply_id: int) -> None:
    """Take back one that nobody was told yet. Raises NotFound, Conflict."""
    access.require(actor, program_id, Access.MANAGER)
    reply = db.session.scalars(select(Reply).where(Reply.id == reply_id, Reply.program_id == program_id)).one_or_none()
    if reply is None:
        raise NotFound(access.NOT_HERE)
    if reply.told_in_id is not None:
        raise Conflict(TOLD)
    changes = audit.removed({"theme": reply.theme, "said": reply.said, "did": reply.did})
    audit.record(
        actor, "pulse_reply.removed", object_id=reply.id, name=reply.said, program_id=program_id, changes=changes
    )
    db.session.delete(reply)
    db.session.flush()


def propose_task(actor: Actor, program_id: int, theme: str, said: str) -> WorkItem:
    """Make a change task of a theme that fell; it has no owner yet. `said` is what the pulse showed, in words."""
    access.require(actor, program_id, Access.MANAGER)
    if theme not in tuple(Theme):
        raise Invalid(WRONG, {"theme": _l("Choose a theme.")})
    draft = ItemDraft(
        title=str(_l("Do something about: %(theme)s", theme=THEME_WORDS[Theme(theme)])),
        description=clean_text(said),
        kind=Kind.CHANGE,
    )
    return add_item(actor, program_id, draft)


def replies_of(program_id: int) -> list[ReplyLine]:
    """The newest replies first. One statement."""
    columns = (Reply.id, Reply.theme, Reply.said, Reply.did, Round.number, WorkItem.number, WorkItem.title)
    rows = read(
        select(*columns, Reply.created_at)
        .outerjoin(Round, Round.id == Reply.told_in_id)
        .outerjoin(WorkItem, WorkItem.id == Reply.item_id)
        .where(Reply.program_id == program_id)
        .order_by(Reply.created_at.desc(), Reply.id.desc())
        .limit(SHOWN)
    )
    return [ReplyLine(*row) for row in rows]


def tell_with(one: Round) -> None:
    """Let what was not told yet be told with this round, as it opens."""
    rows = db.session.scalars(select(Reply).where(Reply.program_id == one.program_id, Reply.told_in_id.is_(None)))
    for reply in rows:
        reply.told_in_id = one.id
    db.session.flush()


def told_with(round_id: int) -> list[tuple[str, str]]:
    """What people said and what was done, as this round tells it: (said, did). One statement."""
    rows = read(select(Reply.said, Reply.did).where(Reply.told_in_id == round_id).order_by(Reply.id))
    return [(row.said, row.did) for row in rows]
