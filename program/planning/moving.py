"""Moving a phase: what goes along, day by day, shown before anything is changed and done in one act.

A move by whole weeks keeps weekdays: a phase that began on a Monday begins on a Monday, or on the next working day. Any
other move counts working days, so that nothing gets shorter. The start of the phase carries its blocks and items along,
its end carries its gate and all that follows. What has happened stays: finished phases, decided gates, done and dropped
items never move, and a phase that has begun keeps its start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import DAY, FIRST_DAY, LAST_DAY, WorkingCalendar, days
from program.ground.errors import Conflict, Invalid
from program.ground.records import record
from program.people import access
from program.planning.item_sweeps import ItemSweep, sweep
from program.planning.models import Gate, GateDecision, Phase, PhaseBlock, WorkItem
from program.planning.models.items import OPEN_STATUSES, Kind
from program.playbooks.model import WEEKS_MAX

CHANGED_SINCE = _l("The plan changed since you looked at the preview. Here is what your move would do now.")
# A first and a last day; a gate, and an item without a start, has only the last.
Dates = tuple[date | None, date | None]
PHASE, BLOCK, GATE, ITEM, MILESTONE = "phase", "block", "gate", "item", "milestone"


@record
class Wish:
    """The new planned dates of a phase, and what should go along."""

    start: date
    end: date
    with_items: bool = True
    with_following: bool = True


@record
class Step:
    """One thing that moves. A gate, and an item without a start, has only ends."""

    what: str
    id: int
    revision: int
    name: str
    phase_id: int
    old_start: date | None
    old_end: date | None
    new_start: date | None
    new_end: date | None
    # By how many working days its end moves, or its start where it has no end; negative is earlier.
    working_days: int
    number: int | None = None


@record
class MovePlan:
    """All that a move would do. `fingerprint` changes when anything it rests on does."""

    phase_id: int
    wish: Wish
    steps: tuple[Step, ...]
    fingerprint: str = field(compare=False)

    def of(self, *whats: str) -> tuple[Step, ...]:
        """The steps of those kinds."""
        return tuple(step for step in self.steps if step.what in whats)


class Shift:
    """How days move: by whole weeks where the two days lie whole weeks apart, else by working days."""

    def __init__(self, calendar: WorkingCalendar, old: date, new: date) -> None:
        self._calendar = calendar
        distance = new - old
        self.working_days = working_days_between(calendar, old, new)
        self._weeks = distance if distance.days % 7 == 0 else None
        self.moves = old != new
        self._starts: dict[date, date] = {}
        self._ends: dict[date, date] = {}

    def start(self, day: date) -> date:
        """Where a first day goes: onto a working day, the next one where it must give way."""
        if not self.moves:
            return day
        if day not in self._starts:
            if self._weeks is None:
                self._starts[day] = self._calendar.add(self._calendar.on_or_after(day), self.working_days)
            else:
                self._starts[day] = self._calendar.on_or_after(in_years(day + self._weeks))
        return self._starts[day]

    def end(self, day: date) -> date:
        """Where a last or due day goes: onto a working day, the one before where it must give way."""
        if not self.moves:
            return day
        if day not in self._ends:
            if self._weeks is None:
                self._ends[day] = self._calendar.add(self._calendar.on_or_before(day), self.working_days)
            else:
                self._ends[day] = self._calendar.on_or_before(in_years(day + self._weeks))
        return self._ends[day]

    def span(self, start: date | None, end: date | None) -> Dates:
        """Both ends of a stretch, in order."""
        new_start = self.start(start) if start else None
        new_end = self.end(end) if end else None
        if new_start and new_end and new_end < new_start:
            new_end = new_start
        return new_start, new_end


def working_days_between(calendar: WorkingCalendar, old: date, new: date) -> int:
    """How many working days lie from `old` on to `new`; negative when it is earlier. `add` takes the same number."""
    if new >= old:
        return sum(1 for day in days(old + DAY, new) if calendar.is_working(day))
    return -sum(1 for day in days(new, old - DAY) if calendar.is_working(day))


def wished(phase: Phase, calendar: WorkingCalendar, start: date, end: date, **along: bool) -> Wish:
    """A wish whose days are working days. Raises Invalid naming `start` or `end` for days that cannot be."""
    wrong: dict[str, Any] = {}
    for name, day in (("start", start), ("end", end)):
        if not FIRST_DAY <= day <= LAST_DAY:
            wrong[name] = _l("Give a day between 2000 and 2099.")
    if not wrong:
        start, end = calendar.on_or_after(start), calendar.on_or_before(end)
        if end < start:
            wrong["end"] = _l("It ends before it starts.")
        elif end - start >= timedelta(weeks=WEEKS_MAX):
            wrong["end"] = _l("A phase takes up to %(most)s weeks.", most=WEEKS_MAX)
        elif phase.actual_end is not None:
            wrong["end"] = _l("This phase is finished, so its plan stays as it was.")
        elif phase.actual_start is not None and start != phase.planned_start:
            wrong["start"] = _l("This phase has begun, so its planned start stays as it was.")
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return Wish(start, end, **along)


def preview(actor: Actor, phase: Phase, calendar: WorkingCalendar, wish: Wish) -> MovePlan:
    """What the move would do; nothing is changed. Raises Invalid when it would leave the years that can be planned."""
    access.require(actor, phase.program_id, Access.MANAGER)
    try:
        steps = tuple(_steps(phase, calendar, wish))
    except OverflowError as error:
        raise Invalid(
            _l("Something is not right yet."), {"end": _l("What follows would lie outside the years 2000 to 2099.")}
        ) from error
    return MovePlan(phase.id, wish, steps, _fingerprint(phase, wish, steps))


def move(actor: Actor, phase: Phase, calendar: WorkingCalendar, wish: Wish, *, seen: str) -> str:
    """Do what was previewed, in one batch, and return the batch. `seen` is the fingerprint of the preview.

    Raises Conflict when anything the preview showed has changed since.
    """
    plan = preview(actor, phase, calendar, wish)
    if plan.fingerprint != seen:
        raise Conflict(CHANGED_SINCE)
    batch = audit.new_batch()
    _write_rows(actor, Phase, "phase.moved", plan.of(PHASE), ("planned_start", "planned_end"), batch)
    _write_rows(actor, PhaseBlock, "block.changed", plan.of(BLOCK), ("starts_on", "ends_on"), batch)
    _write_rows(actor, Gate, "gate.changed", plan.of(GATE), (None, "planned_on"), batch)
    sweep(
        actor,
        phase.program_id,
        [
            ItemSweep(
                step.id,
                step.name,
                step.revision,
                {"start_on": step.old_start, "due_on": step.old_end},
                {"start_on": step.new_start, "due_on": step.new_end},
            )
            for step in plan.of(ITEM, MILESTONE)
        ],
        batch,
    )
    return batch


def in_years(day: date) -> date:
    """The day, if it can be planned. Raises OverflowError."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise OverflowError(day)
    return day


def _steps(phase: Phase, calendar: WorkingCalendar, wish: Wish) -> Iterable[Step]:
    begin = Shift(calendar, phase.planned_start, wish.start)
    finish = Shift(calendar, phase.planned_end, wish.end)
    follows = _following(phase) if wish.with_following and finish.moves else []
    yield from _moved(PHASE, phase, (phase.planned_start, phase.planned_end), (wish.start, wish.end), calendar)
    for other in follows:
        first = other.planned_start if other.actual_start else finish.start(other.planned_start)
        last = max(finish.end(other.planned_end), first)
        yield from _moved(PHASE, other, (other.planned_start, other.planned_end), (first, last), calendar)

    def placed(row: Any, old: Dates) -> Dates:
        if row.phase_id != phase.id:
            return finish.span(*old)
        return _inside(phase, wish, old, begin.span(*old))

    following_ids = [other.id for other in follows]
    all_ids = [phase.id, *following_ids]
    for block in db.session.execute(_block_columns().where(PhaseBlock.phase_id.in_(all_ids))):
        old = (block.starts_on, block.ends_on)
        yield from _moved(BLOCK, block, old, placed(block, old), calendar)
    for gate in db.session.execute(_gate_columns().where(Gate.phase_id.in_(all_ids))):
        new = finish.span(None, gate.planned_on)
        if gate.phase_id == phase.id:
            new = _inside(phase, wish, (None, gate.planned_on), new)
        yield from _moved(GATE, gate, (None, gate.planned_on), new, calendar)
    with_items = all_ids if wish.with_items else following_ids
    for item in db.session.execute(_item_columns(phase.program_id).where(WorkItem.phase_id.in_(with_items))):
        old = (item.start_on, item.due_on)
        what = MILESTONE if item.kind == Kind.MILESTONE else ITEM
        yield from _moved(what, item, old, placed(item, old), calendar)


def _inside(phase: Phase, wish: Wish, old: Dates, new: Dates) -> Dates:
    """The stretch, kept inside the phase as it will be: what a shorter phase leaves behind ends with it.

    A day that lay outside the phase before was put there by people (a gate's condition that takes longer) and stays.
    """

    def kept(before: date | None, after: date | None) -> date | None:
        if before is None or after is None or not phase.planned_start <= before <= phase.planned_end:
            return after
        return min(max(after, wish.start), wish.end)

    return kept(old[0], new[0]), kept(old[1], new[1])


def _moved(what: str, row: Any, old: Dates, new: Dates, calendar: WorkingCalendar) -> Iterable[Step]:
    """A step, or nothing when the dates stay."""
    if new == old:
        return
    # The end tells how far it moves, unless only the start does.
    before, after = (old[1], new[1]) if old[1] != new[1] else (old[0], new[0])
    yield Step(
        what=what,
        id=row.id,
        revision=row.revision,
        name=row.name,
        phase_id=row.id if what == PHASE else row.phase_id,
        old_start=old[0],
        old_end=old[1],
        new_start=new[0],
        new_end=new[1],
        working_days=working_days_between(calendar, before, after) if before and after else 0,
        number=row.number if what in (ITEM, MILESTONE) else None,
    )


def _following(phase: Phase) -> list[Phase]:
    """Later phases in the program's order that are not finished."""
    return list(
        db.session.scalars(
            select(Phase)
            .where(
                Phase.program_id == phase.program_id,
                Phase.position > phase.position,
                Phase.actual_end.is_(None),
            )
            .order_by(Phase.position, Phase.id)
        )
    )


def _block_columns() -> Any:
    return select(
        PhaseBlock.id,
        PhaseBlock.revision,
        PhaseBlock.name,
        PhaseBlock.phase_id,
        PhaseBlock.starts_on,
        PhaseBlock.ends_on,
    ).order_by(PhaseBlock.starts_on, PhaseBlock.id)


def _gate_columns() -> Any:
    decided = exists().where(GateDecision.gate_id == Gate.id)
    return (
        select(Gate.id, Gate.revision, Gate.name, Gate.phase_id, Gate.planned_on)
        .where(~decided)
        .order_by(Gate.planned_on, Gate.id)
    )


def _item_columns(program_id: int) -> Any:
    return (
        select(
            WorkItem.id,
            WorkItem.revision,
            WorkItem.title.label("name"),
            WorkItem.phase_id,
            WorkItem.start_on,
            WorkItem.due_on,
            WorkItem.kind,
            WorkItem.number,
        )
        .where(WorkItem.program_id == program_id, WorkItem.status.in_(OPEN_STATUSES))
        .order_by(WorkItem.position, WorkItem.id)
    )


def _fingerprint(phase: Phase, wish: Wish, steps: Sequence[Step]) -> str:
    facts = repr((phase.id, phase.revision, wish, steps))
    return hashlib.sha256(facts.encode()).hexdigest()


def _write_rows(
    actor: Actor,
    model: Any,
    verb: str,
    steps: Sequence[Step],
    columns: tuple[str | None, str],
    batch: str,
) -> None:
    rows = {row.id: row for row in db.session.scalars(select(model).where(model.id.in_([step.id for step in steps])))}
    objects = []
    for step in steps:
        row = rows[step.id]
        new = {columns[0]: step.new_start, columns[1]: step.new_end}
        changes = audit.change(row, {name: day for name, day in new.items() if name})
        objects.append((row.id, row.name, changes))
    if objects:
        db.session.flush()
        audit.record_many(actor, verb, rows[steps[0].id].program_id, objects, batch=batch)
