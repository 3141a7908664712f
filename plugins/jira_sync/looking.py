"""Finding out what changed in Jira: hints from its webhooks for speed, a poll that overlaps the last one for truth.

A hint says only 'look'. A poll asks for what was updated within a window that is relative to now, because dates in JQL
are those of the asking account's time zone and no finer than minutes; what was seen already is dropped by its version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from plugins.jira_sync import comments, creating, reconciling
from plugins.jira_sync.book import HINT, ITEM, Book, named
from plugins.jira_sync.fields import MARK
from plugins.jira_sync.issues import Issue
from plugins.jira_sync.reconciling import Pair
from program.plugin_api import core
from program.plugin_api.contract import Link, LinkState

EVERY = timedelta(minutes=5)
# How far a poll reaches behind the one before: the index lags, and clocks differ.
OVERLAP = timedelta(minutes=10)
# After a longer silence than this everything is compared anyway.
LONGEST = timedelta(days=7)
HINTS = 100


def take_hints(book: Book) -> None:
    """Look at the issues that webhooks pointed to."""
    hints = core.due_links(book.connection, HINT, limit=HINTS)
    if not hints:
        return
    ids = [str(hint.base["issue"]) for hint in hints]
    issues = book.jira.read_many(sorted(set(ids)))
    look_at(book, list(issues.values()))
    for number in sorted(set(ids) - set(issues)):
        link = core.find_link(book.connection, ITEM, external_id=number)
        if link is not None and link.state is not LinkState.FAILED:
            reconciling.lost(book, link)
    talked = [str(hint.base["issue"]) for hint in hints if hint.base.get("talk")]
    for link in core.links_of(book.connection, ITEM, external_ids=talked) if talked else ():
        comments.note(book, link.object_id)
    for hint in hints:
        # Kept as done for a while, so that the same delivery coming again is known.
        book.keep(hint, state=LinkState.DONE)


def poll(book: Book) -> bool:
    """Look at what was updated since the last poll, if it is time; says whether. With nothing new: one request."""
    now = core.utc_now()
    last_text = book.memory.get("polled_at")
    last = datetime.fromisoformat(last_text) if last_text else None
    if last is not None and now - last < EVERY:
        return False
    since = OVERLAP + (now - last if last is not None else timedelta(0))
    minutes = int(min(since, LONGEST).total_seconds() // 60) + 1
    jql = f'project = "{book.jira.project_key}" AND updated >= "-{minutes}m" ORDER BY updated ASC'
    batch: list[Issue] = []
    for issue in book.jira.search(jql):
        batch.append(issue)
        if len(batch) == 100:
            look_at(book, batch)
            batch = []
    look_at(book, batch)
    book.memory["polled_at"] = now.isoformat()
    return True


def look_at(book: Book, issues: Sequence[Issue], *, thoroughly: bool = False) -> None:
    """Bring those issues and their items together. What was seen in this version already is passed over."""
    if not issues:
        return
    links = {
        link.external_id: link for link in core.links_of(book.connection, ITEM, external_ids=[i.id for i in issues])
    }
    pairs: list[tuple[Issue, int]] = []
    for issue in issues:
        link = links.get(issue.id)
        if link is None:
            _stranger(book, issue)
        elif link.object_id in book.aside or "asked_at" in link.base:
            continue
        elif thoroughly or issue.updated != link.remote_version or link.base.get(reconciling.GONE):
            pairs.append((issue, link.object_id))
    items = {item.id: item for item in core.by_ids(book.connection, [item_id for _issue, item_id in pairs])}
    pairs_of = [
        Pair(items[item_id], issue, _named_anew(book, links[issue.id], issue))
        for issue, item_id in pairs
        if item_id in items
    ]
    reconciling.reconcile(book, pairs_of)
    if thoroughly:
        # Whether a comment that was edited makes an issue count as changed, not every Jira agrees.
        for pair in pairs_of:
            comments.note(book, pair.item.id)


def _named_anew(book: Book, link: Link, issue: Issue) -> Link:
    """The issue's link, under the key it has now."""
    return replace(named(book, link, issue), remote_version=link.remote_version)


def _stranger(book: Book, issue: Issue) -> None:
    """An issue that belongs to no item: one that carries an item's mark was created twice."""
    mark = next((label for label in issue.labels if label.startswith(MARK)), "")
    prefix = f"{MARK}{book.program.key.lower()}-"
    number = mark.removeprefix(prefix)
    if not mark.startswith(prefix) or not number.isdecimal():
        return
    found = core.items(book.program, only_open=False, after=int(number) - 1, limit=1)
    if not found or found[0].number != int(number):
        return
    link = core.find_link(book.connection, ITEM, object_id=found[0].id)
    if link is None or link.external_id is None or link.external_id == issue.id:
        return
    first = book.jira.read_many([link.external_id]).get(link.external_id)
    if first is not None and mark in first.labels:
        creating.note_twins(book, found[0], first, [issue])
