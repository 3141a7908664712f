"""What rooms above show on planning's pages: a vacancy on This week, quick wins on the overview, who answers for what.

A room registers a source for a place when it is wired; the page asks all sources of its place and draws what they give,
each with a template of its own room. A source costs its page at most one statement, whatever the number of programs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import Any

from program.ground.actor import Access, Actor
from program.ground.records import record


class Place(StrEnum):
    """Where an inset can stand."""

    WEEK = "week"  # This week over all programs of the reader
    PROGRAM_WEEK = "program_week"
    OVERVIEW = "overview"
    MY_WORK = "my_work"
    ITEM = "item"
    PHASE = "phase"


@record
class Asked:
    """What a page tells the sources: who reads, which programs it is about, and their keys for addresses.

    `access` is the reader's in the page's one program, None on pages over several. `item_id` and `phase_id` are set on
    the page of an item or a phase.
    """

    actor: Actor
    # Program id -> key. Empty on My work: sources look for what is the reader's.
    programs: Mapping[int, str]
    today: date
    access: Access | None = None
    item_id: int | None = None
    phase_id: int | None = None


@record
class Inset:
    """A part of a page: a template with what it needs under the name `inset`. Smaller orders stand first."""

    template: str
    data: Mapping[str, Any] = field(default_factory=dict)
    order: int = 100


Source = Callable[[Asked], Inset | None]
_SOURCES: dict[Place, list[Source]] = {}


def register(place: Place, source: Source) -> None:
    """Show what the source gives at that place. Registering a source twice is registering it once."""
    sources = _SOURCES.setdefault(place, [])
    if source not in sources:
        sources.append(source)


def insets_at(place: Place, asked: Asked) -> Sequence[Inset]:
    """What the rooms have to show at that place, in order. A source with nothing to say gives None."""
    found = [inset for source in _SOURCES.get(place, ()) if (inset := source(asked)) is not None]
    return sorted(found, key=lambda inset: inset.order)
