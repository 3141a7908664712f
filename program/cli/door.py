"""What every command shares: the app as the environment describes it, and errors told as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from program import create_app
from program.extensions import db
from program.ground import schema
from program.ground.errors import MilepostError
from program.settings import SettingError, Settings, kept_secret_key


def make_app() -> Flask:
    """The app as the environment describes it."""
    settings = Settings.from_environment()
    return create_app(replace(settings, secret_key=kept_secret_key(settings)))


@contextmanager
def open_app() -> Iterator[Flask]:
    """The app with its context, for the length of a command; its database connections are closed at the end."""
    app = make_app()
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def refuse_without_migrations() -> None:
    """Better no server and no clock than one that fails at every turn."""
    app = make_app()
    with app.app_context():
        try:
            found = schema.current_revision(db.engine)
        except SQLAlchemyError as error:
            raise click.ClickException("The database does not answer. Check MILEPOST_DATABASE_URL.") from error
        db.engine.dispose()
    if found != schema.head_revision():
        raise click.ClickException("The database lacks migrations. Run: milepost upgrade")


class MilepostGroup(click.Group):
    """A group whose errors are sentences, not tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say what went wrong and exit with 1."""
        try:
            return super().invoke(ctx)
        except (MilepostError, SettingError) as error:
            fields = getattr(error, "fields", {})
            details = "".join(f"\n  {name}: {reason}" for name, reason in fields.items())
            raise click.ClickException(f"{error}{details}") from error


def _base_url(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.startswith(("http://", "https://")):
        raise click.BadParameter("write the whole address, like https://milepost.firma.example")
    return value


base_url_option = click.option(
    "--base-url", callback=_base_url, help="Address people reach Milepost at, if not MILEPOST_BASE_URL."
)
