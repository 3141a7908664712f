"""What planning tells people: that somebody named them in a comment, and that an item is theirs now.

What a comment says stays with the comment: its author may still take it back. Nobody is told of what they did
themselves, and an undone change tells nobody anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Integer, bindparam, select

from program.ground import formats
from program.ground.actor import Actor
from program.ground.audit import new_batch
from program.ground.database import read
from program.ground.pages import path_to
from program.outbox.inbox import read_elsewhere
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell, withdraw
from program.people.models import Person
from program.planning.models import Comment, Program, WorkItem


def _mentioned(data: Mapping[str, Any]) -> Words:
    who = data.get("who") or "Milepost"
    return Words(
        _("%(who)s on “%(title)s”", who=who, title=data["title"]), _("You were named in a comment."), _("Read it")
    )


def _assigned(data: Mapping[str, Any]) -> Words:
    count = data.get("count", 1)
    who = _("From %(who)s.", who=data["who"]) if data.get("who") else ""
    if count > 1:
        subject = ngettext("%(num)s item is yours now", "%(num)s items are yours now", count)
        return Words(subject, who, _("Open my work"))
    due = _("Due %(day)s.", day=formats.day(date.fromisoformat(data["due"]))) if data.get("due") else ""
    subject = _("“%(title)s” is yours now", title=data["title"])
    return Words(subject, " ".join(text for text in (due, who) if text), _("Open the item"))


MENTIONED = register(
    MessageKind("planning.mentioned", _l("Named in a comment"), Pace.DIGEST, _mentioned, icon="message")
)
ASSIGNED = register(MessageKind("planning.assigned", _l("An item is yours"), Pace.DIGEST, _assigned, icon="user-check"))


def tell_named(comment: Comment, item: WorkItem, person_ids: Collection[int], author: str) -> None:
    """Tell those who are named in the comment for the first time."""
    if not person_ids:
        return
    key, _name = _program_and_actor(item.program_id, None)
    path = path_to("items.show", key=key, number=item.number) + f"#comment-{comment.id}"
    tell(
        person_ids,
        MENTIONED,
        {"who": author, "title": item.title},
        key=f"comment.named:{comment.id}",
        path=path,
        program_id=item.program_id,
        about=_about_comment(comment.id),
    )


def forget_named(comment_id: int) -> None:
    """The comment is gone: nobody need be told of it any more."""
    withdraw(_about_comment(comment_id))


def seen_named(person_id: int, comment_ids: Iterable[int]) -> None:
    """That person has seen where they were named, on the item's page or on their own."""
    if about := [_about_comment(comment_id) for comment_id in comment_ids]:
        read_elsewhere(person_id, about)


def tell_owners(actor: Actor, program_id: int, items: Collection[WorkItem]) -> None:
    """Tell the owners of those items, each once however many they are, that these are theirs now."""
    owned: dict[int, list[WorkItem]] = {}
    for item in items:
        if item.owner_id is not None and item.owner_id != actor.person_id:
            owned.setdefault(item.owner_id, []).append(item)
    if not owned:
        return
    key, who = _program_and_actor(program_id, actor.person_id)
    act = new_batch()
    for owner_id, theirs in sorted(owned.items()):
        one = theirs[0] if len(theirs) == 1 else None
        tell(
            [owner_id],
            ASSIGNED,
            {"who": who, "count": len(theirs)} | (_said_of(one) if one else {}),
            key=f"item.assigned:{act}",
            path=path_to("items.show", key=key, number=one.number) if one else path_to("my_work.show"),
            program_id=program_id,
            about=_about_owner(one.id) if one else "",
        )


def owner_left(item_ids: Iterable[int]) -> None:
    """Those items are no longer their owners': who has not been told yet need not be."""
    withdraw(*map(_about_owner, item_ids))


def _said_of(item: WorkItem) -> dict[str, Any]:
    return {"title": item.title, "due": item.due_on.isoformat() if item.due_on else None}


def _about_comment(comment_id: int) -> str:
    return f"comment:{comment_id}"


def _about_owner(item_id: int) -> str:
    return f"item:{item_id}:owner"


def _program_and_actor(program_id: int, person_id: int | None) -> tuple[str, str]:
    """The program's key and the name of who acts, '' for the system; one statement."""
    row = read(_names(), {"program": program_id, "person": person_id or 0}).one()
    return row.key, row.name or ""


@cache
def _names() -> Any:
    person = Person.id == bindparam("person", type_=Integer)
    name = select(Person.name).where(person).scalar_subquery().label("name")
    return select(Program.key, name).where(Program.id == bindparam("program", type_=Integer))
