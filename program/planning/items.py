"""Work items: adding them and changing them, with the rules that every door keeps.

Neighbours: `item_rules.py` (what an item may look like), `dependencies.py` (what waits for what), `comments.py`,
`evidence.py`, `undo.py`, `item_lists.py` (reading many at once). Items are never deleted: one that is not wanted is
dropped with a reason, so that what a gate once asked for can still be explained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, field
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import utc_now
from program.ground.records import record
from program.people import access
from program.planning import telling
from program.planning.item_rules import (
    CHANGEABLE,
    MANAGER_ONLY,
    MAX_DESCRIPTION,
    MAX_REASON,
    MAX_TAG,
    MAX_TAGS,
    MAX_TITLE,
    Surroundings,
    check_manager,
    checked,
    clean_tags,
)
from program.planning.models import ItemTag, Program, WorkItem
from program.planning.models.items import Kind, Priority, Status

__all__ = [
    "CHANGEABLE",
    "MANAGER_ONLY",
    "MAX_DESCRIPTION",
    "MAX_REASON",
    "MAX_TAG",
    "MAX_TAGS",
    "MAX_TITLE",
    "ItemDraft",
    "Surroundings",
    "add_item",
    "add_items",
    "change_item",
    "change_items",
    "clean_tags",
    "copy_item",
    "find_item",
    "set_tags",
    "tag_items",
]
# Not a column: where a change was taken over from, in its entry.
SOURCE = "from_url"
CHANGED_MEANWHILE = _l("Somebody changed this item while you had it open.")
# Moments that follow from the status. They are kept in the trail so that taking a change back restores them exactly.
FOLLOWING = ("started_at", "done_at")


@record
class ItemDraft:
    """An item that does not exist yet. Only the title is needed."""

    title: str
    description: str = ""
    kind: Kind = Kind.TASK
    status: Status = Status.TODO
    status_reason: str = ""
    required: bool = False
    owner_id: int | None = None
    role: str = ""
    priority: Priority = Priority.NORMAL
    channel: str = ""
    start_on: date | None = None
    due_on: date | None = None
    phase_id: int | None = None
    block_id: int | None = None
    decision_id: int | None = None
    key: str = ""
    tags: tuple[str, ...] = field(default=())


def add_item(actor: Actor, program_id: int, draft: ItemDraft) -> WorkItem:
    """Add one item. Raises Invalid naming the field at fault."""
    return add_items(actor, program_id, [draft])[0]


def add_items(
    actor: Actor, program_id: int, drafts: Iterable[ItemDraft], *, batch: str | None = None
) -> list[WorkItem]:
    """Add items in one go, numbered in their order. Raises Invalid for the first one that cannot be."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    drafts = list(drafts)
    if not drafts:
        return []
    if any(draft.required for draft in drafts) and not _is_manager(actor, program_id):
        raise Forbidden(_l("Only a manager of the program decides what is required."))
    surroundings = Surroundings(program_id)
    ready = [_prepared(draft, surroundings) for draft in drafts]
    first_number = _take_numbers(program_id, len(drafts))
    items = _insert(actor, program_id, first_number, [values for values, _tags in ready])
    _insert_tags(program_id, {item.id: tags for item, (_values, tags) in zip(items, ready, strict=True)})
    columns = sorted(CHANGEABLE)
    entries = [
        (item.id, item.title, audit.created({name: getattr(item, name) for name in columns} | _tag_values(tags)))
        for item, (_values, tags) in zip(items, ready, strict=True)
    ]
    audit.record_many(actor, "item.created", program_id, entries, batch=batch)
    telling.tell_owners(actor, program_id, items)
    return items


def copy_item(actor: Actor, item: WorkItem) -> WorkItem:
    """Add an item like that one, not begun. What only a manager may ask for is left out for others.

    A copy of a gate's condition is a task: the gate asked once.
    """
    tags = tuple(db.session.scalars(select(ItemTag.tag).where(ItemTag.item_id == item.id).order_by(ItemTag.tag)))
    draft = ItemDraft(
        title=item.title,
        description=item.description,
        kind=Kind.TASK if item.kind == Kind.CONDITION else Kind(item.kind),
        required=item.required and _is_manager(actor, item.program_id),
        # Somebody who left the team since cannot be given new work.
        owner_id=item.owner_id if item.owner_id in Surroundings(item.program_id).people else None,
        role=item.role,
        priority=Priority(item.priority),
        channel=item.channel,
        start_on=item.start_on,
        due_on=item.due_on,
        phase_id=item.phase_id,
        block_id=item.block_id,
        tags=tags,
    )
    return add_item(actor, item.program_id, draft)


def change_item(
    actor: Actor,
    item: WorkItem,
    values: Mapping[str, Any],
    *,
    seen: int | None,
    batch: str | None = None,
    source: str = "",
) -> audit.Changes:
    """Set columns of an item (names of CHANGEABLE) and return what really changed.

    `seen` is the revision the editor began from; None only where no person had the item open (a tick, a sync).
    `source` is the address of what it was taken over from, for the history.
    Raises Conflict when the item moved on since, Invalid naming the field at fault, Forbidden for too little access.
    """
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    if seen is not None:
        audit.check_revision(item, seen, CHANGED_MEANWHILE, "item")
    return change_items(actor, item.program_id, [(item, values)], batch=batch, source=source)[0]


def change_items(
    actor: Actor,
    program_id: int,
    edits: Sequence[tuple[WorkItem, Mapping[str, Any]]],
    *,
    batch: str | None = None,
    verb: str = "item.changed",
    moments: Mapping[int, Mapping[str, datetime | None]] | None = None,
    source: str = "",
) -> list[audit.Changes]:
    """Set columns of many items of one program in one go; all of them or none. Returns each one's changes.

    `moments` gives, by item id, when work began and ended, where that is known better than 'now' (undo).
    Raises Invalid for the first item that cannot be so, with its number in the sentence when there are several.
    """
    access.require(actor, program_id, Access.CONTRIBUTOR)
    is_manager, around, now = _is_manager(actor, program_id), Surroundings(program_id), utc_now()
    all_changes, entries = [], []
    for item, values in edits:
        if item.program_id != program_id:
            raise NotFound(access.NOT_HERE)
        if unknown := set(values) - CHANGEABLE:
            raise ValueError(f"not changeable: {sorted(unknown)}")
        before = {name: getattr(item, name) for name in CHANGEABLE}
        try:
            tidy = checked(dict(values), before, around)
        except Invalid as error:
            if len(edits) > 1:
                reasons = " ".join(str(reason) for reason in error.fields.values())
                sentence = _l("%(title)s (number %(number)s): %(reasons)s")
                error.sentence = str(sentence) % {"title": item.title, "number": item.number, "reasons": reasons}
            raise
        check_manager(is_manager, item, tidy)
        changes = audit.change(item, tidy)
        _follow(item, changes, now, (moments or {}).get(item.id))
        if changes:
            entries.append((item.id, item.title, changes | _from(source)))
        all_changes.append(changes)
    db.session.flush()
    audit.record_many(actor, verb, program_id, entries, batch=batch)
    _tell_owners(actor, program_id, [item for item, _values in edits], all_changes, undone=verb == "item.undone")
    return all_changes


def _from(source: str) -> audit.Changes:
    """What an entry says of where a change was taken over from."""
    return {SOURCE: [None, source]} if source else {}


def set_tags(
    actor: Actor,
    item: WorkItem,
    tags: Iterable[str],
    *,
    seen: int | None = None,
    batch: str | None = None,
    source: str = "",
) -> bool:
    """Give the item exactly these tags; True when that changed something. Raises what an edit raises."""
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    if seen is not None:
        audit.check_revision(item, seen, CHANGED_MEANWHILE, "item")
    return bool(tag_items(actor, item.program_id, {item: clean_tags(tags)}, batch=batch, source=source))


def tag_items(
    actor: Actor,
    program_id: int,
    wanted: Mapping[WorkItem, Iterable[str]],
    *,
    batch: str | None = None,
    verb: str = "item.tagged",
    source: str = "",
) -> int:
    """Give each of those items of one program exactly its tags; returns how many really changed."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    if any(item.program_id != program_id for item in wanted):
        raise NotFound(access.NOT_HERE)
    present = tags_of([item.id for item in wanted])
    now, entries, rows = utc_now(), [], {}
    for item, tags in wanted.items():
        before, after = sorted(present.get(item.id, ())), sorted(clean_tags(tags))
        if before != after:
            rows[item.id] = after
            entries.append((item.id, item.title, {"tags": [before, after], **_from(source)}))
            # A new revision: whoever has the item open with the old tags must not write them back unawares.
            item.updated_at = now
    if rows:
        db.session.flush()
        db.session.execute(delete(ItemTag).where(ItemTag.item_id.in_(list(rows))))
        _insert_tags(program_id, rows)
        audit.record_many(actor, verb, program_id, entries, batch=batch)
    return len(rows)


def tags_of(item_ids: Sequence[int]) -> dict[int, list[str]]:
    """The tags of those items, sorted, by the item's id; items without any are left out."""
    found: dict[int, list[str]] = {}
    query = select(ItemTag.item_id, ItemTag.tag).where(ItemTag.item_id.in_(item_ids)).order_by(ItemTag.tag)
    for item_id, tag in db.session.execute(query):
        found.setdefault(item_id, []).append(tag)
    return found


def find_item(
    actor: Actor, program_id: int, number: int, needed: Access = Access.VIEWER, *, lock: bool = False
) -> WorkItem:
    """The item with that number in the program. Raises NotFound.

    `lock` holds other writers of it back until this transaction ends; for those who are about to change it.
    """
    access.require(actor, program_id, needed)
    query = select(WorkItem).where(WorkItem.program_id == program_id, WorkItem.number == number)
    if lock:
        # SQLite has one writer at a time anyway. 'No key': comments and links may still be added beside.
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    item = db.session.scalars(query).one_or_none()
    if item is None:
        raise NotFound(access.NOT_HERE)
    return item


def _tell_owners(
    actor: Actor, program_id: int, items: Sequence[WorkItem], changes: Sequence[audit.Changes], *, undone: bool
) -> None:
    moved = [(item, change) for item, change in zip(items, changes, strict=True) if "owner_id" in change]
    telling.owner_left(item.id for item, change in moved if change["owner_id"][0] is not None)
    if not undone:
        telling.tell_owners(actor, program_id, [item for item, _change in moved])


def _is_manager(actor: Actor, program_id: int) -> bool:
    return (access.access_of(actor, program_id) or 0) >= Access.MANAGER


def _prepared(draft: ItemDraft, surroundings: Surroundings) -> tuple[dict[str, Any], tuple[str, ...]]:
    values = asdict(draft)
    tags = clean_tags(values.pop("tags"))
    return checked(values, {}, surroundings), tags


def _insert(actor: Actor, program_id: int, first_number: int, drafts: Sequence[Mapping[str, Any]]) -> list[WorkItem]:
    """Write the rows and read them back: two statements, where the session would send one for each row."""
    now = utc_now()
    rows = []
    for number, values in enumerate(drafts, start=first_number):
        finished, begun = values["status"] == Status.DONE, values["status"] in (Status.DOING, Status.DONE)
        rows.append(
            {
                **values,
                "program_id": program_id,
                "number": number,
                "position": number,
                "title_folded": fold(values["title"]),
                "started_at": now if begun else None,
                "done_at": now if finished else None,
                "created_by_id": actor.person_id,
                "created_at": now,
                "updated_at": now,
            }
        )
    # On the table itself: the mapper would send rows with and without an owner, a phase ... apart.
    db.session.execute(insert(WorkItem.__table__), rows)  # type: ignore[arg-type]
    found = select(WorkItem).where(WorkItem.program_id == program_id, WorkItem.number >= first_number)
    return list(db.session.scalars(found.order_by(WorkItem.number)))


def _tag_values(tags: Sequence[str]) -> dict[str, Any]:
    return {"tags": sorted(tags)} if tags else {}


def _insert_tags(program_id: int, wanted: Mapping[int, Iterable[str]]) -> None:
    rows = [
        {"item_id": item_id, "tag": tag, "program_id": program_id} for item_id, tags in wanted.items() for tag in tags
    ]
    if rows:
        db.session.execute(insert(ItemTag), rows)


def _take_numbers(program_id: int, count: int) -> int:
    """Reserve `count` consecutive numbers and return the first; the program's row is locked until the commit."""
    after = db.session.execute(
        update(Program)
        .where(Program.id == program_id)
        .values(next_number=Program.next_number + count)
        .returning(Program.next_number)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    return int(after) - count


def _follow(
    item: WorkItem, changes: audit.Changes, now: datetime, moments: Mapping[str, datetime | None] | None
) -> None:
    """Set the columns that follow from what changed."""
    if "title" in changes:
        item.title_folded = fold(item.title)
    if "status" not in changes and not moments:
        return
    before = {name: getattr(item, name) for name in FOLLOWING}
    for name, moment in (moments or {}).items():
        setattr(item, name, moment)
    _stamp(item, now)
    for name in FOLLOWING:
        if getattr(item, name) != before[name]:
            changes[name] = [audit.in_json(before[name]), audit.in_json(getattr(item, name))]


def _stamp(item: WorkItem, now: datetime) -> None:
    """Keep the moments of beginning and finishing in step with the status."""
    if item.status != Status.DONE:
        item.done_at = None
    elif item.done_at is None:
        item.done_at = now
    if item.status in (Status.DOING, Status.DONE) and item.started_at is None:
        item.started_at = now
