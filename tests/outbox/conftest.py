"""Kinds of messages for tests, a way that keeps what it is given, and a Monday morning to send them on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import gettext
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.now import held_at, zone
from program.outbox import handing_over, transports
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.messages import tell
from program.outbox.models import Message
from tests.cast import Cast
from tests.fakes.ways import FakeWay


def _words(data: Any) -> Words:
    # A text that both languages have.
    return Words(f"{gettext('Done')} {data['n']}", f"Text {data['n']}", "Look")


DIRECT = register(MessageKind("test.direct", "Direct", Pace.DIRECT, _words))
DIGEST = register(MessageKind("test.digest", "Digest", Pace.DIGEST, _words))
PROMPT = register(MessageKind("test.prompt", "Prompt", Pace.PROMPT, _words, private=True))
# Monday 2 March 2026, nine o'clock in Warsaw: within everybody's hours.
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=zone("Europe/Warsaw")).astimezone(UTC)


class Post:
    """What tests of the outbox do: tell, let a clock work at a given time, and look."""

    def __init__(self, app: Flask, cast: Cast, way: FakeWay) -> None:
        self.app, self.cast, self.way = app, cast, way

    def tell(
        self, *numbers: int, to: Any = None, kind: MessageKind = DIRECT, at: datetime = MONDAY, **more: Any
    ) -> None:
        """Tell that person (Maria) those numbers, each its own message."""
        person = to or self.cast.manager
        with self.app.app_context(), held_at(at), database.transaction():
            for n in numbers:
                tell([person.id], kind, {"n": n}, key=f"{kind.name}:{n}", **more)

    def work(self, at: datetime = MONDAY) -> int:
        """A clock hands over what is due at that time."""
        with self.app.app_context(), held_at(at):
            return handing_over.drain()

    def find_out(self, at: datetime = MONDAY) -> int:
        """A clock asks after messages whose answer was lost."""
        with self.app.app_context(), held_at(at):
            return handing_over.resolve()

    def rows(self) -> list[Message]:
        """All messages, in order, as they are in the database."""
        with self.app.app_context():
            found = list(db.session.scalars(select(Message).order_by(Message.id)))
            db.session.expunge_all()
            return found

    def row(self) -> Message:
        """The only one."""
        (one,) = self.rows()
        return one

    def change(self, **values: Any) -> None:
        """Set columns of all messages."""
        with self.app.app_context(), database.transaction():
            for row in db.session.scalars(select(Message)):
                for name, value in values.items():
                    setattr(row, name, value)


@pytest.fixture
def way(app: Flask) -> Iterator[FakeWay]:
    """A way to everybody."""
    fake = FakeWay()
    transports.add(app, fake)
    yield fake
    transports.close(app, fake.name)


@pytest.fixture
def post(app: Flask, cast: Cast, way: FakeWay) -> Post:
    """The means to tell, to work and to look."""
    return Post(app, cast, way)


def later(**more: int) -> datetime:
    """Some time after that Monday morning."""
    return MONDAY + timedelta(**more)
