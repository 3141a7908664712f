"""The items of one phase as its page shows them: by block, open ones first, a handful of each, counted in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, func, select

from program.ground.database import read
from program.people.models import Person
from program.planning.models import WorkItem
from program.planning.models.items import FINISHED_STATUSES, Kind

# Rows shown of each group; the checklist has them all.
SHOWN = 15
NO_BLOCK, MILESTONES = 0, -1


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item, as the page lists it."""

    number: int
    title: str
    status: str
    required: bool
    due_on: date | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """The first items of a group, and how many there are in all."""

    items: tuple[ItemLine, ...] = ()
    total: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.items)


def grouped(program_id: int, phase_id: int) -> dict[int, ItemGroup]:
    """Items of the phase by block id; outside any block under NO_BLOCK, milestones under MILESTONES. One statement."""
    found: dict[int, list[Any]] = {}
    totals: dict[int, int] = {}
    for its_group, total, *columns in read(_first_of_each_group(), {"program": program_id, "phase": phase_id}):
        found.setdefault(its_group, []).append(ItemLine(*columns))
        totals[its_group] = total
    return {its_group: ItemGroup(tuple(lines), totals[its_group]) for its_group, lines in found.items()}


@cache
def _first_of_each_group() -> Any:
    """The statement of `grouped`, put together once."""
    group = case((WorkItem.kind == Kind.MILESTONE.value, MILESTONES), else_=func.coalesce(WorkItem.block_id, NO_BLOCK))
    is_finished = case((WorkItem.status.in_(FINISHED_STATUSES), 1), else_=0)
    within = (WorkItem.program_id == bindparam("program"), WorkItem.phase_id == bindparam("phase"))
    ranked = (
        select(
            WorkItem.id,
            group.label("its_group"),
            func.row_number()
            .over(partition_by=group, order_by=(is_finished, WorkItem.position, WorkItem.id))
            .label("place"),
        )
        .where(*within)
        .subquery()
    )
    # Counted apart: a second window over thousands of rows takes three times as long.
    counted = (
        select(group.label("its_group"), func.count().label("total")).where(*within).group_by("its_group").subquery()
    )
    return (
        select(
            ranked.c.its_group,
            counted.c.total,
            WorkItem.number,
            WorkItem.title,
            WorkItem.status,
            WorkItem.required,
            WorkItem.due_on,
            Person.name,
        )
        .join(counted, counted.c.its_group == ranked.c.its_group)
        .join(WorkItem, WorkItem.id == ranked.c.id)
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .where(ranked.c.place <= SHOWN)
        .order_by(ranked.c.its_group, ranked.c.place)
    )
