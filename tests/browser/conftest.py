"""A real server on the loopback and a real Chromium before it.

The server runs in this process on the test's database, so that a journey can prepare rows and look at what it left.
Every request of a page to any other host fails the test.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from sqlalchemy import update
from werkzeug.serving import make_server

from program.extensions import db
from program.ground import database
from program.people.models import Person
from scripts.find_browser import find
from tests.browser.axe import faults
from tests.browser.slowly import BROWSER, Application, slowed
from tests.browser.ways import Reader, Way
from tests.browser.words import words_of
from tests.cast import Member

# Messages that go by themselves after some seconds stay: how many seconds a test takes to get to them is not to matter.
STAYING = """(() => {
    const later = window.setTimeout;
    window.setTimeout = (act, wait, ...rest) => (wait >= 5000 ? 0 : later(act, wait, ...rest));
})()"""

# Milliseconds until what a test waits for is given up: a ceiling for a machine with much else to do, never a measure.
PATIENCE = 60_000

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder takes a browser. Without one the tests are skipped, but never in CI."""
    here = Path(__file__).parent
    browser_tests = [item for item in items if here in item.path.parents]
    for item in browser_tests:
        item.add_marker(pytest.mark.browser)
        if find() is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine; see scripts/find_browser.py"))


@pytest.fixture
def address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the app is served for this test, its forms held to their tokens as in earnest."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    counted = Counted(slowed(app))
    server = make_server("127.0.0.1", 0, counted, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    counted.wait_until_idle()


class Counted:
    """An app that knows how many requests it works on: none may write into the database of the next test."""

    def __init__(self, app: Application) -> None:
        self._app, self._under_way, self._changed = app, 0, threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self._count(1)
        try:
            return self._app(environ, start_response)
        finally:
            self._count(-1)

    def wait_until_idle(self) -> None:
        """Wait until every answer is made; a browser that has gone need not have read it."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._under_way == 0, timeout=PATIENCE / 1000)

    def _count(self, step: int) -> None:
        with self._changed:
            self._under_way += step
            self._changed.notify_all()


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """Playwright's driver, for the whole run."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright_driver: Playwright) -> Iterator[Browser]:
    """One Chromium for the whole run."""
    browser = playwright_driver.chromium.launch(executable_path=find(), args=list(ARGUMENTS))
    yield browser
    browser.close()


@pytest.fixture
def visit(app: Flask, address: str, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens a page as somebody: `visit(cast.manager, width=360, scripts=False, locale='pl')`."""
    contexts: list[BrowserContext] = []
    strangers: list[str] = []
    broken: list[str] = []

    def open_page(person: Member | None = None, *, width: int = 1280, scripts: bool = True, locale: str = "en") -> Page:
        context = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": 800},
            # A narrow screen is touched, and gets the larger targets that fingers need.
            has_touch=width < 768,
            java_script_enabled=scripts,
            locale=locale,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.add_init_script(STAYING)
        context.on(
            "request", lambda request: None if request.url.startswith(address) else strangers.append(request.url)
        )
        if person is not None:
            context.add_cookies([{"name": "milepost", "value": session_cookie(app, person), "url": address}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        if BROWSER > 1:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": BROWSER})
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda message: broken.append(message.text) if _is_fault(message) else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert strangers == [], "pages must load nothing from other hosts"
    assert broken == [], "pages must not report errors"


def _is_fault(message: Any) -> bool:
    # An answer of 4xx is told on the console too; the journeys that provoke one look at the page instead.
    return message.type == "error" and "Failed to load resource" not in message.text


def session_cookie(app: Flask, person: Member) -> str:
    """The cookie a sign-in would have set."""
    serializer = app.session_interface.get_signing_serializer(app)
    return serializer.dumps({"_user_id": f"{person.id}.{person.session_key}", "_fresh": True})


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """A function that gives the accessibility faults of a page, one line each."""
    return faults


@pytest.fixture
def set_reader(app: Flask) -> Callable[[Member, str, str], None]:
    """A function that gives a person another language and theme."""

    def change(member: Member, locale: str, theme: str) -> None:
        with app.app_context(), database.transaction():
            db.session.execute(update(Person).where(Person.id == member.id).values(locale=locale, theme=theme))

    return change


@pytest.fixture
def arrive(
    app: Flask, visit: Callable[..., Page], set_reader: Callable[[Member, str, str], None]
) -> Callable[..., Reader]:
    """A function that lets somebody come in their way: `arrive(cast.manager, Way("pl"))`."""

    def come(person: Member, way: Way, *, signed_in: bool = True) -> Reader:
        set_reader(person, way.locale, "auto")
        page = visit(person if signed_in else None, width=way.width, scripts=way.scripts, locale=way.locale)
        return Reader(page, words_of(way.locale), way)

    return come
