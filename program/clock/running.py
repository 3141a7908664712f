"""A clock that runs until it is told to stop. APScheduler only ticks: what is due is read from rows.

APScheduler on its own would skip a job that is late by a second, run it in every process, and count hours across the
nights when clocks change. Here it calls, every second, functions that look and mostly find nothing to do.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from program.clock import due
from program.clock.due import Outcome
from program.extensions import db
from program.ground import ticks
from program.ground.now import utc_now
from program.ground.ticks import Tick

_log = logging.getLogger("milepost.clock")
LOOK = timedelta(seconds=1)
ALIVE = timedelta(seconds=30)
# Looks at the same time: a long tick does not keep the others waiting.
LOOKS = 3


class Clock:
    """One clock. `start` returns at once, `stop` when what was begun is done."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._started_at = utc_now()
        self._tally: dict[str, Outcome] = {}
        self._lock = threading.Lock()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(16)},
            # Late is as good as on time, and many late ones are as good as one.
            job_defaults={"coalesce": True, "misfire_grace_time": None},
            timezone="UTC",
        )

    def start(self) -> None:
        """Begin to tick."""
        ticks.stopping.clear()
        # It would warn each second of what is meant: nobody waits for a look that is still at work.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._every(LOOK, self._look, LOOKS)
        self._every(ALIVE, self._say_alive)
        with self._app.app_context():
            shared = [tick for tick in ticks.all_of(self._app) if tick.everywhere]
        for tick in shared:
            self._every(tick.every, partial(self._shared, tick), tick.hands)
        self._scheduler.start()
        self._safely(self._say_alive)

    def stop(self) -> None:
        """Finish what was begun and end."""
        ticks.stopping.set()
        self._scheduler.shutdown(wait=True)
        self._safely(self._tell_tally)
        self._safely(due.say_goodbye)
        with self._app.app_context():
            db.engine.dispose()

    def _every(self, period: timedelta, work: Callable[[], Any], hands: int = 1) -> None:
        self._scheduler.add_job(
            self._safely, "interval", args=[work], seconds=period.total_seconds(), max_instances=hands
        )

    def _safely(self, work: Callable[[], Any]) -> None:
        """Do it in an app context; a database that is away for a while is a line in the log, not the end."""
        try:
            with self._app.app_context():
                work()
        except Exception:  # noqa: BLE001 - the clock goes on
            _log.exception("the clock could not do its work")

    def _look(self) -> None:
        due.run_due(self._app)

    def _say_alive(self) -> None:
        due.say_alive(self._started_at)
        self._tell_tally()

    def _shared(self, tick: Tick) -> None:
        """Work that all clocks share: it runs too often to be told of each time."""
        outcome = due.run(tick)
        if not outcome.done and not outcome.error:
            return
        with self._lock:
            before = self._tally.get(tick.name)
            if before is not None:
                outcome = replace(
                    outcome,
                    started_at=before.started_at,
                    took_ms=before.took_ms + outcome.took_ms,
                    done=before.done + outcome.done,
                    error=outcome.error or before.error,
                )
            self._tally[tick.name] = outcome

    def _tell_tally(self) -> None:
        with self._lock:
            told, self._tally = list(self._tally.values()), {}
        due.note(told)


def run_until_told(app: Flask) -> None:
    """Run a clock until SIGTERM or SIGINT comes."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    clock = Clock(app)
    clock.start()
    told.wait()
    clock.stop()
