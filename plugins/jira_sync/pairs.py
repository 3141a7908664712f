"""One item and its issue, for managers: how the two stand, leaving them out for a while, and merging what came twice.

No page here speaks to Jira; what has to be done there is done by the clock, within a minute.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from plugins.jira_sync import conflicts, words
from plugins.jira_sync.book import ASIDE, CONFLICT, ITEM, PERSON, TWIN
from plugins.jira_sync.plan import FIELDS
from plugins.jira_sync.settings import NAMES, PLUGIN
from program.plugin_api import core
from program.plugin_api.contract import Connection, Item, LinkState, NotFound

blueprint = Blueprint("jira_pairs", __name__, template_folder="templates")


@blueprint.get("/<int:connection_id>/items/<int:item_id>")
def show(connection_id: int, item_id: int) -> ResponseReturnValue:
    """How an item and its issue stand."""
    connection = core.managed_connection(PLUGIN, connection_id)
    item = _item(connection, item_id)
    link = core.find_link(connection, ITEM, object_id=item_id)
    numbers = [conflicts.number_of(item_id, name) for name in FIELDS]
    agreed = (link.base.get("fields") or {}) if link is not None else {}
    owner = agreed.get("owner", (None, None))[1]
    accounts = core.links_of(connection, PERSON, external_ids=[owner]) if owner else ()
    names = {str(one.external_id): one.external_key for one in accounts if one.external_key}
    return render_template(
        "jira_sync/pair.html",
        connection=connection,
        item=item,
        link=link,
        is_aside=core.find_link(connection, ASIDE, object_id=item_id) is not None,
        conflicts=core.links_of(connection, CONFLICT, object_ids=numbers),
        agreed=[(NAMES[name], words.there(name, agreed[name][1], names)) for name in FIELDS if name in agreed],
        as_of=_moment(connection.memory.get("polled_at")),
        is_running=bool(connection.memory.get("started")),
    )


@blueprint.post("/<int:connection_id>/items/<int:item_id>/aside")
def set_aside(connection_id: int, item_id: int) -> ResponseReturnValue:
    """Leave the item out (`value` 1) or take it in again (0)."""
    connection = core.managed_connection(PLUGIN, connection_id)
    item, aside = _item(connection, item_id), request.form.get("value") == "1"
    core.set_aside(connection, item, aside)
    link = core.find_link(connection, ITEM, object_id=item_id)
    if not aside and link is not None:
        # Both sides may have moved meanwhile: they are looked at as if both had.
        core.keep_link(connection, replace(link, synced_revision=0, remote_version=""))
        core.sync_soon(connection)
    flash(_("Left out. Neither side follows the other.") if aside else _("Taken in again within a minute."))
    return redirect(url_for(".show", connection_id=connection_id, item_id=item_id), 303)


@blueprint.route("/<int:connection_id>/twins/<int:number>/merge", methods=["GET", "POST"])
def merge(connection_id: int, number: int) -> ResponseReturnValue:
    """Have one issue go on where an item got two. The other stays in Jira, without its mark."""
    connection = core.managed_connection(PLUGIN, connection_id)
    twin = core.find_link(connection, TWIN, object_id=number)
    if twin is None:
        raise NotFound(_("This is no longer there."))
    if request.method == "GET":
        return render_template("jira_sync/merge.html", connection=connection, twin=twin)
    core.keep_link(connection, replace(twin, base={**twin.base, "merge": True}, state=LinkState.WAITING, error=""))
    core.sync_soon(connection)
    flash(_("It is merged within a minute."))
    return redirect(url_for("plugin_jira_sync.jira.show", connection_id=connection_id) + "#conflicts", 303)


def _item(connection: Connection, item_id: int) -> Item:
    found = core.by_ids(connection, [item_id])
    if not found:
        raise NotFound(_("This is no longer there."))
    return found[0]


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
