"""What is done after Slack has been answered: by a few hands, one thing after the other, and never more than can wait.

Slack wants its answer within three seconds, whatever the database does. So an interaction is only looked at while Slack
waits; what it means is done here. When too much waits already, Slack is told so, and people see that it did not work.
What one person does is done in its order, so that of two taps the later one holds; people do not wait for each other.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

from program.plugin_api import core

HANDS, ROOM = 8, 1000
_log = logging.getLogger("milepost.slack")


class Workers(Executor):
    """The hands of one process."""

    def __init__(self, hands: int = HANDS, room: int = ROOM) -> None:
        self._hands, self._room = hands, room
        self._pool: ThreadPoolExecutor | None = None
        self._open = 0
        self._changed = threading.Condition()
        # Whose the next piece of work is, said by the thread that will hand it in; and what waits for whom.
        self._next = threading.local()
        self._waiting: dict[str, deque[Callable[[], Any]]] = {}

    @property
    def is_full(self) -> bool:
        """True when so much waits that more would come too late."""
        return self._open >= self._room

    def next_is_of(self, whom: str) -> None:
        """Say whose the work is that this thread hands in next."""
        self._next.whom = whom

    def submit(self, function: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        """Have it done soon, in an app context of its own. What it raises is noted by its kind alone.

        Never with its text, which may hold what somebody answered.
        """
        work = core.in_background(lambda: function(*args, **more))
        whom = getattr(self._next, "whom", "")
        with self._changed:
            self._open += 1
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._hands, thread_name_prefix="slack")
            if whom and whom in self._waiting:
                # Another hand has something of this person's; it goes on with this.
                self._waiting[whom].append(work)
                return Future()
            if whom:
                self._waiting[whom] = deque()
            pool = self._pool
        return pool.submit(self._do_all, whom, work)

    def finish(self, seconds: float = 60.0) -> bool:
        """Wait until nothing is left to do, at most so long. Says whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, timeout=seconds)

    def _do_all(self, whom: str, work: Callable[[], Any]) -> None:
        """One piece of work, and what came in meanwhile from the same person."""
        while True:
            self._do(work)
            with self._changed:
                if not self._waiting.get(whom):
                    self._waiting.pop(whom, None)
                    return
                work = self._waiting[whom].popleft()

    def _do(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others
            _log.error("something from Slack could not be done", extra={"fields": {"error": type(error).__name__}})
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()
