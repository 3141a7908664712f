"""An app with one good plugin and every poisoned one, on the database of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from flask import Flask

from program import create_app
from program.extensions import db
from program.ground import database
from program.ground.last_known import last_known
from program.plugin_host import calling, connections, switching
from program.plugin_host.forms import Kept
from program.settings import Settings
from tests.cast import Cast
from tests.conftest import Browser
from tests.plugins import poisoned, sample
from tests.pulse.conftest import parts, team  # noqa: F401 - fixtures

GROUP = "milepost.plugins"
POISONED = ("raises", "hangs", "nonsense")
UNLOADABLE = {
    "fails_on_import": "tests.plugins.fails_on_import:Plugin",
    "exits_on_import": "tests.plugins.exits_on_import:Plugin",
    "not_there": "tests.plugins.nowhere:Plugin",
    "no_attribute": "tests.plugins.poisoned:Nothing",
    "misspelt": "tests.plugins.poisoned:Misspelt",
    "wrongargument": "tests.plugins.poisoned:WrongArgument",
    "nameless": "tests.plugins.poisoned:Nameless",
    "fromthefuture": "tests.plugins.poisoned:FromTheFuture",
    "noplugin": "tests.plugins.poisoned:NoPlugin",
    "Loud Name": "tests.plugins.poisoned:Raises",
}


def points() -> list[EntryPoint]:
    """What the packages of a real instance would announce."""
    found = {
        "sample": "tests.plugins.sample:Sample",
        "raises": "tests.plugins.poisoned:Raises",
        "hangs": "tests.plugins.poisoned:Hangs",
        "nonsense": "tests.plugins.poisoned:Nonsense",
        **UNLOADABLE,
    }
    return [EntryPoint(name, value, GROUP) for name, value in found.items()]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hook and no answer to a machine is cut short because this machine has much else to do."""
    monkeypatch.setattr(calling, "LIMITS", dict.fromkeys(calling.LIMITS, 50.0))
    monkeypatch.setattr(last_known, "__defaults__", (50.0,))


@pytest.fixture(scope="session")
def plugin_session(session_app: Flask, database_url: str) -> Iterator[Flask]:
    """That app."""
    app = create_app(
        Settings(database_url=database_url, secret_key="a key for tests only", base_url="http://milepost.example"),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        PLUGINS=points(),
        RAISE_UNKNOWN_ERRORS=False,
    )
    app.test_client_class = Browser
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def plugin_app(app: Flask, plugin_session: Flask) -> Iterator[Flask]:
    """That app. What hangs is let go at the end, so that no test leaves a thread to the next."""
    poisoned.LET_GO.clear()
    yield plugin_session
    sample.INSTEAD.clear()
    sample.CALLS.clear()
    poisoned.LET_GO.set()
    calls: Any = plugin_session.extensions[calling.CALLS]
    calls.wait_for_all(10)
    with plugin_session.app_context():
        db.session.remove()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second for every call of the plugin that hangs; the others have the time that a busy machine needs."""
    enter = calling.Calls.enter

    def limited(calls: calling.Calls, plugin: str, one: calling.Call) -> str:
        if plugin == "hangs":
            one.limit = min(one.limit, 0.5)
        return enter(calls, plugin, one)

    monkeypatch.setattr(calling.Calls, "enter", limited)


@pytest.fixture
def inside(plugin_app: Flask) -> Iterator[Flask]:
    """A context of that app, outside of a request."""
    with plugin_app.app_context():
        database.begin_writing()
        yield plugin_app
        db.session.rollback()


@pytest.fixture
def visit(plugin_app: Flask) -> Any:
    """A function that gives a client of that app, signed in as that person."""

    def open_browser(person: Any = None) -> Any:
        client = plugin_app.test_client()
        return client.sign_in(person) if person is not None else client

    return open_browser


@pytest.fixture
def all_on(plugin_app: Flask, cast: Cast) -> None:
    """The good plugin and the poisoned ones, switched on in the instance and in ALFA."""
    with plugin_app.app_context(), database.transaction():
        for name in ("sample", *POISONED):
            switching.set_enabled(cast.admin.actor, name, True)
            switching.set_in_program(cast.manager.actor, cast.program_id, name, True)


@pytest.fixture
def connect(plugin_app: Flask, cast: Cast, all_on: None) -> Any:
    """A function that connects ALFA by a plugin and gives the connection's id."""

    def add(plugin: str = "sample", name: str = "Board", **settings: Any) -> int:
        with plugin_app.app_context(), database.transaction():
            return connections.add(cast.manager.actor, cast.program_id, plugin, name, Kept(settings))

    return add
