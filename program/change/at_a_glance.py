"""Change management at a glance: what each subject has to say on the overview, in one statement each.

A subject registers a glance: a source that gives the few lines somebody should see today, and one sentence for the
headline when something is wrong. The page draws them all; a subject with nothing to say costs no room.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import Any

from program.ground.actor import Actor
from program.ground.records import record
from program.planning.opening import OpenProgram

# Lines that a box shows before it only counts.
SHOWN = 3


@record
class Asked:
    """What the page tells the sources. `memo` is for sources that share what they read."""

    actor: Actor
    program: OpenProgram
    today: date
    now: datetime
    memo: dict[str, Any] = field(default_factory=dict, compare=False)


@record
class Line:
    """One line of a box: a link, a few words after it, and a state of `macros/states.html` ('' for none)."""

    text: str
    url: str
    note: str = ""
    state: str = ""


@record
class Seen:
    """What a subject has to say: its lines, how many there are in all, and what is wrong in one sentence ('' for
    nothing).

    `good` is said instead of lines when there are none; '' leaves the box out.
    """

    lines: Sequence[Line] = ()
    total: int = 0
    wrong: str = ""
    good: str = ""


@record
class Glance:
    """A subject of the overview. Smaller orders stand first; `endpoint` is the subject's page."""

    order: int
    title: Any
    endpoint: str
    source: Callable[[Asked], Seen]


@record
class Box:
    """A glance as the page draws it."""

    title: str
    endpoint: str
    seen: Seen


_GLANCES: dict[str, Glance] = {}


def register(name: str, glance: Glance) -> None:
    """Show the glance on the overview. Registering a name again replaces it."""
    _GLANCES[name] = glance


def look(asked: Asked) -> list[Box]:
    """What all subjects have to say, in order."""
    ordered = sorted(_GLANCES.values(), key=lambda glance: glance.order)
    return [Box(str(glance.title), glance.endpoint, glance.source(asked)) for glance in ordered]
