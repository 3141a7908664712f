"""Clocks and web processes on one database, killed without warning: nothing is lost, nothing is said twice.

A few seconds in the suite; `make crash` lets it go on for a minute with 5,000 messages.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database
from program.ground.now import held_at
from program.outbox import handing_over, transports
from program.outbox.models import Message, State
from tests.cast import make_person
from tests.fakes.recorder import Recorder, is_forgotten
from tests.fakes.ways import FakeWay
from tests.outbox import clockwork
from tests.outbox.conftest import MONDAY, PROMPT

SECONDS = float(os.environ.get("MILEPOST_CRASH_SECONDS", "5"))
PEOPLE = 20
# Told while it goes on: 5,000 messages in a minute.
NUMBERS = 250 if SECONDS >= 60 else 16
# SQLite has one writer at a time: there one machine runs one clock, two while one takes over.
CREWS = {"postgresql": (4, 2), "sqlite": (2, 2)}


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """The far end, out of sorts one time in eight."""
    server = Recorder(trouble=0.12)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class Crew:
    """Processes of one kind each, put up again when they were killed."""

    def __init__(self) -> None:
        # Children of a clean process that has loaded everything: starting one takes no second.
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["tests.outbox.clockwork", "program.models"])
        self._work: list[tuple[Any, tuple[Any, ...]]] = []
        self._alive: list[Any] = []

    def hire(self, work: Any, *arguments: Any) -> None:
        self._work.append((work, arguments))
        self._alive.append(self._start(work, arguments))

    def kill(self, place: int) -> bool:
        """Kill that one and put it up again; one that is done with its work is left in peace."""
        process = self._alive[place]
        if process.exitcode == 0:
            return False
        process.kill()
        process.join()
        self._alive[place] = self._start(*self._work[place])
        return True

    def done(self, places: range) -> bool:
        return all(self._alive[place].exitcode == 0 for place in places)

    def end(self) -> None:
        for process in self._alive:
            process.terminate()
        for process in self._alive:
            process.join(60)
            assert process.exitcode is not None, "a process did not end when it was told to"

    def _start(self, work: Any, arguments: tuple[Any, ...]) -> Any:
        process = self._processes.Process(target=work, args=arguments, daemon=True)
        process.start()
        return process


def states(app) -> Counter[str]:
    with app.app_context():
        database.begin_reading()
        found = Counter(dict(db.session.execute(select(Message.state, func.count()).group_by(Message.state)).all()))
        # Uncertain for good: nobody can tell.
        unknown = (Message.state == State.UNCERTAIN, Message.why == "cannot_tell")
        found["unknown"] = db.session.scalar(select(func.count()).select_from(Message).where(*unknown)) or 0
        db.session.rollback()
        database.begin_writing()
    return found


def test_killed_clocks_lose_nothing_and_say_nothing_twice(app, cast, recorder):
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        clocks, tellers = CREWS[db.engine.dialect.name]
        with database.transaction():
            people = [make_person(f"Person {n}", f"person{n}@alfa.example").id for n in range(PEOPLE)]
    crew, dice, kills = Crew(), random.Random(11), 0
    try:
        for _ in range(clocks):
            crew.hire(clockwork.clock, url, recorder.port)
        share = NUMBERS // tellers
        for turn in range(tellers):
            crew.hire(clockwork.teller, url, people, turn * share, (turn + 1) * share)
        until = time.monotonic() + SECONDS
        # A busy machine is slow to start what is to be killed; clocks never end by themselves.
        while time.monotonic() < until or kills < SECONDS / 2:
            time.sleep(dice.uniform(0.05, 0.5))
            kills += crew.kill(dice.randrange(clocks + tellers))
        wait_for_all(app, crew, range(clocks, clocks + tellers))
    finally:
        crew.end()
    check(app, recorder)


def wait_for_all(app, crew: Crew, tellers: range) -> None:
    """Until everything has been told and nothing is on its way any more; a busy machine takes its time."""
    deadline = time.monotonic() + 180 + 3 * SECONDS
    while time.monotonic() < deadline:
        found = states(app)
        settled = found[State.SENT] + found["unknown"]
        if crew.done(tellers) and settled == NUMBERS * PEOPLE:
            return
        time.sleep(0.1)
    raise AssertionError(f"not all was settled: {states(app)}")


def check(app, recorder: Recorder) -> None:
    with app.app_context():
        rows = db.session.execute(select(Message.key, Message.state, Message.why, Message.reference)).all()
    assert len(rows) == NUMBERS * PEOPLE
    # None was handed over again after its answer had come, and of those that can be told none arrived twice.
    assert recorder.again == []
    assert {key for key, count in recorder.arrived.items() if count > 1} == set()
    for key, state, why, _reference in rows:
        if state == State.SENT:
            assert recorder.arrived[key] == 1, f"{key} counts as sent and never arrived"
        else:
            # Lost answers of those of which nobody can tell are left to people, and said to be so.
            assert (state, why) == (State.UNCERTAIN, "cannot_tell")
            assert is_forgotten(key)
    assert any(state == State.SENT for _key, state, _why, _reference in rows)


def test_four_clocks_gather_one_message_for_each_person(app, cast):
    """Prompts of one morning stay one message, whoever gathers them."""
    way = FakeWay()
    transports.add(app, way)
    try:
        with app.app_context(), held_at(MONDAY.replace(hour=5)), database.transaction():
            people = [make_person(f"Person {n}", f"person{n}@alfa.example").id for n in range(12)]
            for n in range(8):
                from program.outbox.messages import tell

                tell(people, PROMPT, {"n": n}, key=f"morning:{n}")

        def clock(_: int) -> int:
            with app.app_context(), held_at(MONDAY):
                return handing_over.drain()

        with ThreadPoolExecutor(4) as clocks:
            handed_over = sum(clocks.map(clock, range(4)))
        # Who found somebody locked looks again a second later.
        handed_over += clock(0)
    finally:
        transports.close(app, way.name)
    assert handed_over == len(people) == len(way.got)
    assert {len(message.parts) for message in way.got} == {8}
    assert {message.recipient.id for message in way.got} == set(people)
