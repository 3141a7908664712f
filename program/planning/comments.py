"""Comments on items, and the people named in them.

Somebody is named with `@Maria Zielińska`, or `@[Maria Zielińska]` where more letters follow; only members of the
program are found. They see it on their page 'My work' until they say that they have. The committee reads along but does
not write: a viewer's word belongs into the decision of a gate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import Integer, bindparam, delete, insert, select, update

from program.extensions import db
from program.ground import audit, markdown
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import utc_now
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.models import Membership, Person
from program.planning import telling
from program.planning.models import Comment, Mention, WorkItem

MAX_BODY, MAX_MENTIONS = 10_000, 20
CHANGED_MEANWHILE = _l("This comment was changed while you had it open.")
# An @ that begins a word: 'maria@alfa.example' names nobody.
_AT = re.compile(r"(?<![\w@.])@")
_BRACKETS = re.compile(r"\[([^\[\]\n]{1,120})\]")
_NAME_ENDS = re.compile(r"[^\w\s'’.-]")
_LONGEST = 160


@record
class _Name:
    """A member's name as it is looked for: in words, without case and accents."""

    person_id: int
    words: tuple[str, ...]


def add_comment(
    actor: Actor, item: WorkItem, body: str, *, tell: int | None = None, said_at: datetime | None = None
) -> Comment:
    """Say something about the item. `tell` names one more member, by id, at the head of the text. Raises Invalid.

    `said_at` is when it was said elsewhere, for what another system brings.
    """
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    people = members(item.program_id)
    body = clean_text(body)
    if tell is not None:
        if tell not in people:
            raise Invalid(_l("Something is not right yet."), {"tell": _l("Choose somebody of this program.")})
        if body and tell not in mentioned(body, people):
            body = f"@[{people[tell]}] {body}"
    comment = Comment(
        program_id=item.program_id,
        item_id=item.id,
        author_id=actor.person_id,
        body=_checked(body),
        created_at=said_at or utc_now(),
    )
    db.session.add(comment)
    db.session.flush()
    _name_people(comment, item, people)
    _record(actor, "item.commented", item)
    return comment


def edit_comment(actor: Actor, item: WorkItem, comment_id: int, body: str, *, seen: int) -> Comment:
    """Change one's own comment; who is named anew is told, who no longer is, is not. Raises Conflict, Forbidden."""
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    comment = find_comment(item, comment_id)
    if comment.author_id is None or comment.author_id != actor.person_id:
        raise Forbidden(_l("Only its author can change a comment."))
    return _rewrite(actor, item, comment, body, seen)


def follow_comment(actor: Actor, item: WorkItem, comment_id: int, body: str, *, seen: int) -> Comment:
    """Take over what became of a comment in the system it is also kept in, whoever changed it there. Raises Conflict.

    For what is in step with another system only: a person changes their own comments with `edit_comment`.
    """
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    if actor.person_id is not None:
        raise Forbidden(_l("Only its author can change a comment."))
    return _rewrite(actor, item, find_comment(item, comment_id), body, seen)


def _rewrite(actor: Actor, item: WorkItem, comment: Comment, body: str, seen: int) -> Comment:
    audit.check_revision(comment, seen, CHANGED_MEANWHILE, "comment")
    body = _checked(clean_text(body))
    if body == comment.body:
        return comment
    comment.body, comment.edited_at = body, utc_now()
    db.session.flush()
    _name_people(comment, item, members(item.program_id))
    _record(actor, "item.comment_edited", item)
    return comment


def remove_comment(actor: Actor, item: WorkItem, comment_id: int, *, seen: int) -> None:
    """Remove one's own comment, or as a manager any. Its text goes, a stub stays that says who removed it and when."""
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    comment = find_comment(item, comment_id)
    own = comment.author_id is not None and comment.author_id == actor.person_id
    if not own:
        access.require(actor, item.program_id, Access.MANAGER)
    audit.check_revision(comment, seen, CHANGED_MEANWHILE, "comment")
    comment.body, comment.removed_at, comment.removed_by_id = "", utc_now(), actor.person_id
    db.session.flush()
    db.session.execute(delete(Mention).where(Mention.comment_id == comment.id))
    telling.forget_named(comment.id)
    _record(actor, "item.comment_removed", item)


def find_comment(item: WorkItem, comment_id: int) -> Comment:
    """That comment of the item, unless it was removed. Raises NotFound. Who may read the item is checked before."""
    comment = db.session.scalars(
        select(Comment).where(Comment.id == comment_id, Comment.item_id == item.id, Comment.removed_at.is_(None))
    ).one_or_none()
    if comment is None:
        raise NotFound(access.NOT_HERE)
    return comment


def mark_seen(actor: Actor, *, item_id: int | None = None) -> int:
    """The actor has seen where they were named: on that item, or (None) anywhere. Returns how often it was new."""
    query = update(Mention).where(Mention.person_id == actor.person_id, Mention.seen_at.is_(None))
    if item_id is not None:
        query = query.where(Mention.comment_id.in_(select(Comment.id).where(Comment.item_id == item_id)))
    seen = query.values(seen_at=utc_now()).returning(Mention.comment_id).execution_options(synchronize_session=False)
    comment_ids = db.session.scalars(seen).all()
    if actor.person_id is not None:
        telling.seen_named(actor.person_id, comment_ids)
    return len(comment_ids)


def members(program_id: int, most: int | None = None) -> dict[int, str]:
    """Names of the active people of the program, viewers too, by id; in order of the name, the first `most` of them."""
    query = _MEMBERS if most is None else _FIRST_MEMBERS
    return {row.id: row.name for row in read(query, {"program": program_id, "most": most}).all()}


_MEMBERS = (
    select(Person.id, Person.name)
    .join(Membership, Membership.person_id == Person.id)
    .where(Membership.program_id == bindparam("program"), Person.is_active)
    .order_by(Person.name_folded, Person.id)
)
_FIRST_MEMBERS = _MEMBERS.limit(bindparam("most", type_=Integer))


def mentioned(body: str, people: Mapping[int, str]) -> set[int]:
    """Ids of those named in the text. Of names that fit the longest counts; people of one name are all meant."""
    names: dict[str, list[_Name]] = {}
    for person_id, name in people.items():
        if words := _words(name):
            names.setdefault(words[0], []).append(_Name(person_id, words))
    found: set[int] = set()
    for at in _AT.finditer(body):
        rest = body[at.end() : at.end() + _LONGEST]
        bracketed = _BRACKETS.match(rest)
        said = _words(bracketed[1] if bracketed else _NAME_ENDS.split(rest, maxsplit=1)[0])
        fitting = [
            name
            for name in names.get(said[0] if said else "", ())
            if name.words == (said if bracketed else said[: len(name.words)])
        ]
        longest = max((len(name.words) for name in fitting), default=0)
        found.update(name.person_id for name in fitting if len(name.words) == longest)
    return found


def render(body: str, names: Iterable[str]) -> Markup:
    """A comment as safe HTML, the names of those it mentions set bold."""
    chosen = sorted(set(names), key=lambda name: (-len(name), name))
    if chosen:
        any_of = "|".join(rf"\[{re.escape(name)}\]|{re.escape(name)}(?!\w)" for name in chosen)
        body = re.sub(rf"{_AT.pattern}({any_of})", _bold, body, flags=re.IGNORECASE)
    return markdown.render(body)


def _bold(mention: re.Match[str]) -> str:
    name = mention[1].removeprefix("[").removesuffix("]")
    return "**@" + re.sub(r"([\\`*_\[\]<>#~|&])", r"\\\1", name) + "**"


def _words(text: str) -> tuple[str, ...]:
    return tuple(fold(text.replace(".", " ").replace("’", "'")).split())


def _name_people(comment: Comment, item: WorkItem, people: Mapping[int, str]) -> None:
    """Keep the comment's mentions in step with its text; nobody is told of naming themselves."""
    named = mentioned(comment.body, people) - {comment.author_id}
    if len(named) > MAX_MENTIONS:
        raise Invalid(
            _l("Something is not right yet."),
            {"body": _l("Name up to %(most)s people in a comment.", most=MAX_MENTIONS)},
        )
    present = set(db.session.scalars(select(Mention.person_id).where(Mention.comment_id == comment.id)))
    if present - named:
        db.session.execute(
            delete(Mention).where(Mention.comment_id == comment.id, Mention.person_id.in_(present - named))
        )
    if named - present:
        rows = [{"comment_id": comment.id, "person_id": person_id} for person_id in sorted(named - present)]
        db.session.execute(insert(Mention), rows)
        telling.tell_named(comment, item, named - present, people.get(comment.author_id or 0, ""))


def _checked(body: str) -> str:
    if not clean_line(body):
        raise Invalid(_l("Something is not right yet."), {"body": _l("Write something first.")})
    if len(body) > MAX_BODY:
        raise Invalid(_l("Something is not right yet."), {"body": _l("Up to %(most)s letters.", most=MAX_BODY)})
    return body


def _record(actor: Actor, verb: str, item: WorkItem) -> None:
    # Without the text: what its author removes shall not live on in the trail.
    audit.record(actor, verb, object_id=item.id, name=item.title, program_id=item.program_id)
