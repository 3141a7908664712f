"""Baselines: the plan as it stood, line by line, to compare with later.

A baseline is a moment with a name; it is taken by hand or at a gate's decision and never edited. Any other moment is
worked out from the audit trail (`past_plans.py`). Both give the same `PlanLine`s; what differs between two of them is
told by `comparison.py`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, and_, case, delete, func, insert, literal, null, or_, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid, NotFound
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.models import Person
from program.planning.models import Baseline, BaselineLine, Gate, GateDecision, Phase, WorkItem
from program.planning.models.items import Status

MAX_NAME = 120


@record
class PlanLine:
    """A phase, gate or work item at one moment.

    Items run from `starts_on` to `ends_on` (their due date), phases over their planned dates; a gate has only
    `ends_on`, the day it is planned for. The status of a phase is to do, doing or done by its actual dates; that of a
    gate is its last decision's outcome, '' for none. A phase belongs to itself.
    """

    name: str
    phase_id: int | None
    starts_on: date | None
    ends_on: date | None
    status: str
    owner_id: int | None


# By ('phase' | 'gate' | 'item', id).
Plan = dict[tuple[str, int], PlanLine]

_PHASE_STATUS = case(
    (Phase.actual_end.is_not(None), Status.DONE.value),
    (Phase.actual_start.is_not(None), Status.DOING.value),
    else_=Status.TODO.value,
)


def outcome_now() -> ColumnElement[str]:
    """The outcome of a gate's last decision; '' for none."""
    last = (
        select(GateDecision.outcome)
        .where(GateDecision.gate_id == Gate.id)
        .order_by(GateDecision.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(last, "")


def _nothing() -> Any:
    # PostgreSQL wants to know the type of a column that is always empty.
    return null()


# Its id, then what its line is made of.
ITEM_COLUMNS = (
    *(WorkItem.id, WorkItem.title, WorkItem.phase_id, WorkItem.start_on, WorkItem.due_on, WorkItem.status),
    WorkItem.owner_id,
)


# In the order in which `_sources` gives them.
_LINE_COLUMNS = (
    *("baseline_id", "object_type", "object_id", "name", "phase_id"),
    *("starts_on", "ends_on", "status", "owner_id"),
)


def take_baseline(actor: Actor, program_id: int, name: str, decision_id: int | None = None) -> Baseline:
    """Keep the plan as it stands now under a name. Raises Invalid for a name that is empty or too long.

    The lines are copied inside the database, so ten thousand of them take a fraction of a second.
    """
    access.require(actor, program_id, Access.MANAGER)
    name = clean_line(name)
    if not name:
        raise Invalid(fields={"name": _l("Give the baseline a name.")})
    if len(name) > MAX_NAME:
        raise Invalid(fields={"name": _l("Up to %(most)s letters.", most=MAX_NAME)})
    baseline = Baseline(program_id=program_id, name=name, taken_by_id=actor.person_id, decision_id=decision_id)
    db.session.add(baseline)
    db.session.flush()
    for source in _sources(baseline.id, program_id):
        db.session.execute(insert(BaselineLine).from_select(_LINE_COLUMNS, source))
    audit.record(
        actor,
        "baseline.taken",
        object_id=baseline.id,
        name=baseline.name,
        program_id=program_id,
        changes=audit.created({"name": name, "decision_id": decision_id}),
    )
    return baseline


def _sources(baseline_id: int, program_id: int) -> tuple[Any, ...]:
    """The present plan as lines of a baseline: items, phases, gates."""
    this = literal(baseline_id)
    return (
        select(this, literal("item", String), *ITEM_COLUMNS).where(WorkItem.program_id == program_id),
        select(
            this,
            literal("phase", String),
            Phase.id,
            Phase.name,
            Phase.id.label("own_id"),
            Phase.planned_start,
            Phase.planned_end,
            _PHASE_STATUS,
            _nothing(),
        ).where(Phase.program_id == program_id),
        select(
            this,
            literal("gate", String),
            Gate.id,
            Gate.name,
            Gate.phase_id,
            _nothing(),
            Gate.planned_on,
            outcome_now(),
            _nothing(),
        ).where(Gate.program_id == program_id),
    )


def delete_baseline(actor: Actor, program_id: int, baseline_id: int) -> None:
    """Delete a baseline that was taken by hand. One taken at a decision stays, as the decision does: Invalid."""
    access.require(actor, program_id, Access.MANAGER)
    baseline = find_baseline(program_id, baseline_id)
    if baseline.decision_id is not None:
        raise Invalid(_l("This baseline belongs to a gate's decision and stays with it."))
    db.session.execute(delete(BaselineLine).where(BaselineLine.baseline_id == baseline.id))
    db.session.delete(baseline)
    db.session.flush()
    audit.record(
        actor,
        "baseline.deleted",
        object_id=baseline_id,
        name=baseline.name,
        program_id=program_id,
        changes=audit.removed({"name": baseline.name, "taken_at": baseline.taken_at}),
    )


def find_baseline(program_id: int, baseline_id: int) -> Baseline:
    """The baseline with that id in the program. Raises NotFound."""
    baseline = db.session.scalars(
        select(Baseline).where(Baseline.id == baseline_id, Baseline.program_id == program_id)
    ).one_or_none()
    if baseline is None:
        raise NotFound(access.NOT_HERE)
    return baseline


@record
class BaselineRow:
    """A baseline as lists show it; `gate_id` for one that was taken at a gate's decision."""

    id: int
    name: str
    taken_at: datetime
    taken_by: str | None
    decision_id: int | None
    gate_id: int | None


def baselines_of(program_id: int) -> list[BaselineRow]:
    """The program's baselines, newest first. Permission is the caller's."""
    rows = db.session.execute(
        select(Baseline.id, Baseline.name, Baseline.taken_at, Person.name, Baseline.decision_id, GateDecision.gate_id)
        .outerjoin(Person, Person.id == Baseline.taken_by_id)
        .outerjoin(GateDecision, GateDecision.id == Baseline.decision_id)
        .where(Baseline.program_id == program_id)
        .order_by(Baseline.taken_at.desc(), Baseline.id.desc())
    )
    return [BaselineRow(*row) for row in rows]


def lines(baseline_id: int) -> Plan:
    """The lines of a baseline. Permission is the caller's."""
    rows = db.session.execute(
        select(
            BaselineLine.object_type,
            BaselineLine.object_id,
            BaselineLine.name,
            BaselineLine.phase_id,
            BaselineLine.starts_on,
            BaselineLine.ends_on,
            BaselineLine.status,
            BaselineLine.owner_id,
        ).where(BaselineLine.baseline_id == baseline_id)
    )
    return {(row[0], row[1]): PlanLine(*row[2:]) for row in rows}


def present_plan(program_id: int) -> Plan:
    """The plan as it stands now, in three statements. Permission is the caller's."""
    plan: Plan = {}
    for row in db.session.execute(select(*ITEM_COLUMNS).where(WorkItem.program_id == program_id)):
        plan["item", row[0]] = PlanLine(*row[1:])
    return plan | _phases_and_gates(program_id)


def _phases_and_gates(program_id: int) -> Plan:
    plan: Plan = {}
    phases = select(Phase.id, Phase.name, Phase.planned_start, Phase.planned_end, _PHASE_STATUS).where(
        Phase.program_id == program_id
    )
    for phase_id, name, start, end, status in db.session.execute(phases):
        plan["phase", phase_id] = PlanLine(name, phase_id, start, end, status, None)
    gates = select(Gate.id, Gate.name, Gate.phase_id, Gate.planned_on, outcome_now()).where(
        Gate.program_id == program_id
    )
    for gate_id, name, gate_phase, planned_on, outcome in db.session.execute(gates):
        plan["gate", gate_id] = PlanLine(name, gate_phase, None, planned_on, outcome, None)
    return plan


def baseline_and_present(program_id: int, baseline_id: int) -> tuple[Plan, Plan]:
    """A baseline and the present, without the items that are the same in both: the database leaves them out.

    Comparing these two tells the same as comparing `lines` with `present_plan`, at a fraction of the time.
    """
    of_item = and_(
        BaselineLine.baseline_id == baseline_id,
        BaselineLine.object_type == "item",
        BaselineLine.object_id == WorkItem.id,
    )
    old = (
        BaselineLine.name,
        BaselineLine.phase_id,
        BaselineLine.starts_on,
        BaselineLine.ends_on,
        BaselineLine.status,
        BaselineLine.owner_id,
    )
    new = ITEM_COLUMNS[1:]
    differs = or_(*(now.is_distinct_from(then) for now, then in zip(new, old, strict=True)))
    before: Plan = {}
    after: Plan = {}
    changed: Any = select(WorkItem.id, BaselineLine.object_id, *new, *old).outerjoin(BaselineLine, of_item)
    for row in db.session.execute(changed.where(WorkItem.program_id == program_id, differs)):
        after["item", row[0]] = PlanLine(*row[2:8])
        if row[1] is not None:
            before["item", row[0]] = PlanLine(*row[8:])
    gone: Any = select(BaselineLine.object_id, *old).outerjoin(WorkItem, WorkItem.id == BaselineLine.object_id)
    gone = gone.where(
        BaselineLine.baseline_id == baseline_id, BaselineLine.object_type == "item", WorkItem.id.is_(None)
    )
    for row in db.session.execute(gone):
        before["item", row[0]] = PlanLine(*row[1:])
    others: Any = select(BaselineLine.object_type, BaselineLine.object_id, *old)
    others = others.where(BaselineLine.baseline_id == baseline_id, BaselineLine.object_type.in_(("phase", "gate")))
    for row in db.session.execute(others):
        before[row[0], row[1]] = PlanLine(*row[2:])
    return before, after | _phases_and_gates(program_id)
