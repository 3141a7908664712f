"""A plugin with every hook that does as it is told: tests put a function in place of a hook's answer.

It is announced to the app of `conftest.py` under the name 'sample', beside the poisoned ones.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import click
from flask import Blueprint, jsonify, request
from wtforms import BooleanField, Form, IntegerField, SelectField, StringField, validators
from wtforms.fields.choices import SelectChoice

from program.plugin_api import core
from program.plugin_api.contract import (
    Connection,
    Delivered,
    Health,
    OutgoingMessage,
    Panel,
    Plugin,
    Program,
    Recipient,
    SecretField,
    Tick,
    hook,
    machine,
)

# Hook name -> what it does instead; emptied after each test.
INSTEAD: dict[str, Callable[..., Any]] = {}
# What the plugin was called with, in order.
CALLS: list[tuple[str, Any]] = []


class SettingsForm(Form):
    server = StringField("Server", [validators.InputRequired(), validators.Length(max=50)])
    token = SecretField("Token", [validators.InputRequired(), validators.Length(min=4)], description="From their site.")
    loud = BooleanField("Loud")


class ConnectionForm(Form):
    project = StringField("Project", [validators.InputRequired()])
    depth = IntegerField("Depth", [validators.NumberRange(1, 9)], default=1)
    kind = SelectField("Kind", choices=[SelectChoice("a", "Aye"), SelectChoice("b", "Bee")])
    key = SecretField("Key")


def _told(name: str, given: Any, answer: Any) -> Any:
    CALLS.append((name, given))
    return INSTEAD[name](given) if name in INSTEAD else answer


class Sample(Plugin):
    name = "sample"
    title = "Sample"
    summary = "Does as it is told."
    sync_every = timedelta(minutes=3)

    @hook
    def settings_form(self) -> Any:
        return _told("settings_form", None, SettingsForm)

    @hook
    def connection_form(self) -> Any:
        return _told("connection_form", None, ConnectionForm)

    @hook
    def blueprints(self) -> list[Blueprint]:
        return [blueprint()]

    @hook
    def commands(self) -> list[click.Command]:
        return [count_items]

    @hook
    def panels(self, program: Program) -> Any:
        return _told("panels", program, [Panel("Sample says", f"Hello {program.name}", [("Items", "3")], "/me", "Go")])

    @hook
    def knows(self, person: Recipient) -> Any:
        return _told("knows", person, True)

    @hook
    def deliver(self, message: OutgoingMessage, connection: Connection) -> Any:
        return _told("deliver", (message, connection), Delivered("ref-1"))

    @hook
    def was_delivered(self, message: OutgoingMessage) -> Any:
        return _told("was_delivered", message, False)

    @hook
    def sync(self, connection: Connection) -> Any:
        return _told("sync", connection, None)

    @hook
    def readings(self, connection: Connection, since: date) -> Any:
        return _told("readings", (connection, since), [])

    @hook
    def ticks(self) -> list[Tick]:
        return [Tick("sweep", "Sample sweeps", timedelta(minutes=1), lambda: int(_told("tick", None, 4)))]

    @hook
    def check(self, connection: Connection) -> Any:
        return _told("check", connection, Health(True, "All is well."))


@click.command("count")
@click.argument("key")
def count_items(key: str) -> None:
    """Count the open items of a program."""
    click.echo(len(core.items(core.find_program(key))))


def blueprint() -> Blueprint:
    pages = Blueprint("pages", __name__)

    @pages.get("/hello")
    def hello() -> Any:
        return _told("hello", None, "hello")

    @pages.post("/in")
    @machine
    def take_in() -> Any:
        return jsonify(taken=len(request.get_data()))

    return pages
