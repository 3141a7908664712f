"""What the clock does: each room hangs its regular work in here, and `program/clock` runs it.

A tick is work that finds out from rows what is due, so that running it twice, late, or in two processes at once does
no harm. It keeps no time of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any

from flask import Flask

from program.ground.records import record

_NAME = "milepost.ticks"
# Set when this process is asked to end: work in many steps looks here between them.
stopping = Event()


@record
class Tick:
    """A piece of regular work. `name` is '<room>.<what>' and never changes: the clock's memory hangs on it.

    `run` is called in an app context and a transaction of its own, committed at the end; work in several steps may
    open `database.transaction()` for each of them. It answers how many things it did; what it raises stands on the
    page of the clock. `everywhere` is for work that all clocks of an instance share by claiming rows; any other tick
    is done by one clock at a time. A `lasting` one keeps something open and is left out of clocks that do all once.
    """

    name: str
    label: Any
    every: timedelta
    run: Callable[[], int]
    everywhere: bool = False
    # How often one clock may run it at the same time, where there is much to do.
    hands: int = 1
    lasting: bool = False


@dataclass(slots=True)
class _Registry:
    ticks: dict[str, Tick] = field(default_factory=dict)
    sources: list[Callable[[], Iterable[Tick]]] = field(default_factory=list)


def add(app: Flask, *ticks: Tick) -> None:
    """Hang regular work into the app. Raises ValueError for a name that is taken."""
    registry = _of(app)
    for tick in ticks:
        if tick.name in registry.ticks:
            raise ValueError(f"two ticks are named {tick.name}")
        registry.ticks[tick.name] = tick


def add_source(app: Flask, source: Callable[[], Iterable[Tick]]) -> None:
    """Let somebody say anew each time what there is to do: for work that comes and goes while the app runs."""
    _of(app).sources.append(source)


def all_of(app: Flask) -> tuple[Tick, ...]:
    """Everything there is to do now, by name. What a source calls like a tick of the core is left out."""
    registry = _of(app)
    found = {tick.name: tick for source in registry.sources for tick in source()}
    return tuple(tick for _name, tick in sorted((found | registry.ticks).items()))


def _of(app: Flask) -> _Registry:
    registry: _Registry = app.extensions.setdefault(_NAME, _Registry())
    return registry
