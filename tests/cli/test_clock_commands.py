"""The clock by command: doing what is due once, for ever, or beside the pages; started and ended as one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from program.cli import main
from program.cli.bench.serving import free_port
from program.clock.models import ClockState
from program.extensions import db
from program.ground import database
from program.outbox.messages import tell
from program.outbox.models import Message, State
from program.settings import ROOT
from tests.outbox.conftest import DIRECT


@pytest.fixture
def environment(app) -> dict[str, str]:
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    return {
        **os.environ,
        "MILEPOST_DATABASE_URL": url,
        "MILEPOST_SECRET_KEY": "a key for tests only",
        "PYTHONPATH": str(ROOT),
        "MILEPOST_LOG_LEVEL": "WARNING",
    }


def milepost(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "program.cli", *words]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)


def wait_until(condition, what: str) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"it did not happen within three minutes: {what}")


@contextmanager
def running(environment: dict[str, str], *words: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "program.cli", *words], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def count(app, model, *where) -> int:
    with app.app_context():
        database.begin_reading()
        found = db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0
        db.session.rollback()
        database.begin_writing()
        return found


def say_something(app, cast, not_before: datetime | None = None) -> None:
    with app.app_context(), database.transaction():
        tell([cast.manager.id], DIRECT, {"n": 1}, key="one", not_before=not_before)


def test_tick_does_what_is_due_at_that_time(app, cast, environment):
    # A Monday noon that lies ahead: nobody's quiet hours.
    monday = datetime(2099, 3, 2, 11, tzinfo=UTC)
    say_something(app, cast, monday)
    before = milepost(environment, "tick", "--at", "2099-03-02T10:59Z", "--json")
    assert before.returncode == 0, before.stderr
    assert count(app, Message, Message.state == State.WAITING) == 1
    after = milepost(environment, "tick", "--at", "2099-03-02T12:00", "--json")
    assert after.returncode == 0, after.stderr
    assert {line["tick"] for line in json.loads(after.stdout)} >= {"outbox.hand_over", "outbox.sweep", "clock.sweep"}
    # Without any way to her it stands on her page.
    assert count(app, Message, Message.state == State.SENT) == 1


@pytest.mark.parametrize("at", ["yesterday", "2026-02-30", "9999-12-31", "1600-01-01", ""])
def test_tick_refuses_what_is_no_time(at):
    # A time that is none is refused before anything is opened: it takes no process of its own.
    run = CliRunner().invoke(main, ["tick", f"--at={at}" if at else "--at= "])
    assert run.exit_code == 2
    assert "2026-03-30T09:00" in run.stderr


def test_a_clock_runs_until_it_is_told_to_end(app, cast, environment):
    with running(environment, "clock") as clock:
        wait_until(lambda: count(app, ClockState) == 1, "the clock says that it runs")
        clock.send_signal(signal.SIGTERM)
        assert clock.wait(timeout=180) == 0
        assert count(app, ClockState) == 0


# Processes that start, fall and end do so alike on every database; the clock alone shows that PostgreSQL serves one.
@pytest.mark.one_database
def test_serving_is_pages_and_clock_and_a_fallen_clock_is_put_up_again(app, environment):
    port = free_port()
    with running(environment, "serve", "--port", str(port)) as server:
        wait_until(lambda: count(app, ClockState) == 1, "the clock runs")
        wait_until(lambda: answers(port), "the pages are served")
        with app.app_context():
            name = db.session.scalar(select(ClockState.name)) or ""
        os.kill(int(name.rpartition(":")[2]), signal.SIGKILL)
        wait_until(lambda: count(app, ClockState) == 2, "another clock runs")
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=180) == 0
        assert not answers(port)


@pytest.mark.one_database
def test_pages_can_be_served_without_a_clock(app, environment):
    port = free_port()
    with running(environment, "serve", "--port", str(port), "--no-clock") as server:
        wait_until(lambda: answers(port), "the pages are served")
        assert count(app, ClockState) == 0
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=180) == 0


def answers(port: int) -> bool:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
