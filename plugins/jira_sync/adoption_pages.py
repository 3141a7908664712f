"""Taking over what is in Jira already: the search, what it finds, how far it has come; and linking one by its key."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from plugins.jira_sync import wanting
from plugins.jira_sync.front import back, blueprint, managed, moment_of
from plugins.jira_sync.mapping import STATUSES
from program.plugin_api import core
from program.plugin_api.contract import Invalid

MOST_JQL = 2000


@blueprint.get("/<int:connection_id>/adoption")
def adoption(connection_id: int) -> ResponseReturnValue:
    """What was found and how far it has come."""
    connection = managed(connection_id)
    asked = connection.memory.get("adopt") or {}
    stages = core.stages(connection)
    names = {str(one.id): one.name for one in stages}
    found = wanting.found(connection) if asked and asked.get("state") != wanting.LOOK else {}
    homes = [(names.get(key) or _("no phase"), count) for key, count in (found.get("homes") or {}).items()]
    return render_template(
        "jira_sync/adoption.html",
        connection=connection,
        asked=asked,
        asked_at=moment_of(asked.get("at")),
        found=found,
        homes=homes,
        stages=stages,
        phases=names,
        statuses=STATUSES,
        total=len(found.get("ids") or ()),
    )


@blueprint.post("/<int:connection_id>/adoption")
def look_for_issues(connection_id: int) -> ResponseReturnValue:
    """Have the clock look what there is."""
    connection = managed(connection_id)
    jql, raw = request.form.get("jql", ""), request.form.get("phase", "")
    if len(jql) > MOST_JQL:
        return back(connection_id, _("The search is too long."), to=".adoption", wrong=True)
    if (connection.memory.get("adopt") or {}).get("state") == wanting.TAKE:
        return back(connection_id, _("Issues are being taken over. Stop that first."), to=".adoption", wrong=True)
    wanting.ask_to_look(connection, jql, int(raw) if raw.isdigit() and len(raw) < 10 else None)
    return back(connection_id, _("It is looked for within a minute."), to=".adoption")


@blueprint.post("/<int:connection_id>/adoption/take")
def take_over(connection_id: int) -> ResponseReturnValue:
    """Have what was found taken over."""
    connection = managed(connection_id)
    try:
        wanting.begin(connection)
    except Invalid as refused:
        return back(connection_id, str(refused), to=".adoption", wrong=True)
    return back(connection_id, _("It begins within a minute."), to=".adoption")


@blueprint.post("/<int:connection_id>/adoption/stop")
def stop_adoption(connection_id: int) -> ResponseReturnValue:
    """Take nothing more over; what was taken stays."""
    connection = managed(connection_id)
    core.note(connection, {"adopt": None})
    return back(connection_id, _("Stopped. What was taken over stays."), to=".adoption")


@blueprint.post("/<int:connection_id>/link")
def link_by_key(connection_id: int) -> ResponseReturnValue:
    """Have one item linked with one issue."""
    connection = managed(connection_id)
    said = request.form.get("item", "").strip().rpartition("-")[2]
    after = int(said) - 1 if said.isdigit() and len(said) < 10 else -1
    program = connection.program
    items = core.items(program, only_open=False, after=after, limit=1) if program is not None and after >= 0 else ()
    if not items or items[0].number != after + 1:
        return back(connection_id, _("There is no item with this number."), to=".adoption", wrong=True)
    try:
        key = wanting.ask_for_link(connection, items[0], request.form.get("key", "")[:300])
    except Invalid as refused:
        return back(connection_id, str(refused), to=".adoption", wrong=True)
    if not connection.memory.get("started"):
        words = _("%(key)s is linked as soon as the connection begins; until then nothing is written.", key=key)
        return back(connection_id, words, to=".adoption")
    return back(connection_id, _("%(key)s is linked within a minute.", key=key), to=".adoption")
