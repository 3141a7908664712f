"""Handing over what a person carries in a program to somebody else, in one act: the parts that rooms bring.

The verb and its page are the team room's (`team/handover.py`); items are planning's part, meetings and sessions the
change room's. Each part says first what it would hand over, and does it under the batch it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from program.ground.actor import Actor
from program.ground.records import record


@record
class Line:
    """One thing to hand over: its name, and where it can be seen ('' for nowhere)."""

    name: str
    url: str = ""


@record
class Handover:
    """From whom to whom, in which program (its id and key, for addresses). `to_id` is None while nobody is chosen."""

    program_id: int
    key: str
    from_id: int
    to_id: int | None
    # The program's day: what has ended by then is nobody's to hand over.
    today: date


@record
class Part:
    """What one room hands over. `label` heads its lines; `carry_out` returns how many things changed hands.

    Both ask for no permission of their own: the verb has asked for a manager. Sources read in one statement. For the
    part to be taken back with one click, what it writes into the trail must be known to `undo.py`.
    """

    name: str
    order: int
    label: Any
    carried: Callable[[Handover], Sequence[Line]]
    carry_out: Callable[[Actor, Handover, str], int]
    # For a room with several parts: all of their lines by the part's name, in one statement.
    together: Callable[[Handover], Mapping[str, Sequence[Line]]] | None = None


_PARTS: dict[str, Part] = {}


def register(part: Part) -> None:
    """Take a part in; one of the same name is replaced."""
    _PARTS[part.name] = part


def carried(handover: Handover) -> list[tuple[Part, Sequence[Line]]]:
    """What each part would hand over, in order; parts that are read together are read once."""
    known: dict[Any, Mapping[str, Sequence[Line]]] = {}
    found: list[tuple[Part, Sequence[Line]]] = []
    for part in parts():
        if part.together is None:
            found.append((part, part.carried(handover)))
            continue
        if part.together not in known:
            known[part.together] = part.together(handover)
        found.append((part, known[part.together].get(part.name, ())))
    return found


def parts() -> Sequence[Part]:
    """The parts in order."""
    return sorted(_PARTS.values(), key=lambda part: part.order)
