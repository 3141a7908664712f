"""Search over all programs a person may see: items by the words of their title or by KEY-12, and programs by name.

Words are compared folded, so 'lodz' finds 'Łódź'. What stands in the program that is open comes first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, case, select

from program.extensions import db
from program.ground.actor import Actor
from program.ground.folding import fold, like
from program.ground.records import record
from program.people.models import Membership
from program.planning.models import Phase, Program, WorkItem
from program.planning.models.items import OPEN_STATUSES

MOST_ITEMS, MOST_PROGRAMS = 50, 20
MAX_QUERY = 200
# Columns of the tables themselves: statements on mapped classes take several times as long to put together.
_ITEM, _PROGRAM, _PHASE = (cast(Table, model.__table__) for model in (WorkItem, Program, Phase))
W, P, M = _ITEM.c, _PROGRAM.c, cast(Table, Membership.__table__).c
# An item as the page shows it: number, title, status, due date, and its program's key and name, and its phase's name.
_FOUND = select(
    *(W.number, W.title, W.status, W.due_on, P.key, P.name.label("program"), _PHASE.c.name.label("phase"))
).select_from(_ITEM.join(_PROGRAM, P.id == W.program_id).outerjoin(_PHASE, _PHASE.c.id == W.phase_id))
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9]{0,9})-([0-9]{1,9})")


@record
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
        select(P.key, W.number)
        .where(W.program_id == P.id, P.key == exact[1].upper(), W.number == int(exact[2]))
        .where(*_among_open(actor, P.id))
    ).first()
    return (row.key, row.number) if row else None


def search(actor: Actor, query: str, here: int | None = None) -> Found:
    """Items and programs with every word of the query; two statements. `here` is the program to show first."""
    words = fold(query[:MAX_QUERY]).split()
    if not words:
        return Found()
    programs = db.session.execute(
        select(P.key, P.name, P.closed_on)
        .where(_has_words(P.name_folded, words), *_among_open(actor, P.id))
        .order_by(P.name_folded, P.id)
        .limit(MOST_PROGRAMS)
    ).all()
    # The open program first, then what is still open anywhere, then the newest.
    order = (
        case((W.program_id == (here or 0), 0), else_=1),
        case((W.status.in_(OPEN_STATUSES), 0), else_=1),
        W.id.desc(),
    )
    # Found and sorted from an index that has the titles; only what is shown is fetched.
    best = select(W.id).where(_has_words(W.title_folded, words), *_among_open(actor, W.program_id))
    best = best.order_by(*order).limit(MOST_ITEMS + 1)
    items = db.session.execute(_FOUND.where(W.id.in_(best.correlate(None))).order_by(*order)).all()
    return Found(items[:MOST_ITEMS], programs, len(items) > MOST_ITEMS)


def _has_words(column: Any, words: Sequence[str]) -> ColumnElement[bool]:
    return and_(*(column.like(like(word), escape="\\") for word in words))


def _among_open(actor: Actor, program_id: Any) -> list[ColumnElement[bool]]:
    """That the program is one the actor is a member of; no condition for the system and administrators, who see all."""
    if actor.person_id is None or actor.is_admin:
        return []
    return [program_id.in_(select(M.program_id).where(M.person_id == actor.person_id))]
