"""The addresses for machines, and an app that is put together without touching anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from program import create_app
from program.extensions import db
from program.ground import database, schema
from program.settings import Settings


def test_alive_asks_nothing_of_the_database(app: Flask, browser: Any, statements: Any):
    with statements() as ran:
        answer = browser().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})
    assert len(ran) == 0


def test_ready_when_the_database_stands_at_the_newest_migration(app: Flask, browser: Any):
    answer = browser().get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_not_ready_without_migrations(tmp_path: Path):
    other = create_app(Settings(secret_key="x", database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    answer = other.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "reason": "Migrations are missing. Run: milepost upgrade"}
    with other.app_context():
        database.begin_writing()
        schema.upgrade(db.engine)
        assert other.test_client().get("/readyz").status_code == 200
        database.begin_writing()
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'of_tomorrow'"))
        assert other.test_client().get("/readyz").status_code == 503
        db.engine.dispose()


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.sqlite3", "postgresql://u:tajne@127.0.0.1:1/nothing"])
def test_not_ready_without_a_database(url: str):
    answer = create_app(Settings(secret_key="x", database_url=url)).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["reason"].startswith("The database does not answer. Check MILEPOST_DATABASE_URL.")
    assert "tajne" not in answer.text


def test_putting_the_app_together_touches_nothing(project_root: Path):
    """No file, no database, no network, no process: every such act raises an audit event in Python."""
    script = """
import sys
import program
import psycopg
from program.settings import Settings

acts = []
code = (".py", ".zip", ".dist-info", "__editable__")
WATCHED = ("open", "os.", "socket.", "sqlite3.", "subprocess.", "shutil.", "time.sleep")

def note(event, arguments):
    if acts is not None and event.startswith(WATCHED):
        # Reading its own modules is how Python imports; a lazy import is not I/O of ours. Plugins are found by what
        # installed packages say of themselves, which is how they are imported.
        if event == "open" and any(mark in str(arguments[0]) for mark in code) or event == "os.listdir":
            return
        acts.append((event, str(arguments)[:200]))

sys.addaudithook(note)
program.create_app(Settings(secret_key="x", database_url="postgresql://u@db.invalid/milepost"))
found, acts = acts, None
print(found)
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=project_root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
