"""How transactions begin on the two databases, so that no update is lost and readers never wait for writers.

SQLite: WAL, foreign keys on, writers take the one write lock at once (BEGIN IMMEDIATE) and wait for it up to five
seconds; a request that only reads begins deferred and is held to it by `query_only`. PostgreSQL: readers begin
READ ONLY. A GET that tries to write therefore fails loudly on both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, event

from program.extensions import db

# `secure_delete` overwrites what is deleted: answers of a closed pulse must not be found in the file.
_PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=5000", "synchronous=FULL", "secure_delete=ON")
_reading: ContextVar[bool] = ContextVar("reading", default=False)


def begin_reading() -> None:
    """From here on, transactions of this context only read."""
    _reading.set(True)


def begin_writing() -> None:
    """From here on, transactions of this context may write. This is how every context starts."""
    _reading.set(False)


@contextmanager
def transaction() -> Iterator[None]:
    """The outermost caller's one commit: for commands and ticks; a request has its own in `requests.py`."""
    begin_writing()
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def looking() -> Iterator[None]:
    """A transaction that only reads and ends with the block: for those who then wait for somebody outside."""
    token = _reading.set(True)
    try:
        yield
    finally:
        db.session.rollback()
        _reading.reset(token)


def read(statement: Any, values: Mapping[str, Any] | None = None) -> CursorResult[*tuple[Any, ...]]:
    """Rows of a statement that names columns, in this request's transaction, with what was changed before it.

    What pages do most: it spares the mapper's part of a statement, which costs about as much as a small query itself.
    Where there may be many rows, ask for them at once (`.all()`): fetched one by one each of them takes several calls.
    """
    # As the session itself would; nothing to do in a request that only reads.
    db.session.flush()
    return db.session.connection().execute(statement, values)


@event.listens_for(Engine, "connect")
def _set_up_connection(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver would begin on its own, too late and too weakly: 70 of 80 concurrent updates were lost that way.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    reading = _reading.get()
    if isinstance(raw, sqlite3.Connection):
        info = connection.connection.info
        if info.get("reading", False) != reading:
            raw.execute(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
            info["reading"] = reading
        raw.execute("BEGIN" if reading else "BEGIN IMMEDIATE")
    elif raw is not None:
        # Psycopg sends it with its own BEGIN, before the first statement.
        raw.read_only = reading
