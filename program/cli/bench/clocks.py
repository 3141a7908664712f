"""Clocks under measurement: how many messages they claim and hand over a second, and how long a due one waits.

The far end is a socket of this process that answers at once; each clock is a process of its own, as in real life.
"""

from __future__ import annotations

import http.client
import os
import socketserver
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import delete, func, select, text

from program import create_app
from program.extensions import db
from program.ground import database
from program.ground.records import record
from program.outbox import transports
from program.outbox.fates import Delivered
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell
from program.outbox.models import Message, State
from program.outbox.transports import OutgoingMessage, Recipient
from program.settings import ROOT, Settings

# At any hour: a bench on a Sunday measures the same.
KIND = register(MessageKind("bench.note", "Bench", Pace.AT_ONCE, lambda data: Words(f"Note {data['n']}")))
PEOPLE, EACH = 100, 30
# Single messages whose wait is measured, and the seconds between them.
SINGLES, APART = 40, 0.37
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_PATIENCE = 300.0


@record
class Rate:
    """Messages handed over a second by so many clocks."""

    clocks: int
    per_second: float


@record
class Wait:
    """Seconds from the moment a message is due to its hand-over, while there is nothing else to do."""

    median: float
    p95: float


class _FarEnd(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A clock that ends hangs up: that is no error."""


class _Answering(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while True:
            got = self.request.recv(65_536)
            if not got:
                return
            self.request.sendall(_ANSWER)


class BenchWay:
    """A way over one kept connection for each thread."""

    name = "bench"
    label = "Bench"
    a_minute = 0

    def __init__(self, port: int) -> None:
        self._port, self._local = port, threading.local()

    def knows(self, person: Recipient, program_id: int | None) -> bool:
        """Everybody."""
        return True

    def deliver(self, message: OutgoingMessage) -> Delivered:
        """Post the text and read the answer."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        connection.request("POST", "/", message.text.encode() or b".")
        connection.getresponse().read()
        return Delivered("ok")

    def was_delivered(self, message: OutgoingMessage) -> bool | None:
        """Nobody asks: nothing gets lost here."""
        return None


def measure_rates(app: Flask, url: str, counts: tuple[int, ...]) -> list[Rate]:
    """Messages a second with so many clocks, each time from the first begun to the last settled."""
    rates = []
    with _far_end() as port:
        for clocks in counts:
            _tell(app, range(EACH), f"rate:{clocks}")
            with _clocks(url, port, clocks):
                _wait_until_sent(app)
            rates.append(Rate(clocks, _rate(app)))
            _forget(app)
    return rates


def measure_wait(app: Flask, url: str) -> Wait:
    """How long single messages wait for one clock that has nothing else to do."""
    with _far_end() as port, _clocks(url, port, 1):
        _tell(app, range(1), "warm", people=1)
        _wait_until_sent(app)
        for n in range(SINGLES):
            _tell(app, range(1), f"single:{n}", people=1)
            time.sleep(APART)
        _wait_until_sent(app)
    with app.app_context():
        moments = db.session.execute(
            select(Message.visible_from, Message.begun_at).where(Message.key.like("single:%"))
        ).all()
    _forget(app)
    waits = sorted((begun - due).total_seconds() for due, begun in moments if begun is not None)
    return Wait(statistics.median(waits), waits[int(len(waits) * 0.95)])


@contextmanager
def _far_end() -> Iterator[int]:
    with _FarEnd(("127.0.0.1", 0), _Answering) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()


@contextmanager
def _clocks(url: str, port: int, count: int) -> Iterator[None]:
    command = [sys.executable, "-c", f"from program.cli.bench.clocks import run_clock; run_clock({port})"]
    environment = {**os.environ, "MILEPOST_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    running = [subprocess.Popen(command, env=environment) for _ in range(count)]  # noqa: S603 - our own command
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)


def _tell(app: Flask, numbers: range, key: str, people: int = PEOPLE) -> None:
    with app.app_context(), database.transaction():
        ids = list(range(1, people + 1))
        for n in numbers:
            tell(ids, KIND, {"n": n}, key=f"{key}:{n}")


def _wait_until_sent(app: Flask) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with app.app_context():
            database.begin_reading()
            left = db.session.scalar(select(func.count()).where(Message.kind == KIND.name, Message.state != State.SENT))
            database.begin_writing()
        if not left:
            return
        time.sleep(0.1)
    raise RuntimeError("The clocks under measurement did not finish within five minutes.")


def _rate(app: Flask) -> float:
    with app.app_context():
        figures: Any = (func.count(), func.min(Message.begun_at), func.max(Message.settled_at))
        count, first, last = db.session.execute(select(*figures).where(Message.kind == KIND.name)).one()
    return float(count / (last - first).total_seconds())


def _forget(app: Flask) -> None:
    with app.app_context():
        with database.transaction():
            db.session.execute(delete(Message).where(Message.kind == KIND.name))
        if db.engine.dialect.name == "postgresql":
            # As autovacuum would, in a quiet minute.
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE message"))


def run_clock(port: int) -> None:
    """Be a clock of the bench."""
    # Imported here: the bench itself needs no scheduler.
    from program.clock.running import run_until_told

    app = create_app(Settings.from_environment())
    way: Any = BenchWay(port)
    transports.add(app, way)
    run_until_told(app)
