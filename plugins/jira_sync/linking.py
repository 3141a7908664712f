"""Linking one item with one issue that is there already, by the issue's key.

Somebody says which; the clock looks whether it can be: never two items for one issue, never one issue for two items.
"""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext as _

from plugins.jira_sync import outward, pasts
from plugins.jira_sync.book import ITEM, STAGE, Book, named
from plugins.jira_sync.reconciling import Pair, reconcile
from plugins.jira_sync.wanting import WANTED
from plugins.jira_sync.wire import NotFound
from program.plugin_api import core
from program.plugin_api.contract import Item, Link, LinkState


def carry_out(book: Book) -> None:
    """Link what was asked for since the last look."""
    wanted = [link for link in core.due_links(book.connection, ITEM) if link.base.get(WANTED)]
    items = {item.id: item for item in core.by_ids(book.connection, [link.object_id for link in wanted])}
    for link in wanted:
        if link.object_id in items and book.has_time():
            _link(book, items[link.object_id], link)


def _link(book: Book, item: Item, link: Link) -> None:
    key = str(link.base[WANTED])
    try:
        issue = book.jira.read(key)
    except NotFound:
        words = _("There is no issue %(key)s, or the account may not see it. Enter another key.", key=key)
        book.keep(link, state=LinkState.FAILED, error=words)
        return
    other = core.find_link(book.connection, ITEM, external_id=issue.id)
    words = ""
    if issue.project != book.jira.project_key:
        words = _("%(key)s is in another project: this connection looks after one only.", key=issue.key)
    elif core.find_link(book.connection, STAGE, external_id=issue.id) is not None:
        words = _("%(key)s stands for a phase.", key=issue.key)
    elif other is not None and other.object_id != item.id:
        owner = core.by_ids(book.connection, [other.object_id])
        name = f"{book.program.key}-{owner[0].number}" if owner else "–"
        words = _("%(key)s belongs to %(item)s already.", key=issue.key, item=name)
    if words:
        book.keep(link, state=LinkState.FAILED, error=words)
        return
    linked = replace(named(book, link, issue), base={pasts.OWED: True}, remote_version="", error="")
    core.keep_link(book.connection, linked)
    outward.anew(book, [item.id])
    reconcile(book, [Pair(item, issue, linked)])
