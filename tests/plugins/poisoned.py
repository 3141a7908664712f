"""Plugins that do everything wrong, one sort each. Those that hang let go when the test says so."""

from __future__ import annotations

import itertools
import sys
import threading
from datetime import timedelta
from typing import Any

from wtforms import Form, StringField

from program.plugin_api.contract import Connection, Health, Plugin, Program, Tick, hook

LET_GO = threading.Event()
SECRET = "hunter2-and-more"


class Poisoned(Plugin):
    """What they have in common."""

    summary = "Poisoned."

    def __init__(self) -> None:
        self.name = type(self).__name__.lower()
        self.title = type(self).__name__


class Raises(Poisoned):
    """Raises in every hook, and what it raises cannot even be printed by `check`."""

    @hook
    def settings_form(self) -> Any:
        raise RuntimeError("no form today <b>really</b>")

    @hook
    def connection_form(self) -> Any:
        raise KeyError("form")

    @hook
    def blueprints(self) -> Any:
        raise OSError("no pages")

    @hook
    def commands(self) -> Any:
        raise OSError("no commands")

    @hook
    def panels(self, program: Program) -> Any:
        sys.exit(3)

    @hook
    def knows(self) -> Any:
        raise RuntimeError("nobody")

    @hook
    def deliver(self, connection: Connection) -> Any:
        raise RuntimeError(f"could not sign in with {SECRET}")

    @hook
    def sync(self, connection: Connection) -> Any:
        raise ConnectionError("the cable was cut")

    @hook
    def readings(self, connection: Connection) -> Any:
        raise ConnectionError("no figures")

    @hook
    def ticks(self) -> Any:
        raise RuntimeError("no ticks")

    @hook
    def check(self, connection: Connection) -> Any:
        class Unprintable(Exception):
            def __str__(self) -> str:
                raise RuntimeError("not even this")

        raise Unprintable


def _hang() -> Any:
    LET_GO.wait(60)


class HangingForm(Form):
    name = StringField()

    def validate(self, **_more: Any) -> bool:
        _hang()
        return True


class Hangs(Poisoned):
    """Never comes back from a hook."""

    @hook
    def settings_form(self) -> Any:
        return HangingForm

    @hook
    def panels(self) -> Any:
        return _hang()

    @hook
    def deliver(self) -> Any:
        return _hang()

    @hook
    def sync(self) -> Any:
        return _hang()

    @hook
    def check(self) -> Any:
        return _hang()

    @hook
    def ticks(self) -> Any:
        return [Tick("never", "Never ends", timedelta(minutes=1), _hang)]


class Unreadable:
    """An answer that bites whoever looks at it."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError(f"you looked at {name}")

    def __iter__(self) -> Any:
        return itertools.repeat("again")


class BrokenForm(Form):
    name = StringField()

    def __iter__(self) -> Any:
        raise RuntimeError("no fields for you")


class Nonsense(Poisoned):
    """Answers what no contract knows."""

    @hook
    def settings_form(self) -> Any:
        return BrokenForm

    @hook
    def connection_form(self) -> Any:
        return "<form>"

    @hook
    def blueprints(self) -> Any:
        return ["/nowhere"]

    @hook
    def commands(self) -> Any:
        return 7

    @hook
    def panels(self) -> Any:
        return Unreadable()

    @hook
    def knows(self) -> Any:
        return "perhaps"

    @hook
    def deliver(self) -> Any:
        return True

    @hook
    def was_delivered(self) -> Any:
        return "yes"

    @hook
    def sync(self) -> Any:
        return 42

    @hook
    def readings(self) -> Any:
        return [Unreadable()]

    @hook
    def ticks(self) -> Any:
        return {"sweep": 5}

    @hook
    def check(self) -> Any:
        return Health(False, "")


class Misspelt(Poisoned):
    """A hook that does not exist."""

    @hook
    def delivr(self) -> Any:
        return None


class WrongArgument(Poisoned):
    """A hook with an argument that does not exist."""

    @hook
    def sync(self, conection: Any) -> Any:
        return None


class Nameless(Plugin):
    """Says nothing of itself."""


class FromTheFuture(Poisoned):
    """Written for another contract."""

    api = 99


class NoPlugin:
    """Not derived from Plugin."""
