"""What is known from the last time, for those who cannot wait: machines outside that expect an answer within seconds.

It is asked for each time, and only where the database takes longer than that, or fails, does the last answer serve.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, current_app

from program.ground import database

Found = TypeVar("Found")
_NAME = "milepost.last_known"
# Slack waits three seconds in all.
SECONDS = 1.0


class NotKnown(Exception):
    """Nothing was found in time, and nothing was known before."""


@dataclass(slots=True)
class _Known:
    """What was found last, and the question that is under way: one at a time, however many ask."""

    has: bool = False
    value: Any = None
    asking: threading.Thread | None = None


@dataclass(slots=True)
class _Memory:
    lock: threading.Lock = field(default_factory=threading.Lock)
    known: dict[str, _Known] = field(default_factory=dict)


def last_known(name: str, read: Callable[[], Found], seconds: float = SECONDS) -> Found:
    """What `read` finds, or what it found the last time if that takes longer or fails. Raises NotKnown.

    `read` runs in a thread and an app context of its own and only reads; `name` is the same for the same question.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    memory: _Memory = app.extensions.setdefault(_NAME, _Memory())
    with memory.lock:
        known = memory.known.setdefault(name, _Known())
        asking = known.asking
        if asking is None or not asking.is_alive():
            asking = threading.Thread(target=_ask, args=(app, known, read), name=f"last known {name}", daemon=True)
            # Whoever joins in hears what this one finds.
            known.asking = asking
            asking.start()
    asking.join(seconds)
    if not known.has:
        raise NotKnown(name)
    found: Found = known.value
    return found


def _ask(app: Flask, known: _Known, read: Callable[[], Any]) -> None:
    try:
        with app.app_context(), database.looking():
            found = read()
    except Exception:  # noqa: BLE001 - whatever it is, the last answer stands; nobody waits for a trace
        return
    known.value, known.has = found, True
