"""The deliveries of a connection, for the managers of its program: what arrived, what waits, what was given up."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from milepost_webhook import sending
from program.plugin_api import core
from program.plugin_api.contract import LinkState, NotFound

PAGE = 50
blueprint = Blueprint("deliveries", __name__, template_folder="templates")


@blueprint.get("/<int:connection_id>")
def show(connection_id: int) -> ResponseReturnValue:
    """The newest deliveries, fifty a page; `state` narrows them."""
    connection = core.managed_connection("webhook", connection_id)
    raw = request.args.get("state", "")
    state = LinkState(raw) if raw in set(LinkState) else None
    asked = request.args.get("page", "")
    page = max(int(asked), 1) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    links, total = core.list_links(connection, sending.EVENT, state=state, limit=PAGE, skip=PAGE * (page - 1))
    _failed, given_up = core.list_links(connection, sending.EVENT, state=LinkState.FAILED, limit=1)
    return render_template(
        "webhook/deliveries.html",
        connection=connection,
        links=links,
        total=total,
        given_up=given_up,
        state=raw,
        page=page,
        more=total > PAGE * page,
    )


@blueprint.post("/<int:connection_id>/<int:event_id>/replay")
def replay(connection_id: int, event_id: int) -> ResponseReturnValue:
    """Send one delivery again."""
    connection = core.managed_connection("webhook", connection_id)
    link = core.find_link(connection, sending.EVENT, object_id=event_id)
    if link is None:
        raise NotFound("There is no such delivery.")
    sending.replay(connection, link)
    flash("It is sent again within seconds.")
    return redirect(url_for(".show", connection_id=connection_id), 303)


@blueprint.post("/<int:connection_id>/replay")
def replay_all(connection_id: int) -> ResponseReturnValue:
    """Send everything again that was given up."""
    connection = core.managed_connection("webhook", connection_id)
    count = sending.replay_failed(connection)
    flash(f"Sent again within seconds: {count}.")
    return redirect(url_for(".show", connection_id=connection_id), 303)
