"""Changing many items at once: first a preview of what would change and what cannot, and why; then all in one act.

Preview and act go through the same plan, so that the preview cannot promise what the act does not do. The act takes the
revisions that the preview saw: an item that somebody changed in between is left alone and told. Rows are written by
set, each one is in the audit trail, and all share a batch, so that `undo.py` can take the whole act back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, delete, insert, select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Forbidden, Invalid
from program.ground.now import utc_now
from program.ground.records import record
from program.people import access
from program.planning.item_lists import chunks, tags_of
from program.planning.item_rules import MAX_TAGS, Surroundings, check_manager, checked, clean_tags
from program.planning.models import ItemTag, WorkItem
from program.planning.models.items import Status

MAX_ITEMS, MAX_SHIFT = 10_000, 260
# Columns that can be set on many items at once.
SETTABLE = frozenset({"status", "status_reason", "owner_id", "due_on", "phase_id", "priority", "required"})
_COLUMNS = (
    WorkItem.id,
    WorkItem.number,
    WorkItem.title,
    WorkItem.revision,
    WorkItem.status,
    WorkItem.status_reason,
    WorkItem.required,
    WorkItem.owner_id,
    WorkItem.priority,
    WorkItem.kind,
    WorkItem.start_on,
    WorkItem.due_on,
    WorkItem.phase_id,
    WorkItem.block_id,
    WorkItem.started_at,
    WorkItem.done_at,
)
_BEFORE = tuple(column.key for column in _COLUMNS[4:14])


@record
class BulkChange:
    """What to do to each item: set columns of SETTABLE, move its days by working days, add and remove tags."""

    values: Mapping[str, Any] = field(default_factory=dict)
    shift: int = 0
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when it asks for nothing."""
        return not (self.values or self.shift or self.add_tags or self.remove_tags)


@record
class Refusal:
    """An item that stays as it is, and why."""

    number: int
    title: str
    reason: str


@dataclass(slots=True)
class BulkPlan:
    """What a change would do: items that change, how many are so already, and those that cannot."""

    changing: list[PlannedItem] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)


@record
class PlannedItem:
    """One item that changes: the columns that really do, and its tags before and after."""

    row: Row[Any]
    values: dict[str, Any]
    tags: tuple[tuple[str, ...], tuple[str, ...]]


@record
class BulkResult:
    """What an act did. `batch` takes it back; None when nothing changed."""

    batch: str | None
    changed: int
    overtaken: tuple[Refusal, ...]
    refused: tuple[Refusal, ...]


def preview(
    actor: Actor, program_id: int, numbers: Sequence[int], change: BulkChange, calendar: WorkingCalendar
) -> BulkPlan:
    """What the change would do to the items of those numbers; numbers that do not exist are left out.

    Raises Invalid with the field at fault when the change itself makes no sense, Forbidden for too little access.
    """
    _check(actor, program_id, numbers, change)
    return _plan(actor, program_id, _rows(program_id, numbers), change, calendar)


def apply_change(
    actor: Actor, program_id: int, seen: Mapping[int, int], change: BulkChange, calendar: WorkingCalendar
) -> BulkResult:
    """Do it to the items whose revision is still the one that was seen (revision by number). One batch."""
    numbers = sorted(seen)
    _check(actor, program_id, numbers, change)
    fresh, overtaken = [], []
    for row in _rows(program_id, numbers, lock=True):
        if row.revision == seen[row.number]:
            fresh.append(row)
        else:
            reason = str(_l("Somebody changed it since the preview."))
            overtaken.append(Refusal(row.number, row.title, reason))
    plan = _plan(actor, program_id, fresh, change, calendar)
    batch = audit.new_batch() if plan.changing else None
    if batch:
        _write(actor, program_id, plan.changing, batch)
    return BulkResult(batch, len(plan.changing), tuple(overtaken), tuple(plan.refused))


def _check(actor: Actor, program_id: int, numbers: Sequence[int], change: BulkChange) -> None:
    access.require(actor, program_id, Access.CONTRIBUTOR)
    if unknown := set(change.values) - SETTABLE:
        raise ValueError(f"cannot be set on many items: {sorted(unknown)}")
    if len(numbers) > MAX_ITEMS:
        raise Invalid(_l("Up to %(most)s items at a time.", most=MAX_ITEMS))
    wrong: dict[str, Any] = {}
    if abs(change.shift) > MAX_SHIFT:
        wrong["shift"] = _l("Up to %(most)s working days either way.", most=MAX_SHIFT)
    status = change.values.get("status")
    if status in (Status.BLOCKED, Status.DROPPED) and not str(change.values.get("status_reason") or "").strip():
        blocked = status == Status.BLOCKED
        wrong["status_reason"] = _l("Say what blocks them.") if blocked else _l("Say why they are dropped.")
    if change.is_empty:
        wrong["status"] = _l("Choose at least one change.")
    for name in ("add_tags", "remove_tags"):
        try:
            clean_tags(getattr(change, name))
        except Invalid as error:
            wrong[name] = error.fields["tags"]
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)


def _rows(program_id: int, numbers: Sequence[int], *, lock: bool = False) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for part in chunks(sorted(set(numbers))):
        statement = select(*_COLUMNS).where(WorkItem.program_id == program_id, WorkItem.number.in_(part))
        # In the order of ids, so that two bulk edits wait for each other instead of blocking each other for ever.
        statement = statement.order_by(WorkItem.id)
        found += db.session.execute(statement.with_for_update() if lock else statement)
    return found


def _plan(
    actor: Actor, program_id: int, rows: Sequence[Row[Any]], change: BulkChange, calendar: WorkingCalendar
) -> BulkPlan:
    plan = BulkPlan()
    is_manager = (access.access_of(actor, program_id) or 0) >= Access.MANAGER
    around = Surroundings(program_id)
    shifted = _Shift(calendar, change.shift)
    adding, removing = clean_tags(change.add_tags), set(clean_tags(change.remove_tags))
    present = tags_of([row.id for row in rows]) if adding or removing else {}
    for row in rows:
        before = {name: getattr(row, name) for name in _BEFORE}
        try:
            wanted = {**change.values, **shifted.of(row)}
            tidy = checked(wanted, before, around) if wanted else {}
            check_manager(is_manager, row, tidy)  # type: ignore[arg-type]
            tags = _retagged(present.get(row.id, []), adding, removing)
        except (Invalid, Forbidden) as error:
            plan.refused.append(Refusal(row.number, row.title, _reason(error)))
            continue
        values = {name: value for name, value in tidy.items() if value != before[name]}
        if values or tags[0] != tags[1]:
            plan.changing.append(PlannedItem(row, values, tags))
        else:
            plan.unchanged += 1
    return plan


def _reason(error: Invalid | Forbidden) -> str:
    if isinstance(error, Invalid) and error.fields:
        return " ".join(str(reason) for reason in error.fields.values())
    return str(error.sentence)


class _Shift:
    """Moves days by working days; each day is worked out once."""

    def __init__(self, calendar: WorkingCalendar, working_days: int) -> None:
        self.calendar, self.working_days = calendar, working_days
        self._known: dict[date, date] = {}

    def of(self, row: Row[Any]) -> dict[str, date]:
        """The row's new days. Start and due move together: the item stays as long as it was."""
        if not self.working_days:
            return {}
        if row.due_on is None and row.start_on is None:
            raise Invalid(_l("It has no date to move."))
        return {name: self._moved(day) for name in ("start_on", "due_on") if (day := getattr(row, name)) is not None}

    def _moved(self, day: date) -> date:
        if day not in self._known:
            try:
                self._known[day] = self.calendar.add(day, self.working_days)
            except OverflowError as error:
                raise Invalid(_l("It would move out of the years 2000 to 2099.")) from error
        return self._known[day]


def _retagged(
    present: Sequence[str], adding: Iterable[str], removing: set[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    after = sorted({*present, *adding} - removing)
    if len(after) > MAX_TAGS and len(after) > len(present):
        raise Invalid(_l("It would have more than %(most)s tags.", most=MAX_TAGS))
    return tuple(sorted(present)), tuple(after)


def _write(actor: Actor, program_id: int, planned: Sequence[PlannedItem], batch: str) -> None:
    now = utc_now()
    # Items that get the same values are written together: a handful of statements, not one for each item.
    by_values: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    changed, tagged = [], []
    for item in planned:
        values = {**item.values, **_moments(item, now)}
        by_values.setdefault(tuple(sorted(values.items())), []).append(item.row.id)
        if values:
            changes = {
                name: [audit.in_json(getattr(item.row, name)), audit.in_json(new)] for name, new in values.items()
            }
            changed.append((item.row.id, item.row.title, changes))
        if item.tags[0] != item.tags[1]:
            tagged.append((item.row.id, item.row.title, {"tags": [list(item.tags[0]), list(item.tags[1])]}))
    for columns, ids in by_values.items():
        values = {**dict(columns), "updated_at": now, "revision": WorkItem.revision + 1}
        for part in chunks(ids):
            statement = update(WorkItem).where(WorkItem.id.in_(part)).values(values)
            db.session.execute(statement, execution_options={"synchronize_session": False})
    _write_tags(program_id, planned)
    # Rows that this transaction had in hand are no longer what they were.
    db.session.expire_all()
    audit.record_many(actor, "item.changed", program_id, changed, batch=batch)
    audit.record_many(actor, "item.tagged", program_id, tagged, batch=batch)


def _write_tags(program_id: int, planned: Sequence[PlannedItem]) -> None:
    added = [
        {"item_id": item.row.id, "tag": tag, "program_id": program_id}
        for item in planned
        for tag in set(item.tags[1]) - set(item.tags[0])
    ]
    removed: dict[str, list[int]] = {}
    for item in planned:
        for tag in set(item.tags[0]) - set(item.tags[1]):
            removed.setdefault(tag, []).append(item.row.id)
    for tag, ids in removed.items():
        for part in chunks(ids):
            db.session.execute(delete(ItemTag).where(ItemTag.tag == tag, ItemTag.item_id.in_(part)))
    if added:
        db.session.execute(insert(ItemTag), added)


def _moments(item: PlannedItem, now: datetime) -> dict[str, datetime | None]:
    """When work began and ended, as it follows from a new status (the same rule as in `items.py`)."""
    status = item.values.get("status")
    if status is None:
        return {}
    found: dict[str, datetime | None] = {}
    if status == Status.DONE:
        found["done_at"] = now
    elif item.row.done_at is not None:
        found["done_at"] = None
    if status in (Status.DOING, Status.DONE) and item.row.started_at is None:
        found["started_at"] = now
    return found
