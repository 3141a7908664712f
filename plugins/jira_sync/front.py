"""The blueprint of a connection's own pages, for the managers of its program, and what those pages share.

No page here speaks to Jira: what has to be asked there is asked by the clock, within a minute.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from plugins.jira_sync.issues import CLOUD
from plugins.jira_sync.settings import PLUGIN
from program.plugin_api import core
from program.plugin_api.contract import Connection, Link, NotFound

SHOWN = 50
blueprint = Blueprint("jira", __name__, template_folder="templates")


def managed(connection_id: int) -> Connection:
    """That connection, for a manager of its program. Raises NotFound, Forbidden."""
    return core.managed_connection(PLUGIN, connection_id)


def is_cloud(connection: Connection) -> bool:
    """Whether it is said to be a Cloud."""
    return str(connection.values.get("face") or CLOUD) == CLOUD


def found_link(connection: Connection, kind: str, number: int) -> Link:
    """That link. Raises NotFound."""
    link = core.find_link(connection, kind, object_id=number)
    if link is None:
        raise NotFound(_("This is no longer there."))
    return link


def moment_of(text: Any) -> datetime | None:
    """A moment from the connection's notes."""
    return datetime.fromisoformat(str(text)) if text else None


def back(connection_id: int, words: str, *, to: str = ".show", wrong: bool = False) -> ResponseReturnValue:
    """To a page of the connection, with a sentence."""
    flash(words, "error" if wrong else "message")
    return redirect(url_for(to, connection_id=connection_id), 303)
