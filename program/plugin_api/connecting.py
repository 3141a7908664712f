"""Connecting a program from a plugin's own command, and what a plugin's own page keeps of a manager's choices.

The first the host does, who stands above this room and says so here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access
from program.ground.errors import NotFound
from program.people import access
from program.people.session import current_actor
from program.plugin_api.contract import Connection, Program
from program.plugin_api.models import Connection as ConnectionRow
from program.plugin_api.units import program_of, writing

_NAME = "milepost.plugin_api.connecting"
Connecting = Callable[[str, Program, str, Mapping[str, Any]], int]


def use(app: Flask, connecting: Connecting) -> None:
    """Have programs of that app connected by this."""
    app.extensions[_NAME] = connecting


def connect_program(plugin: str, program: Program, name: str, values: Mapping[str, Any]) -> int:
    """For a plugin's own command: connect the program, switching the plugin on for it. The connection's id.

    `values` are those of the plugin's connection form, which checks them. Raises Invalid naming the fields at fault.
    """
    with writing():
        connecting: Connecting = current_app.extensions[_NAME]
        return connecting(plugin, program, name, values)


def keep_choices(connection: Connection, choices: Mapping[str, Any], *, seen: int) -> None:
    """For a plugin's own page: keep what the reader chose among the connection's values; None takes one away.

    For what the connection's form cannot ask, because it has to be read outside first. History says who changed what.
    `seen` is the revision the reader began from. Raises Conflict, NotFound, Forbidden, and ValueError for secrets.
    """
    if taken := connection.secret_names & choices.keys():
        raise ValueError(f"secrets are for the connection's form: {sorted(taken)}")
    actor, program = current_actor(), program_of(connection)
    with writing():
        access.require(actor, program.id, Access.MANAGER)
        mine = (ConnectionRow.id == connection.id, ConnectionRow.program_id == program.id)
        row = db.session.scalars(select(ConnectionRow).where(*mine).with_for_update(key_share=True)).one_or_none()
        if row is None:
            raise NotFound(access.NOT_HERE)
        audit.check_revision(row, seen, _l("Somebody changed this connection while you had it open."), "connection")
        before = dict(row.settings)
        after = {name: value for name, value in {**before, **choices}.items() if value is not None}
        names = sorted(name for name in choices if before.get(name) != after.get(name))
        if not names:
            return
        row.settings = after
        db.session.flush()
        changes: audit.Changes = {name: [before.get(name), after.get(name)] for name in names}
        name = row.name
        audit.record(actor, "connection.changed", object_id=row.id, name=name, program_id=program.id, changes=changes)
