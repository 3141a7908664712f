"""Three sides of one thing: as both last agreed, as it is here, as it is there. Pure; the rest of the plugin asks it.

Each side is compared with what that side said last, in its own words: Jira trims texts and renames statuses, and
what it made of ours is no change of theirs. A field that only one side changed goes to the other. A field that both
changed to different things goes by the connection's rule, and in every case becomes a conflict that people see, with
both values. What comes back as it was sent (an echo), or was changed to the same on both sides, is no change at all:
the content decides, not the time or the name of who wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# What a field says: texts, whole numbers, lists of texts or None, so that it can be kept as JSON.
Value = Any


class Direction(StrEnum):
    """Which way a field travels."""

    BOTH = "both"
    TO_JIRA = "to_jira"
    FROM_JIRA = "from_jira"
    OFF = "off"


class Rule(StrEnum):
    """Who wins when both sides changed the same field."""

    JIRA = "jira"
    PROGRAM = "program"
    # Nobody, until a person has chosen: both sides keep what they have.
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed one field. `winner` is None while a person has to choose."""

    name: str
    before: Value
    here: Value
    there: Value
    winner: Rule | None


@dataclass(frozen=True, slots=True)
class Merged:
    """What goes where, and what went wrong; the values are those of the side they come from."""

    to_here: dict[str, Value] = field(default_factory=dict)
    to_there: dict[str, Value] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """True when nothing is to be written on either side."""
        return not self.to_here and not self.to_there


def merge(
    base: Mapping[str, tuple[Value, Value]],
    here: Mapping[str, Value],
    there: Mapping[str, Value],
    directions: Mapping[str, Direction],
    rule: Rule,
    agree: Callable[[str, Value, Value], bool],
) -> Merged:
    """Bring two sides together, field by field.

    `base` holds for each field what this side and that side said when they last agreed; `agree` tells whether a value
    of this side and one of that side mean the same. A field without a base (a new mapping, an issue that was linked by
    hand) counts as changed on every side that says something: an empty side is filled by the other.
    """
    to_here: dict[str, Value] = {}
    to_there: dict[str, Value] = {}
    conflicts: list[Conflict] = []
    for name, direction in directions.items():
        if direction is Direction.OFF or name not in here or name not in there:
            continue
        ours, theirs = here[name], there[name]
        if agree(name, ours, theirs):
            continue
        we_moved, they_moved = bool(ours), bool(theirs)
        before: Value = None
        if name in base:
            before, before_there = base[name]
            we_moved, they_moved = ours != before, theirs != before_there
            if not we_moved and not they_moved:
                continue
        if direction is Direction.TO_JIRA:
            we_moved, they_moved = True, False
        elif direction is Direction.FROM_JIRA:
            we_moved, they_moved = False, True
        if we_moved and they_moved:
            winner = None if rule is Rule.ASK else rule
            conflicts.append(Conflict(name, before, ours, theirs, winner))
            if winner is None:
                continue
            we_moved = winner is Rule.PROGRAM
        if we_moved:
            to_there[name] = ours
        else:
            to_here[name] = theirs
    return Merged(to_here, to_there, tuple(conflicts))
