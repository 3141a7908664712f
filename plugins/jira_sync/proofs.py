"""Evidence of items, shown on their issues as links beside the one that leads back, and taken off there as here.

Jira knows such a link again by its global id: the same one twice changes it, so a lost answer does no harm.
"""

from __future__ import annotations

from plugins.jira_sync.book import EVIDENCE, ITEM, Book
from plugins.jira_sync.wire import Busy, NotFound, Rejected, Unknown
from program.plugin_api import core
from program.plugin_api.contract import Evidence, Item, Link, LinkState, Origin

# Requests of one look.
SOME = 20


def carry(book: Book) -> None:
    """Show what is new and take off what is gone, some of it in each look."""
    if not book.plan.with_evidence:
        return
    for gone in core.gone_evidence(book.connection, limit=SOME):
        if not book.has_time():
            return
        _take_off(book, gone)
    after, count = 0, 0
    while found := core.new_evidence(book.connection, after=after):
        after = found[-1].id
        links = book.links(ITEM, {one.item_id for one in found})
        items = {item.id: item for item in core.by_ids(book.connection, list(links))}
        shown: list[tuple[Item, str, tuple[str, ...]]] = []
        for one in found:
            link = links.get(one.item_id)
            if link is None or not book.goes(link) or one.item_id not in items:
                continue
            if count >= SOME or not book.has_time():
                book.left = True
                break
            count += 1
            if _show(book, link, one):
                shown.append((items[one.item_id], link.url, ("evidence",)))
        core.say_sent(book.connection, shown, Origin.JIRA)
        if book.left:
            return


def _show(book: Book, link: Link, one: Evidence) -> bool:
    kept = Link(EVIDENCE, one.id, external_key=link.external_key, base={"issue": link.external_id})
    try:
        book.jira.point_back(str(link.external_id), _global_id(book, one.id), one.url, one.label)
    except (Busy, Unknown):
        return False
    except (NotFound, Rejected) as refused:
        words = refused.words if isinstance(refused, Rejected) else "404"
        book.keep(kept, state=LinkState.FAILED, error=words)
        return False
    book.keep(kept, state=LinkState.DONE)
    return True


def _take_off(book: Book, link: Link) -> None:
    try:
        book.jira.unpoint(str(link.base.get("issue")), _global_id(book, link.object_id))
    except (Busy, Unknown):
        return
    except (NotFound, Rejected):
        # It is not there, or may not be touched: nothing of ours to look after either way.
        pass
    core.forget_link(book.connection, EVIDENCE, object_id=link.object_id)


def _global_id(book: Book, number: int) -> str:
    return f"milepost={book.program.key}-evidence-{number}"
