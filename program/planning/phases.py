"""Phases: adding, renaming, ordering, splitting and removing them, and saying when they really began and ended.

No work item is ever lost: where a phase goes, its items move to another phase or stand outside any. A gate that has
been decided cannot go, because its decision is kept for good. Phases may overlap and may leave gaps.
Neighbour: `moving.py` gives a phase other dates and takes along what follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import DAY, FIRST_DAY, LAST_DAY, WorkingCalendar
from program.ground.errors import Invalid, NotFound
from program.ground.now import today_in
from program.ground.records import record
from program.people import access
from program.planning.item_sweeps import ItemSweep, sweep
from program.planning.models import Gate, GateCriterion, GateDecision, Phase, PhaseBlock, Program, WorkItem
from program.planning.programs import BLOCK_COLUMNS, GATE_COLUMNS, PHASE_COLUMNS, record_created, tidy_texts
from program.playbooks.model import WEEKS_MAX

MAX_PHASES = 100
CHANGED_MEANWHILE = _l("Somebody changed this phase while you had it open.")
WRONG = _l("Something is not right yet.")


@record
class PhaseDraft:
    """A phase that does not exist yet. It stands after the phase `after_id` (None: first) and begins on the working day
    after that one ends, unless `starts_on` says otherwise."""

    name: str
    weeks: int
    purpose: str = ""
    after_id: int | None = None
    starts_on: date | None = None


@record
class Removal:
    """What goes and what stays when a phase is removed, to be shown before it is confirmed."""

    item_count: int
    block_names: tuple[str, ...]
    gates: tuple[Gate, ...]
    criterion_count: int
    decided_gates: tuple[str, ...]

    @property
    def is_possible(self) -> bool:
        """False when a decision would be lost."""
        return not self.decided_gates


def find_phase(actor: Actor, program_id: int, phase_id: int, needed: Access = Access.MANAGER) -> Phase:
    """The phase's row in that program. Raises NotFound, Forbidden."""
    access.require(actor, program_id, needed)
    phase = db.session.scalars(select(Phase).where(Phase.id == phase_id, Phase.program_id == program_id)).one_or_none()
    if phase is None:
        raise NotFound(access.NOT_HERE)
    return phase


def phases_in_order(program_id: int) -> list[Phase]:
    """The program's phases as rows to edit, in their order."""
    return list(
        db.session.scalars(select(Phase).where(Phase.program_id == program_id).order_by(Phase.position, Phase.id))
    )


def add_phase(actor: Actor, program_id: int, draft: PhaseDraft) -> Phase:
    """Add a phase. Nothing else moves: `moving.py` offers that. Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.MANAGER)
    phases = phases_in_order(program_id)
    place = _place_after(phases, draft.after_id)
    values: dict[str, Any] = {"name": draft.name, "purpose": draft.purpose}
    wrong = tidy_texts(values)
    if place is None:
        wrong["after"] = _l("Choose a phase of this program.")
    if len(phases) >= MAX_PHASES:
        wrong["name"] = _l("A program can have up to %(most)s phases.", most=MAX_PHASES)
    if not 1 <= draft.weeks <= WEEKS_MAX:
        wrong["weeks"] = _l("Give a number of weeks from 1 to %(most)s.", most=WEEKS_MAX)
    program = db.session.get_one(Program, program_id)
    calendar = WorkingCalendar(program.country)
    if not wrong and place is not None:
        default = phases[place - 1].planned_end + DAY if place else program.starts_on
        values |= _dates(calendar, draft.starts_on or default, draft.weeks, wrong)
    if wrong or place is None:
        raise Invalid(WRONG, wrong)
    batch = audit.new_batch()
    phase = Phase(program_id=program_id, position=place + 1, key="", **values)
    _number(actor, [*phases[:place], None, *phases[place:]], batch)
    db.session.add(phase)
    db.session.flush()
    record_created(actor, "phase.created", program_id, [phase], PHASE_COLUMNS, batch)
    return phase


def change_phase(actor: Actor, phase: Phase, values: Mapping[str, Any], *, seen: int) -> audit.Changes:
    """Rename the phase or reword its purpose. Raises Conflict, Invalid."""
    _ready(actor, phase, seen)
    values = dict(values)
    if unknown := set(values) - {"name", "purpose"}:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    if wrong := tidy_texts(values):
        raise Invalid(WRONG, wrong)
    return _changed(actor, "phase.changed", phase, values, None)


def place_phase(actor: Actor, phase: Phase, after_id: int | None, *, seen: int) -> None:
    """Put the phase after another one (None: first) in the program's order; dates stay. Raises Invalid, Conflict."""
    _ready(actor, phase, seen)
    others = [one for one in phases_in_order(phase.program_id) if one.id != phase.id]
    place = _place_after(others, after_id)
    if place is None:
        raise Invalid(WRONG, {"after": _l("Choose another phase of this program.")})
    _number(actor, [*others[:place], phase, *others[place:]], audit.new_batch())


def set_actual_dates(
    actor: Actor, phase: Phase, actual_start: date | None, actual_end: date | None, *, seen: int
) -> audit.Changes:
    """Say when the phase really began and ended; None takes it back. Raises Invalid for impossible days, Conflict."""
    _ready(actor, phase, seen)
    today = today_in(db.session.scalars(select(Program.timezone).where(Program.id == phase.program_id)).one())
    wrong: dict[str, Any] = {}
    for name, day in (("actual_start", actual_start), ("actual_end", actual_end)):
        if day is not None and day > today:
            wrong[name] = _l("This day has not come yet.")
        elif day is not None and day < FIRST_DAY:
            wrong[name] = _l("Give a day between 2000 and 2099.")
    if actual_end is not None and not wrong:
        if actual_start is None:
            wrong["actual_start"] = _l("Say first on which day it started.")
        elif actual_end < actual_start:
            wrong["actual_end"] = _l("It ends before it starts.")
    if wrong:
        raise Invalid(WRONG, wrong)
    return _changed(actor, "phase.changed", phase, {"actual_start": actual_start, "actual_end": actual_end}, None)


def split_phase(actor: Actor, phase: Phase, on: date | None, name: str, *, seen: int) -> Phase:
    """Cut the phase in two: the second part, called `name`, begins on the first working day from `on`.

    Items due on that day or later go with the second part, and so does the gate. Items without a due date stay.
    Returns the second part. Raises Invalid naming the fields at fault, Conflict.
    """
    _ready(actor, phase, seen)
    program = db.session.get_one(Program, phase.program_id)
    calendar = WorkingCalendar(program.country)
    values: dict[str, Any] = {"name": name}
    wrong = tidy_texts(values)
    if phase.actual_end is not None:
        wrong["on"] = _l("This phase is finished; there is nothing left to split.")
    elif on is None or not phase.planned_start < on <= phase.planned_end:
        wrong["on"] = _l("Give a day inside the phase, after its first day.")
    if wrong or on is None:
        raise Invalid(WRONG, wrong)
    cut = calendar.on_or_after(on)
    first_end = calendar.on_or_before(cut - DAY)
    if cut > phase.planned_end or first_end < phase.planned_start:
        raise Invalid(WRONG, {"on": _l("Each part needs a working day. Choose another day.")})
    batch = audit.new_batch()
    phases = phases_in_order(phase.program_id)
    place = phases.index(phase) + 1
    second = Phase(
        program_id=phase.program_id,
        position=place + 1,
        key="",
        name=values["name"],
        purpose="",
        planned_start=cut,
        planned_end=phase.planned_end,
    )
    _number(actor, [*phases[:place], None, *phases[place:]], batch)
    _changed(actor, "phase.changed", phase, {"planned_end": first_end}, batch)
    db.session.add(second)
    db.session.flush()
    record_created(actor, "phase.created", phase.program_id, [second], PHASE_COLUMNS, batch)
    for gate in _gates(phase):
        _changed(actor, "gate.changed", gate, {"phase_id": second.id}, batch)
    _split_items(actor, phase, second, _split_blocks(actor, phase, second, first_end, batch), batch)
    return second


def removal(actor: Actor, phase: Phase) -> Removal:
    """What removing the phase would take and touch."""
    access.require(actor, phase.program_id, Access.MANAGER)
    gates = _gates(phase)
    ids = [gate.id for gate in gates]
    decided = (
        set(db.session.scalars(select(GateDecision.gate_id).where(GateDecision.gate_id.in_(ids)))) if ids else set()
    )
    criteria = (
        db.session.scalar(select(func.count()).select_from(GateCriterion).where(GateCriterion.gate_id.in_(ids)))
        if ids
        else 0
    )
    return Removal(
        item_count=db.session.scalar(
            select(func.count())
            .select_from(WorkItem)
            .where(WorkItem.program_id == phase.program_id, WorkItem.phase_id == phase.id)
        )
        or 0,
        block_names=tuple(block.name for block in _blocks(phase)),
        gates=tuple(gates),
        criterion_count=criteria or 0,
        decided_gates=tuple(gate.name for gate in gates if gate.id in decided),
    )


def remove_phase(actor: Actor, phase: Phase, to_phase_id: int | None, *, seen: int) -> str:
    """Remove the phase; its items move to another phase, or stand outside any (None). Returns the act's batch.

    An undecided gate goes with its criteria. Raises Invalid when a gate of the phase has been decided, Conflict.
    """
    _ready(actor, phase, seen)
    what = removal(actor, phase)
    if not what.is_possible:
        raise Invalid(
            _l(
                "The gate “%(name)s” has been decided, and decisions are kept for good. So this phase stays too.",
                name=what.decided_gates[0],
            )
        )
    others = [one for one in phases_in_order(phase.program_id) if one.id != phase.id]
    if to_phase_id is not None and to_phase_id not in {one.id for one in others}:
        raise Invalid(WRONG, {"to": _l("Choose another phase of this program.")})
    batch = audit.new_batch()
    rows = _item_rows(phase)
    sweep(actor, phase.program_id, [_placed(row, to_phase_id, None) for row in rows], batch)
    for gate in what.gates:
        db.session.execute(delete(GateCriterion).where(GateCriterion.gate_id == gate.id))
        _removed(actor, "gate.removed", gate, GATE_COLUMNS, batch)
    for block in _blocks(phase):
        _removed(actor, "block.removed", block, BLOCK_COLUMNS, batch)
    _removed(actor, "phase.removed", phase, PHASE_COLUMNS, batch)
    _number(actor, others, batch)
    return batch


def weeks_between(start: date, end: date) -> int:
    """How many working weeks a stretch takes, a begun one counted: 2 March to 3 April are five."""
    return max(1, -(-((end - start).days + 1) // 7))


def _dates(calendar: WorkingCalendar, start: date, weeks: int, wrong: dict[str, Any]) -> dict[str, date]:
    try:
        if not FIRST_DAY <= start <= LAST_DAY:
            raise OverflowError
        start = calendar.on_or_after(start)
        return {"planned_start": start, "planned_end": max(start, calendar.end_of_weeks(start, weeks))}
    except OverflowError:
        wrong["starts_on"] = _l("Give a day between 2000 and 2099.")
        return {}


def _ready(actor: Actor, phase: Phase, seen: int) -> None:
    access.require(actor, phase.program_id, Access.MANAGER)
    audit.check_revision(phase, seen, CHANGED_MEANWHILE, "phase")


def _place_after(phases: Sequence[Phase], after_id: int | None) -> int | None:
    if after_id is None:
        return 0
    return next((index for index, phase in enumerate(phases, start=1) if phase.id == after_id), None)


def _number(actor: Actor, phases: Sequence[Phase | None], batch: str) -> None:
    """Number the phases from 1 in this order; None keeps a place free."""
    for position, phase in enumerate(phases, start=1):
        if phase is not None:
            _changed(actor, "phase.changed", phase, {"position": position}, batch)


def _changed(actor: Actor, verb: str, row: Any, values: Mapping[str, Any], batch: str | None) -> audit.Changes:
    changes = audit.change(row, values)
    if changes:
        db.session.flush()
        audit.record(
            actor, verb, object_id=row.id, name=row.name, program_id=row.program_id, changes=changes, batch=batch
        )
    return changes


def _removed(actor: Actor, verb: str, row: Any, columns: tuple[str, ...], batch: str) -> None:
    values = {name: getattr(row, name) for name in columns}
    audit.record(
        actor,
        verb,
        object_id=row.id,
        name=row.name,
        program_id=row.program_id,
        changes=audit.removed(values),
        batch=batch,
    )
    db.session.delete(row)
    db.session.flush()


def _gates(phase: Phase) -> list[Gate]:
    return list(db.session.scalars(select(Gate).where(Gate.phase_id == phase.id).order_by(Gate.planned_on, Gate.id)))


def _blocks(phase: Phase) -> list[PhaseBlock]:
    statement = select(PhaseBlock).where(PhaseBlock.phase_id == phase.id).order_by(PhaseBlock.position, PhaseBlock.id)
    return list(db.session.scalars(statement))


def _item_rows(phase: Phase) -> Sequence[Any]:
    return db.session.execute(
        select(
            WorkItem.id, WorkItem.title, WorkItem.revision, WorkItem.phase_id, WorkItem.block_id, WorkItem.due_on
        ).where(WorkItem.program_id == phase.program_id, WorkItem.phase_id == phase.id)
    ).all()


def _placed(row: Any, phase_id: int | None, block_id: int | None) -> ItemSweep:
    return ItemSweep(
        row.id,
        row.title,
        row.revision,
        {"phase_id": row.phase_id, "block_id": row.block_id},
        {"phase_id": phase_id, "block_id": block_id},
    )


def _split_blocks(actor: Actor, phase: Phase, second: Phase, first_end: date, batch: str) -> set[int]:
    """Give the second part the blocks that begin in it; one that lies across the cut ends with the first part.

    Returns the ids of the blocks of the second part.
    """
    moved: set[int] = set()
    for block in _blocks(phase):
        if block.starts_on >= second.planned_start:
            moved.add(block.id)
            values = {"phase_id": second.id, "position": len(moved)}
            _changed(actor, "block.changed", block, values, batch)
        elif block.ends_on > first_end:
            _changed(actor, "block.changed", block, {"ends_on": first_end}, batch)
    return moved


def _split_items(actor: Actor, phase: Phase, second: Phase, second_blocks: set[int], batch: str) -> None:
    sweeps = []
    for row in _item_rows(phase):
        goes = row.due_on is not None and row.due_on >= second.planned_start
        keeps_block = (row.block_id in second_blocks) == goes
        sweeps.append(_placed(row, second.id if goes else phase.id, row.block_id if keeps_block else None))
    sweep(actor, phase.program_id, sweeps, batch)
