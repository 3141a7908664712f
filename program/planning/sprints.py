"""The 90-day plan: thirteen weekly sprints from a chosen Monday, derived from any program as it stands.

Nothing is stored for it: an item belongs to the week in which it is due, and moves to another by its due date. What a
week waits for are items of earlier weeks that its own items depend on (HANDBOOK, section 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, case, func, literal_column, select, union_all
from sqlalchemy.orm import aliased

from program.extensions import db
from program.ground.calendar import WorkingCalendar, days, monday_of
from program.people.models import Person
from program.planning.health import GateDate
from program.planning.models import Dependency, WorkItem
from program.planning.models.items import FINISHED_STATUSES, OPEN_STATUSES, Kind, Status

WEEKS = 13
# Rows named in one week; the rest is a link to the checklist.
NAMED, MILESTONES = 12, 6


@dataclass(frozen=True, slots=True)
class SprintItem:
    """An item due in a week."""

    id: int
    number: int
    title: str
    status: str
    kind: str
    due_on: date
    required: bool
    owner: str | None

    @property
    def finished(self) -> bool:
        """True when nothing is left to do."""
        return self.status in FINISHED_STATUSES


@dataclass(frozen=True, slots=True)
class Wait:
    """An item of this week that waits for an unfinished one. `week` is None when that one has no due date."""

    number: int
    title: str
    for_number: int
    for_title: str
    for_due: date | None
    # The one it waits for is due in a later week: as planned, it cannot work.
    is_wrong: bool


@dataclass(slots=True)
class Sprint:
    """A week of the plan."""

    first: date
    last: date
    working_days: int
    items: list[SprintItem] = field(default_factory=list)
    milestones: list[SprintItem] = field(default_factory=list)
    gates: list[GateDate] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    total: int = 0
    done: int = 0
    # Owners with items in this week, the busiest first: (name or None, open items).
    load: list[tuple[str | None, int]] = field(default_factory=list)

    @property
    def open(self) -> int:
        """What is left of the week."""
        return self.total - self.done

    @property
    def more(self) -> int:
        """Items that are not named."""
        return self.total - len(self.items) - len(self.milestones)


def sprints(
    program_id: int,
    start: date,
    phases: Sequence[Any],
    gates: Sequence[GateDate],
    calendar: WorkingCalendar,
) -> list[Sprint]:
    """Thirteen weeks from the Monday of `start`, in three statements; phases (rows with dates) and gates are given."""
    monday = monday_of(start)
    last = monday + timedelta(weeks=WEEKS, days=-1)
    weeks = []
    for place in range(WEEKS):
        first = monday + timedelta(weeks=place)
        end = first + timedelta(days=6)
        weeks.append(
            Sprint(
                first,
                end,
                working_days=sum(1 for day in days(first, end) if calendar.is_working(day)),
                phases=[phase.name for phase in phases if phase.planned_start <= end and phase.planned_end >= first],
                gates=[gate for gate in gates if first <= gate.planned_on <= end],
            )
        )
    _count(program_id, weeks)
    _name(program_id, weeks)
    for wait, due_on in _waits(program_id, monday, last):
        weeks[(due_on - monday).days // 7].waits.append(wait)
    return weeks


def _count(program_id: int, weeks: Sequence[Sprint]) -> None:
    """How much is due and done in each week, and who carries what is open; counted along an index alone."""
    monday = weeks[0].first
    counted = (
        select(
            WorkItem.due_on,
            WorkItem.owner_id,
            func.count().label("total"),
            func.count(case((WorkItem.status == Status.DONE, 1))).label("done"),
        )
        .where(
            WorkItem.program_id == program_id,
            WorkItem.status.in_((*OPEN_STATUSES, Status.DONE)),
            WorkItem.due_on.between(monday, weeks[-1].last),
        )
        .group_by(WorkItem.due_on, WorkItem.owner_id)
        .subquery()
    )
    rows = db.session.execute(
        select(counted.c.due_on, counted.c.total, counted.c.done, Person.name).outerjoin(
            Person, Person.id == counted.c.owner_id
        )
    )
    loads: list[dict[str | None, int]] = [{} for _week in weeks]
    for due_on, total, done, owner in rows:
        place = (due_on - monday).days // 7
        weeks[place].total += total
        weeks[place].done += done
        if total > done:
            loads[place][owner] = loads[place].get(owner, 0) + total - done
    for week, load in zip(weeks, loads, strict=True):
        week.load = sorted(load.items(), key=lambda one: (-one[1], one[0] or ""))


def _name(program_id: int, weeks: Sequence[Sprint]) -> None:
    """The milestones of each week and the first of its other items, however many there are."""
    monday = weeks[0].first
    values: dict[str, Any] = {"program_id": program_id}
    for place, week in enumerate(weeks):
        values |= {f"first_{place}": week.first, f"last_{place}": week.last}
    for row in db.session.execute(_FIRST_OF_EACH_WEEK, values):
        item = SprintItem(*row)
        week = weeks[(item.due_on - monday).days // 7]
        (week.milestones if item.kind == Kind.MILESTONE else week.items).append(item)


def _first_of_each_week() -> Any:
    parts: list[Any] = []
    for place in range(WEEKS):
        within = (
            WorkItem.program_id == bindparam("program_id"),
            WorkItem.due_on.between(
                bindparam(f"first_{place}", type_=Date()), bindparam(f"last_{place}", type_=Date())
            ),
        )
        shown = WorkItem.status.in_((*OPEN_STATUSES, Status.DONE))
        # Written out, so that both databases see that the partial index of milestones serves.
        milestone: Any = literal_column("'milestone'")
        for kind_is, most in ((WorkItem.kind == milestone, MILESTONES), (WorkItem.kind != milestone, NAMED)):
            first = (
                select(WorkItem.id)
                .where(*within, shown, kind_is)
                .order_by(WorkItem.due_on, WorkItem.id)
                .limit(most)
                .subquery()
            )
            parts.append(select(first.c.id))
    found = union_all(*parts).subquery()
    return (
        select(
            WorkItem.id,
            WorkItem.number,
            WorkItem.title,
            WorkItem.status,
            WorkItem.kind,
            WorkItem.due_on,
            WorkItem.required,
            Person.name.label("owner"),
        )
        .join(found, found.c.id == WorkItem.id)
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .order_by(WorkItem.due_on, WorkItem.id)
    )


_FIRST_OF_EACH_WEEK = _first_of_each_week()


def _waits(program_id: int, first: date, last: date) -> list[tuple[Wait, date]]:
    """Open items of the weeks that wait for unfinished ones of another week, with their own due dates."""
    before, after = aliased(WorkItem), aliased(WorkItem)
    rows: Any = db.session.execute(
        select(after.number, after.title, before.number, before.title, before.due_on, after.due_on)
        .select_from(Dependency)
        .join(before, before.id == Dependency.predecessor_id)
        .join(after, after.id == Dependency.successor_id)
        .where(
            Dependency.program_id == program_id,
            before.status.in_(OPEN_STATUSES),
            after.status.in_(OPEN_STATUSES),
            after.due_on.between(first, last),
        )
        .order_by(after.due_on, after.number, before.number)
    )
    found = []
    for number, title, for_number, for_title, for_due, due_on in rows:
        if for_due is not None and monday_of(for_due) == monday_of(due_on):
            continue
        found.append((Wait(number, title, for_number, for_title, for_due, bool(for_due and for_due > due_on)), due_on))
    return found
