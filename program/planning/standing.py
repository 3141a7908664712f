"""Where programs stand: dates, gates, progress and state, for one program or for a page of them.

One reading serves the portfolio, the week and the overview. Whatever the number of programs, it takes four statements.
Whoever calls has checked that the reader may see them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Date, and_, bindparam, func, select

from program.ground.calendar import WorkingCalendar
from program.ground.database import read
from program.ground.records import record
from program.planning.forecast import PHASE_COLUMNS, finished_per_week
from program.planning.health import GateDate, Health, judge
from program.planning.models import Gate, GateDecision, Phase, WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.planning.phase_dates import PlanDates, arranged
from program.planning.progress import Progress, added_up, phases_progress


class ProgramLike(Protocol):
    """A program as a list of them holds it."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def country(self) -> str:
        """The country of its working calendar."""


@record
class Standing:
    """Where a program stands today."""

    program: Any
    dates: PlanDates
    # In the order of their planned days.
    gates: tuple[GateDate, ...]
    by_phase: Mapping[int | None, Progress]
    progress: Progress
    health: Health

    @property
    def next_gate(self) -> GateDate | None:
        """The first gate that is not passed."""
        return next((gate for gate in self.gates if not gate.passed), None)


def standings(programs: Sequence[ProgramLike], today: date, timezone: str) -> dict[int, Standing]:
    """Where those programs stand, by id, in four statements. Weeks of the forecast begin in that time zone."""
    ids = [program.id for program in programs]
    if not ids:
        return {}
    phases: dict[int, list[Any]] = {}
    for row in read(_PHASES, {"program_ids": ids}).all():
        phases.setdefault(row.program_id, []).append(row)
    progress = phases_progress(ids, today)
    history = finished_per_week(ids, today, timezone)
    gates = gates_of(ids, today)
    return {
        program.id: standing(
            program,
            arranged(
                phases.get(program.id, ()),
                progress.get(program.id, {}),
                history[program.id],
                today,
                WorkingCalendar(program.country),
            ),
            gates.get(program.id, ()),
            progress.get(program.id, {}),
            today,
        )
        for program in programs
    }


def standing(
    program: Any, dates: PlanDates, gates: Sequence[GateDate], by_phase: Mapping[int | None, Progress], today: date
) -> Standing:
    """Where a program stands, from what was read already."""
    progress = added_up(by_phase.values())
    return Standing(program, dates, tuple(gates), by_phase, progress, judge(progress, dates.phases, gates, today))


def gates_of(program_ids: Sequence[int], today: date) -> dict[int, list[GateDate]]:
    """The gates of those programs by planned day, each as its last decision left it. One statement."""
    found: dict[int, list[GateDate]] = {}
    rows = read(_GATES, {"program_ids": list(program_ids), "today": today}).all()
    for gate_id, program_id, phase_id, name, planned_on, outcome, late in rows:
        gate = GateDate(gate_id, program_id, phase_id, name, planned_on, outcome, bool(late))
        found.setdefault(program_id, []).append(gate)
    return found


def _gates() -> Any:
    last = (
        select(func.max(GateDecision.id).label("id"))
        .where(GateDecision.program_id.in_(bindparam("program_ids", expanding=True)))
        .group_by(GateDecision.gate_id)
        .subquery()
    )
    # A condition that is late reopens the gate, as `decisions.py` rules.
    late = (
        select(func.count())
        .where(
            WorkItem.decision_id == GateDecision.id,
            WorkItem.status.in_(OPEN_STATUSES),
            WorkItem.due_on < bindparam("today", type_=Date),
        )
        .correlate(GateDecision)
        .scalar_subquery()
    )
    return (
        select(
            *(Gate.id, Gate.program_id, Gate.phase_id, Gate.name, Gate.planned_on),
            func.coalesce(GateDecision.outcome, ""),
            late.label("late"),
        )
        .outerjoin(GateDecision, and_(GateDecision.gate_id == Gate.id, GateDecision.id.in_(select(last.c.id))))
        .where(Gate.program_id.in_(bindparam("program_ids", expanding=True)))
        .order_by(Gate.program_id, Gate.planned_on, Gate.id)
    )


# Put together once: that costs more than running them.
_GATES = _gates()
_PHASES = (
    select(*PHASE_COLUMNS)
    .where(Phase.program_id.in_(bindparam("program_ids", expanding=True)))
    .order_by(Phase.program_id, Phase.position, Phase.id)
)
