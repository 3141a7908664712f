"""The items of one phase as its page shows them: by block, open ones first, a handful of each, counted in full."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, bindparam, case, cast, func, literal_column, select, union_all

from program.ground.database import read
from program.ground.records import record
from program.people.models import Person
from program.planning.models import WorkItem
from program.planning.models.items import OPEN_STATUSES

# Rows shown of each group; the checklist has them all.
SHOWN = 15
NO_BLOCK, MILESTONES = 0, -1


@record
class ItemLine:
    """One item, as the page lists it."""

    number: int
    title: str
    status: str
    required: bool
    due_on: date | None
    owner: str | None


@record
class ItemGroup:
    """The first items of a group, and how many there are in all."""

    items: tuple[ItemLine, ...] = ()
    total: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.items)


def grouped(program_id: int, phase_id: int, block_ids: Sequence[int]) -> dict[int, ItemGroup]:
    """Items of the phase by block id; outside any block under NO_BLOCK, milestones under MILESTONES. One statement.

    `block_ids` are the blocks of the phase.
    """
    values = {"program": program_id, "phase": phase_id}
    values |= {f"block_{place}": block_id for place, block_id in enumerate(block_ids)}
    found: dict[int, list[Any]] = {}
    totals: dict[int, int] = {}
    for its_group, total, *columns in read(_first_of_each_group(len(block_ids)), values).all():
        lines = found.setdefault(its_group, [])
        totals[its_group] = total
        if len(lines) < SHOWN:
            lines.append(ItemLine(*columns))
    return {its_group: ItemGroup(tuple(lines), totals[its_group]) for its_group, lines in found.items()}


_I = WorkItem.__table__.c
_HERE = (_I.program_id == bindparam("program"), _I.phase_id == bindparam("phase"))
# Written out, so that both databases see that the partial index of milestones serves.
_IS_MILESTONE: Any = _I.kind == literal_column("'milestone'")


@lru_cache(maxsize=64)
def _first_of_each_group(blocks: int) -> Any:
    """The statement of `grouped` for so many blocks.

    The first open and the first finished items of each group are read along an index, up to what is shown; to put all
    items of a large phase in order takes ten times as long.
    """
    is_open: Any = _I.status.in_([literal_column(f"'{status}'") for status in OPEN_STATUSES])
    blocks_in_turn = [bindparam(f"block_{place}", type_=Integer) for place in range(blocks)]
    wanted: list[tuple[Any, tuple[Any, ...]]] = [(one, (_I.block_id == one, ~_IS_MILESTONE)) for one in blocks_in_turn]
    wanted.append((literal_column(str(NO_BLOCK)), (_I.block_id.is_(None), ~_IS_MILESTONE)))
    wanted.append((literal_column(str(MILESTONES)), (_IS_MILESTONE,)))
    parts = []
    for its_group, inside in wanted:
        for finished, state in ((0, is_open), (1, ~is_open)):
            first = select(_I.id).where(*_HERE, *inside, state).order_by(_I.position, _I.kind, _I.id)
            found = first.limit(literal_column(str(SHOWN))).subquery()
            where: Any = literal_column(str(finished))
            parts.append(select(found.c.id, cast(its_group, Integer).label("its_group"), where.label("finished")))
    shown = union_all(*parts).subquery()
    group = case((_IS_MILESTONE, MILESTONES), else_=func.coalesce(_I.block_id, NO_BLOCK)).label("its_group")
    counted = select(group, func.count().label("total")).where(*_HERE).group_by("its_group").subquery()
    return (
        select(
            *(shown.c.its_group, counted.c.total),
            *(WorkItem.number, WorkItem.title, WorkItem.status, WorkItem.required, WorkItem.due_on, Person.name),
        )
        .select_from(shown)
        .join(counted, counted.c.its_group == shown.c.its_group)
        .join(WorkItem, WorkItem.id == shown.c.id)
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .order_by(shown.c.its_group, shown.c.finished, WorkItem.position, WorkItem.kind, WorkItem.id)
    )
