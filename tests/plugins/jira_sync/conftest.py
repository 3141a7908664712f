"""A Jira, an app with the plugin, and ALFA connected with the project SHOP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from flask import Flask

from plugins.jira_sync import syncing
from plugins.jira_sync.book import ITEM, PERSON
from program import create_app
from program.extensions import db
from program.ground import database
from program.ground.now import held_at, utc_now
from program.ground.sealing import seal
from program.planning import items
from program.planning.items import ItemDraft
from program.planning.models import WorkItem
from program.plugin_api import core
from program.plugin_api.contract import Connection, Link
from program.plugin_host import connections, switching
from program.plugin_host.forms import Kept
from program.settings import Settings
from tests.cast import Cast
from tests.conftest import BACKEND, Browser
from tests.contract.jira_calls import ABSENT, JiraCallsSeen
from tests.fakes.jira import Issue, Jira, running_jira
from tests.fakes.jira.server import TOKEN, USER


@pytest.fixture(scope="session")
def jira_session(session_app: Flask, database_url: str) -> Iterator[Flask]:
    """An app with the plugin alone, whose administrator lets this machine be called."""
    point = EntryPoint("jira_sync", "plugins.jira_sync:JiraPlugin", "milepost.plugins")
    settings = Settings(database_url=database_url, secret_key="a key for tests only", internal_hosts="127.0.0.1")
    app = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, PLUGINS=[point])
    app.test_client_class = Browser
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def jira_app(app: Flask, jira_session: Flask, cast: Cast) -> Iterator[Flask]:
    """That app with the plugin switched on in ALFA, within an app context."""
    with jira_session.app_context():
        with database.transaction():
            switching.set_enabled(cast.admin.actor, "jira_sync", True)
            switching.set_in_program(cast.manager.actor, cast.program_id, "jira_sync", True)
        yield jira_session
        db.session.remove()


# Which face Jira has makes no difference to the database.
@pytest.fixture(params=["cloud", "data_center"] if BACKEND == "sqlite" else ["cloud"])
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def jira(face: str) -> Iterator[Jira]:
    """The stand-in, with that face; its clock is ours."""
    with running_jira(face) as running:
        running.world.now = utc_now
        yield running


@dataclass
class Wired:
    """ALFA and SHOP in step."""

    app: Flask
    cast: Cast
    jira: Jira
    number: int
    # What the times that tests name are counted from.
    started: datetime = field(default_factory=utc_now)

    @property
    def connection(self) -> Connection:
        """How it is set up now."""
        (connection,) = core.active_connections("jira_sync")
        return connection

    def sync(self, times: int = 1) -> None:
        """Look, as the clock does, but with its errors."""
        for _time in range(times):
            syncing.sync(self.connection)

    @contextmanager
    def later(self, wait: timedelta) -> Iterator[None]:
        """A block some time from now, for both sides; Jira answers on threads of its own."""
        moment, before = self.started + wait, self.jira.world.now
        self.jira.world.now = lambda: moment
        try:
            with held_at(moment):
                yield
        finally:
            self.jira.world.now = before

    def add(self, *titles: str, **values: Any) -> list[int]:
        """Add items; their numbers."""
        with database.transaction():
            made = items.add_items(
                self.cast.manager.actor, self.cast.program_id, [ItemDraft(title, **values) for title in titles]
            )
            return [item.number for item in made]

    def change(self, number: int, **values: Any) -> None:
        """Somebody changes an item here."""
        with database.transaction():
            item = items.find_item(self.cast.manager.actor, self.cast.program_id, number)
            tags = values.pop("tags", None)
            if values:
                items.change_item(self.cast.manager.actor, item, values, seen=None)
            if tags is not None:
                items.set_tags(self.cast.manager.actor, item, tags)

    def item(self, number: int) -> WorkItem:
        """The item as it is now."""
        with database.looking():
            item = items.find_item(self.cast.manager.actor, self.cast.program_id, number)
            db.session.expunge(item)
            return item

    def link(self, number: int) -> Link:
        """What is known of that item's issue."""
        found = core.find_link(self.connection, ITEM, object_id=self.item(number).id)
        assert found is not None
        return found

    def issue(self, number: int) -> Issue:
        """The item's issue in Jira."""
        return self.jira.world.issues[int(self.link(number).external_id or 0)]

    def know(self, person_id: int, account: str) -> None:
        """Map a person by hand."""
        core.keep_link(self.connection, Link(PERSON, person_id, external_id=account))


@contextmanager
def wired(app: Flask, cast: Cast, jira: Jira, webhook_secret: str = "", **settings: Any) -> Iterator[Wired]:
    """Connect ALFA with the stand-in's project, ready to go."""
    values: Mapping[str, Any] = {
        "url": jira.url,
        "face": jira.world.face,
        "project": jira.world.project_key,
        "user": USER,
        **settings,
    }
    with database.transaction():
        secrets = {"token": TOKEN} | ({"webhook_secret": webhook_secret} if webhook_secret else {})
        kept = Kept(dict(values), {name: seal(value) for name, value in secrets.items()})
        number = connections.add(cast.manager.actor, cast.program_id, "jira_sync", "Shop", kept)
    (connection,) = core.active_connections("jira_sync")
    core.remember(connection, {"started": True})
    yield Wired(app, cast, jira, number)


@pytest.fixture
def step(jira_app: Flask, cast: Cast, jira: Jira, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wired]:
    """ALFA and SHOP in step, with the settings a connection begins with; a Cloud's calls are held against its API."""
    seen = JiraCallsSeen()
    if jira.world.face == "cloud" and not ABSENT:
        seen.watch(monkeypatch, jira.url)
    with wired(jira_app, cast, jira) as both:
        yield both
    assert seen.problems == []
