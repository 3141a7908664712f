"""What went wrong in plugins, kept for their pages: the last failure of each, when it was, what the last check said.

A failure inside a web request is kept when the request is over, in a transaction of its own: the request itself may
only read, or may be rolled back because of that very failure.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, has_request_context
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from program.extensions import db
from program.ground import database
from program.ground.now import utc_now
from program.ground.records import record
from program.ground.text import clean_text
from program.plugin_api.models import PluginReport

MAX_REASON = 1000
_LOADING = "milepost.plugins_loading"
_log = logging.getLogger("milepost.plugins")


@record
class Failure:
    """One call that went wrong."""

    plugin: str
    hook: str
    reason: str
    at: datetime


@dataclass(slots=True)
class Loading:
    """Whether the app is being put together, and what failed meanwhile, by plugin."""

    is_on: bool
    failures: dict[str, list[Failure]] = field(default_factory=dict)


def without(secrets: Iterable[str], text: str) -> str:
    """The text with every one of those secrets blotted out: errors like to quote addresses and passwords."""
    for secret in sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True):
        text = text.replace(secret, "•••")
    return text


def failed(plugin: str, hook: str, reason: str) -> None:
    """Keep the failure for the plugin's page. Never raises."""
    failure = Failure(plugin, hook, clean_text(reason)[:MAX_REASON], utc_now())
    if (loading := current_app.extensions[_LOADING]).is_on:
        # The app is being put together and may not touch the database: kept in memory, as every process finds the same.
        loading.failures.setdefault(plugin, []).append(failure)
        return
    if has_request_context():
        g.setdefault("plugin_failures", []).append(failure)
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    # A session of its own: the caller's transaction, if there is one, is not ours to end.
    with app.app_context():
        _write([failure])


def at_load(plugin: str) -> list[Failure]:
    """What went wrong with the plugin while this process was put together."""
    found: Loading = current_app.extensions[_LOADING]
    return found.failures.get(plugin, [])


@contextmanager
def loading(app: Flask) -> Iterator[None]:
    """While the app is put together: failures stay in memory."""
    state = app.extensions[_LOADING] = Loading(is_on=True)
    with app.app_context():
        yield
    state.is_on = False


def upsert(model: Any, keys: dict[str, Any], values: dict[str, Any], raised: tuple[str, ...] = ()) -> None:
    """Write columns of the row with those keys, whether it is there yet or not; `raised` ones count up by one."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(model.__table__).values({**keys, **values, **dict.fromkeys(raised, 1)})
    counted = {name: model.__table__.c[name] + 1 for name in raised}
    db.session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_={**values, **counted}))


def _write(failures: list[Failure]) -> None:
    try:
        with database.transaction():
            for one in failures:
                values = {"failed_hook": one.hook, "failed_at": one.at, "reason": one.reason}
                upsert(PluginReport, {"plugin": one.plugin}, values, raised=("failures",))
    except SQLAlchemyError:
        # The log has the failure already; a report that cannot be kept must not become one more failure.
        _log.exception("a plugin's failure could not be kept")


def init_app(app: Flask) -> None:
    """Keep what failed in a request once the request is over."""

    @app.teardown_request
    def keep(_error: BaseException | None) -> None:
        failures = g.pop("plugin_failures", None)
        if failures:
            db.session.rollback()
            _write(failures)
