"""When Jira's side is read anew: when somebody asks, when it was never read, and once a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync import side
from plugins.jira_sync.book import PERSON
from plugins.jira_sync.checking import unseen
from plugins.jira_sync.client import Jira
from plugins.jira_sync.side import Side
from plugins.jira_sync.wire import NotFound, Rejected
from program.plugin_api import core
from program.plugin_api.contract import Connection, LinkState, Misconfigured

DAILY = timedelta(hours=24)


def read_if_due(connection: Connection, jira: Jira, memory: Mapping[str, Any]) -> None:
    """Read the project if it is time. Raises Misconfigured where it cannot be seen."""
    seen = side.kept(connection)
    is_old = seen is None or core.utc_now() - seen.at > DAILY
    if not is_old and not memory.get("wants_side"):
        return
    try:
        found = side.read(jira)
    except NotFound as error:
        core.note(connection, {"wants_side": None})
        raise Misconfigured(unseen(jira.project_key)) from error
    except Rejected as refused:
        core.note(connection, {"wants_side": None})
        raise Misconfigured(_("Jira refused: %(reason)s", reason=refused.words)) from refused
    side.keep(connection, found)
    _look_at_people(connection, found)
    core.note(connection, {"wants_side": None})


def _look_at_people(connection: Connection, found: Side) -> None:
    """Mark accounts to which Jira gives no issues any more, and free those to which it does again."""
    if len(found.people) >= side.PEOPLE:
        return
    accounts = dict(found.people)
    links, _total = core.list_links(connection, PERSON, limit=5000)
    for link in links:
        is_there = link.external_id in accounts
        if is_there == (link.state is not LinkState.FAILED):
            continue
        words = _("Jira gives no issues to this account any more. Match somebody else, or let them in again.")
        state = LinkState.DONE if is_there else LinkState.FAILED
        core.keep_link(connection, replace(link, state=state, error="" if is_there else words))
