"""How far the work is: items counted by phase or by program, straight from the rows, never kept beside them.

What was dropped counts neither as work nor as progress. 'Overdue' is open and due before today, 'blocked' is what
people marked so. Forecasts (`forecast.py`) start from what is open here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, case, cast, false, func, literal_column, null, select, union_all

from program.ground.database import read
from program.ground.records import record
from program.planning.models import Dependency, WorkItem
from program.planning.models.items import Status


@record
class Progress:
    """Items of a phase or a program, in numbers. `total` and `finished` leave out what was dropped."""

    total: int = 0
    finished: int = 0
    required_total: int = 0
    required_open: int = 0
    overdue: int = 0
    required_overdue: int = 0
    blocked: int = 0
    # The latest day on which an open item is planned to begin; None when no open item says.
    latest_start: date | None = None

    @property
    def open(self) -> int:
        """Items still to do."""
        return self.total - self.finished

    @property
    def share(self) -> float:
        """Finished of all, from 0 to 1; 0 where there is nothing to do."""
        return self.finished / self.total if self.total else 0.0


NOTHING = Progress()
_D = Dependency.__table__.c


# In the place of a status: open items that wait for others, which stand in the counts of their own status too.
WAITS = "waits"


def count_items(program_id: int, today: date) -> Sequence[Any]:
    """The program's items counted by phase, status and required flag: what progress and readiness are made of.

    Rows are (phase_id, status, required, count, past_due, latest_start), past_due counting finished ones too, and one
    row more for each phase with items that wait for others: (phase_id, WAITS, False, count, 0, None).
    """
    return read(_FOR_GATES, {"program_id": program_id, "today": today}).all()


def phase_progress(program_id: int, today: date) -> dict[int | None, Progress]:
    """Progress of each phase that has items, by its id; under None the items outside any phase. One statement."""
    return progress_of(read(_OF_ONE, {"program_id": program_id, "today": today}).all())


def waiting_counts(*where: Any) -> Any:
    """How many items wait for others, as (phase_id, WAITS, False, count): read from the index of dependencies alone."""
    waits: Any = literal_column(f"'{WAITS}'")
    # An item may wait for several others.
    items = func.count(_D.successor_id.distinct())
    counted = select(_D.phase_id, waits.label("status"), false().label("required"), items)
    return counted.where(_D.before_open, _D.after_open, *where).group_by(_D.phase_id)


def phases_progress(program_ids: Sequence[int], today: date) -> dict[int, dict[int | None, Progress]]:
    """`phase_progress` of several programs, by program, in one statement; those without items are missing."""
    if not program_ids:
        return {}
    rows = read(_OF_MANY, {"program_ids": list(program_ids), "today": today}).all()
    by_program: dict[int, list[Any]] = {}
    for row in rows:
        by_program.setdefault(row[0], []).append(row[1:])
    return {program_id: progress_of(found) for program_id, found in by_program.items()}


def progress_of(rows: Iterable[Any]) -> dict[int | None, Progress]:
    """Progress by phase from rows of `count_items`."""
    sums: dict[int | None, list[Any]] = {}
    for phase_id, status, required, count, past_due, latest_start in rows:
        if status in (Status.DROPPED, WAITS):
            continue
        found = sums.get(phase_id)
        if found is None:
            found = sums[phase_id] = [0, 0, 0, 0, 0, 0, 0, None]
        found[0] += count
        if required:
            found[2] += count
        if status == Status.DONE:
            found[1] += count
            continue
        found[4] += past_due
        if required:
            found[3] += count
            found[5] += past_due
        if status == Status.BLOCKED:
            found[6] += count
        if latest_start and (found[7] is None or latest_start > found[7]):
            found[7] = latest_start
    return {phase_id: Progress(*found) for phase_id, found in sums.items()}


def added_up(parts: Iterable[Progress]) -> Progress:
    """The progress of several parts taken together."""
    parts = list(parts)
    starts = [part.latest_start for part in parts if part.latest_start]
    return Progress(
        total=sum(part.total for part in parts),
        finished=sum(part.finished for part in parts),
        required_total=sum(part.required_total for part in parts),
        required_open=sum(part.required_open for part in parts),
        overdue=sum(part.overdue for part in parts),
        required_overdue=sum(part.required_overdue for part in parts),
        blocked=sum(part.blocked for part in parts),
        latest_start=max(starts, default=None),
    )


# Everything read here stands in ix_work_item_progress, in the order of the groups: the rows themselves are not touched.
_GROUPS = (WorkItem.phase_id, WorkItem.status, WorkItem.required)
_SUMS = (
    func.count(),
    func.count(case((WorkItem.due_on < bindparam("today", type_=Date()), 1))),
    func.max(WorkItem.start_on),
)
_OF_ONE = select(*_GROUPS, *_SUMS).where(WorkItem.program_id == bindparam("program_id")).group_by(*_GROUPS)
_FOR_GATES = union_all(
    _OF_ONE,
    waiting_counts(_D.program_id == bindparam("program_id")).add_columns(literal_column("0"), cast(null(), Date)),
)
_OF_MANY = (
    select(WorkItem.program_id, *_GROUPS, *_SUMS)
    .where(WorkItem.program_id.in_(bindparam("program_ids", expanding=True)))
    .group_by(WorkItem.program_id, *_GROUPS)
)
