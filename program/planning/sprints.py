"""The 90-day plan: thirteen weekly sprints from a chosen Monday, derived from any program as it stands.

Nothing is stored for it: an item belongs to the week in which it is due, and moves to another by its due date. What a
week waits for are items of earlier weeks that its own items depend on (HANDBOOK, section 3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from heapq import nsmallest
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Date, Integer, String, bindparam, cast, func, literal_column, or_, select, union_all

from program.ground import formats
from program.ground.calendar import WorkingCalendar, days, monday_of
from program.ground.database import read
from program.ground.records import record
from program.people.models import Person
from program.planning.health import GateDate
from program.planning.models import Dependency, WorkItem
from program.planning.models.items import FINISHED_STATUSES, OPEN_STATUSES, Kind, Status

WEEKS = 13
# What is named in one week; the rest is a number and a link to the checklist.
NAMED, MILESTONES, WAITS, OWNERS = 4, 2, 2, 4
# Where there are few items, nearly all of them are named.
NAMED_OF_FEW, FEW = 12, 80


@record
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


@record
class Wait:
    """An item of this week that waits for an unfinished one. `for_due` is None when that one has no due date."""

    number: int
    title: str
    for_number: int
    for_title: str
    for_due: date | None
    # The one it waits for is due in a later week: as planned, it cannot work.
    is_wrong: bool

    def said(self, key: str) -> str:
        """What it waits for, in words: the number, with the week it is due in."""
        item = f"{key}-{self.for_number}"
        if self.for_due is None:
            return _("waits for %(item)s, which has no due date", item=item)
        return _("waits for %(item)s of %(week)s", item=item, week=formats.week(self.for_due))


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
    # There are more waits than are named.
    more_waits: bool = False
    # The busiest owners: (name or None, open items); and how many other people have open items in this week.
    load: list[tuple[str | None, int]] = field(default_factory=list)
    others: int = 0

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
    """Thirteen weeks from the Monday of `start`, in four statements; phases (rows with dates) and gates are given."""
    monday = monday_of(start)
    weeks = []
    for place in range(WEEKS):
        first = monday + timedelta(weeks=place)
        end = first + timedelta(days=6)
        weeks.append(
            Sprint(
                first,
                end,
                working_days=_working_days(first, calendar),
                phases=[phase.name for phase in phases if phase.planned_start <= end and phase.planned_end >= first],
                gates=[gate for gate in gates if first <= gate.planned_on <= end],
            )
        )
    values: dict[str, Any] = {"program_id": program_id}
    for place, week in enumerate(weeks):
        values |= {f"first_{place}": week.first, f"last_{place}": week.last}
    _count(program_id, weeks)
    values["named"] = NAMED_OF_FEW if sum(week.total for week in weeks) <= FEW else NAMED
    _name(values, weeks)
    _wait(values, weeks)
    return weeks


@lru_cache(maxsize=2048)
def _working_days(monday: date, calendar: WorkingCalendar) -> int:
    return sum(1 for day in days(monday, monday + timedelta(days=6)) if calendar.is_working(day))


def _count(program_id: int, weeks: Sequence[Sprint]) -> None:
    """How much is due and done in each week, and who carries most of what is open."""
    monday = weeks[0].first
    loads: list[Counter[int | None]] = [Counter() for _week in weeks]
    values = {"program_id": program_id, "first": monday, "last": weeks[-1].last}
    for status, due_on, count, owned, owners in read(_DAYS, values).all():
        place = (due_on - monday).days // 7
        weeks[place].total += count
        if status == Status.DONE:
            weeks[place].done += count
            continue
        loads[place].update(map(int, owners.split(",")) if owners else ())
        if count > owned:
            loads[place][None] += count - owned
    # Whoever carries as much as another is not the busier one: the order of their ids is as good as any.
    busiest = [nsmallest(OWNERS, load.items(), key=lambda one: (-one[1], one[0] or 0)) for load in loads]
    ids = {owner for owners in busiest for owner, _count in owners if owner is not None}
    names: dict[int | None, str] = {}
    if ids:
        names = {row.id: row.name for row in read(_NAMES, {"ids": sorted(ids)}).all()}
    for week, owners, load in zip(weeks, busiest, loads, strict=True):
        week.load = [(names.get(owner), count) for owner, count in owners]
        week.others = len(load) - len(owners)


def _name(values: dict[str, Any], weeks: Sequence[Sprint]) -> None:
    """The first milestones of each week and the first of its other items, however many there are."""
    for row in read(_FIRST_OF_EACH_WEEK, values).all():
        item = SprintItem(*row)
        week = weeks[(item.due_on - weeks[0].first).days // 7]
        (week.milestones if item.kind == Kind.MILESTONE else week.items).append(item)


def _wait(values: dict[str, Any], weeks: Sequence[Sprint]) -> None:
    """The first open items of each week that wait for unfinished ones of another week."""
    for number, title, due_on, for_number, for_title, for_due in read(_FIRST_WAITS, values).all():
        week = weeks[(due_on - weeks[0].first).days // 7]
        if len(week.waits) == WAITS:
            week.more_waits = True
            continue
        week.waits.append(Wait(number, title, for_number, for_title, for_due, bool(for_due and for_due > due_on)))


# Statements are put together once. A week's first rows are read along an index of days up to a limit, week by week: a
# window over all thirteen would sort thousands of rows to show a few dozen.
_ITEM, _PERSON, _DEPENDENCY = WorkItem.__table__, Person.__table__, Dependency.__table__
_I = _ITEM.c


# As text: bound, hundreds of parameters would be put into their places with every page.
_OPEN: list[Any] = [literal_column(f"'{status}'") for status in OPEN_STATUSES]


def _kept(columns: Any) -> Any:
    # Written as the partial index of days has it, so that both databases see that it serves.
    return columns.status != literal_column("'dropped'")


def _days() -> Any:
    """A row for each day and status: how many items, how many of them owned, and the ids of their owners."""
    # The owners come as one text for each day: as rows of their own they would be thousands.
    return (
        select(
            *(_I.status, _I.due_on, func.count(), func.count(_I.owner_id)),
            func.aggregate_strings(cast(_I.owner_id, String), ","),
        )
        .where(
            _I.program_id == bindparam("program_id"),
            _I.status.in_([*_OPEN, literal_column("'done'")]),
            _I.due_on.between(bindparam("first", type_=Date()), bindparam("last", type_=Date())),
        )
        .group_by(_I.status, _I.due_on)
    )


def _within(columns: Any, place: int) -> tuple[Any, Any]:
    first, last = (bindparam(f"{edge}_{place}", type_=Date()) for edge in ("first", "last"))
    return columns.program_id == bindparam("program_id"), columns.due_on.between(first, last)


def _first_of_each_week() -> Any:
    parts: list[Any] = []
    # Written out, so that both databases see that the partial index of milestones serves.
    milestone: Any = literal_column("'milestone'")
    named: Any = bindparam("named", type_=Integer)
    for place in range(WEEKS):
        for kind_is, most in ((_I.kind == milestone, literal_column(str(MILESTONES))), (_I.kind != milestone, named)):
            wanted = (*_within(_I, place), _kept(_I), kind_is)
            first = select(_I.id).where(*wanted).order_by(_I.due_on, _I.id).limit(most)
            parts.append(select(first.subquery().c.id))
    return (
        select(*(_I.id, _I.number, _I.title, _I.status, _I.kind, _I.due_on, _I.required, _PERSON.c.name))
        .select_from(_ITEM.outerjoin(_PERSON, _PERSON.c.id == _I.owner_id))
        .where(_I.id.in_(union_all(*parts)))
        .order_by(_I.due_on, _I.id)
    )


def _first_waits() -> Any:
    before, after, waits = _ITEM.alias("before"), _ITEM.alias("after"), _DEPENDENCY.c
    parts: list[Any] = []
    for place in range(WEEKS):
        of_program, in_week = _within(waits, place)
        first_day, last_day = (bindparam(f"{edge}_{place}", type_=Date()) for edge in ("first", "last"))
        due = waits.before_due_on
        first = (
            select(waits.successor_id, waits.predecessor_id)
            .where(of_program, in_week, or_(due.is_(None), due < first_day, due > last_day))
            .where(waits.before_open, waits.after_open)
            .order_by(waits.due_on, waits.successor_id, waits.predecessor_id)
            # One more than is named says whether there are more.
            .limit(literal_column(str(WAITS + 1)))
            .subquery()
        )
        parts.append(select(first))
    # Found in an index alone; only the few that are named are looked up.
    found = union_all(*parts).subquery()
    return (
        select(
            *(after.c.number, after.c.title, after.c.due_on),
            *(before.c.number.label("for_number"), before.c.title.label("for_title"), before.c.due_on.label("for_due")),
        )
        .select_from(found)
        .join(after, after.c.id == found.c.successor_id)
        .join(before, before.c.id == found.c.predecessor_id)
        .order_by(after.c.due_on, after.c.id, before.c.id)
    )


_DAYS = _days()
_NAMES = select(_PERSON.c.id, _PERSON.c.name).where(_PERSON.c.id.in_(bindparam("ids", expanding=True)))
_FIRST_OF_EACH_WEEK = _first_of_each_week()
_FIRST_WAITS = _first_waits()
