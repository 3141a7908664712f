"""Alembic's door to the database: `program.ground.schema` hands it the engine."""

from __future__ import annotations

from typing import Any

from alembic import context

import program.models  # noqa: F401 - fills the metadata
from program.extensions import Base
from program.ground import database
from program.ground.model import UtcDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our own column types as plain ones: a migration must not change when the code does."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    """Run the migrations asked for in one transaction: all or nothing, on both databases."""
    engine = context.config.attributes["engine"]
    database.begin_writing()
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        raw = connection.connection.dbapi_connection
        if is_sqlite:
            # SQLite changes a table by copying and dropping it, and a drop would cascade. It can only be switched
            # outside a transaction.
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=is_sqlite,
                transactional_ddl=True,
                compare_type=True,
                render_item=render_item,
            )
            with context.begin_transaction():
                context.run_migrations()
                if is_sqlite and raw.execute("PRAGMA foreign_key_check").fetchone():
                    raise RuntimeError("The migration would leave rows that point to nothing; nothing was changed.")
        finally:
            if is_sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


run()
