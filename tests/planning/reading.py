"""A program for the tests of reading pages: four phases in May 2026, gates, people with work, some of it late."""

from __future__ import annotations

from datetime import date, timedelta

from program.extensions import db
from program.ground import database
from program.planning.models import Dependency
from tests.cast import Cast
from tests.planning.plans import finished_weeks_ago, item_id, make_gate, make_items, make_phase

# A Wednesday.
TODAY = date(2026, 5, 20)
NOON = "2026-05-20T10:00:00+00:00"


def day(offset: int) -> date:
    """The day that lies so many days after today."""
    return TODAY + timedelta(days=offset)


def write_program(cast: Cast, scale: int = 1) -> dict[str, int]:
    """Fill ALFA in a transaction of its own and give the ids of its phases and gates by name.

    Every list grows with `scale`, so that a page can be read small and large.
    """
    database.begin_writing()
    program_id = cast.program_id
    ids = {
        "discovery": make_phase(
            program_id,
            1,
            date(2026, 3, 2),
            date(2026, 4, 3),
            name="Discovery",
            actual_start=date(2026, 3, 2),
            actual_end=date(2026, 4, 10),
        ),
        "pilot": make_phase(
            program_id, 2, date(2026, 4, 13), date(2026, 5, 12), name="Pilot", actual_start=date(2026, 4, 13)
        ),
        "rollout": make_phase(program_id, 3, date(2026, 6, 1), date(2026, 7, 31), name="Full rollout"),
        "launch": make_phase(program_id, 4, date(2026, 8, 3), date(2026, 8, 28), name="Launch"),
    }
    ids["pilot gate"] = make_gate(program_id, ids["pilot"], day(9), "Pilot gate")
    ids["rollout gate"] = make_gate(program_id, ids["rollout"], date(2026, 7, 31), "Rollout gate")
    tomek, maria = cast.contributor.id, cast.manager.id
    for back in range(1, 7):
        done = {"phase_id": ids["pilot"], "status": "done", "done_at": finished_weeks_ago(back, TODAY)}
        make_items(program_id, [done] * 4 * scale)
    pilot = {"phase_id": ids["pilot"], "owner_id": tomek}
    make_items(
        program_id,
        [
            *[{**pilot, "title": "Verify CRM linking", "due_on": day(-7), "required": True}] * scale,
            *[{**pilot, "title": "Tune the unified inbox", "due_on": day(-2), "owner_id": maria}] * scale,
            *[{**pilot, "title": "Compare CSAT with baseline", "due_on": day(1), "status": "doing"}] * scale,
            *[{**pilot, "title": "Agree the vendor contract", "due_on": day(20), "status": "blocked"}] * scale,
            *[{**pilot, "title": "Train pilot agents", "due_on": day(10), "required": True, "owner_id": None}] * scale,
            *[{"phase_id": ids["rollout"], "title": "Import history", "due_on": day(30), "start_on": day(13)}] * scale,
            *[{"phase_id": ids["rollout"], "title": "Cut-over", "kind": "milestone", "due_on": day(40)}] * scale,
        ],
    )
    first = 24 * scale
    for place in range(scale):
        # Training waits for the contract.
        db.session.add(
            Dependency(
                program_id=program_id,
                predecessor_id=item_id(program_id, first + 3 * scale + place + 1),
                successor_id=item_id(program_id, first + 4 * scale + place + 1),
            )
        )
    db.session.commit()
    return ids
