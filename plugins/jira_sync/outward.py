"""What follows once issues exist: links between them for what waits for what, and a way back to each item.

Neither stands in the way of the work, so both go out a few at a time, after everything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from plugins.jira_sync.book import ITEM, WAIT, Book
from plugins.jira_sync.wire import Busy, NotFound, Rejected, Unknown
from program.plugin_api import core
from program.plugin_api.contract import Item, Link, LinkState

# Requests of one look for each of the two, and links that it goes through to find what to say.
SOME, PAGE, PAGES = 20, 200, 5
# In the connection's notes: up to which item ways back were looked after, and that there are more to be set.
TO, MORE = "pointed_to", "points_back"
# Behind every item: there is nothing to look after until the night.
_REST = 2**53


def carry(book: Book) -> None:
    """Carry some of what is left."""
    _point_back(book)
    if book.plan.with_links:
        _link(book)


def from_the_start(book: Book) -> None:
    """Look after the ways back of all items anew, as once a night: what Jira refused it may take by now."""
    book.memory[TO] = 0


def anew(book: Book, item_ids: Iterable[int]) -> None:
    """Look after the ways back of those items again: they have other issues than before."""
    book.memory[TO] = min([int(book.memory.get(TO, 0)), *(one - 1 for one in item_ids)])


def _point_back(book: Book) -> None:
    """Put a link to the item on its issue; the same one again does no harm (`globalId`).

    It goes by the items' ids and rests behind the last, where new ones come up. While there are more than one look may
    set, the next look follows at once; whatever else is due comes before them there.
    """
    count = 0
    for _page in range(PAGES):
        links = core.links_after(book.connection, ITEM, after=int(book.memory.get(TO, 0)), limit=PAGE)
        wanted = [one for one in links if one.external_id and not one.base.get("pointed") and not one.base.get("gone")]
        items = {item.id: item for item in core.by_ids(book.connection, [one.object_id for one in wanted])}
        for link in wanted:
            if link.object_id in items:
                if count == SOME or not book.has_time():
                    book.memory[MORE] = book.left = True
                    return
                count += 1
                if not _point(book, link, items[link.object_id]):
                    book.memory[TO] = _REST
                    book.memory.pop(MORE, None)
                    return
            book.memory[TO] = link.object_id
        if not links:
            book.memory.pop(MORE, None)
            return
        book.memory[TO] = links[-1].object_id
    book.left = True


def _point(book: Book, link: Link, item: Item) -> bool:
    """Set one; False where the account may not link at all."""
    name = f"{book.program.key}-{item.number}"
    try:
        book.jira.point_back(str(link.external_id), f"milepost={name}", item.url, f"{name} {item.title}")
    except (Busy, NotFound, Rejected, Unknown) as refused:
        # For convenience only: what cannot be done now is tried again by night.
        return not (isinstance(refused, Rejected) and refused.status == HTTPStatus.FORBIDDEN)
    book.keep(link, base={**link.base, "pointed": True})
    return True


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
                book.left = True
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
