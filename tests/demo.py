"""The demo for tests that look at it: told once a run and language, then copied, since telling it takes seconds."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection

from program.cli.demo import loading
from program.extensions import db
from program.ground import database


def fill(app: Flask, locale: str, kept: Path) -> None:
    """Fill the test's empty database with the demo in that language. What is told lies in the folder `kept`.

    On PostgreSQL it is told each time. Processes that run side by side share the folder, and none waits for another:
    the first to have it leaves it there.
    """
    file = kept / f"demo-{locale}.sqlite3"
    with app.app_context():
        if file.exists():
            with closing(sqlite3.connect(file)) as source, db.engine.connect() as connection:
                source.backup(_raw(connection))
            return
        with database.transaction():
            loading.load(locale)
        if db.engine.dialect.name == "sqlite":
            half = file.with_suffix(f".{os.getpid()}")
            with db.engine.connect() as connection:
                _raw(connection).execute("VACUUM INTO ?", (str(half),))
            half.rename(file)


def _raw(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, in no transaction, free to write whatever it was used for before."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.execute("PRAGMA query_only=OFF")
    connection.connection.info["reading"] = False
    return raw
