"""Whether a connection would work: what is really there in Jira, and in words what is not."""

from __future__ import annotations

from flask_babel import gettext as _

from plugins.jira_sync.client import Jira
from plugins.jira_sync.plan import Plan, plan_of
from plugins.jira_sync.wire import NotFound, Rejected
from program.plugin_api.contract import Connection, Health

# Fields that every issue of ours has, or that Jira fills in by itself.
GIVEN = frozenset({"summary", "issuetype", "project", "reporter", "description", "labels", "parent"})
NEEDED = ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES")


def check(connection: Connection) -> Health:
    """Sign in, read the project, and hold the plan against what is there. Raises what `wire.py` raises."""
    plan = plan_of(connection)
    with Jira(connection) as jira:
        kind = str(jira.server().get("deploymentType") or "")
        if (kind == "Cloud") != jira.is_cloud:
            return Health(False, _("This Jira is not what the connection says: choose Cloud or Data Center anew."))
        try:
            project = jira.project()
            allowed = jira.permissions()
        except NotFound:
            return Health(
                False,
                _("The account sees no project %(key)s. Check the key, or let the account in.", key=jira.project_key),
            )
        except Rejected as refused:
            return Health(False, _("Jira refused: %(reason)s", reason=refused.words))
        if project.get("archived"):
            return Health(False, _("The project is archived: nothing can be written there."))
        if missing := [name for name in NEEDED if not allowed.get(name, False)]:
            return Health(
                False, _("The account lacks permissions in the project: %(names)s.", names=", ".join(missing))
            )
        names = {str(one["name"]): str(one["id"]) for one in project.get("issueTypes", ())}
        wanted = [plan.item_type, *([plan.epic_type] if plan.phase_as == "epic" else [])]
        if unknown := [name for name in wanted if name not in names]:
            known = ", ".join(names)
            return Health(
                False, _("The project has no issue type “%(name)s”. It has: %(known)s.", name=unknown[0], known=known)
            )
        demanded = [
            str(field.get("name"))
            for field in jira.fields_of(names[plan.item_type])
            if field.get("required") and not field.get("hasDefaultValue") and not _is_known(str(field["key"]), plan)
        ]
        if demanded:
            names_of = ", ".join(demanded)
            return Health(False, _("Jira demands fields that have no value here: %(names)s.", names=names_of))
    return Health(True, _("Signed in; project “%(name)s” is ready.", name=project.get("name", "")))


def _is_known(field: str, plan: Plan) -> bool:
    return field in GIVEN or field in plan.defaults
