"""What happened in a program since a moment, for the paragraph 'since last Monday'.

Read from the audit trail of that time, not by loading the plan: what an item was at the moment is what the first entry
since then says it was before; what it is now stands in its row. Neighbour: `comparison.py` compares two whole plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from program.ground.audit import AuditEntry
from program.ground.calendar import WorkingCalendar
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.records import record
from program.planning.comparison import working_days_between
from program.planning.models import Gate, GateDecision, WorkItem
from program.planning.models.items import FINISHED_STATUSES, Status
from program.planning.readiness import GateReadiness


@record
class ChangedItem:
    """An item that changed: as it is now, its status and due date at the moment, and the shift in working days."""

    number: int
    title: str
    status: str
    due_on: date | None
    status_before: str | None
    due_before: date | None
    shift: int = 0


@record
class DecidedGate:
    """A decision that was taken since."""

    gate_id: int
    gate: str
    outcome: str
    decided_at: datetime


@record
class ChangesSince:
    """What became of the program since the moment. An item can stand in several lists: added and done, say.

    `reopened` are items that were finished then and are open now; `slipped` and `pulled` open items that are due later
    or earlier than they were; `blocked` those blocked now that were not.
    """

    done: tuple[ChangedItem, ...] = ()
    added: tuple[ChangedItem, ...] = ()
    dropped: tuple[ChangedItem, ...] = ()
    reopened: tuple[ChangedItem, ...] = ()
    blocked: tuple[ChangedItem, ...] = ()
    slipped: tuple[ChangedItem, ...] = ()
    pulled: tuple[ChangedItem, ...] = ()
    decided: tuple[DecidedGate, ...] = ()

    @property
    def nothing(self) -> bool:
        """True when nothing happened."""
        lists = (self.done, self.added, self.dropped, self.reopened, self.blocked, self.slipped, self.pulled)
        return not any((*lists, self.decided))


def changed_since(
    program_id: int,
    moment: datetime,
    calendar: WorkingCalendar | None = None,
    gates: Sequence[GateReadiness] | None = None,
) -> ChangesSince:
    """What happened after `moment`, in two statements; in one with the gates, if their readiness was read already.

    Permission is the caller's.
    """
    found = read(_changed_items(), {"program": program_id, "moment": moment}).all()
    # Sorted here, because the two databases disagree about where those without a date belong.
    rows = sorted(found, key=lambda row: (row[3] or date.max, row[0]))
    decided = _decided_at(gates, moment) if gates is not None else _decided(program_id, moment)
    return _sorted_by_kind(rows, calendar or WorkingCalendar(), decided)


def _sorted_by_kind(
    rows: Sequence[Sequence[Any]], calendar: WorkingCalendar, decided: tuple[DecidedGate, ...]
) -> ChangesSince:
    found: dict[str, list[ChangedItem]] = {}
    for row in rows:
        item, kinds = _told(row, calendar)
        if item is not None:
            for kind in kinds:
                found.setdefault(kind, []).append(item)
    return ChangesSince(**{kind: tuple(items) for kind, items in found.items()}, decided=decided)


def _decided(program_id: int, moment: datetime) -> tuple[DecidedGate, ...]:
    return tuple(DecidedGate(*row) for row in read(_DECIDED, {"program": program_id, "moment": moment}))


def _decided_at(gates: Sequence[GateReadiness], moment: datetime) -> tuple[DecidedGate, ...]:
    found = [
        (taken.sequence, DecidedGate(gate.gate_id, gate.name, taken.outcome, taken.decided_at))
        for gate in gates
        for taken in gate.decisions
        if taken.decided_at > moment
    ]
    return tuple(decided for _sequence, decided in sorted(found, key=lambda one: one[0]))


@cache
def _changed_items() -> Any:
    """One row for each item with a telling entry since the moment: as it is, and what two of its columns were."""
    changes = AuditEntry.changes
    status_after = changes[("status", 1)].as_string()
    due_touched = or_(changes[("due_on", 0)].as_string().is_not(None), changes[("due_on", 1)].as_string().is_not(None))
    first = (
        select(
            AuditEntry.object_id,
            func.min(case((AuditEntry.verb == "item.created", AuditEntry.id))).label("created"),
            func.min(case((status_after.is_not(None), AuditEntry.id))).label("status"),
            func.min(case((due_touched, AuditEntry.id))).label("due"),
        )
        .where(
            AuditEntry.program_id == bindparam("program"),
            AuditEntry.at > bindparam("moment", type_=UtcDateTime()),
            AuditEntry.object_type == "item",
        )
        .group_by(AuditEntry.object_id)
        .subquery()
    )

    def before(column: str, entry_id: Any) -> Any:
        # Asked of one entry at a time: joined, PostgreSQL would read the whole trail to find a few hundred.
        entry = aliased(AuditEntry)
        return select(entry.changes[(column, 0)].as_string()).where(entry.id == entry_id).scalar_subquery()

    return (
        select(
            WorkItem.number,
            WorkItem.title,
            WorkItem.status,
            WorkItem.due_on,
            first.c.created,
            before("status", first.c.status).label("status_before"),
            before("due_on", first.c.due).label("due_before"),
            first.c.due,
        )
        # An item's entries are those of its program. Said once more, it would make PostgreSQL read all of its items.
        .join(first, first.c.object_id == WorkItem.id)
        .where(or_(first.c.created.is_not(None), first.c.status.is_not(None), first.c.due.is_not(None)))
    )


_DECIDED = (
    select(Gate.id, Gate.name, GateDecision.outcome, GateDecision.decided_at)
    .join(GateDecision, GateDecision.gate_id == Gate.id)
    .where(
        GateDecision.program_id == bindparam("program"),
        GateDecision.decided_at > bindparam("moment", type_=UtcDateTime()),
    )
    .order_by(GateDecision.sequence)
)


def _told(row: Sequence[Any], calendar: WorkingCalendar) -> tuple[ChangedItem | None, list[str]]:
    """What one item's row says; None for an item that merely went on."""
    number, title, status, due_on, created, status_before, due_text, due_touched = row
    if created is not None:
        status_before, kinds = None, ["added"]
    else:
        # Without an entry about it, the column is today what it was then.
        status_before, kinds = status_before or status, []
    due_before = date.fromisoformat(due_text) if due_text else None
    shift = 0
    if status != status_before:
        if status == Status.DONE:
            kinds.append("done")
        elif status == Status.DROPPED:
            kinds.append("dropped")
        elif status_before in FINISHED_STATUSES:
            kinds.append("reopened")
        if status == Status.BLOCKED:
            kinds.append("blocked")
    if created is None and due_touched is not None and due_before and due_on and due_on != due_before:
        shift = working_days_between(calendar, due_before, due_on)
        if status not in FINISHED_STATUSES:
            kinds.append("slipped" if due_on > due_before else "pulled")
    if not kinds:
        return None, kinds
    return ChangedItem(number, title, status, due_on, status_before, due_before, shift), kinds
