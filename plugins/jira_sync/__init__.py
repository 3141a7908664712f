"""Jira: items of a program and issues of a project in step, both ways, for Cloud and Data Center.

It enters by the same door as a stranger's plugin and sees only the contract. `syncing.py` is one look at a connection;
`merging.py`, `statuses.py`, `text.py` are its rules, as pure functions; `reconciling.py` brings items and issues
together, `creating.py` makes each issue once, `looking.py` finds out what changed there. `client.py` and `wire.py`
speak to Jira.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click
from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form

from plugins.jira_sync import adoption_pages, commands, freshness, front, hints, pages, pairs, settings, setup_pages
from program.plugin_api.contract import Connection, Health, Panel, Plugin, Program, hook

# They put their views on the blueprint of `front.py` as they are loaded.
PAGES = (pages, setup_pages, adoption_pages)


class JiraPlugin(Plugin):
    """The plugin."""

    name = settings.PLUGIN
    title = _l("Jira")
    summary = _l("Keeps items and issues of Jira in step, both ways.")
    command = "jira"
    sync_every = timedelta(minutes=1)
    connection_page = "jira.show"
    item_page = "jira_pairs.show"

    @hook
    def connection_form(self) -> type[Form]:
        """Place and account."""
        return settings.ConnectionForm

    @hook
    def blueprints(self) -> Sequence[Blueprint]:
        """A connection's page, and the address that Jira calls."""
        return [front.blueprint, pairs.blueprint, hints.blueprint]

    @hook
    def panels(self, program: Program) -> Sequence[Panel]:
        """How fresh Jira's side is."""
        return freshness.panels(program)

    @hook
    def commands(self) -> Sequence[click.Command]:
        """`milepost jira connect|preview|sync|status|check`."""
        return [commands.connect, commands.preview, commands.sync, commands.status, commands.check]

    @hook
    def sync(self, connection: Connection) -> None:
        """One look at a connection, both ways."""
        # Imported here: the client library is loaded by the clock only.
        from plugins.jira_sync import syncing

        syncing.sync(connection)

    @hook
    def check(self, connection: Connection) -> Health:
        """Whether it would work, with what to do if not."""
        if connection.program is None:
            return Health(True, _("Managers connect their programs with projects of Jira."))
        from plugins.jira_sync import checking

        return checking.check(connection)
