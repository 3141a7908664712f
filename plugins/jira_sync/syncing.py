"""One look at one connection: what Jira says, what we say, and once a night everything.

Every step reads from rows what is due, so that a look that is cut short is taken up by the next one where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync import (
    adopting,
    beginning,
    checking,
    comments,
    conflicts,
    creating,
    freshness,
    linking,
    looking,
    outward,
    preview,
    proofs,
    reading,
    stages,
    wanting,
)
from plugins.jira_sync.book import HINT, ITEM, Book, opened
from plugins.jira_sync.carried import is_carried
from plugins.jira_sync.client import PAGE, Jira
from plugins.jira_sync.reconciling import Pair, lost, reconcile
from plugins.jira_sync.wire import Busy, NotFound, Rejected, Unknown
from program.plugin_api import core
from program.plugin_api.contract import Connection, Item, Link, LinkState, Misconfigured, Retry

NIGHTLY = timedelta(hours=20)


def sync(connection: Connection) -> None:
    """Bring one connection up to date as far as time allows; the rest is due at once.

    Nothing is written to Jira before somebody has seen the preview and said so ('started').
    """
    memory = beginning.settle(connection)
    freshness.note(connection, memory)
    if not any(memory.get(name) for name in ("started", "wants_preview", "wants_side")) and not wanting.is_due(memory):
        return
    _wait(connection, memory)
    try:
        _look(connection, memory)
    except Retry as later:
        if later.after is not None:
            # Jira said how long: until then nothing is asked of it, whatever hints and people say.
            until = core.utc_now() + later.after
            core.note(connection, {"not_before": until.isoformat(), "waits_because": later.reason})
        raise
    except (Busy, Unknown) as lost_answer:
        raise Retry(_("Jira’s answer was lost; it is looked at again.")) from lost_answer
    except (NotFound, Rejected) as refused:
        # Of the project as a whole: what stands in the way is found out and said.
        health = checking.check(connection)
        words = refused.words if isinstance(refused, Rejected) else ""
        raise Misconfigured(
            _("Jira refused: %(reason)s", reason=words or "404") if health.good else health.sentence
        ) from refused


def _wait(connection: Connection, memory: Mapping[str, Any]) -> None:
    """Leave Jira alone as long as it asked for. Raises Retry."""
    until = memory.get("not_before")
    if until is None:
        return
    rest = datetime.fromisoformat(str(until)) - core.utc_now()
    if rest > timedelta(0):
        raise Retry(str(memory.get("waits_because") or _("Jira asks to slow down.")), after=rest)
    core.note(connection, {"not_before": None, "waits_because": None})


def _look(connection: Connection, memory: Mapping[str, Any]) -> None:
    with Jira(connection) as jira:
        reading.read_if_due(connection, jira, memory)
        book = opened(replace(connection, memory=memory), jira)
        if memory.get("wants_preview"):
            core.note(connection, {"preview": preview.compute(book), "wants_preview": None})
        adopting.carry(book)
        if not memory.get("started"):
            if book.left:
                core.sync_soon(connection)
            return
        before = dict(book.memory)
        try:
            conflicts.carry_out(book)
            creating.merge_twins(book)
            looking.take_hints(book)
            looking.poll(book)
            linking.carry_out(book)
            creating.resolve(book)
            stages.follow(book)
            freshness.note_whole(connection, memory)
            push(book)
            outward.carry(book)
            proofs.carry(book)
            compare(book)
            comments.carry(book)
        finally:
            freshness.note(connection, book.memory)
            # Only what this look changed: a page may have noted something meanwhile.
            gone = dict.fromkeys(before.keys() - book.memory.keys())
            core.note(connection, gone | {k: v for k, v in book.memory.items() if before.get(k) != v})
    core.forget_link(connection, HINT, done_before=core.utc_now() - timedelta(days=1))
    if book.left:
        core.sync_soon(connection)


def push(book: Book) -> None:
    """Bring over what moved here: new items are created, changed ones are merged with their issues."""
    after = 0
    while book.has_time():
        found = core.items_changed_since(book.connection, after=after, limit=200)
        if not found:
            return
        after = found[-1].id
        links = book.links(ITEM, [item.id for item in found])
        fresh = [item for item in found if item.id not in links and is_carried(item)]
        moved = [(item, links[item.id]) for item in found if book.goes(links.get(item.id))]
        if fresh:
            creating.create(book, sorted(fresh, key=lambda item: item.number))
        for start in range(0, len(moved), PAGE):
            if not book.has_time():
                return
            _merge(book, moved[start : start + PAGE])


def compare(book: Book) -> None:
    """Once a night read every linked issue and merge it with its item, page by page, in as many looks as it takes."""
    now = core.utc_now()
    last = book.memory.get("compared_at")
    if "compare_from" not in book.memory:
        if last is None:
            book.memory["compared_at"] = now.isoformat()
            return
        if now - datetime.fromisoformat(last) < NIGHTLY:
            return
        book.memory["compare_from"] = 0
        outward.from_the_start(book)
    while book.has_time():
        links = core.links_after(book.connection, ITEM, after=int(book.memory["compare_from"]), limit=PAGE)
        if not links:
            del book.memory["compare_from"]
            book.memory["compared_at"] = now.isoformat()
            return
        book.memory["compare_from"] = links[-1].object_id
        known = [link for link in links if link.external_id and link.object_id not in book.aside]
        issues = book.jira.read_many([str(link.external_id) for link in known])
        for link in known:
            if link.external_id not in issues and link.state is not LinkState.FAILED:
                lost(book, link)
        looking.look_at(book, list(issues.values()), thoroughly=True)


def _merge(book: Book, moved: list[tuple[Item, Link]]) -> None:
    issues = book.jira.read_many([str(link.external_id) for _item, link in moved])
    pairs: list[Pair] = []
    for item, link in moved:
        issue = issues.get(str(link.external_id))
        if issue is None:
            lost(book, link)
        else:
            pairs.append(Pair(item, issue, link))
    reconcile(book, pairs)
