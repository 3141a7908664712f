"""The database's shape over time: which migration it stands at, and how to bring it to the newest.

Alembic is used directly and loaded only where it is needed: Flask-Migrate would load it into every web process.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, inspect, text

from program.settings import ROOT

MIGRATIONS = ROOT / "migrations"


def alembic_config(engine: Engine) -> Any:
    """Alembic's configuration for that engine's database."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


@lru_cache(maxsize=1)
def head_revision() -> str | None:
    """The newest migration this code brings."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def current_revision(engine: Engine) -> str | None:
    """The migration the database stands at; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to that migration, all or nothing."""
    from alembic import command

    command.upgrade(alembic_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to that migration ('base' for empty)."""
    from alembic import command

    command.downgrade(alembic_config(engine), revision)
