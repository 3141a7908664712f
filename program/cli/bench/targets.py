"""What gunicorn serves during a measurement: the app and the floor, on the database the environment names."""

from __future__ import annotations

from flask import Flask

from program import create_app
from program.settings import Settings


def milepost() -> Flask:
    """The app as installed, except that forms are taken without a token: the clients do not read pages first."""
    return create_app(Settings.from_environment(), WTF_CSRF_ENABLED=False)


def floor() -> Flask:
    """The bare page."""
    # Imported here so that the app's start-up does not pay for the floor's.
    from program.cli.bench.floor import create_floor

    return create_floor(Settings.from_environment().resolved_database_url(), 1)
