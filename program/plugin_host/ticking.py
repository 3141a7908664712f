"""What plugins do by the clock: their own ticks, and what the host does for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground import database, ticks
from program.ground.errors import MilepostError
from program.outbox.fates import Fate
from program.plugin_api import contract
from program.plugin_api.once import forget_told
from program.plugin_host.calling import Nonsense, PluginFailed, call, run
from program.plugin_host.checking import check_what_is_due
from program.plugin_host.discovery import NAME_RULE, Installed
from program.plugin_host.host import Host
from program.plugin_host.panels import fetch_due
from program.plugin_host.switching import is_enabled
from program.plugin_host.syncing import sync_what_is_due

SHORTEST = timedelta(seconds=10)
# What somebody outside said is carried on within seconds.
LOOK = timedelta(seconds=2)
MOST = 10


def hang_up(app: Flask, host: Host) -> None:
    """Hang the host's ticks and those of the plugins into the clock. Called while the app is put together."""
    ticks.add(
        app,
        ticks.Tick("plugins.sync", _l("Connections of plugins are brought up to date"), LOOK, sync_what_is_due, True),
        ticks.Tick("plugins.check", _l("Plugins are asked whether they work"), timedelta(minutes=5), check_what_is_due),
        ticks.Tick("plugins.panels", _l("Plugins are asked what they show"), timedelta(minutes=1), fetch_due),
        ticks.Tick("plugins.once", _l("What plugins were told is forgotten"), timedelta(minutes=15), forget_told),
    )
    for installed in host.having("ticks"):
        try:
            found = call(installed, "ticks", _look)
        except PluginFailed:
            continue
        ticks.add(app, *(_tick(installed, one) for one in found))


def _tick(installed: Installed, one: contract.Tick) -> ticks.Tick:
    def run_it() -> int:
        # Ended before the plugin is called: it must not work behind a transaction of ours.
        with database.transaction():
            enabled = is_enabled(installed.name)
        if not enabled:
            return 0
        try:
            return run(installed, "tick", one.run, _count)
        except (PluginFailed, Fate) as failed:
            # A sentence for the page of the clock, and no trace in the log, which may quote what is nobody's business.
            raise MilepostError(failed.reason) from None

    name, every = f"plugin_{installed.name}.{one.name}", max(one.every, SHORTEST)
    return ticks.Tick(name, one.label, every, run_it, everywhere=one.lasting, lasting=one.lasting)


def _look(answer: Any) -> tuple[contract.Tick, ...]:
    found = tuple(islice(answer, MOST + 1)) if isinstance(answer, Iterable) else ()
    right = all(
        isinstance(one, contract.Tick)
        and NAME_RULE.fullmatch(str(one.name))
        and isinstance(one.every, timedelta)
        and callable(one.run)
        and isinstance(one.lasting, bool)
        for one in found
    )
    if answer is None or not right or len(found) > MOST or len({one.name for one in found}) < len(found):
        raise Nonsense(f"ticks answers with at most {MOST} Tick(name, label, every, run), each of another name.")
    return found


def _count(answer: Any) -> int:
    if not isinstance(answer, int):
        raise Nonsense("a tick answers with how many things it did.")
    return int(answer)
