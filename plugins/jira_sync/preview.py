"""What a sync would do, before it does it: computed by the clock, shown on the page, confirmed by a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plugins.jira_sync import checking
from plugins.jira_sync.book import ITEM, PERSON, Book, agreed
from plugins.jira_sync.carried import is_carried
from plugins.jira_sync.client import PAGE
from plugins.jira_sync.fields import match_people
from plugins.jira_sync.merging import merge
from plugins.jira_sync.plan import fingerprint
from plugins.jira_sync.statuses import meaning
from program.plugin_api import core
from program.plugin_api.contract import Item, Link, LinkState

# Items named in the preview; the others are counted.
NAMED = 10


def compute(book: Book) -> dict[str, Any]:
    """What would be created and changed on which side, who is not known there, and what stands in the way."""
    of = fingerprint(book.connection)
    health = checking.check(book.connection)
    if not health.good:
        return {"at": core.utc_now().isoformat(), "of": of, "trouble": health.sentence}
    unmatched = match(book)
    statuses = book.jira.statuses().get(book.plan.item_type, ())
    can_block = any(meaning(one, book.plan.statuses) == "blocked" for one in statuses)
    core.note(book.connection, {"can_block": can_block})
    created: list[str] = []
    counts = {"create": 0, "to_jira": 0, "from_jira": 0, "both": 0, "same": 0, "left": 0}
    for items in _all_items(book):
        links = book.links(ITEM, [item.id for item in items])
        issues = book.jira.read_many([link.external_id for link in links.values() if link.external_id])
        for item in items:
            link = links.get(item.id)
            issue = issues.get(str(link.external_id)) if link else None
            if link is None or issue is None:
                kind = "create" if link is None and is_carried(item) else "left"
                if kind == "create" and len(created) < NAMED:
                    created.append(f"{book.program.key}-{item.number} {item.title}")
            else:
                kind = _moves(book, item, link, issue)
            counts[kind] += 1
    return {
        "at": core.utc_now().isoformat(),
        "of": of,
        "trouble": "",
        "counts": counts,
        "created": created,
        "unmatched": unmatched,
        "statuses": {one.name: meaning(one, book.plan.statuses) for one in statuses},
    }


def match(book: Book) -> list[str]:
    """Find the accounts of those who can own items, by e-mail; the names of those who have none that is known."""
    doers = core.doers(book.connection)
    known = {link.object_id: link for link in core.links_of(book.connection, PERSON, object_ids=[p.id for p in doers])}
    missing: list[str] = []
    for person in doers:
        link = known.get(person.id)
        if link is not None and link.external_id:
            continue
        users = {user.id: user for user in book.jira.find_people(person.email)}
        found = match_people({person.id: person.email}, users)
        if person.id in found:
            account = found[person.id]
            core.keep_link(
                book.connection,
                Link(PERSON, person.id, external_id=account, external_key=users[account].name, state=LinkState.DONE),
            )
        else:
            missing.append(person.name)
    return missing


def _all_items(book: Book) -> Iterator[tuple[Item, ...]]:
    after = 0
    while items := core.items(book.program, only_open=False, after=after, limit=PAGE):
        after = items[-1].number
        yield items


def _moves(book: Book, item: Item, link: Link, issue: Any) -> str:
    tongue = book.speaking_of(item)
    here, there = tongue.here(item), tongue.there(issue)
    merged = merge(agreed(link), here, there, book.plan.directions, book.plan.rule, tongue.agree)
    if merged.to_here and merged.to_there:
        return "both"
    return "to_jira" if merged.to_there else "from_jira" if merged.to_here else "same"
