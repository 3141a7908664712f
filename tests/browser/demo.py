"""The demo, loaded for a test: programs that are weeks into their work, with all that pages can show."""

from __future__ import annotations

from flask import Flask

from program.cli.demo import loading
from program.ground import database


def load_demo(app: Flask, locale: str = "pl") -> str:
    """Load the demo into the test's database and return the e-mail address of its manager."""
    with app.app_context(), database.transaction():
        loading.load(locale)
        person = loading.manager()
        assert person is not None, "the demo has a manager"
        return person.email
