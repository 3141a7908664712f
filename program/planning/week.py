"""The week of one program or of several: what is overdue, due and blocked, who carries how much, and what that means.

Everything is read in one statement however many programs and items there are; each list is cut to what a morning can
take in, with the full count beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from program.ground import formats
from program.ground.audit import AuditEntry
from program.ground.calendar import monday_of
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.now import zone
from program.ground.records import record
from program.people.models import Person
from program.planning.health import GateDate, lateness
from program.planning.models import Dependency, GateDecision, WorkItem
from program.planning.models.items import OPEN_STATUSES, Status
from program.planning.progress import NOTHING
from program.planning.standing import Standing

SHOWN, SHOWN_WAITING, OWNERS = 8, 4, 8
LOAD_DAYS, GATE_DAYS, NEAR_DAYS = 13, 30, 14
OVERDUE, DUE, BLOCKED, WAITING, LOAD = "overdue", "due", "blocked", "waiting", "load"


@record
class WeekItem:
    """An item as the week shows it. `waits_for` is the number of the first open item it depends on."""

    program_id: int
    number: int
    title: str
    status: str
    status_reason: str
    due_on: date | None
    required: bool
    owner: str | None
    revision: int
    waits_for: int | None


@record
class Section:
    """The first items of a list, and how many there are in all."""

    items: tuple[WeekItem, ...] = ()
    total: int = 0


@record
class Load:
    """Open items that one owner has due within two weeks; `name` is None for items without an owner."""

    person_id: int | None
    name: str | None
    total: int
    overdue: int


@record
class Week:
    """What a week holds."""

    overdue: Section
    due: Section
    blocked: Section
    # Not marked as blocked, due within two weeks, and waiting for an item that is not finished.
    waiting: Section
    # The owners who carry most of it, and how many more there are.
    load: tuple[Load, ...]
    more_owners: int = 0

    @property
    def nothing(self) -> bool:
        """True when there is nothing to act on."""
        return not (self.overdue.total or self.due.total or self.blocked.total or self.waiting.total)


def read_week(program_ids: Sequence[int], today: date) -> Week:
    """The week of those programs, in one statement."""
    if not program_ids:
        return Week(Section(), Section(), Section(), Section(), ())
    items: dict[str, list[WeekItem]] = {OVERDUE: [], DUE: [], BLOCKED: [], WAITING: []}
    totals = dict.fromkeys((*items, LOAD), 0)
    load = []
    values = {
        "program_ids": list(program_ids),
        "today": today,
        "sunday": monday_of(today) + timedelta(days=6),
        "soon": today + timedelta(days=LOAD_DAYS),
    }
    for row in read(_WEEK, values).all():
        section, total, owner_id, carried, late, *item = row
        totals[section] = total
        if section == LOAD:
            load.append(Load(owner_id, row.owner, carried, late))
        else:
            items[section].append(WeekItem(*item))
    sections = {
        name: Section(tuple(sorted(found, key=lambda item: (item.due_on or date.max, item.number))), totals[name])
        for name, found in items.items()
    }
    load.sort(key=lambda one: (one.person_id is None, -one.total, one.name or ""))
    return Week(**sections, load=tuple(load), more_owners=totals[LOAD] - len(load))


def headline(standing: Standing, today: date) -> str:
    """The sentence or two that answer 'so what?': how late, what blocks the next gate, or that all is well."""
    if not standing.progress.total:
        return _("There are no items yet.")
    parts = []
    # What is late already weighs more than what may become late; after that, what comes first in the plan.
    late = sorted((phase for phase in standing.dates.phases if phase.is_late), key=lambda phase: not phase.overdue_days)
    if late:
        parts.append(lateness(late[0]))
    gate = standing.next_gate
    if gate:
        parts += _about_gate(standing, gate, today)
    if len(parts) < 2 and standing.progress.overdue:
        parts.append(ngettext("%(num)s item is overdue.", "%(num)s items are overdue.", standing.progress.overdue))
    if parts:
        return " ".join(parts)
    if gate:
        return _("All is on plan. The next gate is on %(day)s.", day=formats.day(gate.planned_on))
    return _("All is on plan.")


def _about_gate(standing: Standing, gate: GateDate, today: date) -> list[str]:
    day = formats.day(gate.planned_on)
    if gate.reopened:
        return [_("%(gate)s is reopened: a condition of its conditional go is late.", gate=gate.name)]
    if gate.planned_on < today:
        return [_("The decision at %(gate)s was planned for %(day)s and is open.", gate=gate.name, day=day)]
    done = standing.by_phase.get(gate.phase_id)
    if done and done.required_open and gate.planned_on <= today + timedelta(days=NEAR_DAYS):
        return [
            ngettext(
                "%(num)s item blocks the gate on %(day)s.",
                "%(num)s items block the gate on %(day)s.",
                done.required_open,
                day=day,
            )
        ]
    return []


def worst_first(standings: Sequence[Standing]) -> list[Standing]:
    """Programs by how much they need somebody: by state, then by days late, then by what is overdue."""
    return sorted(
        standings,
        key=lambda one: (
            one.health.rank,
            -max((phase.late_by for phase in one.dates.phases), default=0),
            -one.progress.overdue,
            one.program.name,
        ),
    )


@record
class GateAhead:
    """A gate of the next thirty days, or one whose day went by undecided; `met` of `total` is what it asks."""

    standing: Standing
    gate: GateDate
    met: int
    total: int


def gates_ahead(standings: Sequence[Standing], today: date) -> list[GateAhead]:
    """The gates that come up, soonest first, with the required items of their phases that are done."""
    found = []
    for standing in standings:
        for gate in standing.gates:
            if gate.passed or gate.planned_on > today + timedelta(days=GATE_DAYS):
                continue
            done = standing.by_phase.get(gate.phase_id, NOTHING)
            found.append(GateAhead(standing, gate, done.required_total - done.required_open, done.required_total))
    return sorted(found, key=lambda ahead: (ahead.gate.planned_on, ahead.gate.id))


@record
class Since:
    """What happened in a program since a moment, in figures."""

    finished: int = 0
    added: int = 0
    decided: int = 0


def since_in_figures(program_ids: Sequence[int], moment: datetime) -> dict[int, Since]:
    """What happened in those programs since then, by program; one statement. Nothing happened: not there."""
    if not program_ids:
        return {}
    found: dict[int, dict[str, int]] = {}
    for program_id, what, count in read(_SINCE, {"program_ids": list(program_ids), "moment": moment}):
        found.setdefault(program_id, {})[what] = count
    return {program_id: Since(**counts) for program_id, counts in found.items()}


def last_monday(today: date, timezone: str) -> datetime:
    """The beginning of this week; on a Monday, of the week before: 'since last Monday' is then what people ask."""
    monday = monday_of(today)
    if monday == today:
        monday -= timedelta(weeks=1)
    return datetime.combine(monday, time(), zone(timezone))


_ITEM, _PERSON, _DEPENDENCY = WorkItem.__table__, Person.__table__, Dependency.__table__
_BEFORE = _ITEM.alias("before")
_I = _ITEM.c


def _written(*statuses: Status) -> list[Any]:
    # As text: bound, dozens of parameters would be put into their places with every page.
    return [literal_column(f"'{status}'") for status in statuses]


_OPEN, _UNMARKED = _written(*OPEN_STATUSES), _written(Status.TODO, Status.DOING)
# PostgreSQL wants to know what kind of nothing it is.
_NONE: Any = cast(null(), Integer)
_ZERO: Any = literal_column("0", Integer)


def _week() -> Any:
    """Four short lists of ids with their full counts, and the load by owner; then the rows of those ids alone."""
    program_ids: Any = bindparam("program_ids", expanding=True)
    today, sunday, soon = (bindparam(name, type_=Date()) for name in ("today", "sunday", "soon"))
    here = _I.program_id.in_(program_ids)
    is_open, waits = _I.status.in_(_OPEN), _waits()
    lists = union_all(
        _listed(OVERDUE, SHOWN, here, is_open, _I.due_on < today),
        _listed(DUE, SHOWN, here, is_open, _I.due_on.between(today, sunday)),
        _listed(BLOCKED, SHOWN, here, _I.status == literal_column("'blocked'")),
        _listed(WAITING, SHOWN_WAITING, here, _I.status.in_(_UNMARKED), _I.due_on <= soon, waits),
        _loads(today, here, is_open, _I.due_on <= soon),
    ).subquery()
    section, item_id, total, owner_id, carried, late = lists.c
    return select(
        *(section, total, owner_id, carried, late),
        *(_I.program_id, _I.number, _I.title, _I.status, _I.status_reason, _I.due_on, _I.required),
        *(_PERSON.c.name.label("owner"), _I.revision, _waits_for()),
    ).select_from(
        lists.outerjoin(_ITEM, _I.id == item_id).outerjoin(
            _PERSON, _PERSON.c.id == case((section == LOAD, owner_id), else_=_I.owner_id)
        )
    )


def _listed(name: str, most: int, *wanted: ColumnElement[bool]) -> Any:
    first = select(_I.id).where(*wanted).order_by(_I.due_on, _I.id).limit(literal_column(str(most))).subquery()
    # Both read an index alone; a window over the whole list would keep every row of it.
    total = select(func.count()).select_from(_ITEM).where(*wanted).scalar_subquery()
    columns = (_name(name), first.c.id, total, _NONE.label("owner_id"), _ZERO.label("carried"), _ZERO.label("late"))
    return select(*columns)


def _loads(today: Any, *wanted: ColumnElement[bool]) -> Any:
    carried = func.count().label("carried")
    busiest = (
        select(_I.owner_id, carried, func.count(case((_I.due_on < today, 1))), func.count().over())
        .where(*wanted)
        .group_by(_I.owner_id)
        .order_by(carried.desc(), _I.owner_id)
        .limit(literal_column(str(OWNERS)))
        .subquery()
    )
    owner_id, total, late, owners = busiest.c
    return select(_name(LOAD), _NONE, owners, owner_id, total, late)


def _name(section: str) -> Any:
    return literal_column(f"'{section}'", String).label("section")


def _waits() -> Any:
    """Whether an item waits for an open one."""
    hindered = (_DEPENDENCY.c.successor_id == _I.id, _DEPENDENCY.c.before_open)
    return select(literal_column("1")).select_from(_DEPENDENCY).where(*hindered).correlate(_ITEM).exists()


def _waits_for() -> Any:
    """The number of the first open item that an item waits for."""
    return (
        select(func.min(_BEFORE.c.number))
        .select_from(_BEFORE.join(_DEPENDENCY, _DEPENDENCY.c.predecessor_id == _BEFORE.c.id))
        .where(_DEPENDENCY.c.successor_id == _I.id, _DEPENDENCY.c.before_open)
        .correlate(_ITEM)
        .scalar_subquery()
    )


def _since() -> Any:
    program_ids: Any = bindparam("program_ids", expanding=True)
    moment = bindparam("moment", type_=UtcDateTime())
    return union_all(
        select(WorkItem.program_id, literal("finished"), func.count())
        .where(WorkItem.program_id.in_(program_ids), WorkItem.done_at >= moment)
        .group_by(WorkItem.program_id),
        select(AuditEntry.program_id, literal("added"), func.count())
        .where(AuditEntry.program_id.in_(program_ids), AuditEntry.at >= moment, AuditEntry.verb == "item.created")
        .group_by(AuditEntry.program_id),
        select(GateDecision.program_id, literal("decided"), func.count())
        .where(GateDecision.program_id.in_(program_ids), GateDecision.decided_at >= moment)
        .group_by(GateDecision.program_id),
    )


# Built once: putting so large a statement together costs more than running it.
_WEEK = _week()
_SINCE = _since()
