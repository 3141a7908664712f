"""A workspace of Slack for the plugin's tests, and a look at everything that is sent there."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from plugins.slack_checkin import manifest, receiving
from program import create_app
from program.extensions import db
from program.ground import database
from program.plugin_host import switching
from program.settings import Settings
from tests.cast import Cast
from tests.contract import slack_calls, slack_opinions
from tests.contract.slack_calls import CallsSeen
from tests.fakes.slack import Slack, running_slack
from tests.plugins.slack_checkin.life import Life, living
from tests.plugins.slack_checkin.meetings import Meetings, meeting


@pytest.fixture
def slack() -> Iterator[Slack]:
    """An empty workspace, with the app in it, on a port of this machine. See `tests/fakes/slack/__init__.py`.

    All that is shown in it is shown to the second opinions on blocks as well.
    """
    said: list[str] = []

    def inspect(kind: str, content: Any) -> None:
        said.extend(slack_opinions.on_blocks(content) if kind == "message" else slack_opinions.on_view(content))

    with running_slack() as workspace:
        workspace.world.inspect = inspect
        yield workspace
    assert said == []


@pytest.fixture(autouse=True)
def calls_seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[CallsSeen]:
    """Every call of the Web API is held against the description of its methods, where that is there."""
    seen = CallsSeen()
    if not slack_calls.ABSENT:
        seen.watch(monkeypatch)
    yield seen
    assert seen.problems == []


@pytest.fixture(scope="session")
def slack_session(session_app: Flask, database_url: str) -> Iterator[Flask]:
    """An app with this plugin and no other, on the database of the tests."""
    app = create_app(
        Settings(
            database_url=database_url,
            secret_key="a key for tests only",
            base_url="http://milepost.example",
            internal_hosts="127.0.0.1",
        ),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        PLUGINS=[EntryPoint("slack_checkin", "plugins.slack_checkin:SlackPlugin", "milepost.plugins")],
    )
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            # A test's database need not outlive a power cut.
            event.listen(db.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def slack_app(
    app: Flask, cast: Cast, slack: Slack, slack_session: Flask, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """That app, switched on and set up for the workspace, which knocks at it."""
    for name, value in slack.environment().items():
        monkeypatch.setenv(name, value)
    # The app was made from its manifest: it may what that asks for, and no more.
    slack.token.scopes = frozenset(manifest.bot_scopes())
    with slack_session.app_context(), database.transaction():
        switching.set_enabled(cast.admin.actor, "slack_checkin", True)
    slack.knock_at(slack_session)
    yield slack_session
    with slack_session.app_context():
        assert receiving.receiver().workers.finish()
        db.session.remove()


@pytest.fixture
def life(slack_app: Flask, slack: Slack, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """A team that is asked every Monday, from the next one on. See `life.py`."""
    with living(slack_app, slack, cast, monkeypatch) as alive:
        yield alive


@pytest.fixture
def meetings(slack_app: Flask, slack: Slack, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meetings]:
    """A program that reviews its KPIs every Wednesday. See `meetings.py`."""
    with meeting(slack_app, slack, cast, monkeypatch) as alive:
        yield alive
