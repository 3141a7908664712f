"""Calling a plugin: alone, for a bounded time, with whatever it does wrong turned into a reason on its page.

This is the only place that runs a stranger's code. A call runs in a thread of its own with an app context of its own;
the caller waits for it no longer than the hook's limit. What that can and cannot do:

- A call that overruns is left behind. Python cannot end a thread, so it stays until it returns or the process ends.
  Until then the plugin is not called again in this process: a hanging plugin costs a thread or two, not one a call.
- It holds no transaction: the functions of `core.py` begin and end theirs before they return to the plugin.
- It does not keep the process from stopping: the threads are daemons.
- A plugin that computes without end takes its share of the processor, and one that hangs inside a C library without
  letting go of the interpreter stops the whole process. Only taking the plugin away and a restart help then.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, current_app, g
from flask_babel import get_locale

from program.ground import now
from program.outbox.fates import Fate
from program.plugin_host import reports
from program.plugin_host.discovery import Installed, in_words

Answer = TypeVar("Answer")
# Seconds a hook may take. Describing is looking at what is there already; acting speaks to the outside.
LIMITS = {
    "settings_form": 2.0,
    "connection_form": 2.0,
    "blueprints": 2.0,
    "commands": 2.0,
    "ticks": 2.0,
    "panels": 2.0,
    "knows": 2.0,
    "check": 5.0,
    "was_delivered": 20.0,
    "deliver": 40.0,
    "sync": 60.0,
    "readings": 60.0,
    "tick": 60.0,
    "form": 3.0,
}
# More than this at once is a plugin that piles up; the pool of database connections is not much larger.
MOST_AT_ONCE = 8
CALLS = "milepost.plugin_calls"
_log = logging.getLogger("milepost.plugins")


class PluginFailed(Exception):
    """A plugin did not answer as the contract says. `reason` is one line for its page; it has been reported already.

    `was_called` is False when the plugin was not even asked; otherwise what it was to do may have been done.
    """

    def __init__(self, reason: str, *, was_called: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.was_called = was_called


class Nonsense(Exception):
    """The answer is not of the shape that the contract asks for; the text says what was expected."""


@dataclass(slots=True)
class Call:
    """One call on its way."""

    hook: str
    limit: float
    started: float = field(default_factory=time.monotonic)
    thread: threading.Thread | None = None
    answer: Any = None
    error: BaseException | None = None

    @property
    def is_running(self) -> bool:
        """True until the plugin has come back."""
        return self.thread is None or self.thread.is_alive()

    @property
    def is_late(self) -> bool:
        """True when it was left behind."""
        return self.is_running and time.monotonic() - self.started > self.limit


class Calls:
    """The calls of this process that have not come back, by plugin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, list[Call]] = {}

    def enter(self, plugin: str, call: Call) -> str:
        """Take the call in; '' or why the plugin cannot be called now."""
        with self._lock:
            running = [one for one in self._running.get(plugin, ()) if one.is_running]
            self._running[plugin] = running
            late = next((one for one in running if one.is_late), None)
            if late is not None:
                seconds = time.monotonic() - late.started
                return f"It still hangs in {late.hook}, for {seconds:.0f} seconds now. Restarting Milepost ends it."
            if len(running) >= MOST_AT_ONCE:
                return f"It is busy with {len(running)} calls already."
            running.append(call)
            return ""

    def hanging(self, plugin: str) -> int:
        """How many calls of that plugin were left behind and have not come back."""
        with self._lock:
            return sum(one.is_late for one in self._running.get(plugin, ()))

    def wait_for_all(self, seconds: float) -> None:
        """Wait until nothing is running any more, at most so long: for those who end the process, and for tests."""
        until = time.monotonic() + seconds
        with self._lock:
            running = [one for calls in self._running.values() for one in calls if one.thread is not None]
        for one in running:
            if one.thread is not None:
                one.thread.join(max(0.0, until - time.monotonic()))


def call(
    installed: Installed,
    hook: str,
    check: Callable[[Any], Answer],
    *,
    secrets: tuple[str, ...] = (),
    limit: float | None = None,
    **arguments: Any,
) -> Answer:
    """Ask one plugin one hook. `check` looks at the answer and raises Nonsense for a wrong one.

    `limit` in seconds replaces the hook's own. `secrets` are kept out of what is reported. Raises PluginFailed, and
    lets the errors of the contract through: they are answers. A plugin without the hook answers None.
    """
    if installed.manager is None:
        raise PluginFailed(installed.reason, was_called=False)
    caller = getattr(installed.manager.hook, hook)
    return run(installed, hook, lambda: caller(**arguments), check, secrets=secrets, limit=limit)


def run(
    installed: Installed,
    hook: str,
    function: Callable[[], Any],
    check: Callable[[Any], Answer],
    *,
    secrets: tuple[str, ...] = (),
    limit: float | None = None,
) -> Answer:
    """Run a piece of the plugin's code that is no hook itself (its form, a tick's function) the same way."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    calls: Calls = app.extensions[CALLS]
    one = Call(hook, LIMITS[hook] if limit is None else limit)
    try:
        if busy := calls.enter(installed.name, one):
            raise PluginFailed(busy, was_called=False)
        answer: Answer = _result(one, _start(app, one, lambda: _looked_at(function(), check)))
        return answer
    except PluginFailed as failed:
        failed.reason = reports.without(secrets, failed.reason)
        _log.warning(
            "a plugin failed",
            extra={"fields": {"plugin": installed.name, "hook": hook, "reason": failed.reason}},
        )
        reports.failed(installed.name, hook, failed.reason)
        raise


def _start(app: Flask, one: Call, function: Callable[[], Any]) -> threading.Thread:
    moment, locale = now.held_moment(), str(get_locale() or "en")
    # A thread starts without the held moment of commands that do another time's work.
    hold = nullcontext() if moment is None else now.held_at(moment)

    def work() -> None:
        try:
            with app.app_context(), hold:
                g.locale = locale
                one.answer = function()
        except BaseException as error:  # noqa: BLE001 - a stranger's code may raise anything, SystemExit included
            one.error = error

    one.thread = threading.Thread(target=work, name=f"plugin {one.hook}", daemon=True)
    one.started = time.monotonic()
    try:
        one.thread.start()
    except RuntimeError as error:
        raise PluginFailed(f"No thread could be had for it: {error}", was_called=False) from error
    return one.thread


def _looked_at(answer: Any, check: Callable[[Any], Answer]) -> Answer:
    """The answer, looked at where the plugin runs: what looks like a list may be a stranger's code without an end."""
    try:
        return check(answer)
    except Nonsense as error:
        raise Nonsense(f"It answered what the contract does not know: {error}") from error
    except Exception as error:
        raise Nonsense(f"Its answer cannot be read: {in_words(error)}") from error


def _result(one: Call, thread: threading.Thread) -> Any:
    thread.join(max(0.0, one.limit - (time.monotonic() - one.started)))
    if thread.is_alive():
        raise PluginFailed(f"It did not answer within {one.limit:g} seconds.")
    if isinstance(one.error, Fate):
        raise one.error
    if isinstance(one.error, Nonsense):
        raise PluginFailed(str(one.error)) from one.error
    if one.error is not None:
        raise PluginFailed(in_words(one.error)) from one.error
    return one.answer
