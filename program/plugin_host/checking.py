"""Would it work? A plugin is asked to try, within seconds, and its sentence is kept for the pages.

A check speaks to the outside, so no transaction is open meanwhile: the callers end theirs first.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import or_, select

from program.extensions import db
from program.ground import database
from program.ground.now import utc_now
from program.ground.sealing import CannotUnseal
from program.ground.text import clean_line
from program.outbox.fates import Fate
from program.planning.models import Program
from program.plugin_api import contract, setups
from program.plugin_api.models import Connection, ConnectionReport, Health, PluginReport, PluginState
from program.plugin_host import reports
from program.plugin_host.calling import Nonsense, PluginFailed, call
from program.plugin_host.discovery import Installed
from program.plugin_host.host import host

EVERY = timedelta(hours=1)
# How many are asked in one tick, so that a tick is over in a few minutes even if each takes its whole time.
MOST_A_TICK = 20
MAX_SENTENCE = 500


def check(installed: Installed, connection_id: int | None = None) -> contract.Health:
    """Ask the plugin about its setup in the instance, or about one connection, and keep what it says.

    Never raises for what the plugin does. Outside of any transaction: it may take seconds.
    """
    try:
        # In a session of its own, for the caller's may hold what its reader was shown.
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        with app.app_context(), database.looking():
            if connection_id is None:
                connection = setups.of_instance(installed.name)
            else:
                found = setups.of_program(connection_id, installed.name)
                if found is None:
                    return contract.Health(False, _("It is gone."))
                connection = found
        health = ask(installed, connection)
    except CannotUnseal as error:
        health = contract.Health(False, str(error))
    keep(installed.name, connection_id, health)
    return health


def ask(installed: Installed, connection: contract.Connection) -> contract.Health:
    """What the plugin says of that setup; a plugin without the hook says nothing and is taken as well."""
    if installed.is_broken:
        return contract.Health(False, installed.reason)
    if "check" not in installed.hooks:
        return contract.Health(True, "")
    try:
        return call(installed, "check", _look, secrets=secrets_of(connection), connection=connection)
    except PluginFailed as failed:
        return contract.Health(False, failed.reason)
    except Fate as fate:
        return contract.Health(False, reports.without(secrets_of(connection), fate.reason)[:MAX_SENTENCE])


def keep(plugin: str, connection_id: int | None, health: contract.Health) -> None:
    """Keep the answer, in a transaction of its own."""
    values = {
        "health": (Health.GOOD if health.good else Health.BAD).value,
        "health_text": health.sentence,
        "checked_at": utc_now(),
    }
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context(), database.transaction():
        if connection_id is None:
            reports.upsert(PluginReport, {"plugin": plugin}, values)
        else:
            report = db.session.get(ConnectionReport, connection_id)
            if report is not None:
                for name, value in values.items():
                    setattr(report, name, value)


def check_what_is_due() -> int:
    """Ask again about whatever was last asked an hour ago or earlier; for the clock. Says how many."""
    due = _due()
    for plugin, connection_id in due[:MOST_A_TICK]:
        check(host().plugins[plugin], connection_id)
    return len(due[:MOST_A_TICK])


def _due() -> list[tuple[str, int | None]]:
    names = [one.name for one in host().having("check")]
    before = utc_now() - EVERY
    with database.looking():
        instance = (
            select(PluginState.plugin)
            .outerjoin(PluginReport, PluginReport.plugin == PluginState.plugin)
            .where(PluginState.enabled, PluginState.plugin.in_(names))
            .where(or_(PluginReport.checked_at.is_(None), PluginReport.checked_at < before))
        )
        found: list[tuple[str, int | None]] = [(name, None) for name in db.session.scalars(instance)]
        connected = (
            select(Connection.plugin, Connection.id)
            .join(ConnectionReport, ConnectionReport.connection_id == Connection.id)
            .join(Program, Program.id == Connection.program_id)
            .where(*setups.acting(), Connection.plugin.in_(names))
            .where(or_(ConnectionReport.checked_at.is_(None), ConnectionReport.checked_at < before))
            .order_by(ConnectionReport.checked_at, Connection.id)
            .limit(MOST_A_TICK)
        )
        return found + [(row.plugin, row.id) for row in db.session.execute(connected)]


def secrets_of(connection: contract.Connection) -> tuple[str, ...]:
    """The texts of a connection that must not show in what is reported of it."""
    return tuple(value for name, value in connection.values.items() if name in connection.secret_names)


def _look(answer: Any) -> contract.Health:
    if not isinstance(answer, contract.Health) or not isinstance(answer.good, bool):
        raise Nonsense("check answers with Health(good, sentence).")
    sentence = clean_line(str(answer.sentence))[:MAX_SENTENCE]
    if not answer.good and not sentence:
        raise Nonsense("a check that fails says in a sentence what to do.")
    return contract.Health(answer.good, sentence)
