"""A way that takes so many messages a minute: the others do not wait for it, and all clocks share one queue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask

from program.extensions import db
from program.ground import database
from program.outbox import handing_over, pacing, transports
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.outbox.models import State, Turn
from tests.fakes.ways import FakeWay
from tests.outbox.conftest import DIGEST, MONDAY, Post

URGENT = register(MessageKind("test.urgent", "Urgent", Pace.AT_ONCE, lambda data: Words(f"Urgent {data['n']}")))


@pytest.fixture
def slow(post: Post) -> Iterator[FakeWay]:
    """A way that takes 60 messages a minute, one a second, and a dozen of them at once."""
    post.way.a_minute = 60
    yield post.way
    post.way.a_minute = 0


@contextmanager
def real(moment: datetime) -> Iterator[None]:
    """It is that moment, for everybody."""
    with time_machine.travel(moment, tick=False):
        yield


def work(post: Post, moment: datetime) -> int:
    with real(moment), post.app.app_context():
        return handing_over.drain()


def test_what_has_its_turn_later_is_put_back_until_then_and_is_no_try(post: Post, slow: FakeWay):
    post.tell(*range(20))
    assert work(post, MONDAY) == 13
    waiting = [row for row in post.rows() if row.state == State.WAITING]
    assert [row.due_at - MONDAY for row in waiting] == [timedelta(seconds=second) for second in range(1, 8)]
    assert {(row.why, row.attempts, row.begun_at) for row in waiting} == {("turn", 0, None)}
    assert work(post, MONDAY + timedelta(seconds=3)) == 3
    assert work(post, MONDAY + timedelta(minutes=1)) == 4
    assert len(slow.got) == len({message.id for message in slow.got}) == 20


def test_a_morning_s_worth_goes_at_the_pace_and_no_slower(post: Post, slow: FakeWay):
    post.tell(*range(100))
    gone = [work(post, MONDAY + timedelta(seconds=second)) for second in range(0, 90, 2)]
    assert gone[:3] == [13, 2, 2]
    assert sum(gone) == 100


def test_what_goes_another_way_or_at_once_does_not_stand_behind(post: Post, slow: FakeWay):
    post.tell(*range(30))
    mail = FakeWay("mail", "Mail")
    transports.add(post.app, mail)
    try:
        slow.strangers = {post.cast.contributor.id}
        post.tell(100, to=post.cast.contributor)
        post.tell(101, kind=URGENT)
        work(post, MONDAY)
    finally:
        transports.close(post.app, "mail")
    assert [message.subject for message in mail.got] == ["Done 100"]
    assert "Urgent 101" in [message.subject for message in slow.got]


def test_work_for_another_time_waits_where_it_stands(post: Post, slow: FakeWay, monkeypatch: pytest.MonkeyPatch):
    slept: list[float] = []
    # However slow the machine is, no time passes.
    monkeypatch.setattr(handing_over, "time", SimpleNamespace(sleep=slept.append, monotonic=lambda: 0.0))
    post.tell(*range(15))
    assert post.work() == 15
    assert len([one for one in slept if one > 0.5]) == 2


def test_two_clocks_never_have_the_same_turn(app: Flask):
    found: list[timedelta] = []

    def take() -> None:
        with app.app_context():
            for _ in range(5):
                found.extend(pacing.take("chat", 60, 2))

    with real(MONDAY):
        threads = [Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    later = sorted(turn for turn in found if turn)
    assert later == [timedelta(seconds=second) for second in range(1, 28)]
    assert len(found) == 40


def test_only_turns_that_come_soon_are_taken_where_that_is_asked(app: Flask):
    with real(MONDAY), app.app_context():
        assert len(pacing.take("lookups", 60, 20, within=timedelta(seconds=2))) == 15
        assert pacing.take("lookups", 60, within=timedelta(seconds=2)) == []
        # Nothing was taken by asking in vain.
        assert pacing.take("lookups", 60) == [timedelta(seconds=3)]


def test_a_queue_that_was_idle_saves_up_a_burst_and_no_more(app: Flask):
    with app.app_context():
        with database.transaction():
            db.session.add(Turn(name="chat", free_at=datetime(2020, 1, 1, tzinfo=UTC)))
        with real(MONDAY):
            turns: Any = pacing.take("chat", 60, 20)
    assert turns.count(timedelta(0)) == 13
    assert turns[-1] == timedelta(seconds=7)


def test_gathered_messages_wait_together(post: Post, slow: FakeWay):
    post.tell(1, 2, kind=DIGEST, at=MONDAY - timedelta(days=3))
    with real(MONDAY), post.app.app_context():
        pacing.take("chat", 60, 30)
    assert work(post, MONDAY) == 0
    assert {(row.why, row.due_at - MONDAY) for row in post.rows()} == {("turn", timedelta(seconds=18))}
    assert work(post, MONDAY + timedelta(seconds=18)) == 1
    assert [len(message.parts) for message in slow.got] == [2]
