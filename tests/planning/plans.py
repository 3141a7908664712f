"""Plans for the tests of reading pages: phases, gates and items written straight into their tables, many at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from program.extensions import db
from program.ground.folding import fold
from program.ground.now import utc_now
from program.planning.models import Gate, Phase, WorkItem


def make_phase(program_id: int, position: int, first: date, last: date, **values: Any) -> int:
    """Add a phase and give its id."""
    phase = Phase(
        program_id=program_id,
        position=position,
        name=values.pop("name", f"Phase {position}"),
        planned_start=first,
        planned_end=last,
        **values,
    )
    db.session.add(phase)
    db.session.flush()
    return phase.id


def make_gate(program_id: int, phase_id: int, planned_on: date, name: str = "Pilot gate") -> int:
    """Add a gate without criteria and give its id."""
    gate = Gate(program_id=program_id, phase_id=phase_id, name=name, planned_on=planned_on)
    db.session.add(gate)
    db.session.flush()
    return gate.id


def make_items(program_id: int, drafts: Iterable[dict[str, Any]]) -> None:
    """Add items with those columns, numbered from the highest number on; reasons and moments fill in by status."""
    last = db.session.scalar(select(func.max(WorkItem.number)).where(WorkItem.program_id == program_id)) or 0
    rows = []
    for number, draft in enumerate(drafts, last + 1):
        status = draft.get("status", "todo")
        row = {
            "phase_id": None,
            "title": f"Item {number}",
            "kind": "item",
            "status": status,
            "status_reason": "Waiting for the vendor" if status in ("blocked", "dropped") else "",
            "required": False,
            "owner_id": None,
            "start_on": None,
            "due_on": None,
            "done_at": utc_now() if status == "done" else None,
            **draft,
            "program_id": program_id,
            "number": number,
            "position": number,
        }
        rows.append({**row, "title_folded": fold(row["title"])})
    if rows:
        db.session.execute(insert(WorkItem), rows)


def item_id(program_id: int, number: int) -> int:
    """The id of the item with that number."""
    return db.session.scalars(
        select(WorkItem.id).where(WorkItem.program_id == program_id, WorkItem.number == number)
    ).one()


def finished_weeks_ago(weeks: int, today: date) -> datetime:
    """A moment in the middle of the week that lies so many weeks before this one."""
    monday = today - timedelta(days=today.weekday())
    return datetime.fromisoformat(f"{monday - timedelta(weeks=weeks) + timedelta(days=2)}T12:00:00+00:00")
