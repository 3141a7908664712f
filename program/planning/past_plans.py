"""The plan at any past moment, worked out from the audit trail by undoing from the present what happened since.

Ten thousand items leave some fifty thousand entries a year, so entries are read as plain rows, in no order that a
database would have to sort, and only those of items that can differ. Neighbours: `baselines.py` keeps moments under a
name; `comparison.py` tells what differs between two plans.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Integer, Text, bindparam, case, cast, or_, select

from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.planning.baselines import ITEM_COLUMNS, Plan, PlanLine, outcome_now
from program.planning.models import Gate, Phase, Program, WorkItem
from program.planning.models.items import Status

# Entries read at once: see `_entries`.
AT_ONCE = 200
# The columns a line is made of, by type, as the audit trail names them; the first is the name, which is never empty.
_COLUMNS = {
    "item": ("title", "phase_id", "start_on", "due_on", "status", "owner_id"),
    "phase": ("name", "planned_start", "planned_end", "actual_start", "actual_end"),
    "gate": ("name", "phase_id", "planned_on", "outcome"),
}
_PLACES = {of: {name: place for place, name in enumerate(names)} for of, names in _COLUMNS.items()}
# By type and id: the values of those columns, days as they are or as the trail writes them.
_States = dict[str, dict[int, list[Any]]]
# Of an entry: the object's type and id, and what it changed.
_Entry = tuple[str, int, dict[str, list[Any]]]
_PROGRAM: Any = bindparam("program", type_=Integer())
_FIRST: Any = bindparam("first", type_=UtcDateTime())
_LAST: Any = bindparam("last", type_=UtcDateTime())


def plan_at(program_id: int, moment: datetime) -> Plan:
    """The plan as it stood right after `moment`, worked out from the audit trail. Permission is the caller's.

    A row whose name came from nothing was created by that entry, one whose name went to nothing was removed by it,
    whatever the entry's verb is called.
    """
    values = {"program": program_id, "first": moment}
    program_began = read(_began(), values).scalar()
    if program_began is None or moment < program_began:
        return {}
    states = _present(_all_items(), values)
    _undo(states, _entries(read(_entries_since(), values).all()))
    return _plan(states)


def plans_between(program_id: int, first: datetime, last: datetime) -> tuple[Plan, Plan]:
    """The plan right after each of two moments, without the items that nothing happened to in between.

    Comparing these two tells the same as comparing two `plan_at`, in four statements and by the size of what happened.
    The first moment is not before the program began. Permission is the caller's.
    """
    values = {"program": program_id, "first": first, "last": last}
    states = _present(_touched_items(), values)
    rows = read(_entries_of_touched(), values).all()
    _undo(states, _entries([row for row in rows if row[4]]))
    after = _plan(states)
    _undo(states, _entries([row for row in rows if not row[4]]))
    return _plan(states), after


@cache
def _began() -> Any:
    return select(Program.created_at).where(Program.id == _PROGRAM)


@cache
def _all_items() -> Any:
    return select(*ITEM_COLUMNS).where(WorkItem.program_id == _PROGRAM)


@cache
def _touched_items() -> Any:
    # An item's entries are those of its program. Said once more, SQLite would look through all of its items.
    return select(*ITEM_COLUMNS).where(WorkItem.id.in_(_touched()))


def _touched() -> Any:
    entry = AuditEntry
    return select(entry.object_id).where(
        entry.program_id == _PROGRAM, entry.at > _FIRST, entry.at <= _LAST, entry.object_type == "item"
    )


@cache
def _phases_and_gates() -> tuple[tuple[str, Any], ...]:
    phase = (Phase.id, Phase.name, Phase.planned_start, Phase.planned_end, Phase.actual_start, Phase.actual_end)
    gate = (Gate.id, Gate.name, Gate.phase_id, Gate.planned_on, outcome_now())
    return (
        ("phase", select(*phase).where(Phase.program_id == _PROGRAM)),
        ("gate", select(*gate).where(Gate.program_id == _PROGRAM)),
    )


@cache
def _entries_since() -> Any:
    entry = AuditEntry
    return select(entry.id, entry.object_type, entry.object_id, cast(entry.changes, Text())).where(
        entry.program_id == _PROGRAM, entry.at > _FIRST, entry.object_type.in_(tuple(_COLUMNS))
    )


@cache
def _entries_of_touched() -> Any:
    """As `_entries_since`, and whether it came after the last moment."""
    entry = AuditEntry
    can_differ = or_(entry.object_type != "item", entry.object_id.in_(_touched()))
    # A number: for many rows, it is read faster than what has to become True or False.
    return _entries_since().add_columns(case((entry.at > _LAST, 1), else_=0)).where(can_differ)


def _entries(rows: Sequence[Any]) -> Iterable[_Entry]:
    """The newest first. Sorted here, where it costs little: they come nearly in order."""
    newest_first = sorted(rows, key=itemgetter(0), reverse=True)
    for start in range(0, len(newest_first), AT_ONCE):
        some = newest_first[start : start + AT_ONCE]
        # Read as one text: one by one it takes twice as long, and all at once much memory.
        changes = json.loads(f"[{','.join(row[3] for row in some)}]")
        for row, changed in zip(some, changes, strict=True):
            yield row[1], row[2], changed


def _present(items: Any, values: dict[str, Any]) -> _States:
    """The columns of the plan's rows as they are now."""
    return {
        of: {row[0]: list(row[1:]) for row in read(statement, values).all()}
        for of, statement in (("item", items), *_phases_and_gates())
    }


def _undo(states: _States, entries: Iterable[_Entry]) -> None:
    for of, object_id, changes in entries:
        objects, places = states[of], _PLACES[of]
        name = changes.get(_COLUMNS[of][0])
        if name is not None and name[0] is None and name[1] is not None:
            objects.pop(object_id, None)
            continue
        if name is not None and name[1] is None and name[0] is not None:
            objects[object_id] = [None] * len(places)
        columns = objects.get(object_id)
        if columns is None:
            continue
        for column, pair in changes.items():
            place = places.get(column)
            if place is not None:
                columns[place] = pair[0]


def _plan(states: _States) -> Plan:
    plan: Plan = {}
    for item_id, (name, phase_id, starts_on, ends_on, status, owner_id) in states["item"].items():
        plan["item", item_id] = PlanLine(name, phase_id, _day(starts_on), _day(ends_on), status, owner_id)
    for phase_id, (name, start, end, actual_start, actual_end) in states["phase"].items():
        status = Status.DONE if actual_end else Status.DOING if actual_start else Status.TODO
        plan["phase", phase_id] = PlanLine(name, phase_id, _day(start), _day(end), status.value, None)
    for gate_id, (name, phase_id, planned_on, outcome) in states["gate"].items():
        plan["gate", gate_id] = PlanLine(name, phase_id, None, _day(planned_on), outcome or "", None)
    return plan


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
