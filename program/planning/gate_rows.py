"""What `readiness.py` reads of gates themselves: with their criteria as stored, their decisions and the conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from program.ground.database import read
from program.people.models import Person
from program.planning.criteria import AskedGate, Condition, CriterionRow, Decided, ItemLink
from program.planning.models import Gate, GateCriterion, GateDecision, Phase, WorkItem
from program.planning.models.gates import Outcome
from program.planning.models.items import FINISHED_STATUSES


def gates_and_criteria(program_id: int) -> tuple[tuple[AskedGate, ...], list[CriterionRow]]:
    """The gates in the program's order, and the criteria stored with them; one statement for both."""
    gates: dict[int, AskedGate] = {}
    rows: list[CriterionRow] = []
    found = read(_gates_with_criteria(), {"program": program_id}).all()
    for row in found:
        if row[0] not in gates:
            gates[row[0]] = AskedGate(*(*row[:6], len(gates), tuple(row[14])))
        if row[6] is not None:
            rows.append(CriterionRow(*(*row[6:11], row[11] or "", *row[12:14])))
    return tuple(gates.values()), rows


@cache
def _gates_with_criteria() -> Any:
    # Put together once, like the other large statements of this page: building them costs more than running them.
    return (
        select(
            Gate.id,
            Gate.name,
            Gate.phase_id,
            Phase.name,
            Gate.planned_on,
            Gate.revision,
            GateCriterion.id,
            GateCriterion.gate_id,
            GateCriterion.kind,
            GateCriterion.text,
            GateCriterion.ticked_at,
            Person.name,
            GateCriterion.note,
            GateCriterion.revision,
            Gate.kpis,
        )
        .join(Phase, Phase.id == Gate.phase_id)
        .outerjoin(GateCriterion, GateCriterion.gate_id == Gate.id)
        .outerjoin(Person, Person.id == GateCriterion.ticked_by_id)
        .where(Gate.program_id == bindparam("program"))
        .order_by(Phase.position, Gate.planned_on, Gate.id, GateCriterion.position, GateCriterion.id)
    )


def by_gate(
    rows: Sequence[Any], today: date
) -> tuple[dict[int, tuple[Decided, ...]], dict[int, tuple[Condition, ...]]]:
    """By gate: its decisions, oldest first, and the conditions that bind it."""
    decisions: dict[int, list[Decided]] = defaultdict(list)
    binding: dict[int, list[Condition]] = defaultdict(list)
    # By sequence, then by the number of the condition; a decision without conditions has one row.
    for row in sorted(rows, key=lambda row: (row[2], row[6] or 0)):
        decision_id, gate_id, sequence, outcome, decided_at, item_id, *item = row
        of_gate = decisions[gate_id]
        if not of_gate or of_gate[-1].sequence != sequence:
            of_gate.append(Decided(decision_id, sequence, outcome, decided_at))
            if outcome == Outcome.GO:
                binding[gate_id].clear()
        if item_id is not None:
            binding[gate_id].append(_condition(item_id, sequence, gate_id, item, today))
    return (
        {gate_id: tuple(found) for gate_id, found in decisions.items()},
        {gate_id: tuple(found) for gate_id, found in binding.items()},
    )


@cache
def decisions_with_conditions() -> Any:
    """The rows of `by_gate`, for the program bound as `program`; to be read with what criteria look at."""
    return (
        select(
            GateDecision.id,
            GateDecision.gate_id,
            GateDecision.sequence,
            GateDecision.outcome,
            GateDecision.decided_at,
            WorkItem.id,
            WorkItem.number,
            WorkItem.title,
            WorkItem.status,
            WorkItem.due_on,
            Person.name,
        )
        .outerjoin(WorkItem, WorkItem.decision_id == GateDecision.id)
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .where(GateDecision.program_id == bindparam("program"))
    )


def _condition(item_id: int, sequence: int, gate_id: int, item: Sequence[Any], today: date) -> Condition:
    number, title, status, due_on, owner = item
    finished = status in FINISHED_STATUSES
    return Condition(
        item_id=item_id,
        decision_sequence=sequence,
        gate_id=gate_id,
        link=ItemLink(number, title, status, owner or "", due_on),
        finished=finished,
        late=not finished and due_on is not None and due_on < today,
    )
