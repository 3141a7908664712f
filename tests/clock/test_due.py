"""Ticks: each done by one clock at a time, whatever dies, late or not; what fails is told and stops nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from program.clock import due
from program.clock.models import ClockState, TickRun, TickState
from program.extensions import db
from program.ground import database, ticks
from program.ground.errors import Invalid
from program.ground.now import held_at
from program.ground.ticks import Tick
from program.outbox.models import Message

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)


class Work:
    """Regular work that counts how often it was done, and does what a test says instead."""

    def __init__(self) -> None:
        self.ticks: list[Tick] = []
        self.done: list[str] = []

    def add(self, name: str, *, every: int = 60, fails: Exception | None = None, everywhere: bool = False) -> None:
        def run() -> int:
            if fails is not None:
                raise fails
            self.done.append(name)
            return 1

        self.ticks.append(Tick(f"test.{name}", name, timedelta(seconds=every), run, everywhere))


@pytest.fixture
def work(app, monkeypatch) -> Work:
    """Nothing to do but what the test adds."""
    found = Work()
    monkeypatch.setattr(ticks, "all_of", lambda _app: tuple(found.ticks))
    return found


def clock(app, at: datetime = NOON) -> list[due.Outcome]:
    """One look of a clock at that time."""
    with app.app_context(), held_at(at):
        return due.run_due(app)


def test_a_tick_is_done_when_it_is_due_and_not_before(app, work):
    work.add("sweep")
    for seconds in (0, 1, 59, 60, 61, 119, 121):
        clock(app, NOON + timedelta(seconds=seconds))
    assert work.done == ["sweep"] * 3


def test_a_clock_down_from_friday_to_tuesday_does_it_once(app, work):
    work.add("sweep", every=3600)
    friday = datetime(2026, 3, 27, 16, tzinfo=UTC)
    clock(app, friday)
    for minutes in (0, 1, 2):
        clock(app, friday + timedelta(days=4, minutes=minutes))
    assert work.done == ["sweep"] * 2


def test_of_many_clocks_one_does_it(app, work):
    work.add("sweep")
    with ThreadPoolExecutor(4) as clocks:
        list(clocks.map(lambda _: clock(app), range(8)))
    assert work.done == ["sweep"]


def test_what_a_dead_clock_was_at_another_takes_up(app, work):
    work.add("sweep")
    with app.app_context(), held_at(NOON):
        assert due._take(work.ticks[0])
    clock(app, NOON + timedelta(seconds=61))
    assert work.done == []
    clock(app, NOON + due.LEASE)
    assert work.done == ["sweep"]


def test_what_fails_is_told_and_stops_nothing(app, work):
    work.add("broken", fails=RuntimeError("the password is secret"))
    work.add("refused", fails=Invalid("The round is closed."))
    work.add("sweep")
    clock(app)
    clock(app, NOON + timedelta(seconds=60))
    assert work.done == ["sweep"] * 2
    with app.app_context():
        states = {state.name: state for state in db.session.scalars(select(TickState))}
        runs = [(run.name, run.failed) for run in db.session.scalars(select(TickRun).order_by(TickRun.id))]
    assert (states["test.broken"].error, states["test.broken"].failures) == ("RuntimeError", 2)
    assert states["test.refused"].error == "The round is closed."
    assert (states["test.sweep"].error, states["test.sweep"].done, states["test.sweep"].failures) == ("", 1, 0)
    assert runs.count(("test.broken", True)) == 2
    assert runs.count(("test.sweep", False)) == 2


def test_a_tick_that_fails_leaves_nothing_half_done(app, work, cast):
    from program.outbox.messages import tell
    from tests.outbox.conftest import DIRECT

    def half() -> int:
        tell([cast.manager.id], DIRECT, {"n": 1}, key="half")
        raise RuntimeError

    work.ticks.append(Tick("test.half", "half", timedelta(seconds=60), half))
    clock(app)
    with app.app_context():
        assert db.session.scalars(select(Message)).all() == []


def test_looking_when_nothing_is_due_reads_and_locks_nothing(app, work, statements):
    work.add("sweep")
    clock(app)
    with statements() as ran:
        clock(app, NOON + timedelta(seconds=30))
    assert len(ran) == 1


def test_work_that_all_clocks_share_is_left_to_them(app, work):
    work.add("shared", everywhere=True)
    clock(app)
    assert work.done == []


def test_doing_all_at_once_does_shared_work_last(app, work):
    work.add("a", everywhere=True)
    work.add("b")
    for _ in range(2):
        with app.app_context():
            due.run_all(app)
    assert work.done == ["b", "a"] * 2


def test_a_clock_that_is_told_to_end_begins_nothing_more(app, work):
    work.add("sweep")
    ticks.stopping.set()
    try:
        clock(app)
    finally:
        ticks.stopping.clear()
    assert work.done == []


def test_old_runs_and_gone_clocks_are_forgotten(app, work):
    work.add("sweep")
    with app.app_context(), held_at(NOON):
        due.say_alive(NOON)
        due.say_alive(NOON)
    clock(app)
    with app.app_context(), held_at(NOON + due.KEPT), database.transaction():
        assert due.sweep() == 0
    with app.app_context(), held_at(NOON + due.KEPT + timedelta(seconds=1)), database.transaction():
        assert due.sweep() == 1
    with app.app_context():
        assert db.session.scalars(select(ClockState)).all() == []


def test_two_ticks_cannot_have_one_name(app):
    sweep = Tick("outbox.sweep", "twice", timedelta(hours=1), lambda: 0)
    with pytest.raises(ValueError, match=r"outbox\.sweep"):
        ticks.add(app, sweep)


def test_a_source_adds_what_comes_and_goes_and_hides_nothing(app):
    there = [Tick("chat.look", "look", timedelta(hours=1), lambda: 0)]
    there.append(Tick("outbox.sweep", "a plugin's", timedelta(hours=1), lambda: 0))
    ticks.add_source(app, lambda: there)
    found = {tick.name: tick.label for tick in ticks.all_of(app)}
    assert found["chat.look"] == "look"
    assert found["outbox.sweep"] != "a plugin's"
    there.clear()
    assert "chat.look" not in {tick.name for tick in ticks.all_of(app)}
