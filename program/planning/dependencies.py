"""What waits for what: an item can begin once those it waits for are finished (finish to start).

Milestones are items too, so work can wait for a milestone and a milestone for work. A circle would mean that nobody can
ever begin; it is refused with the circle written out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, and_, bindparam, case, delete, or_, select
from sqlalchemy.orm import aliased

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.folding import fold, like
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.models import Person
from program.planning.models import Dependency, Program, WorkItem
from program.planning.models.items import FINISHED_STATUSES, Kind

MAX_WAITS = 50
ARROW = " → "


@record
class Neighbour:
    """An item at the other end of a dependency, as pages show it."""

    id: int
    number: int
    title: str
    status: str
    kind: str
    due_on: date | None
    owner_name: str | None

    @property
    def is_finished(self) -> bool:
        """Nothing has to wait for it any more: it is done, or dropped."""
        return self.status in FINISHED_STATUSES

    @property
    def is_milestone(self) -> bool:
        """A dated event rather than work."""
        return self.kind == Kind.MILESTONE


@record
class Neighbours:
    """Both ends of an item: what it waits for, and what waits for it; unfinished ones first, then by due date."""

    waits_for: list[Neighbour] = field(default_factory=list)
    blocks: list[Neighbour] = field(default_factory=list)

    @property
    def open_waits(self) -> list[Neighbour]:
        """Those that it still waits for."""
        return [one for one in self.waits_for if not one.is_finished]


def neighbours(item_id: int) -> Neighbours:
    """Both ends of that item, in one statement. The caller has checked that the reader may see the item."""
    found = Neighbours()
    for before, *columns in read(_neighbours_query(), {"item": item_id}):
        (found.waits_for if before else found.blocks).append(Neighbour(*columns))
    return found


# Put together once: that takes longer than the database takes to answer it.
@cache
def _neighbours_query() -> Any:
    other, item_id = aliased(WorkItem), bindparam("item", type_=Integer)
    is_before = Dependency.successor_id == item_id
    return (
        select(
            is_before,
            other.id,
            other.number,
            other.title,
            other.status,
            other.kind,
            other.due_on,
            Person.name,
        )
        .select_from(Dependency)
        .join(
            other,
            or_(
                and_(is_before, other.id == Dependency.predecessor_id),
                and_(Dependency.predecessor_id == item_id, other.id == Dependency.successor_id),
            ),
        )
        .outerjoin(Person, Person.id == other.owner_id)
        .where(or_(is_before, Dependency.predecessor_id == item_id))
        .order_by(
            case((other.status.in_(FINISHED_STATUSES), 1), else_=0), other.due_on.is_(None), other.due_on, other.number
        )
    )


def blocked_by(item: WorkItem) -> list[Neighbour]:
    """What the item waits for, finished or not."""
    return neighbours(item.id).waits_for


def blocks(item: WorkItem) -> list[Neighbour]:
    """What waits for the item."""
    return neighbours(item.id).blocks


def add_dependency(actor: Actor, program_id: int, successor: WorkItem, predecessor: WorkItem) -> bool:
    """Let `successor` wait for `predecessor`; False when it already does.

    Raises Invalid (field 'predecessor') for a circle, with the circle in the sentence, and for items of two programs.
    """
    access.require(actor, program_id, Access.CONTRIBUTOR)
    if {successor.program_id, predecessor.program_id} != {program_id}:
        raise NotFound(access.NOT_HERE)
    if successor.id == predecessor.id:
        raise _refusal(_l("An item cannot wait for itself."))
    key = _lock(program_id)
    edges = _edges(program_id)
    waits = edges.get(successor.id, ())
    if predecessor.id in waits:
        return False
    if len(waits) >= MAX_WAITS:
        raise _refusal(_l("An item can wait for up to %(most)s others. Put a milestone between.", most=MAX_WAITS))
    circle = path(edges, predecessor.id, successor.id)
    if circle:
        shown = ARROW.join(_names(key, [successor.id, *circle]))
        raise _refusal(_l("That would be a circle in which each waits for the next: %(circle)s.", circle=shown))
    db.session.add(Dependency(program_id=program_id, predecessor_id=predecessor.id, successor_id=successor.id))
    db.session.flush()
    _record(actor, key, successor, predecessor, added=True)
    return True


def candidates(program_id: int, key: str, text: str, most: int = 8) -> list[WorkItem]:
    """The items that `text` may mean: a number (12), a number with the program's key (ALFA-12), or words of a title.

    Open ones first; one more than `most` is never read, so a longer list means 'say more'.
    """
    said = clean_line(text)
    number = said.upper().removeprefix(f"{key.upper()}-").lstrip("#")
    query = select(WorkItem).where(WorkItem.program_id == program_id)
    if number.isdecimal() and len(number) <= 9:
        return list(db.session.scalars(query.where(WorkItem.number == int(number))))
    if not fold(said):
        return []
    query = query.where(WorkItem.title_folded.like(like(said), escape="\\"))
    is_finished = case((WorkItem.status.in_(FINISHED_STATUSES), 1), else_=0)
    return list(db.session.scalars(query.order_by(is_finished, WorkItem.title_folded, WorkItem.id).limit(most + 1)))


def remove_dependency(actor: Actor, program_id: int, successor: WorkItem, predecessor: WorkItem) -> bool:
    """Let `successor` no longer wait for `predecessor`; False when it did not."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    if {successor.program_id, predecessor.program_id} != {program_id}:
        raise NotFound(access.NOT_HERE)
    key = _lock(program_id)
    gone = db.session.execute(
        delete(Dependency)
        .where(
            Dependency.program_id == program_id,
            Dependency.successor_id == successor.id,
            Dependency.predecessor_id == predecessor.id,
        )
        .returning(Dependency.successor_id)
    ).all()
    if gone:
        _record(actor, key, successor, predecessor, added=False)
    return bool(gone)


def path(edges: Mapping[int, Iterable[int]], start: int, goal: int) -> list[int]:
    """The shortest way from `start` to `goal` along `edges` (item -> what it waits for), both included; [] for none."""
    came_from: dict[int, int | None] = {start: None}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        if here == goal:
            way = []
            step: int | None = here
            while step is not None:
                way.append(step)
                step = came_from[step]
            return way[::-1]
        for there in edges.get(here, ()):
            if there not in came_from:
                came_from[there] = here
                queue.append(there)
    return []


def _lock(program_id: int) -> str:
    """Let nobody else change dependencies of the program until this transaction ends; gives the program's key.

    Two people adding the two halves of a circle at the same moment would each see a plan without the other's half.
    """
    return db.session.execute(
        select(Program.key).where(Program.id == program_id).with_for_update(key_share=True)
    ).scalar_one()


def _edges(program_id: int) -> dict[int, list[int]]:
    """All dependencies of the program: for each item the ones it waits for."""
    edges: dict[int, list[int]] = {}
    rows = db.session.execute(
        select(Dependency.successor_id, Dependency.predecessor_id)
        .where(Dependency.program_id == program_id)
        .order_by(Dependency.successor_id, Dependency.predecessor_id)
    )
    for successor_id, predecessor_id in rows:
        edges.setdefault(successor_id, []).append(predecessor_id)
    return edges


def _names(key: str, item_ids: list[int]) -> list[str]:
    numbers = {
        row.id: row.number
        for row in db.session.execute(select(WorkItem.id, WorkItem.number).where(WorkItem.id.in_(set(item_ids))))
    }
    return [f"{key}-{numbers[item_id]}" for item_id in item_ids]


def _record(actor: Actor, key: str, successor: WorkItem, predecessor: WorkItem, *, added: bool) -> None:
    """Write the change into the history of both ends, under the name the other end has today."""
    ends = (
        ("item.linked" if added else "item.unlinked", successor, "predecessor", predecessor),
        ("item.awaited" if added else "item.unawaited", predecessor, "successor", successor),
    )
    for verb, item, column, other in ends:
        name = f"{key}-{other.number} {other.title}"
        audit.record(
            actor,
            verb,
            object_id=item.id,
            name=item.title,
            program_id=item.program_id,
            changes={column: [None, name] if added else [name, None]},
        )


def _refusal(sentence: object) -> Invalid:
    return Invalid(sentence, {"predecessor": sentence})
