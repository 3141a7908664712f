"""Blocks of a phase: named stretches of its weeks, such as a pilot's set-up. Adding, changing and removing them.

Items of a removed block stay in the phase. Neighbours: `phases.py` splits and removes whole phases, `moving.py` moves
blocks with their phase.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit, formats
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid, NotFound
from program.ground.records import record
from program.people import access
from program.planning.item_sweeps import ItemSweep, sweep
from program.planning.models import Phase, PhaseBlock, WorkItem
from program.planning.phases import WRONG
from program.planning.programs import BLOCK_COLUMNS, record_created, tidy_texts

MAX_BLOCKS = 50
CHANGED_MEANWHILE = _l("Somebody changed this block while you had it open.")


@record
class BlockDraft:
    """What a block is to be: its name, and its first and last day within the phase."""

    name: str
    starts_on: date | None
    ends_on: date | None


def find_block(actor: Actor, program_id: int, block_id: int) -> PhaseBlock:
    """The block's row in that program, to edit. Raises NotFound, Forbidden."""
    access.require(actor, program_id, Access.MANAGER)
    block = db.session.scalars(
        select(PhaseBlock).where(PhaseBlock.id == block_id, PhaseBlock.program_id == program_id)
    ).one_or_none()
    if block is None:
        raise NotFound(access.NOT_HERE)
    return block


def add_block(actor: Actor, phase: Phase, draft: BlockDraft) -> PhaseBlock:
    """Add a block to the phase; blocks stand in the order of their days. Raises Invalid naming the fields at fault."""
    access.require(actor, phase.program_id, Access.MANAGER)
    values = _checked(phase, draft)
    present = _in_order(phase.id)
    if len(present) >= MAX_BLOCKS:
        raise Invalid(WRONG, {"name": _l("A phase can have up to %(most)s blocks.", most=MAX_BLOCKS)})
    batch = audit.new_batch()
    block = PhaseBlock(program_id=phase.program_id, phase_id=phase.id, position=len(present) + 1, key="", **values)
    db.session.add(block)
    db.session.flush()
    record_created(actor, "block.created", phase.program_id, [block], BLOCK_COLUMNS, batch)
    _number(actor, [*present, block], batch)
    return block


def change_block(actor: Actor, phase: Phase, block: PhaseBlock, draft: BlockDraft, *, seen: int) -> None:
    """Rename the block or give it other days of its phase. Raises Conflict, Invalid."""
    access.require(actor, block.program_id, Access.MANAGER)
    audit.check_revision(block, seen, CHANGED_MEANWHILE, "block")
    batch = audit.new_batch()
    _change(actor, block, _checked(phase, draft), batch)
    _number(actor, _in_order(phase.id), batch)


def remove_block(actor: Actor, block: PhaseBlock, *, seen: int) -> int:
    """Remove the block; its items stay in the phase. Returns how many there were. Raises Conflict."""
    access.require(actor, block.program_id, Access.MANAGER)
    audit.check_revision(block, seen, CHANGED_MEANWHILE, "block")
    batch = audit.new_batch()
    rows = db.session.execute(
        select(WorkItem.id, WorkItem.title, WorkItem.revision).where(
            WorkItem.program_id == block.program_id, WorkItem.block_id == block.id
        )
    ).all()
    changes = ({"block_id": block.id}, {"block_id": None})
    sweep(actor, block.program_id, [ItemSweep(row.id, row.title, row.revision, *changes) for row in rows], batch)
    audit.record(
        actor,
        "block.removed",
        object_id=block.id,
        name=block.name,
        program_id=block.program_id,
        changes=audit.removed({name: getattr(block, name) for name in BLOCK_COLUMNS}),
        batch=batch,
    )
    phase_id = block.phase_id
    db.session.delete(block)
    db.session.flush()
    _number(actor, _in_order(phase_id), batch)
    return len(rows)


def item_count(block: PhaseBlock) -> int:
    """How many items stand in the block."""
    where = (WorkItem.program_id == block.program_id, WorkItem.block_id == block.id)
    return db.session.scalar(select(func.count()).select_from(WorkItem).where(*where)) or 0


def _checked(phase: Phase, draft: BlockDraft) -> dict[str, Any]:
    values: dict[str, Any] = {"name": draft.name}
    wrong = tidy_texts(values)
    first, last = draft.starts_on, draft.ends_on
    within = _l(
        "Give a day of the phase: %(first)s to %(last)s.",
        first=formats.dated(phase.planned_start),
        last=formats.dated(phase.planned_end),
    )
    for name, day in (("starts_on", first), ("ends_on", last)):
        if day is None or not phase.planned_start <= day <= phase.planned_end:
            wrong[name] = within
    if first is not None and last is not None and last < first and "ends_on" not in wrong:
        wrong["ends_on"] = _l("The last day lies before the first one.")
    if wrong:
        raise Invalid(WRONG, wrong)
    return values | {"starts_on": first, "ends_on": last}


def _in_order(phase_id: int) -> list[PhaseBlock]:
    rows = db.session.scalars(select(PhaseBlock).where(PhaseBlock.phase_id == phase_id))
    return sorted(rows, key=lambda block: (block.starts_on, block.ends_on, block.position, block.id))


def _number(actor: Actor, blocks: list[PhaseBlock], batch: str) -> None:
    for position, block in enumerate(
        sorted(blocks, key=lambda block: (block.starts_on, block.ends_on, block.position, block.id)), start=1
    ):
        _change(actor, block, {"position": position}, batch)


def _change(actor: Actor, block: PhaseBlock, values: dict[str, Any], batch: str) -> None:
    changes = audit.change(block, values)
    if changes:
        db.session.flush()
        audit.record(
            actor,
            "block.changed",
            object_id=block.id,
            name=block.name,
            program_id=block.program_id,
            changes=changes,
            batch=batch,
        )
