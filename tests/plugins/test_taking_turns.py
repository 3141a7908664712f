"""Many hands of one process that write: SQLite has one writer, and none of them may wait until its time is out."""

from __future__ import annotations

import threading
import time

import pytest
from flask import Flask

from program.plugin_api.units import patiently, writing
from tests.conftest import BACKEND


@pytest.mark.skipif(BACKEND != "sqlite", reason="PostgreSQL has as many writers as there are")
def test_writers_take_turns(plugin_app: Flask) -> None:
    inside, most = 0, 0

    def write() -> None:
        nonlocal inside, most
        with plugin_app.app_context(), writing():
            inside += 1
            most = max(most, inside)
            time.sleep(0.002)
            # What is called within a change is part of it.
            with writing():
                inside -= 1

    hands = [threading.Thread(target=write) for _ in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(5)
    assert (inside, most) == (0, 1)


def test_work_is_done_again_only_where_the_database_was_busy(plugin_app: Flask) -> None:
    tried: list[int] = []

    def fail() -> None:
        tried.append(1)
        raise ValueError

    with plugin_app.app_context():
        assert patiently(lambda: 7) == 7
        with pytest.raises(ValueError):  # noqa: PT011 - that very one
            patiently(fail)
    assert len(tried) == 1
