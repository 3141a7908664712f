"""What has to be seen before anything is written to Jira: a preview of what the present choices would do.

Level, not edge: each look holds what was begun with against what is chosen now. A change through any door, a page or a
shell, therefore stops the writing until somebody has looked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync.plan import fingerprint
from program.plugin_api import core
from program.plugin_api.contract import Connection, Invalid


def fits(connection: Connection) -> bool:
    """Whether the preview that is kept is one of the present choices and finds nothing in the way."""
    preview = connection.memory.get("preview") or {}
    return bool(preview) and not preview.get("trouble") and preview.get("of") == fingerprint(connection)


def begin(connection: Connection) -> None:
    """Let the clock write, with the choices as they are. Raises Invalid without a preview of them."""
    if not fits(connection) and connection.memory.get("begun_with") != fingerprint(connection):
        raise Invalid(_("Look at a preview of the present choices first."))
    core.note(connection, {"started": True, "begun_with": fingerprint(connection)})
    core.sync_soon(connection)


def stop(connection: Connection) -> None:
    """Have nothing written any more; what was begun with is remembered."""
    core.note(connection, {"started": None})


def settle(connection: Connection) -> Mapping[str, Any]:
    """The connection's notes, after the writing was stopped if the choices are others than it was begun with."""
    memory, now = connection.memory, fingerprint(connection)
    if not memory.get("started") or memory.get("begun_with") == now:
        return memory
    if memory.get("begun_with") is None:
        return core.note(connection, {"begun_with": now})
    return core.note(connection, {"started": None, "begun_with": None, "preview": None, "wants_preview": True})
