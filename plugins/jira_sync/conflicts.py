"""Conflicts: both sides changed the same field. Each stands in a list with both values until somebody has looked at it.

A conflict that the connection's rule decided can be turned round; one that waits for a person is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync.book import CONFLICT, ITEM, Book
from plugins.jira_sync.issues import Issue
from plugins.jira_sync.merging import Conflict, Rule
from plugins.jira_sync.plan import FIELDS
from plugins.jira_sync.statuses import REASONED
from program.plugin_api import core
from program.plugin_api.contract import Connection, Item, Link, LinkState, MilepostError, Origin

# Numbers of conflicts: an item has at most one open conflict for each field.
_STRIDE = 32
# What no field ever says.
_NOTHING = "\x00"


def number_of(item_id: int, name: str) -> int:
    """The number of the conflict about that field of that item."""
    return item_id * _STRIDE + FIELDS.index(name)


def item_of(link: Link) -> int | None:
    """The id of the item whose field a conflict is about; None for one about a comment."""
    return link.object_id // _STRIDE if link.base.get("field") in FIELDS else None


def note(book: Book, item: Item, issue: Issue, found: Sequence[Conflict]) -> None:
    """Write conflicts into the list; one that is there already in the same words stays as it is."""
    for one in found:
        base = {
            "item": item.number,
            "title": item.title,
            "field": one.name,
            "key": issue.key,
            "before": one.before,
            "here": one.here,
            "there": one.there,
            "winner": str(one.winner) if one.winner else None,
            "revision": item.revision,
        }
        keep(book, number_of(item.id, one.name), base, issue.key)


def keep(book: Book, number: int, base: Mapping[str, Any], key: str) -> None:
    """Write one conflict into the list: `base` has at least item, title, field, here, there and winner."""
    kept = core.find_link(book.connection, CONFLICT, object_id=number)
    if kept is not None and all(kept.base.get(name) == base[name] for name in ("here", "there", "winner")):
        return
    # The one before is not forgotten: both of its values stay readable in the new one's history.
    earlier = [*kept.base.get("earlier", ()), _short(kept.base)][-10:] if kept is not None else []
    core.keep_link(
        book.connection,
        Link(
            object_type=CONFLICT,
            object_id=number,
            external_key=key,
            url=book.jira.browse(key),
            base={**base, "at": core.utc_now().isoformat(), "earlier": earlier},
            # Decided ones are done, but stay in the list until somebody has seen them.
            state=LinkState.WAITING if base["winner"] is None else LinkState.DONE,
        ),
    )


def listed(connection: Connection, *, limit: int = 50, skip: int = 0) -> tuple[tuple[Link, ...], int]:
    """Conflicts, newest items first, and how many there are."""
    return core.list_links(connection, CONFLICT, limit=limit, skip=skip)


def choose(connection: Connection, link: Link, winner: Rule) -> None:
    """Have one side's value win, whoever won before. The clock carries it out within a minute."""
    if winner is Rule.ASK:
        raise ValueError("choose one of the two sides")
    chosen = {**link.base, "winner": str(winner), "chosen": True}
    core.keep_link(connection, replace(link, base=chosen, state=LinkState.WAITING))
    core.sync_soon(connection)


def carry_out(book: Book) -> None:
    """Do what was chosen since the last look."""
    for link in core.due_links(book.connection, CONFLICT):
        # Those about comments are `comments.py`'s.
        if link.base.get("chosen") and link.base.get("field") in FIELDS:
            try:
                _carry_out(book, link, Rule(link.base["winner"]))
            except MilepostError as refused:
                book.keep(link, state=LinkState.FAILED, error=str(refused))


def _carry_out(book: Book, link: Link, winner: Rule) -> None:
    """The item takes the chosen value now, the issue when the item is looked at."""
    item_id, name = link.object_id // _STRIDE, str(link.base["field"])
    kept = core.find_link(book.connection, ITEM, object_id=item_id)
    found = core.by_ids(book.connection, [item_id])
    issue = book.jira.read_many([kept.external_id]).get(kept.external_id) if kept and kept.external_id else None
    if kept is None or not found or issue is None:
        book.keep(link, state=LinkState.FAILED, error=_("The item and the issue are no longer linked."))
        return
    tongue = book.speaking_of(found[0])
    changes = (
        _ours(name, link.base["here"])
        if winner is Rule.PROGRAM
        else tongue.for_here({name: link.base["there"]}, found[0])
    )
    core.apply_remote_change(book.connection, found[0].number, changes, who=None, where=Origin.JIRA)
    # As if only we had moved since both sides were as the issue is now: the next look carries our value there.
    fields = {**(kept.base.get("fields") or {}), name: [_NOTHING, tongue.there(issue)[name]]}
    core.keep_link(book.connection, replace(kept, base={**kept.base, "fields": fields}, synced_revision=0))
    book.keep(link, base={**link.base, "chosen": False}, state=LinkState.DONE)


def _ours(name: str, value: Any) -> dict[str, Any]:
    """A value in our words as a change of an item."""
    match name:
        case "status":
            needs = value in REASONED
            return {"status": value, "status_reason": _("Chosen over what Jira said.") if needs else ""}
        case "owner":
            return {"owner_id": value}
        case "labels":
            return {"tags": list(value)}
        case "due_on" | "start_on":
            return {name: date.fromisoformat(value) if value else None}
    return {name: value}


def seen(connection: Connection, numbers: Iterable[int]) -> None:
    """Take conflicts off the list: somebody has looked at them."""
    for number in numbers:
        core.forget_link(connection, CONFLICT, object_id=number)


def _short(base: Any) -> dict[str, Any]:
    return {name: base.get(name) for name in ("here", "there", "winner", "at")}
