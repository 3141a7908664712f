"""Looking after connections: the clock calls each plugin's `sync` and `readings` for the connections that are due.

What is due is read from rows and claimed by moving the row's next time ahead, so that several clocks share the work and
a killed one's connections come up again. Plugins run beside each other: one that hangs holds up its own connections.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import case, select, update

from program.extensions import db
from program.ground import database, ticks
from program.ground.database import read
from program.ground.now import held_at, held_moment, utc_now
from program.ground.sealing import CannotUnseal
from program.outbox.fates import Fate, GiveUp, Misconfigured, Retry
from program.planning.models import Program
from program.plugin_api import setups
from program.plugin_api.models import Connection, ConnectionReport
from program.plugin_host import figures, reports
from program.plugin_host.calling import LIMITS, Nonsense, PluginFailed, call
from program.plugin_host.checking import secrets_of
from program.plugin_host.discovery import Installed
from program.plugin_host.host import host

# Of one plugin in one tick; the rest is due at the next.
MOST_A_TICK = 20
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=2)
# What one look after a connection consists of.
_ROUND = frozenset({"sync", "readings"})
SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=1)


def sync_what_is_due() -> int:
    """Look after every connection whose time has come; for the clock. Says how many were looked after."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    done: list[int] = []
    moment = held_moment()
    if not _is_anything_due():
        return 0

    def look_after(one: Installed, ids: list[int]) -> None:
        # A thread starts without the held moment of commands that do another time's work.
        with app.app_context(), nullcontext() if moment is None else held_at(moment):
            for number, connection_id in enumerate(ids):
                if ticks.stopping.is_set():
                    # The clock is told to stop: what is left is due for the next one, now and not after the lease.
                    with database.transaction():
                        _set(ids[number:], sync_at=utc_now())
                    return
                sync(one, connection_id)
                done.append(connection_id)

    # A thread for each plugin. Each ends: what hangs is left behind by the call, not by these.
    threads = [
        threading.Thread(target=look_after, args=(one, ids), name=f"sync {one.name}")
        for one in host().plugins.values()
        if is_looked_after(one) and (ids := claim(one))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)


def is_looked_after(installed: Installed) -> bool:
    """Whether the plugin does anything with its connections by the clock."""
    return bool(_ROUND & installed.hooks)


def _is_anything_due() -> bool:
    """Asked every other second, and mostly there is nothing to write."""
    due = (ConnectionReport.sync_at <= utc_now(), ConnectionReport.needs_person.is_(False))
    with database.looking():
        return read(select(ConnectionReport.connection_id).where(*due).limit(1)).first() is not None


def claim(installed: Installed) -> list[int]:
    """Take the plugin's due connections: ids, the longest due first. Another clock passes over them for a while."""
    now = utc_now()
    with database.transaction():
        due = (
            select(ConnectionReport.connection_id)
            .join(Connection, Connection.id == ConnectionReport.connection_id)
            .join(Program, Program.id == Connection.program_id)
            .where(Connection.plugin == installed.name, ConnectionReport.sync_at <= now)
            .where(ConnectionReport.needs_person.is_(False), *setups.acting())
            .order_by(ConnectionReport.sync_at)
            .limit(MOST_A_TICK)
            .with_for_update(of=ConnectionReport, skip_locked=True)
        )
        ids = list(db.session.scalars(due))
        # Long enough for all of them to take their whole time, one after the other.
        lease = now + timedelta(seconds=sum(LIMITS[hook] for hook in _ROUND & installed.hooks) * (len(ids) + 1))
        _set(ids, sync_at=lease)
    return ids


def sync(installed: Installed, connection_id: int) -> bool:
    """Call the plugin for one connection and keep how it went. Never raises for what the plugin does."""
    try:
        with database.looking():
            connection = setups.of_program(connection_id, installed.name)
        if connection is None:
            return False
    except CannotUnseal as error:
        return _failed(connection_id, str(error), needs_person=True)
    secrets = secrets_of(connection)
    try:
        if "sync" in installed.hooks:
            call(installed, "sync", _look, secrets=secrets, connection=connection)
        if "readings" in installed.hooks:
            figures.take(installed, connection)
    except Retry as error:
        return _failed(connection_id, reports.without(secrets, error.reason), after=error.after)
    except (GiveUp, Misconfigured) as error:
        return _failed(connection_id, reports.without(secrets, error.reason), needs_person=True)
    except Fate as error:
        return _failed(connection_id, reports.without(secrets, error.reason))
    except PluginFailed as error:
        return _failed(connection_id, error.reason)
    now = utc_now()
    with database.transaction():
        _set(
            [connection_id],
            # Who asked for a sync while this one ran is given it: what they noted may have come too late for this one.
            sync_at=case((ConnectionReport.sync_at <= now, ConnectionReport.sync_at), else_=now + interval(installed)),
            synced_at=now,
            failures=0,
            reason="",
            failed_at=None,
            needs_person=False,
        )
    return True


def interval(installed: Installed) -> timedelta:
    """How long after a sync the next one is due, within reason."""
    wanted = getattr(installed.plugin, "sync_every", None)
    return min(max(wanted, SHORTEST), LONGEST) if isinstance(wanted, timedelta) else FIRST_PAUSE


def pause(failures: int) -> timedelta:
    """How long to wait after that many failures in a row: longer each time, a little different each time."""
    longest = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311 - to spread load, not to keep a secret


def _failed(connection_id: int, reason: str, *, after: timedelta | None = None, needs_person: bool = False) -> bool:
    now = utc_now()
    with database.transaction():
        failures = db.session.scalar(
            select(ConnectionReport.failures).where(ConnectionReport.connection_id == connection_id)
        )
        failures = (failures or 0) + 1
        wait = min(after, LONGEST) if after is not None and after > pause(failures) else pause(failures)
        _set(
            [connection_id],
            sync_at=now + wait,
            failures=failures,
            reason=reason[: reports.MAX_REASON],
            failed_at=now,
            needs_person=needs_person,
        )
    return False


def _set(ids: Iterable[int], **values: Any) -> None:
    statement = update(ConnectionReport).where(ConnectionReport.connection_id.in_(list(ids))).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))


def _look(answer: Any) -> None:
    if answer is not None:
        raise Nonsense("sync answers nothing: it raises when something is wrong.")
