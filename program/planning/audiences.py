"""Who can be asked or told something together: everybody in a program, and the parts that rooms above know of.

A room registers a kind of part (a role, a group, a site); the pulse asks here whom its rounds are for and into which
part each person counts. Parts of one kind must not overlap for that: `part_of` gives each person one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from program.ground.actor import Access
from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership, Person

EVERYBODY = "all"


@record
class Part:
    """A part of a program's people: its key within its kind, and its name."""

    key: str
    name: str


@record
class Kind:
    """A way to divide people. `name` is a short word that never changes; both functions take a program's id.

    `parts` gives the parts there are, in one statement; `people` the ids of the people of each part by its key, in one
    statement. A person may stand in several parts there.
    """

    name: str
    label: Any
    order: int
    parts: Callable[[int], Sequence[Part]]
    people: Callable[[int], Mapping[str, Sequence[int]]]


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Take a kind in; one of the same name is replaced."""
    _KINDS[kind.name] = kind


def kinds() -> Sequence[Kind]:
    """The kinds, in order."""
    return sorted(_KINDS.values(), key=lambda kind: kind.order)


def find(name: str) -> Kind | None:
    """The kind of that name; None when its room is gone."""
    return _KINDS.get(name)


def people_of(program_id: int, chosen: Sequence[str]) -> set[int]:
    """The ids of active people in any of the chosen parts ('group:12'); with none chosen, the program's team.

    The team is everybody who works on the program: the committee, which reads, is not asked.
    """
    if not chosen:
        found = set(_team(program_id))
    else:
        found = set()
        for name in dict.fromkeys(part.partition(":")[0] for part in chosen):
            kind = find(name)
            people = kind.people(program_id) if kind else {}
            for part in chosen:
                found.update(people.get(part.removeprefix(f"{name}:"), ()) if part.startswith(f"{name}:") else ())
    active = select(Person.id).where(Person.is_active.is_(True))
    return found & {row.id for row in read(active)} if found else found


def part_of(program_id: int, name: str) -> tuple[dict[int, str], dict[str, str]]:
    """The one part each person counts in (person id -> key) and the parts' names, for a kind; ({}, {}) for no kind.

    Somebody in several parts counts in the first of them, in the kind's own order, so that parts never overlap.
    """
    kind = find(name)
    if kind is None:
        return {}, {}
    parts = kind.parts(program_id)
    people = kind.people(program_id)
    found: dict[int, str] = {}
    for part in parts:
        for person_id in people.get(part.key, ()):
            found.setdefault(person_id, part.key)
    return found, {part.key: part.name for part in parts}


def _team(program_id: int) -> list[int]:
    rows = read(
        select(Membership.person_id).where(
            Membership.program_id == program_id, Membership.access >= Access.CONTRIBUTOR.value
        )
    )
    return [row.person_id for row in rows]
