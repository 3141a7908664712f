"""Filling in the responsibility matrix from the plan: the role that an item names does the work (R).

Only empty cells are filled: an item's row with the role of the item, a phase's row with the roles of its items. Who
answers (A) is never guessed. A manager sees the preview first; the fingerprint makes sure that what was seen is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, select

from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict
from program.ground.records import record
from program.people import access
from program.planning.models import WorkItem
from program.planning.models.items import Status
from program.team import raci, raci_matrix
from program.team.models import Letter, RaciRow
from program.team.raci import RowEdit
from program.team.raci_matrix import MatrixRow, RoleColumn

CHANGED_MEANWHILE = _l("The matrix or the items' roles changed since. Look at the new preview.")


@record
class Fill:
    """A row, and the roles that get an R in it."""

    row: MatrixRow
    roles: tuple[RoleColumn, ...]


@record
class Suggestion:
    """All that would be filled in, and the keys of roles that items name but the program does not have."""

    fills: Sequence[Fill]
    unknown: Sequence[str]

    @property
    def cells(self) -> int:
        """How many cells would be filled."""
        return sum(len(fill.roles) for fill in self.fills)

    @property
    def fingerprint(self) -> str:
        """The same for the same cells of rows in the same state."""
        seen = [(fill.row.token, fill.row.revision, [role.id for role in fill.roles]) for fill in self.fills]
        return hashlib.sha256(repr(seen).encode()).hexdigest()


def suggestion(program_id: int, today: date) -> Suggestion:
    """What would be filled in; six statements. Permission is the caller's."""
    rows = [row for row in raci_matrix.rows_of(program_id) if not row.is_dropped]
    raci_matrix.fill(rows)
    by_key = {role.key: role for role in raci_matrix.columns(program_id, today)}
    of_items, of_phases, named = _roles_of(program_id)
    fills = []
    for row in rows:
        keys = of_phases.get(row.phase_id, ()) if row.is_phase else of_items.get(row.item_id, ())
        roles = tuple(role for key, role in by_key.items() if key in keys and not row.letters.get(role.id))
        if roles:
            fills.append(Fill(row, roles))
    return Suggestion(fills, sorted(named - set(by_key)))


def fill_in(actor: Actor, program_id: int, today: date, *, seen: str) -> int:
    """Fill in what the preview with that fingerprint showed; returns the number of cells. Raises Conflict."""
    access.require(actor, program_id, Access.MANAGER)
    found = suggestion(program_id, today)
    if found.fingerprint != seen:
        raise Conflict(CHANGED_MEANWHILE)
    edits = [
        RowEdit(
            fill.row.id,
            fill.row.phase_id,
            {role.id: Letter.RESPONSIBLE.value for role in fill.roles},
            fill.row.revision,
        )
        for fill in found.fills
    ]
    raci.mark(actor, program_id, edits, batch=audit.new_batch())
    return found.cells


Roles = Mapping[int | None, set[str]]


def _roles_of(program_id: int) -> tuple[Roles, Roles, set[str]]:
    """The roles that items name: by the item of a row, by phase, and all of them."""
    of_items: dict[int | None, set[str]] = {
        row.item_id: {row.role} for row in read(_of_items(), {"program": program_id})
    }
    of_phases: dict[int | None, set[str]] = {}
    for row in read(_of_phases(), {"program": program_id}):
        of_phases.setdefault(row.phase_id, set()).add(row.role)
    named = {key for keys in (*of_items.values(), *of_phases.values()) for key in keys}
    of_phases.pop(None, None)
    return of_items, of_phases, named


@cache
def _of_items() -> Any:
    return (
        select(RaciRow.item_id, WorkItem.role)
        .join(WorkItem, WorkItem.id == RaciRow.item_id)
        .where(RaciRow.program_id == bindparam("program"), WorkItem.role != "")
    )


@cache
def _of_phases() -> Any:
    return (
        select(WorkItem.phase_id, WorkItem.role)
        .where(WorkItem.program_id == bindparam("program"), WorkItem.role != "", WorkItem.status != Status.DROPPED)
        .distinct()
    )
