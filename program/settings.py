"""Every setting of Milepost, once: its name, its type, its default and one sentence of what it does.

Settings come from the environment; a secret may also come from a file named by `<NAME>_FILE`. `docs/operations.md`
lists them, and a test compares that list with this file.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class SettingError(Exception):
    """A setting has a value that cannot be used; the text names the setting and what it takes."""


def _setting(default: Any, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True)
class Settings:
    """What an instance is told from outside. Field `database_url` is read from `MILEPOST_DATABASE_URL`, and so on."""

    database_url: str = _setting("", "SQLAlchemy address of the database; without it SQLite in the instance folder.")
    secret_key: str = _setting(
        "", "Signs sessions and links; without it one is made once and kept in the instance folder."
    )
    base_url: str = _setting("http://127.0.0.1:8000", "The address people reach Milepost at; links are built from it.")
    timezone: str = _setting("Europe/Warsaw", "Time zone of new programs and people.")
    locale: str = _setting("en", "Language of new people and of pages before sign-in: en or pl.")
    instance: str = _setting("instance", "Folder for the embedded database and the kept secret.")
    log_level: str = _setting("INFO", "Least severe log line that is written: DEBUG, INFO, WARNING or ERROR.")
    workers: int = _setting(1, "Web processes of `milepost serve`; more than one is for PostgreSQL or many readers.")
    trusted_proxies: int = _setting(
        0, "How many reverse proxies stand in front; their X-Forwarded headers are believed."
    )
    internal_hosts: str = _setting(
        "", "Hosts inside your own network that plugins may call, separated by commas; all others there are refused."
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises SettingError for a value that cannot be used."""
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for setting in fields(cls):
            name = environment_name(setting.name)
            raw = in_environment(name, environment)
            if raw == "":
                continue
            if setting.type == "int":
                if not raw.isdigit():
                    raise SettingError(f"{name} takes a whole number, not {raw!r}.")
                values[setting.name] = int(raw)
            else:
                values[setting.name] = raw
        settings = cls(**values)
        if settings.locale not in ("en", "pl"):
            raise SettingError(f"MILEPOST_LOCALE takes en or pl, not {settings.locale!r}.")
        if settings.database_url in ("sqlite://", "sqlite:///", "sqlite:///:memory:"):
            # Each process would have its own, and all of them would forget.
            raise SettingError("MILEPOST_DATABASE_URL names a database in memory. Name a file: sqlite:////path/to/it.")
        return settings

    @property
    def instance_folder(self) -> Path:
        """Absolute path of the instance folder; a relative one is meant from the project's folder."""
        return (ROOT / self.instance).resolve()

    def resolved_database_url(self) -> str:
        """The database's address with SQLAlchemy's driver named: psycopg 3 for PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{self.instance_folder / 'milepost.sqlite3'}"
        for short in ("postgres://", "postgresql://"):
            if self.database_url.startswith(short):
                return "postgresql+psycopg://" + self.database_url.removeprefix(short)
        return self.database_url


def environment_name(setting: str) -> str:
    """The environment variable of a setting."""
    return f"MILEPOST_{setting.upper()}"


def in_environment(name: str, environment: Mapping[str, str] | None = None) -> str:
    """What the environment says under that name, or what the file holds that `<NAME>_FILE` names; '' for neither.

    Raises OSError for a file that cannot be read.
    """
    environment = os.environ if environment is None else environment
    raw = environment.get(name)
    if raw is None and (path := environment.get(f"{name}_FILE")):
        raw = Path(path).read_text(encoding="utf-8").strip()
    return raw or ""


def kept_secret_key(settings: Settings) -> str:
    """The configured secret key, or the one kept in the instance folder, made at the first call.

    This reads and perhaps writes a file, so the doors (`wsgi.py`, the command line) call it, never `create_app`.
    """
    if settings.secret_key:
        return settings.secret_key
    folder = settings.instance_folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
