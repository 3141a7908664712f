"""What people ask the clock for, of issues that are in Jira already: to take them over, or to link one by its key.

Written down here by pages; `adopting.py` and `linking.py` carry it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync.book import ITEM
from program.plugin_api import core
from program.plugin_api.contract import Connection, Invalid, Item, Link, LinkState

# The kind of link that keeps what was found; there is one for each connection.
FOUND = "found"
LOOK, READY, TAKE, DONE = "look", "ready", "take", "done"
# In the base of an item's link: the key of the issue that it is to be linked with.
WANTED = "wanted"
_KEY = re.compile(r"(?:^|/)([A-Za-z][A-Za-z0-9_]*-\d{1,18})/?$")


def ask_to_look(connection: Connection, jql: str, phase_id: int | None) -> None:
    """Have the clock look what there is."""
    asked = {"jql": jql.strip(), "phase": phase_id, "state": LOOK, "at": core.utc_now().isoformat()}
    core.note(connection, {"adopt": asked})
    core.sync_soon(connection)


def begin(connection: Connection) -> None:
    """Have what was found taken over. Raises Invalid when nothing was looked at."""
    asked = connection.memory.get("adopt") or {}
    if asked.get("state") != READY or asked.get("trouble"):
        raise Invalid(_("Look first what there is."))
    core.note(connection, {"adopt": {**asked, "state": TAKE, "next": 0, "taken": 0, "passed": 0, "problems": []}})
    core.sync_soon(connection)


def is_due(memory: Mapping[str, Any]) -> bool:
    """Whether the clock has something to do here."""
    return (memory.get("adopt") or {}).get("state") in (LOOK, TAKE)


def found(connection: Connection) -> Mapping[str, Any]:
    """What was found: count, the first ones, what is linked already, and which phases they would go to."""
    link = core.find_link(connection, FOUND, object_id=1)
    return link.base if link is not None else {}


def ask_for_link(connection: Connection, item: Item, said: str) -> str:
    """Have the item linked with the issue of that key or address; the key. Raises Invalid in words."""
    found = _KEY.search(said.strip().partition("?")[0])
    if found is None:
        raise Invalid(_("A key reads like SHOP-12. The address of the issue will do, too."))
    key = found[1].upper()
    link = core.find_link(connection, ITEM, object_id=item.id)
    if link is not None and "asked_at" in link.base:
        raise Invalid(_("An issue is being created for this item. Wait a minute and look again."))
    if link is not None and link.external_id and not link.base.get("gone"):
        raise Invalid(_("The item is linked with %(key)s already.", key=link.external_key))
    core.keep_link(connection, Link(ITEM, item.id, base={WANTED: key}, external_key=key, state=LinkState.WAITING))
    core.sync_soon(connection)
    return key
