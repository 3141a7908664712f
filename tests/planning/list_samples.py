"""Items for the tests of lists: a small mixed program that is written in bulk, and helpers to read it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from program.extensions import db
from program.ground.folding import fold
from program.planning.item_lists import Place
from program.planning.models import Dependency, ItemTag, Phase, Program, WorkItem
from program.planning.models.items import Priority, Status

TODAY = date(2026, 6, 10)  # a Wednesday


def add_phases(program_id: int, *names: str) -> list[tuple[int, str]]:
    """Add phases of eight weeks, one after the other; gives ids and names in order."""
    found = []
    for position, name in enumerate(names, start=1):
        start = date(2026, 3, 2) + timedelta(weeks=8 * (position - 1))
        phase = Phase(
            program_id=program_id,
            position=position,
            name=name,
            planned_start=start,
            planned_end=start + timedelta(weeks=8) - timedelta(days=3),
        )
        db.session.add(phase)
        db.session.flush()
        found.append((phase.id, name))
    return found


def add_rows(program_id: int, rows: list[dict[str, Any]]) -> list[int]:
    """Write items as they are given, with what a row must have filled in; gives their ids in order."""
    full = []
    for number, row in enumerate(rows, start=1):
        status = row.get("status", "todo")
        title = row.get("title", f"Item {number}")
        full.append(
            {
                "program_id": program_id,
                "number": number,
                "position": number,
                "kind": "item",
                "key": "",
                "description": "",
                "role": "",
                "channel": "",
                "required": False,
                "priority": Priority.NORMAL.value,
                "owner_id": None,
                "phase_id": None,
                "start_on": None,
                "due_on": None,
                "updated_at": datetime(2026, 6, 1, 12, tzinfo=UTC),
                "created_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
                "revision": 1,
                "status_reason": "A reason." if status in (Status.BLOCKED, Status.DROPPED) else "",
                "started_at": datetime(2026, 4, 1, 12, tzinfo=UTC) if status in (Status.DOING, Status.DONE) else None,
                "done_at": datetime(2026, 5, 1, 12, tzinfo=UTC) if status == Status.DONE else None,
                **{name: value for name, value in row.items() if name not in ("tags", "after")},
                "status": status,
                "title": title,
                "title_folded": fold(title),
            }
        )
    if not full:
        return []
    ids = list(db.session.scalars(insert(WorkItem).returning(WorkItem.id, sort_by_parameter_order=True), full))
    tags = [
        {"item_id": item_id, "tag": tag, "program_id": program_id}
        for item_id, row in zip(ids, rows, strict=True)
        for tag in row.get("tags", ())
    ]
    if tags:
        db.session.execute(insert(ItemTag), tags)
    links = [
        {"predecessor_id": ids[before], "successor_id": item_id, "program_id": program_id}
        for item_id, row in zip(ids, rows, strict=True)
        for before in row.get("after", ())
    ]
    if links:
        db.session.execute(insert(Dependency), links)
    db.session.execute(update(Program).where(Program.id == program_id).values(next_number=len(rows) + 1))
    return ids


def place(program_id: int, person_id: int | None = None, phases: Any = (), key: str = "ALFA") -> Place:
    """Where the tests' lists are read."""
    return Place(program_id, key, person_id, TODAY, "Europe/Warsaw", tuple(phases))
