"""How the Slack plugin does with many people: a round handed over at Slack's pace, and taps that come twenty a second.

    .venv/bin/python -m scripts.measure_slack [--people 2000] [--a-minute 300] [--database postgresql]

The far end is the tests' stand-in for Slack, with its rate limits on. Clock and web server are processes of their own,
as in real life; for all of them it is a Monday morning in March. `--a-minute` is what the stand-in lets through; the
plugin keeps to its own figure. Prints progress, then the figures.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import click
import psutil
import time_machine
from flask import Flask
from sqlalchemy import func, insert, select, text

from plugins.slack_checkin import people as slack_people
from program import create_app
from program.cli.bench.command import _database
from program.cli.bench.serving import server
from program.clock import due
from program.clock.running import run_until_told
from program.extensions import db
from program.ground import database, requests, schema
from program.ground.actor import Access, Actor
from program.ground.now import held_at
from program.outbox.models import Message as Row
from program.people.models import Membership, Person
from program.plugin_api.models import ExternalLink
from program.plugin_host import switching
from program.pulse.models import OpenAnswer
from program.pulse.surveys import SurveyDraft, set_up, start
from program.settings import ROOT, Settings
from tests.cast import invite_cast
from tests.fakes.slack import EVENTS, SIGNING_SECRET, Slack, running_slack, sign
from tests.fakes.slack import Person as Hands

PLUGIN = "slack_checkin"
# Everybody is in Warsaw; at six past nine on a Monday the round that opened at nine is due for all.
FRIDAY = datetime(2026, 3, 6, 9, tzinfo=UTC)
OPENS = datetime(2026, 3, 8, 19, 1, tzinfo=UTC)
MORNING = datetime(2026, 3, 9, 8, 6, tzinfo=UTC)
_STARTED = "MEASURE_SLACK_STARTED"
FORM = "application/x-www-form-urlencoded"


def travel() -> None:
    """In this process it is that Monday from here on; all processes agree on the second."""
    started = float(os.environ.setdefault(_STARTED, str(time.time())))
    time_machine.travel(MORNING + timedelta(seconds=time.time() - started), tick=True).start()


def make() -> Flask:
    """Milepost with this plugin, as the environment says."""
    point = EntryPoint(PLUGIN, "plugins.slack_checkin:SlackPlugin", "milepost.plugins")
    return create_app(Settings.from_environment(), WTF_CSRF_ENABLED=False, PLUGINS=[point])


def clock() -> None:
    """Be the clock."""
    travel()
    run_until_told(make())


def web() -> Flask:
    """Be a web worker."""
    requests.set_up_logs("ERROR")
    travel()
    return make()


@dataclass
class Taps:
    """What came of the taps: milliseconds each took to be answered, statuses."""

    took: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


@click.command()
@click.option("--people", "count", default=2000, show_default=True)
@click.option("--a-minute", default=300, show_default=True, help="Messages a minute that the stand-in lets through.")
@click.option("--database", "kind", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--taps", default=1200, show_default=True)
@click.option("--a-second", default=20.0, show_default=True, help="Taps a second.")
def main(count: int, a_minute: int, kind: str, taps: int, a_second: float) -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder, _database(kind, Path(folder)) as url, running_slack() as slack:
        environment = {
            "MILEPOST_DATABASE_URL": url,
            "MILEPOST_SECRET_KEY": "measured",
            "MILEPOST_LOG_LEVEL": "ERROR",
            "PYTHONPATH": str(ROOT),
            **slack.environment(),
        }
        os.environ.update(environment)
        travel()
        app = make()
        hands = _fill(app, slack, count)
        click.echo(f"{kind}: {count} people in Slack; the stand-in takes {a_minute} messages a minute")
        slack.limits.on, slack.limits.posts_a_minute = True, a_minute
        _open(app)
        _hand_over(app, slack, hands)
        with server("scripts.measure_slack:web()", environment, "/healthz", "program.cli.workers") as (
            port,
            process,
            _,
        ):
            _tap_all(app, slack, hands, port, process, taps, a_second)
        with app.app_context():
            db.engine.dispose()


def _fill(app: Flask, slack: Slack, count: int) -> list[Hands]:
    """A program, its people with their accounts in Slack, and a pulse that starts."""
    with app.app_context():
        schema.upgrade(db.engine)
        with held_at(FRIDAY), database.transaction():
            cast = invite_cast()
            rows = [_person(number) for number in range(count)]
            ids = list(db.session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows))
            hands = [slack.user(row["name"], row["email"]) for row in rows]
            access = Access.CONTRIBUTOR.value
            members = [
                {"program_id": cast.program_id, "person_id": one, "access": access, "revision": 1} for one in ids
            ]
            db.session.execute(insert(Membership), members)
            # Looked up long before, forty people a minute.
            known = [_link(one, hand) for one, hand in zip(ids, hands, strict=True)]
            db.session.execute(insert(ExternalLink), known)
            switching.set_enabled(cast.admin.actor, PLUGIN, True)
            switching.set_in_program(cast.manager.actor, cast.program_id, PLUGIN, True)
            survey: Any = set_up(Actor(cast.manager.id), cast.program_id, SurveyDraft())
            start(Actor(cast.manager.id), survey, seen=survey.revision)
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
    return hands


def _person(number: int) -> dict[str, Any]:
    return {
        "email": f"person{number}@alfa.test",
        "name": f"Person {number:04}",
        "name_folded": f"person {number:04}",
        "locale": ("pl", "en")[number % 2],
        "theme": "auto",
        "timezone": "Europe/Warsaw",
        "is_admin": False,
        "is_active": True,
        "session_key": "measured",
        "revision": 1,
    }


def _link(person_id: int, hand: Hands) -> dict[str, Any]:
    return {
        "plugin": PLUGIN,
        "object_type": slack_people.PERSON,
        "object_id": person_id,
        "external_id": hand.id,
        "base": {"by": slack_people.BY_EMAIL},
        "state": "done",
        "try_at": MORNING + timedelta(days=7),
        "updated_at": FRIDAY,
    }


def _open(app: Flask) -> None:
    begun = time.perf_counter()
    with app.app_context(), held_at(OPENS):
        outcomes = due.run_all(app)
    wrong = [outcome for outcome in outcomes if outcome.error]
    assert not wrong, wrong
    with app.app_context(), database.looking():
        told = db.session.scalar(select(func.count()).where(Row.kind == "pulse.asked"))
    click.echo(f"round opened, {told} messages told: {time.perf_counter() - begun:.1f} s")


def _hand_over(app: Flask, slack: Slack, hands: list[Hands]) -> None:
    begun = time.perf_counter()
    memory: list[float] = []
    with _clock() as process:
        said = begun
        while (sent := len(_posted(slack))) < len(hands):
            time.sleep(0.5)
            memory.append(process.memory_info().rss / 2**20)
            if time.perf_counter() - said > 30:
                said = time.perf_counter()
                click.echo(f"  {said - begun:4.0f} s  {sent:5} of {len(hands)}  clock {memory[-1]:.0f} MB")
        took = time.perf_counter() - begun
    calls = slack.calls("chat.postMessage")
    channels = Counter(call.args["channel"] for call in _posted(slack))
    early = memory[len(memory) // 5] if memory else 0.0
    click.echo(
        f"handed over: {len(hands)} in {took:.0f} s, {len(hands) * 60 / took:.0f} a minute; "
        f"refused by limits: {sum(call.status == 429 for call in calls)}; "
        f"most to one person: {max(channels.values())}; "
        f"clock's memory: {early:.0f} MB after a fifth, {max(memory):.0f} MB at most"
    )


def _posted(slack: Slack) -> list[Any]:
    return [call for call in slack.calls("chat.postMessage") if call.status == 200 and not call.error]


@contextmanager
def _clock() -> Iterator[psutil.Process]:
    command = [sys.executable, "-c", "from scripts.measure_slack import clock; clock()"]
    running = subprocess.Popen(command, cwd=ROOT)
    try:
        yield psutil.Process(running.pid)
    finally:
        running.terminate()
        running.wait(timeout=60)


def _tap_all(
    app: Flask, slack: Slack, hands: list[Hands], port: int, process: int, count: int, a_second: float
) -> None:
    bodies = _bodies(slack, hands, count)
    slack.forget_calls()
    found, lock = Taps(), threading.Lock()
    begun = time.perf_counter()

    def run(first: int, step: int) -> None:
        for number in range(first, len(bodies), step):
            time.sleep(max(0.0, begun + number / a_second - time.perf_counter()))
            # Slack comes by a new connection, as likely as not.
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            headers = _headers(bodies[number])
            sent = time.perf_counter()
            connection.request("POST", EVENTS, bodies[number], headers)
            answer = connection.getresponse()
            answer.read()
            with lock:
                found.took.append((time.perf_counter() - sent) * 1000)
                found.statuses[answer.status] += 1
            connection.close()

    threads = [threading.Thread(target=run, args=(number, 16)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    while len(slack.calls("response_url")) < len(bodies) and time.perf_counter() - begun - took < 60:
        time.sleep(0.05)
    shown = time.perf_counter() - begun - took
    found.took.sort()
    with app.app_context(), database.looking():
        kept = db.session.scalar(select(func.count()).select_from(OpenAnswer))
    workers = sum(one.memory_info().rss for one in psutil.Process(process).children()) / 2**20
    most = found.took[int(len(found.took) * 0.95)], found.took[int(len(found.took) * 0.99)], found.took[-1]
    click.echo(
        f"taps: {len(bodies)} in {took:.0f} s, {len(bodies) / took:.1f} a second; statuses {dict(found.statuses)}; "
        f"median {statistics.median(found.took):.1f} ms, 95th percentile {most[0]:.1f}, 99th {most[1]:.1f}, "
        f"longest {most[2]:.0f}; answers kept: {kept}; "
        f"the last message showed it {shown:.1f} s after the last tap; web workers {workers:.0f} MB"
    )


def _bodies(slack: Slack, hands: list[Hands], count: int) -> list[bytes]:
    """Taps as Slack would send them, from so many different people."""
    bodies: list[bytes] = []

    def swallow(body: bytes, _headers: dict[str, str]) -> tuple[int, bytes]:
        bodies.append(body)
        return 200, b""

    slack.knock_with(swallow)
    for turn in range(count):
        hand = hands[turn % len(hands)]
        message = hand.last
        rows = [place for place in hand.buttons(message) if place.action_id.startswith("pulse.answer")]
        place = rows[(turn // len(hands) * 7 + 3) % len(rows)]
        hand.press(message, place.action_id, block_id=place.block_id)
    return bodies


def _headers(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    signature = sign(SIGNING_SECRET, body, stamp)
    return {"Content-Type": FORM, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


if __name__ == "__main__":
    main()
