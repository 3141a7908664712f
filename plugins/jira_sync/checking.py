"""Whether a connection would work: what is really there in Jira, and in words what is not."""

from __future__ import annotations

from flask_babel import gettext as _

from plugins.jira_sync import side
from plugins.jira_sync.client import Jira
from plugins.jira_sync.fitting import problems
from plugins.jira_sync.plan import ISSUES, plan_of
from plugins.jira_sync.wire import NotFound, Rejected
from program.plugin_api import core
from program.plugin_api.contract import Connection, Health


def check(connection: Connection) -> Health:
    """Sign in, read the little that decides, and hold the plan against it. Raises what `wire.py` raises."""
    plan = plan_of(connection)
    if side.kept(connection) is None:
        # The page that maps needs all of it: the clock reads it, who has the time.
        core.note(connection, {"wants_side": True})
        core.sync_soon(connection)
    wanted = [plan.item_type, *([plan.epic_type] if plan.phase_as in ISSUES else [])]
    with Jira(connection) as jira:
        try:
            seen = side.read(jira, only=wanted)
        except NotFound:
            return Health(False, unseen(jira.project_key))
        except Rejected as refused:
            return Health(False, _("Jira refused: %(reason)s", reason=refused.words))
    found = [one.words for one in problems(plan, seen, is_cloud=jira.is_cloud) if one.stops]
    if found:
        return Health(False, " ".join(found)[:480])
    return Health(True, _("Signed in; project “%(name)s” is ready.", name=seen.name))


def unseen(project: str) -> str:
    """Why a project that is asked for is not there."""
    return _("The account sees no project %(key)s. Check the key, or let the account in.", key=project)
