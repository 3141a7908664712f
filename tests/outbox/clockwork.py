"""Processes that are there to be killed: clocks that hand messages over to a recorder, and others that tell."""

from __future__ import annotations

import http.client
import json
import logging
from datetime import timedelta
from urllib.parse import quote

from program import create_app
from program.clock import due
from program.clock.running import run_until_told
from program.extensions import db
from program.ground import database, ticks
from program.outbox import claiming, handing_over, settling, transports
from program.outbox.fates import Delivered, ReplyLost, Retry
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell
from program.outbox.transports import OutgoingMessage, Recipient
from program.settings import Settings

# At any hour: this is about machines, not about people's mornings.
NOTE = register(MessageKind("test.note", "Note", Pace.AT_ONCE, lambda data: Words(f"Note {data['n']}")))
AT_A_TIME = 5


class RecorderWay:
    """A way to the recorder. Keys go along, and are what the recorder is asked about later."""

    name = "recorder"
    label = "Recorder"
    a_minute = 0

    def __init__(self, port: int) -> None:
        self._port = port

    def knows(self, person: Recipient, program_id: int | None) -> bool:
        return True

    def deliver(self, message: OutgoingMessage) -> Delivered:
        try:
            status, content, wait = self._ask("POST", "/", json.dumps({"key": message.key}))
        except (OSError, http.client.HTTPException) as error:
            raise ReplyLost(type(error).__name__) from error
        if status == 429:
            raise Retry("The recorder is busy.", timedelta(seconds=float(wait)))
        if status != 200:
            raise Retry("The recorder broke.")
        return Delivered(content["reference"])

    def was_delivered(self, message: OutgoingMessage) -> bool | None:
        try:
            arrived: bool | None = self._ask("GET", f"/?key={quote(message.key, safe='>:')}")[1]["arrived"]
        except (OSError, http.client.HTTPException) as error:
            raise Retry(type(error).__name__) from error
        return arrived

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, dict, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}"), answer.getheader("Retry-After", "0")
        finally:
            connection.close()


def hurry() -> None:
    """Leases and pauses of a second or two, where real ones take minutes."""
    claiming.LEASE = timedelta(seconds=2)
    due.LEASE = timedelta(seconds=2)
    settling.ASK_AFTER = timedelta(seconds=1)
    settling.FIRST_PAUSE = 0.2  # type: ignore[assignment]


def clock(url: str, port: int) -> None:
    """Be a clock."""
    hurry()
    # What goes wrong here is meant to.
    logging.disable(logging.CRITICAL)
    app = create_app(Settings(database_url=url, secret_key="a key for tests only"))
    transports.add(app, RecorderWay(port))
    ticks.add(app, ticks.Tick("test.resolve", "Resolve", timedelta(seconds=1), handing_over.resolve))
    run_until_told(app)


def teller(url: str, people: list[int], first: int, last: int) -> None:
    """Be a web process: tell everybody every number, a few in a transaction, from the start at each new life."""
    app = create_app(Settings(database_url=url, secret_key="a key for tests only"))
    with app.app_context():
        for begin in range(first, last, AT_A_TIME):
            with database.transaction():
                for n in range(begin, min(begin + AT_A_TIME, last)):
                    tell(people, NOTE, {"n": n}, key=f"note:{n}")
        db.session.remove()
        db.engine.dispose()
