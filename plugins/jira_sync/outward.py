"""What follows once issues exist: links between them for what waits for what, and a way back to each item.

Neither stands in the way of the work, so both go out a few at a time, after everything else.
"""

from __future__ import annotations

from plugins.jira_sync.book import ITEM, WAIT, Book
from plugins.jira_sync.wire import Busy, NotFound, Rejected, Unknown
from program.plugin_api import core
from program.plugin_api.contract import Link, LinkState

# Requests of one look for each of the two.
SOME = 20


def carry(book: Book) -> None:
    """Carry some of what is left."""
    _point_back(book)
    if book.plan.with_links:
        _link(book)


def _point_back(book: Book) -> None:
    """Put a link to the item on its issue; the same one again does no harm (`globalId`)."""
    after = int(book.memory.get("pointed_to", 0))
    links = core.links_after(book.connection, ITEM, after=after, limit=SOME)
    items = {item.id: item for item in core.by_ids(book.connection, [link.object_id for link in links])}
    for link in links:
        if not book.has_time():
            return
        item = items.get(link.object_id)
        if link.external_id is None or link.state is LinkState.WAITING:
            # Its turn comes with the next round.
            book.memory["pointed_all"] = False
        elif item is not None and not link.base.get("pointed") and not link.base.get("gone"):
            try:
                title = f"{book.program.key}-{item.number} {item.title}"
                book.jira.point_back(link.external_id, f"milepost={book.program.key}-{item.number}", item.url, title)
            except (Busy, NotFound, Rejected, Unknown):
                # A link for convenience: what it cannot do now it does at the next round.
                book.memory["pointed_all"] = False
            else:
                book.keep(link, base={**link.base, "pointed": True})
        book.memory["pointed_to"] = link.object_id
    if not links:
        # Round and round: new items come in, and few are left to do each time.
        book.memory["pointed_to"] = 0


def _link(book: Book) -> None:
    """Say in Jira which issue blocks which; what was said once is left to the people there."""
    found = core.waits(book.connection, after=int(book.memory.get("waits_to", 0)))
    if not found:
        book.memory["waits_to"] = 0
        return
    told = book.links(WAIT, [waiting for waiting, _before in found])
    issues = book.links(ITEM, {item_id for waiting, before in found for item_id in (waiting, *before)})
    count = 0
    for waiting, before in found:
        link = told.get(waiting) or Link(WAIT, waiting, base={"said": []})
        blocked = issues.get(waiting)
        fresh = [one for one in before if one not in link.base["said"] and one in issues and issues[one].external_key]
        if blocked is not None and blocked.external_key and fresh:
            if count >= SOME or not book.has_time():
                return
            count += len(fresh)
            for one in fresh:
                link = _say(book, link, one, issues[one].external_key, blocked.external_key)
        book.memory["waits_to"] = waiting


def _say(book: Book, link: Link, item_id: int, blocker: str, blocked: str) -> Link:
    said = {"said": [*link.base["said"], item_id]}
    try:
        book.jira.link(blocker, blocked)
    except (Busy, NotFound, Rejected, Unknown) as error:
        # Not again: it may be there, and a link that Jira refuses it refuses each time. The list shows it.
        words = error.words if isinstance(error, Rejected) else ""
        return book.keep(link, base=said, state=LinkState.FAILED, error=words)
    return book.keep(link, base=said, state=LinkState.DONE)
