"""Which items of a phase can become rows of the responsibility matrix: those of the plan that are not in it yet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, select

from program.ground.database import read
from program.ground.folding import like
from program.planning.models import WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.team.models import RaciRow

# Items offered at once; whoever looks for another one searches.
MOST = 60


def offered(program_id: int, phase_id: int | None, query: str) -> Sequence[Any]:
    """Open items of the phase (None: outside any) that are not in the matrix, required ones first.

    Rows with `id`, `number`, `title`, `required`; one more than MOST when there are more. One statement.
    """
    values = {"program": program_id, "phase": phase_id, "most": MOST + 1}
    if query.strip():
        return read(_offered(phase_id is None, True), {**values, "words": like(query)}).all()
    return read(_offered(phase_id is None, False), values).all()


@cache
def _offered(outside: bool, searched: bool) -> Any:
    statement = (
        select(WorkItem.id, WorkItem.number, WorkItem.title, WorkItem.required)
        .outerjoin(RaciRow, RaciRow.item_id == WorkItem.id)
        .where(
            WorkItem.program_id == bindparam("program"),
            WorkItem.phase_id.is_(None) if outside else WorkItem.phase_id == bindparam("phase"),
            WorkItem.status.in_(OPEN_STATUSES),
            RaciRow.id.is_(None),
        )
        .order_by(WorkItem.required.desc(), WorkItem.position, WorkItem.id)
        .limit(bindparam("most", type_=Integer))
    )
    if searched:
        statement = statement.where(WorkItem.title_folded.like(bindparam("words"), escape="\\"))
    return statement
