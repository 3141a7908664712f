"""Search over all programs a person may see: items by the words of their title or by KEY-12, and programs by name.

Words are compared folded, so 'lodz' finds 'Łódź'. What stands in the program that is open comes first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, select, true

from program.extensions import db
from program.ground.actor import Actor
from program.ground.folding import fold, like
from program.people.models import Membership
from program.planning.models import Phase, Program, WorkItem
from program.planning.models.items import OPEN_STATUSES

MOST_ITEMS, MOST_PROGRAMS = 50, 20
MAX_QUERY = 200
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9]{0,9})-([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `more` says that there are further items beyond the most that are shown."""

    items: Sequence[Any] = ()
    programs: Sequence[Any] = ()
    more: bool = False


def item_address(actor: Actor, query: str) -> tuple[str, int] | None:
    """The program's key and the item's number when the query is exactly KEY-12 of an item the actor may see."""
    exact = _KEY.fullmatch(query.strip())
    if exact is None:
        return None
    row = db.session.execute(
        select(Program.key, WorkItem.number)
        .join(WorkItem, WorkItem.program_id == Program.id)
        .where(Program.key == exact[1].upper(), WorkItem.number == int(exact[2]), _may_see(actor))
    ).first()
    return (row.key, row.number) if row else None


def search(actor: Actor, query: str, here: int | None = None) -> Found:
    """Items and programs with every word of the query; two statements. `here` is the program to show first."""
    words = fold(query[:MAX_QUERY]).split()
    if not words:
        return Found()
    programs = db.session.execute(
        select(Program.key, Program.name, Program.closed_on)
        .where(_has_words(Program.name_folded, words), _may_see(actor))
        .order_by(Program.name_folded, Program.id)
        .limit(MOST_PROGRAMS)
    ).all()
    items = db.session.execute(
        select(
            WorkItem.number,
            WorkItem.title,
            WorkItem.status,
            WorkItem.due_on,
            Program.key,
            Program.name.label("program"),
            Phase.name.label("phase"),
        )
        .join(Program, Program.id == WorkItem.program_id)
        .outerjoin(Phase, Phase.id == WorkItem.phase_id)
        .where(_has_words(WorkItem.title_folded, words), _may_see(actor))
        # The open program first, then what is still open anywhere, then the newest.
        .order_by(
            case((WorkItem.program_id == (here or 0), 0), else_=1),
            case((WorkItem.status.in_(OPEN_STATUSES), 0), else_=1),
            WorkItem.id.desc(),
        )
        .limit(MOST_ITEMS + 1)
    ).all()
    return Found(items[:MOST_ITEMS], programs, len(items) > MOST_ITEMS)


def _has_words(column: Any, words: Sequence[str]) -> ColumnElement[bool]:
    return and_(*(column.like(like(word), escape="\\") for word in words))


def _may_see(actor: Actor) -> ColumnElement[bool]:
    """Programs the actor is a member of; the system and administrators see all."""
    if actor.person_id is None or actor.is_admin:
        return true()
    return Program.id.in_(select(Membership.program_id).where(Membership.person_id == actor.person_id))
