"""How the Jira plugin does with much: items exported, a full comparison of many, and hooks until they show.

    .venv/bin/python -m scripts.measure_jira [--items 1000] [--linked 10000] [--hooks 100] [--database postgresql]

The far end is the tests' stand-in for Jira's Cloud. For the hooks, clock and web server are processes of their own, as
in real life. Prints the figures, and ends with 1 where one of them is worse than the manual promises.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import click
import psutil
from flask import Flask
from sqlalchemy import insert, select

from plugins.jira_sync import syncing
from plugins.jira_sync.book import ITEM
from program import create_app
from program.cli.bench.command import _database
from program.cli.bench.serving import server
from program.clock.running import run_until_told
from program.extensions import db
from program.ground import database, requests, schema
from program.ground.now import utc_now
from program.ground.sealing import seal
from program.planning import items
from program.planning.items import ItemDraft
from program.planning.models import WorkItem
from program.plugin_api import core
from program.plugin_api.contract import Connection, LinkState
from program.plugin_api.models import ConnectionReport, ExternalLink
from program.plugin_host import connections, switching
from program.plugin_host.forms import Kept
from program.settings import Settings
from tests.cast import Cast, invite_cast
from tests.fakes.jira import Jira, running_jira
from tests.fakes.jira.server import TOKEN, USER

ROOT = Path(__file__).parents[1]
PLUGIN, SECRET = "jira_sync", "a secret of the measurement"
# What the manual promises: requests for a thousand items, seconds for a comparison, megabytes it may take, seconds
# until a hook shows.
REQUESTS, COMPARISON, MEMORY, SHOWN = 60, 120.0, 64.0, 10.0


def make() -> Flask:
    """Milepost with this plugin, as the environment says."""
    point = EntryPoint(PLUGIN, "plugins.jira_sync:JiraPlugin", "milepost.plugins")
    return create_app(Settings.from_environment(), WTF_CSRF_ENABLED=False, PLUGINS=[point])


def clock() -> None:
    """Be the clock."""
    run_until_told(make())


def web() -> Flask:
    """Be a web worker."""
    requests.set_up_logs("ERROR")
    return make()


@click.command()
@click.option("--items", "count", default=1000, show_default=True)
@click.option("--linked", default=10_000, show_default=True)
@click.option("--hooks", default=100, show_default=True)
@click.option("--a-second", default=2.0, show_default=True, help="Hooks a second.")
@click.option("--database", "kind", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
def main(count: int, linked: int, hooks: int, a_second: float, kind: str) -> None:
    """Measure."""
    wrong: list[str] = []
    for part, number in ((_export, count), (_compare, linked)):
        with tempfile.TemporaryDirectory() as folder, _database(kind, Path(folder)) as url, running_jira() as jira:
            app, cast = _open(url)
            with app.app_context():
                wrong += part(cast, jira, number) if number else []
                db.engine.dispose()
    if hooks:
        with tempfile.TemporaryDirectory() as folder, _database(kind, Path(folder)) as url, running_jira() as jira:
            app, cast = _open(url)
            with app.app_context():
                wrong += _hook(cast, jira, hooks, a_second)
                db.engine.dispose()
    for one in wrong:
        click.echo(f"WORSE THAN PROMISED: {one}")
    sys.exit(bool(wrong))


def _open(url: str) -> tuple[Flask, Cast]:
    os.environ |= {
        "MILEPOST_DATABASE_URL": url,
        "MILEPOST_SECRET_KEY": "measured",
        "MILEPOST_LOG_LEVEL": "ERROR",
        "MILEPOST_INTERNAL_HOSTS": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
    }
    app = make()
    with app.app_context():
        schema.upgrade(db.engine)
        with database.transaction():
            cast = invite_cast()
            switching.set_enabled(cast.admin.actor, PLUGIN, True)
            switching.set_in_program(cast.manager.actor, cast.program_id, PLUGIN, True)
    return app, cast


def _connect(cast: Cast, jira: Jira) -> Connection:
    values = {"url": jira.url, "face": "cloud", "project": "SHOP", "user": USER, "phase_as": "none"}
    with database.transaction():
        kept = Kept(dict(values), {"token": seal(TOKEN), "webhook_secret": seal(SECRET)})
        connections.add(cast.manager.actor, cast.program_id, PLUGIN, "Shop", kept)
    (connection,) = core.active_connections(PLUGIN)
    core.note(connection, {"started": True})
    return connection


def _sync() -> None:
    (connection,) = core.active_connections(PLUGIN)
    syncing.sync(connection)


def _add(cast: Cast, count: int) -> None:
    for start in range(0, count, 500):
        drafts = [ItemDraft(f"Item {number}") for number in range(start, min(count, start + 500))]
        with database.transaction():
            items.add_items(cast.manager.actor, cast.program_id, drafts)


def _export(cast: Cast, jira: Jira, count: int) -> list[str]:
    _add(cast, count)
    connection = _connect(cast, jira)
    began = time.perf_counter()
    looks = 0
    while core.list_links(connection, ITEM, state=LinkState.DONE, limit=1)[1] < count:
        _sync()
        looks += 1
    took = time.perf_counter() - began
    # A link back to each item follows, twenty in a look: Jira takes them one by one.
    sent = len(jira.requests) - jira.count("POST", "/remotelink")
    click.echo(f"{count} items exported: {sent} requests, {took:.1f} s, {looks} looks")
    began, looks = time.perf_counter(), 0
    while any(not issue.remote_links for issue in jira.world.issues.values()):
        _sync()
        looks += 1
    click.echo(f"{count} links back to them: {time.perf_counter() - began:.1f} s, {looks} looks")
    return [f"{sent} requests for {count} items"] if sent > REQUESTS * max(1, count / 1000) else []


def _compare(cast: Cast, jira: Jira, count: int) -> list[str]:
    _add(cast, count)
    connection = _connect(cast, jira)
    core.note(connection, {"polled_at": utc_now().isoformat(), "compared_at": utc_now().isoformat()})
    with database.looking():
        rows = db.session.execute(select(WorkItem.id, WorkItem.number, WorkItem.title, WorkItem.revision)).all()
    links = []
    for row in rows:
        issue = jira.world.create({"summary": row.title, "labels": [f"milepost-alfa-{row.number}"]})
        links.append(
            {"connection_id": connection.id, "object_type": ITEM, "object_id": row.id, "external_id": str(issue.id)}
            | {"external_key": issue.key, "url": f"{jira.url}/browse/{issue.key}", "synced_revision": row.revision}
            | {"base": {"pointed": True}, "state": "done", "updated_at": utc_now()}
        )
    with database.transaction():
        db.session.execute(insert(ExternalLink), links)
    # The first one learns what both sides say; nothing changes on either.
    _compare_all(connection)
    process, most = psutil.Process(), 0.0
    before, done = process.memory_info().rss, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.2):
            most = max(most, (process.memory_info().rss - before) / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    asked = len(jira.requests)
    # What the stand-in keeps of its requests is not the plugin's memory.
    took = _compare_all(connection)
    done.set()
    watcher.join()
    sent = len(jira.requests) - asked
    click.echo(f"{count} linked items compared, nothing to do: {took:.1f} s, {sent} requests, memory +{most:.0f} MB")
    wrong = [f"{took:.0f} s for a comparison"] if took > COMPARISON else []
    return wrong + ([f"{most:.0f} MB more memory"] if most > MEMORY else [])


def _compare_all(connection: Connection) -> float:
    core.note(connection, {"compared_at": "2026-01-01T00:00:00+00:00", "polled_at": utc_now().isoformat()})
    began = time.perf_counter()
    while True:
        _sync()
        (now,) = core.active_connections(PLUGIN)
        if "compare_from" not in now.memory and now.memory["compared_at"] > "2026-01-01T01":
            return time.perf_counter() - began


def _hook(cast: Cast, jira: Jira, count: int, a_second: float) -> list[str]:
    _add(cast, count)
    connection = _connect(cast, jira)
    while core.list_links(connection, ITEM, state=LinkState.DONE, limit=1)[1] < count:
        _sync()
    with database.transaction():
        db.session.execute(ConnectionReport.__table__.update().values(sync_at=utc_now()))
    command = [sys.executable, "-c", "from scripts.measure_jira import clock; clock()"]
    ticking = subprocess.Popen(command)
    try:
        with server("scripts.measure_jira:web()", {}, "/healthz", "program.cli.workers") as (port, _process, _):
            time.sleep(5)
            took = _send(jira, port, connection.id, count, a_second)
    finally:
        ticking.terminate()
        ticking.wait(timeout=90)
    shown = statistics.quantiles(took, n=20)[18]
    click.echo(
        f"{count} hooks, {a_second:g} a second, until they show: median {statistics.median(took):.1f} s, "
        f"95th percentile {shown:.1f} s, longest {max(took):.1f} s"
    )
    return [f"{shown:.1f} s until a hook shows"] if shown > SHOWN else []


def _send(jira: Jira, port: int, connection_id: int, count: int, a_second: float) -> list[float]:
    """Somebody changes an issue, Jira tells of it, and the item says it: the seconds from hook to item, for each."""
    issues = sorted((one for one in jira.world.issues.values() if one.type == "Task"), key=lambda one: one.id)[:count]
    sent: dict[str, float] = {}
    took: list[float] = []

    def tell() -> None:
        for number, issue in enumerate(issues):
            with jira.lock:
                jira.world.edit(issue, summary=f"Changed {number}")
            body = json.dumps({"webhookEvent": "jira:issue_updated", "issue": {"id": str(issue.id)}}).encode()
            sign = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            headers = {"X-Hub-Signature": f"sha256={sign}", "X-Atlassian-Webhook-Identifier": f"hook {number}"}
            sent[f"Changed {number}"] = time.perf_counter()
            caller = HTTPConnection("127.0.0.1", port, timeout=30)
            caller.request("POST", f"/plugins/{PLUGIN}/webhook/{connection_id}", body, headers)
            assert caller.getresponse().status == 204
            caller.close()
            time.sleep(1 / a_second)

    teller = threading.Thread(target=tell)
    teller.start()
    seen: set[str] = set()
    until = time.perf_counter() + count / a_second + 120
    while len(seen) < count and time.perf_counter() < until:
        with suppress(Exception), database.looking():
            titles: Any = db.session.scalars(select(WorkItem.title).where(WorkItem.title.startswith("Changed"))).all()
            for title in set(titles) - seen:
                took.append(time.perf_counter() - sent[title])
                seen.add(title)
        time.sleep(0.1)
    teller.join()
    return took + [float("inf")] * (count - len(seen))


if __name__ == "__main__":
    main()
