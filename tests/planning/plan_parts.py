"""A small plan for tests of phases and moves: program ALFA with a pilot of eight weeks, a rollout, gates and items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from program.extensions import db
from program.planning.items import ItemDraft, add_items
from program.planning.models import Gate, GateCriterion, Phase, PhaseBlock, WorkItem
from program.planning.models.items import Kind
from tests.cast import Cast


@dataclass
class Parts:
    """The rows of the small plan."""

    discovery: Phase
    pilot: Phase
    rollout: Phase
    scope: PhaseBlock
    tuning: PhaseBlock
    gate: Gate
    rollout_gate: Gate
    items: dict[str, WorkItem]


def make_parts(cast: Cast) -> Parts:
    """Write the small plan into the running transaction."""
    phases = [
        Phase(program_id=cast.program_id, position=n, name=name, planned_start=start, planned_end=end)
        for n, (name, start, end) in enumerate(
            (
                ("Discovery", date(2026, 3, 2), date(2026, 4, 3)),
                ("Pilot", date(2026, 4, 7), date(2026, 5, 29)),
                ("Rollout", date(2026, 6, 1), date(2026, 7, 24)),
            ),
            start=1,
        )
    ]
    db.session.add_all(phases)
    db.session.flush()
    discovery, pilot, rollout = phases
    blocks = [
        PhaseBlock(program_id=cast.program_id, phase_id=pilot.id, position=n, name=name, starts_on=start, ends_on=end)
        for n, (name, start, end) in enumerate(
            (("Scope", date(2026, 4, 7), date(2026, 4, 17)), ("Tuning", date(2026, 5, 4), date(2026, 5, 29))), start=1
        )
    ]
    gates = [
        Gate(program_id=cast.program_id, phase_id=pilot.id, name="After the pilot", planned_on=date(2026, 5, 29)),
        Gate(program_id=cast.program_id, phase_id=rollout.id, name="After rollout", planned_on=date(2026, 7, 24)),
    ]
    db.session.add_all([*blocks, *gates])
    db.session.flush()
    db.session.add(
        GateCriterion(program_id=cast.program_id, gate_id=gates[0].id, position=1, kind="manual", text="Sponsor agrees")
    )
    drafts = {
        "early": ItemDraft(
            "Name the pilot group",
            phase_id=pilot.id,
            block_id=blocks[0].id,
            start_on=date(2026, 4, 7),
            due_on=date(2026, 4, 17),
        ),
        "late": ItemDraft(
            "Compare KPIs with baseline",
            phase_id=pilot.id,
            block_id=blocks[1].id,
            start_on=date(2026, 5, 4),
            due_on=date(2026, 5, 29),
        ),
        "done": ItemDraft("Sign the contract", phase_id=pilot.id, due_on=date(2026, 4, 10)),
        "undated": ItemDraft("Talk to the shops", phase_id=pilot.id),
        "milestone": ItemDraft(
            "Inbox is live", kind=Kind.MILESTONE, phase_id=pilot.id, due_on=date(2026, 5, 8), required=True
        ),
        "next": ItemDraft("Migrate history", phase_id=rollout.id, start_on=date(2026, 6, 1), due_on=date(2026, 6, 12)),
        "outside": ItemDraft("Order cake", due_on=date(2026, 5, 15)),
    }
    items = dict(zip(drafts, add_items(cast.manager.actor, cast.program_id, drafts.values()), strict=True))
    items["done"].status = "done"
    items["done"].done_at = items["done"].created_at
    db.session.flush()
    return Parts(discovery, pilot, rollout, blocks[0], blocks[1], gates[0], gates[1], items)
