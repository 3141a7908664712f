"""Webhook: tells any address, in signed JSON, what happens in a program.

A plugin as a real one is: it is found by its entry point and knows nothing of Milepost but the contract and the core.
`sending.py` carries the events, `pages.py` lists the deliveries with a button to send one again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click
from flask import Blueprint
from wtforms import Form, SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from milepost_webhook import pages, sending
from program.plugin_api import core
from program.plugin_api.contract import Connection, Health, Plugin, SecretField, Tick, hook

EVENTS = {
    "gate.decided": "A gate is decided",
    "phase.started": "A phase starts",
    "phase.finished": "A phase ends",
    "phase.moved": "A phase moves",
    "item.created": "An item is added",
    "item.changed": "An item changes",
    "program.closed": "The program is closed",
    "program.reopened": "The program is opened again",
}
# Deliveries that arrived are listed for so long.
KEPT = timedelta(days=30)


class ConnectionForm(Form):
    """Where to, signed with what, and which events."""

    url = StringField(
        "Address", [DataRequired("Give the address that listens."), Length(max=2000)], description="As in https://…"
    )
    secret = SecretField(
        "Signing secret",
        [DataRequired("Give a secret of at least 16 characters."), Length(min=16, max=200)],
        description="The receiver checks each delivery with it.",
    )
    events = SelectMultipleField(
        "Events",
        [DataRequired("Choose at least one.")],
        choices=[SelectChoice(verb, words) for verb, words in EVENTS.items()],
        default=["gate.decided"],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def validate_url(self, field: StringField) -> None:
        """Refuse what would never be called, before it is saved."""
        try:
            core.check_address(field.data or "")
        except core.Refused as refused:
            raise ValidationError(str(refused)) from refused


class Webhook(Plugin):
    """The plugin."""

    name = "webhook"
    title = "Webhook"
    summary = "Tells any address, in signed JSON, what happens in a program."
    sync_every = timedelta(seconds=15)
    connection_page = "deliveries.show"

    @hook
    def connection_form(self) -> type[Form]:
        """Address, secret, events."""
        return ConnectionForm

    @hook
    def sync(self, connection: Connection) -> None:
        """Take in what happened, then send what waits."""
        sending.take_in(connection)
        sending.send_waiting(connection)

    @hook
    def check(self, connection: Connection) -> Health:
        """Send a signed ping: a receiver that answers 2xx is well."""
        if connection.program is None:
            return Health(True, "Managers connect their programs with addresses.")
        return sending.ping(connection)

    @hook
    def blueprints(self) -> Sequence[Blueprint]:
        """The list of deliveries."""
        return [pages.blueprint]

    @hook
    def commands(self) -> Sequence[click.Command]:
        """`milepost webhook replay`."""
        return [replay]

    @hook
    def ticks(self) -> Sequence[Tick]:
        """Deliveries that arrived are forgotten after a month."""
        return [Tick("sweep", "Webhook forgets old deliveries", timedelta(hours=6), sweep)]


def sweep() -> int:
    """Forget what arrived long ago. Says how many."""
    before = core.utc_now() - KEPT
    connections = core.active_connections("webhook")
    return sum(core.forget_link(connection, sending.EVENT, done_before=before) for connection in connections)


@click.command()
def replay() -> None:
    """Send everything again that was given up, in all programs."""
    count = sum(sending.replay_failed(connection) for connection in core.active_connections("webhook"))
    click.echo(f"To be sent again: {count}.")
