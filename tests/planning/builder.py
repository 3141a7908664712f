"""Program ALFA with three phases and three gates, as tests of gates and baselines need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from program.extensions import db
from program.ground.actor import Actor
from program.planning.models import Gate, GateCriterion, GateDecision, Phase
from tests.cast import Cast

# A Thursday within the first phase.
TODAY = date(2026, 3, 12)
PHASES = (
    ("Discovery", date(2026, 3, 2), date(2026, 3, 27), "Start the pilot"),
    ("Pilot", date(2026, 3, 30), date(2026, 5, 22), "Roll out to all"),
    ("Full rollout", date(2026, 5, 25), date(2026, 7, 17), "Launch"),
)


@dataclass(frozen=True)
class Alfa:
    """What tests need of the program: ids, and the actors of the cast."""

    id: int
    key: str
    phases: tuple[int, ...]
    gates: tuple[int, ...]
    manager: Actor
    contributor: Actor
    viewer: Actor
    stranger: Actor
    cast: Cast


def build_alfa(cast: Cast) -> Alfa:
    """Write the phases and gates into the running transaction; the first gate has one manual criterion."""
    phases, gates = [], []
    for place, (name, start, end, gate_name) in enumerate(PHASES):
        phase = Phase(program_id=cast.program_id, position=place, name=name, planned_start=start, planned_end=end)
        db.session.add(phase)
        db.session.flush()
        gate = Gate(program_id=cast.program_id, phase_id=phase.id, name=gate_name, planned_on=end)
        db.session.add(gate)
        db.session.flush()
        phases.append(phase.id)
        gates.append(gate.id)
    db.session.add(
        GateCriterion(
            program_id=cast.program_id, gate_id=gates[0], position=1, kind="manual", text="The budget is approved"
        )
    )
    db.session.flush()
    return Alfa(
        cast.program_id,
        cast.key,
        tuple(phases),
        tuple(gates),
        cast.manager.actor,
        cast.contributor.actor,
        cast.viewer.actor,
        cast.stranger.actor,
        cast,
    )


def decide_bare(alfa: Alfa, gate_id: int, outcome: str, sequence: int) -> GateDecision:
    """A decision without evidence, for tests that only look at states."""
    decision = GateDecision(
        program_id=alfa.id,
        gate_id=gate_id,
        sequence=sequence,
        outcome=outcome,
        reason="for the test",
        record="{}",
        previous_hash="0" * 64,
        hash="0" * 64,
    )
    db.session.add(decision)
    db.session.flush()
    return decision
