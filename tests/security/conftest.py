"""An app as it is really served: behind https, with CSRF enforced and errors answered instead of raised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from program import create_app
from program.extensions import db
from program.settings import Settings
from tests.conftest import Browser

HTTPS = "https://milepost.firma.example"


class Visitor(Browser):
    """A client that comes by the https address."""

    def open(self, *args: Any, **more: Any) -> Any:
        """Send a request to the https address."""
        return super().open(*args, **{"base_url": HTTPS, **more})


@pytest.fixture(scope="session")
def served_session(session_app: Flask, database_url: str) -> Iterator[Flask]:
    """That app, on the database of the tests."""
    settings = Settings(database_url=database_url, secret_key="a key for tests only", base_url=HTTPS)
    app = create_app(settings, TESTING=True, RAISE_UNKNOWN_ERRORS=False)
    app.test_client_class = Visitor
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def served(served_session: Flask, app: Flask) -> Iterator[Flask]:
    """That app; the database is emptied after the test."""
    yield served_session
    with served_session.app_context():
        db.session.remove()


@pytest.fixture
def visitor(served: Flask) -> Any:
    """A function that gives a fresh https client of that app, signed in as that person (or signed out)."""

    def open_browser(person: Any = None) -> Any:
        client = served.test_client()
        if person is not None:
            with client.session_transaction(base_url=HTTPS) as cookie:
                cookie["_user_id"] = f"{person.id}.{person.session_key}"
        return client

    return open_browser
