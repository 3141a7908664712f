"""A connection's own page, for the managers of its program: how it stands, what a sync would do, what needs a person.

No page here speaks to Jira: what has to be asked there is asked by the clock, within a minute.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from plugins.jira_sync import conflicts
from plugins.jira_sync.book import CONFLICT, ITEM, PERSON
from plugins.jira_sync.merging import Rule
from plugins.jira_sync.settings import NAMES, PLUGIN
from program.plugin_api import core
from program.plugin_api.contract import Connection, Link, LinkState, NotFound

SHOWN = 50
blueprint = Blueprint("jira", __name__, template_folder="templates")


@blueprint.get("/<int:connection_id>")
def show(connection_id: int) -> ResponseReturnValue:
    """How the connection stands."""
    connection = core.managed_connection(PLUGIN, connection_id)
    memory = connection.memory
    linked = core.list_links(connection, ITEM, state=LinkState.DONE, limit=1)[1]
    waiting = core.list_links(connection, ITEM, state=LinkState.WAITING, limit=1)[1]
    troubles, trouble_count = core.list_links(connection, ITEM, state=LinkState.FAILED, limit=SHOWN)
    found, conflict_count = conflicts.listed(connection, limit=SHOWN)
    twins, _count = core.list_links(connection, "twin", limit=SHOWN)
    items = {item.id: item for item in core.by_ids(connection, [link.object_id for link in troubles])}
    people = core.doers(connection)
    accounts = {one.object_id: one for one in core.links_of(connection, PERSON, object_ids=[p.id for p in people])}
    return render_template(
        "jira_sync/show.html",
        connection=connection,
        started=bool(memory.get("started")),
        preview=memory.get("preview"),
        previewed_at=_moment(memory.get("preview", {}).get("at")),
        waits_for_preview=bool(memory.get("wants_preview")),
        polled_at=_moment(memory.get("polled_at")),
        linked=linked,
        waiting=waiting,
        troubles=[(link, items[link.object_id]) for link in troubles if link.object_id in items],
        trouble_count=trouble_count,
        conflicts=found,
        conflict_count=conflict_count,
        twins=twins,
        people=[(person, accounts.get(person.id)) for person in people],
        names=NAMES | {"comment": _("Comment")},
        webhook_url=core.web_address(f"/plugins/{PLUGIN}/webhook/{connection.id}"),
    )


@blueprint.post("/<int:connection_id>/preview")
def ask_for_preview(connection_id: int) -> ResponseReturnValue:
    """Have the clock work out what a sync would do."""
    connection = core.managed_connection(PLUGIN, connection_id)
    core.note(connection, {"wants_preview": True})
    core.sync_soon(connection)
    return _back(connection_id, _("The preview is worked out within a minute."))


@blueprint.post("/<int:connection_id>/start")
def start(connection_id: int) -> ResponseReturnValue:
    """Begin, or go on after a pause."""
    connection = core.managed_connection(PLUGIN, connection_id)
    core.note(connection, {"started": True})
    core.sync_soon(connection)
    return _back(connection_id, _("It begins within a minute."))


@blueprint.post("/<int:connection_id>/pause")
def pause(connection_id: int) -> ResponseReturnValue:
    """Stop carrying anything; all that is known stays."""
    connection = core.managed_connection(PLUGIN, connection_id)
    core.note(connection, {"started": None})
    return _back(connection_id, _("Paused. Nothing is carried until you go on."))


@blueprint.post("/<int:connection_id>/conflicts/<int:number>")
def choose(connection_id: int, number: int) -> ResponseReturnValue:
    """Have one side win, or take a conflict off the list."""
    connection = core.managed_connection(PLUGIN, connection_id)
    link = _link(connection, CONFLICT, number)
    winner = request.form.get("winner", "")
    if winner in (Rule.JIRA, Rule.PROGRAM):
        conflicts.choose(connection, link, Rule(winner))
        return _back(connection_id, _("It is carried out within a minute."))
    conflicts.seen(connection, [number])
    return _back(connection_id, _("Taken off the list."))


@blueprint.post("/<int:connection_id>/items/<int:item_id>/again")
def again(connection_id: int, item_id: int) -> ResponseReturnValue:
    """Look at an item again, or create an issue anew for one whose issue is gone."""
    connection = core.managed_connection(PLUGIN, connection_id)
    link = _link(connection, ITEM, item_id)
    if link.external_id is None or link.base.get("gone"):
        core.forget_link(connection, ITEM, object_id=item_id)
    else:
        core.keep_link(connection, _due(link))
    core.sync_soon(connection)
    return _back(connection_id, _("It is looked at again within a minute."))


@blueprint.post("/<int:connection_id>/people/<int:person_id>")
def match(connection_id: int, person_id: int) -> ResponseReturnValue:
    """Say by hand whose account somebody has; empty has it looked for by e-mail again."""
    connection = core.managed_connection(PLUGIN, connection_id)
    if person_id not in {person.id for person in core.doers(connection)}:
        raise NotFound(_("There is no such person in the program."))
    account = request.form.get("account", "").strip()[:150]
    if account:
        kept = Link(PERSON, person_id, external_id=account, external_key=account, state=LinkState.DONE)
        core.keep_link(connection, kept)
    else:
        core.forget_link(connection, PERSON, object_id=person_id)
    return _back(connection_id, _("Kept."))


def _due(link: Link) -> Link:
    return replace(link, synced_revision=0, state=LinkState.DONE, error="", remote_version="")


def _link(connection: Connection, kind: str, number: int) -> Link:
    link = core.find_link(connection, kind, object_id=number)
    if link is None:
        raise NotFound(_("This is no longer there."))
    return link


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


def _back(connection_id: int, words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for(".show", connection_id=connection_id), 303)
