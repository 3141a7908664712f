"""Migrations go up and down on the database under test, and end where the models are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, inspect, text

from program.extensions import Base, db
from program.ground import database, schema
from program.ground.model import UtcDateTime


@pytest.fixture
def empty_engine(app: Flask, tmp_path) -> Iterator[Engine]:
    """An engine on a fresh, empty database of the kind under test."""
    with app.app_context():
        url = db.engine.url
    if url.get_backend_name() == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield engine
        engine.dispose()
        return
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    database.begin_writing()
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE migrations_test"))
    engine = create_engine(url.set(database="migrations_test"))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE migrations_test"))
    admin.dispose()


def test_there_is_one_head():
    assert schema.head_revision() is not None


def test_up_and_down_leave_nothing_behind(empty_engine: Engine):
    schema.upgrade(empty_engine)
    assert schema.current_revision(empty_engine) == schema.head_revision()
    assert set(Base.metadata.tables) < set(inspect(empty_engine).get_table_names())
    schema.downgrade(empty_engine, "base")
    assert set(inspect(empty_engine).get_table_names()) == {"alembic_version"}
    schema.upgrade(empty_engine)
    assert schema.current_revision(empty_engine) == schema.head_revision()


def test_models_equal_migrations(empty_engine: Engine):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    schema.upgrade(empty_engine)

    def same_type(_context, _column, _metadata_column, _inspected_type, metadata_type):
        return False if isinstance(metadata_type, UtcDateTime) else None

    with empty_engine.connect() as connection:
        migration = MigrationContext.configure(connection, opts={"compare_type": same_type})
        assert compare_metadata(migration, Base.metadata) == []


def test_a_failing_migration_changes_nothing(empty_engine: Engine, monkeypatch: pytest.MonkeyPatch):
    from alembic import op

    def fail(*_arguments: object, **_more: object) -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setattr(op, "create_index", fail)
    monkeypatch.setattr(op, "batch_alter_table", fail)
    with pytest.raises(RuntimeError):
        schema.upgrade(empty_engine)
    assert "person" not in inspect(empty_engine).get_table_names()
