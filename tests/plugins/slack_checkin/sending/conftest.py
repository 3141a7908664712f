"""An app with the plugin, set up for the stand-in's workspace, and the means to tell, to work and to look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from plugins.slack_checkin import pacing
from program import create_app
from program.extensions import db
from program.ground import database
from program.ground.now import held_at
from program.outbox import handing_over
from program.outbox.messages import tell
from program.outbox.models import Message
from program.plugin_host import calling, switching
from program.settings import Settings
from tests.cast import Cast
from tests.conftest import Browser
from tests.fakes.slack import Person, Slack
from tests.outbox.conftest import DIRECT, MONDAY

POINT = EntryPoint("slack_checkin", "plugins.slack_checkin:SlackPlugin", "milepost.plugins")


@pytest.fixture(scope="session")
def sending_session(session_app: Flask, database_url: str) -> Iterator[Flask]:
    """An app with this plugin and no other, on the database of the tests."""
    app = create_app(
        Settings(
            database_url=database_url,
            secret_key="a key for tests only",
            base_url="https://milepost.firma.example",
            internal_hosts="127.0.0.1",
        ),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        PLUGINS=[POINT],
    )
    app.test_client_class = Browser
    yield app
    with app.app_context():
        db.engine.dispose()


class Office:
    """Milepost with Slack beside it. `ania` is the program's manager, who is in Slack."""

    def __init__(self, app: Flask, cast: Cast, slack: Slack) -> None:
        self.app, self.cast, self.slack = app, cast, slack
        self.ania = self.join(cast.manager)

    def join(self, person: Any, **more: Any) -> Person:
        """Somebody of the cast gets an account in Slack."""
        return self.slack.user(person.name, person.email, **more)

    def tell(self, *numbers: int, to: Any = None, kind: Any = DIRECT, **more: Any) -> None:
        """Tell that person (the manager) those numbers, each its own message."""
        with self.app.app_context(), held_at(MONDAY), database.transaction():
            for n in numbers:
                tell([(to or self.cast.manager).id], kind, {"n": n}, key=f"{kind.name}:{n}", **more)

    def work(self, at: datetime = MONDAY) -> int:
        """A clock hands over what is due at that time."""
        with self.app.app_context(), held_at(at):
            return handing_over.drain()

    def find_out(self, at: datetime) -> int:
        """A clock asks after messages whose answer was lost."""
        with self.app.app_context(), held_at(at):
            return handing_over.resolve()

    def rows(self) -> list[Message]:
        """All messages, in order, as they are in the database."""
        with self.app.app_context():
            found = list(db.session.scalars(select(Message).order_by(Message.id)))
            db.session.expunge_all()
            return found

    def row(self) -> Message:
        """The only one."""
        (one,) = self.rows()
        return one

    def visit(self, person: Any = None) -> Any:
        """A browser, signed in as that person."""
        client: Any = self.app.test_client()
        return client.sign_in(person) if person is not None else client


@pytest.fixture
def office(
    app: Flask, cast: Cast, slack: Slack, sending_session: Flask, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """That app, switched on and set up for the workspace."""
    monkeypatch.setattr(calling, "LIMITS", dict.fromkeys(calling.LIMITS, 30.0))
    # The second between two messages to one person is tried on its own.
    monkeypatch.setattr(pacing, "APART", 0.0)
    for name, value in slack.environment().items():
        monkeypatch.setenv(name, value)
    with sending_session.app_context(), database.transaction():
        switching.set_enabled(cast.admin.actor, "slack_checkin", True)
    yield Office(sending_session, cast, slack)
    with sending_session.app_context():
        db.session.remove()
