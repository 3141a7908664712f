"""What Jira tells of an issue's past: when it was created, and each status it has had. The same for whichever way an
issue comes to its item, taken over by a search or linked by its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from plugins.jira_sync import side
from plugins.jira_sync.book import Book
from plugins.jira_sync.issues import Issue
from plugins.jira_sync.statuses import RemoteStatus, meaning
from plugins.jira_sync.wire import NotFound, Rejected
from program.plugin_api import core
from program.plugin_api.contract import Item, Link, Origin, Past

# Changes of one issue's past; and, in the base of a link, that the item was not told its issue's past yet.
MOST, OWED = 200, "owes_past"


def statuses(book: Book) -> dict[str, RemoteStatus]:
    """The project's statuses by name, to know what those of the past meant."""
    seen = side.kept(book.connection)
    return {one.name: one for one in seen.statuses()} if seen else {}


def of(book: Book, issue: Issue, known: Mapping[str, RemoteStatus]) -> list[Past]:
    """What Jira tells of the issue's statuses, oldest first; nothing where it may be read and its history not."""
    try:
        history = book.jira.history(issue.id)
    except (NotFound, Rejected):
        return []
    people = {account: person for person, account in book.tongue.accounts.items()}
    told: list[Past] = []
    for change in sorted(history, key=lambda one: datetime.fromisoformat(str(one["created"]))):
        at = datetime.fromisoformat(str(change["created"]))
        author = change.get("author") or {}
        account = str(author.get("accountId") or author.get("name") or "")
        by = str(author.get("displayName") or account)
        for item in change.get("items") or ():
            if item.get("field") == "status":
                said = (item.get("fromString"), item.get("toString"))
                ours = (_meant(book, known, said[0]), _meant(book, known, said[1]))
                told.append(Past(at, ours, said, people.get(account), by))
    first = told[0].said[0] if told else issue.status.name
    if created := issue.extra.get("created"):
        told.insert(0, Past(datetime.fromisoformat(created), (None, _meant(book, known, first)), (None, first)))
    return told[-MOST:]


def tell(book: Book, item: Item, issue: Issue, link: Link) -> None:
    """Tell an item that was linked by key what its issue was before, and keep the link, which owes that no more."""
    past = of(book, issue, statuses(book))
    base = {name: value for name, value in link.base.items() if name != OWED}
    core.link_item(book.connection, item.number, replace(link, base=base), past=past, where=Origin.JIRA)


def _meant(book: Book, known: Mapping[str, RemoteStatus], name: str | None) -> str | None:
    """What a status meant; None for one that is no longer there."""
    status = known.get(name or "")
    return meaning(status, book.plan.statuses) if status is not None else None
