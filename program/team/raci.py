"""The responsibility matrix: marking who answers, does, is asked and is told; which deliverables stand in it.

Exactly one accountable role per row is the aim, shown and not forced (`raci_findings.py`): a matrix is filled in cell
by cell. What pages read is in `raci_matrix.py`, filling in from the items' roles in `raci_suggestion.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, func, insert, select, update

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.planning.models import Phase, Program, WorkItem
from program.team.models import ProgramRole, RaciMark, RaciRow
from program.team.raci_findings import is_letter
from program.team.role_words import role_name

MAX_NAME, MAX_ROWS = 200, 2000
CHANGED_MEANWHILE = _l("Somebody changed this row while you had it open.")


@record
class RowEdit:
    """What a row shall hold: a letter or '' for each role that is named, the other cells stay.

    `row_id` None is the row of the phase `phase_id`, which nobody has written yet; `seen` is then 0.
    """

    row_id: int | None
    phase_id: int | None
    letters: Mapping[int, str]
    seen: int


def mark(actor: Actor, program_id: int, edits: Sequence[RowEdit], *, batch: str | None = None) -> int:
    """Write the letters of those rows, all of them or none; returns how many rows really changed.

    Raises Conflict when a row moved on since it was seen, Invalid for what is no letter, NotFound for rows, roles or
    phases of another program.
    """
    access.require(actor, program_id, Access.MANAGER)
    if not all(is_letter(letter) for edit in edits for letter in edit.letters.values()):
        raise Invalid(_l("A cell holds R, A, A/R, C, I or nothing."))
    roles = _role_names(program_id)
    if any(role_id not in roles for edit in edits for role_id in edit.letters):
        raise NotFound(access.NOT_HERE)
    rows = _rows(program_id, [edit.row_id for edit in edits if edit.row_id is not None])
    names = _labels(rows.values())
    present = letters_of(rows)
    changed: list[tuple[RaciRow, dict[int, str], dict[int, str], str]] = []
    for edit in edits:
        if edit.row_id is None:
            row, label = _phase_row(program_id, edit)
            before: dict[int, str] = {}
        else:
            row = rows[edit.row_id]
            label, before = names[row.id], present.get(row.id, {})
            audit.check_revision(row, edit.seen, CHANGED_MEANWHILE, "responsibility")
        after = {role_id: letter for role_id, letter in {**before, **edit.letters}.items() if letter}
        if after != before:
            changed.append((row, before, after, label))
    _raise_revisions([row for row, *_rest in changed if row.id in rows])
    _write(changed)
    audit.record_many(
        actor,
        "responsibility.changed",
        program_id,
        [(row.id, label, _changes(before, after, roles)) for row, before, after, label in changed],
        batch=batch,
    )
    return len(changed)


def add_items(actor: Actor, program_id: int, item_ids: Iterable[int]) -> int:
    """Let those items stand in the matrix as deliverables; returns how many are new. Raises NotFound."""
    access.require(actor, program_id, Access.MANAGER)
    wanted = set(item_ids)
    found = db.session.execute(
        select(WorkItem.id, WorkItem.title).where(WorkItem.program_id == program_id, WorkItem.id.in_(wanted))
    ).all()
    if len(found) != len(wanted):
        raise NotFound(access.NOT_HERE)
    # The program's row is held, so that two who add at the same moment see each other's rows.
    db.session.execute(select(Program.id).where(Program.id == program_id).with_for_update(key_share=True))
    there = set(db.session.scalars(select(RaciRow.item_id).where(RaciRow.item_id.in_(wanted))))
    new = [item for item in found if item.id not in there]
    _check_room(program_id, len(new))
    rows = [RaciRow(program_id=program_id, item_id=item.id) for item in new]
    _add(actor, program_id, rows, [item.title for item in new])
    return len(rows)


def add_named(actor: Actor, program_id: int, phase_id: int, name: str) -> RaciRow:
    """Add a deliverable by its name, last in its phase. Raises Invalid naming the field at fault."""
    access.require(actor, program_id, Access.MANAGER)
    name = _checked_name(name)
    _hold_phase(program_id, phase_id, Invalid(_l("Something is not right yet."), {"phase": _l("Choose a phase.")}))
    _check_room(program_id, 1)
    last = db.session.scalar(select(func.max(RaciRow.position)).where(RaciRow.phase_id == phase_id)) or 0
    row = RaciRow(program_id=program_id, phase_id=phase_id, name=name, position=last + 1)
    _add(actor, program_id, [row], [name])
    return row


def rename(actor: Actor, row: RaciRow, name: str, *, seen: int) -> bool:
    """Give a deliverable another name; False when it is the old one. Phases and items have names of their own."""
    access.require(actor, row.program_id, Access.MANAGER)
    audit.check_revision(row, seen, CHANGED_MEANWHILE, "responsibility")
    if not row.name:
        raise Invalid(_l("A phase or an item is renamed on its own page."))
    changes = audit.change(row, {"name": _checked_name(name)})
    if changes:
        db.session.flush()
        audit.record(
            actor,
            "responsibility.changed",
            object_id=row.id,
            name=row.name,
            program_id=row.program_id,
            changes=changes,
        )
    return bool(changes)


def remove(actor: Actor, row: RaciRow, *, seen: int) -> None:
    """Take a row and its letters out of the matrix; of a phase only the letters go, its row is always there."""
    access.require(actor, row.program_id, Access.MANAGER)
    audit.check_revision(row, seen, CHANGED_MEANWHILE, "responsibility")
    roles = _role_names(row.program_id)
    label, gone = _labels([row])[row.id], _changes(letters_of([row.id]).get(row.id, {}), {}, roles)
    row_id, program_id = row.id, row.program_id
    db.session.execute(delete(RaciMark).where(RaciMark.row_id == row_id))
    db.session.delete(row)
    db.session.flush()
    audit.record(actor, "responsibility.removed", object_id=row_id, name=label, program_id=program_id, changes=gone)


def find_row(actor: Actor, program_id: int, row_id: int, needed: Access = Access.MANAGER) -> RaciRow:
    """The row with that id. Raises NotFound."""
    access.require(actor, program_id, needed)
    return _rows(program_id, [row_id])[row_id]


def label_of(row: RaciRow) -> str:
    """What the row is about: the phase's name, the item's title, or its own name."""
    return _labels([row])[row.id]


def letters_of(row_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """The letters of those rows: row -> role -> letter; rows without any are left out."""
    found: dict[int, dict[int, str]] = {}
    query = select(RaciMark.row_id, RaciMark.role_id, RaciMark.letter).where(RaciMark.row_id.in_(list(row_ids)))
    for row_id, role_id, letter in db.session.execute(query):
        found.setdefault(row_id, {})[role_id] = letter
    return found


def _role_names(program_id: int) -> dict[int, str]:
    rows = db.session.execute(
        select(ProgramRole.id, ProgramRole.key, ProgramRole.name).where(ProgramRole.program_id == program_id)
    )
    return {row.id: role_name(row.key, row.name) for row in rows}


def _rows(program_id: int, row_ids: Sequence[int]) -> dict[int, RaciRow]:
    found = db.session.scalars(
        select(RaciRow).where(RaciRow.program_id == program_id, RaciRow.id.in_(row_ids)).order_by(RaciRow.id)
    ).all()
    if len(found) != len(set(row_ids)):
        raise NotFound(access.NOT_HERE)
    return {row.id: row for row in found}


def _labels(rows: Iterable[RaciRow]) -> dict[int, str]:
    rows = list(rows)
    titles = _names(WorkItem.title, WorkItem.id, [row.item_id for row in rows if row.item_id is not None])
    phases = _names(Phase.name, Phase.id, [row.phase_id for row in rows if row.phase_id is not None])
    return {row.id: row.name or titles.get(row.item_id or 0) or phases.get(row.phase_id or 0, "") for row in rows}


def _names(name: Any, key: Any, ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    return {row[0]: row[1] for row in db.session.execute(select(key, name).where(key.in_(ids)))}


def _phase_row(program_id: int, edit: RowEdit) -> tuple[RaciRow, str]:
    """The row of a phase, written for the first time. Raises Conflict when somebody else just did."""
    name = _hold_phase(program_id, edit.phase_id or 0, NotFound(access.NOT_HERE))
    if any(edit.letters.values()):
        mine = (RaciRow.phase_id == edit.phase_id, RaciRow.item_id.is_(None), RaciRow.name == "")
        there = db.session.scalars(select(RaciRow).where(*mine)).one_or_none()
        if there is not None:
            audit.check_revision(there, edit.seen, CHANGED_MEANWHILE, "responsibility")
            raise Conflict(CHANGED_MEANWHILE)
    row = RaciRow(program_id=program_id, phase_id=edit.phase_id)
    if any(edit.letters.values()):
        db.session.add(row)
        db.session.flush()
    return row, name


def _hold_phase(program_id: int, phase_id: int, otherwise: Exception) -> str:
    """The phase's name; its row is held, so that two who write under it at the same moment see each other."""
    held = select(Phase.name).where(Phase.id == phase_id, Phase.program_id == program_id)
    name = db.session.scalars(held.with_for_update(key_share=True)).one_or_none()
    if name is None:
        raise otherwise
    return name


def _raise_revisions(rows: Sequence[RaciRow]) -> None:
    """The letters stand beside the row, so the mapper would not notice that it changed."""
    if not rows:
        return
    statement = (
        update(RaciRow.__table__)  # type: ignore[arg-type]
        .where(RaciRow.id == bindparam("its_id"), RaciRow.revision == bindparam("its_revision"))
        .values(revision=RaciRow.revision + 1)
    )
    values = [{"its_id": row.id, "its_revision": row.revision} for row in rows]
    if db.session.connection().execute(statement, values).rowcount != len(rows):
        raise Conflict(CHANGED_MEANWHILE)
    for row in rows:
        db.session.expire(row)


def _write(changed: Sequence[tuple[RaciRow, dict[int, str], dict[int, str], str]]) -> None:
    gone, new = [], []
    for row, before, after, _label in changed:
        gone += [(row.id, role_id) for role_id in before if after.get(role_id) != before[role_id]]
        new += [
            {"row_id": row.id, "role_id": role_id, "letter": letter}
            for role_id, letter in after.items()
            if before.get(role_id) != letter
        ]
    if gone:
        statement = delete(RaciMark.__table__).where(  # type: ignore[arg-type]
            RaciMark.row_id == bindparam("its_row"), RaciMark.role_id == bindparam("its_role")
        )
        db.session.connection().execute(statement, [{"its_row": row, "its_role": role} for row, role in gone])
    if new:
        db.session.execute(insert(RaciMark), new)


def _changes(before: Mapping[int, str], after: Mapping[int, str], roles: Mapping[int, str]) -> audit.Changes:
    """What changed, cell by cell, under the role's name: ids would say nothing once the role is gone."""
    return {
        roles[role_id]: [before.get(role_id), after.get(role_id)]
        for role_id in sorted({*before, *after})
        if before.get(role_id) != after.get(role_id)
    }


def _checked_name(name: str) -> str:
    name = clean_line(name)
    if not name or len(name) > MAX_NAME:
        told = _l("Up to %(most)s letters.", most=MAX_NAME) if name else _l("Give it a name.")
        raise Invalid(_l("Something is not right yet."), {"name": told})
    return name


def _check_room(program_id: int, more: int) -> None:
    there = db.session.scalar(select(func.count()).where(RaciRow.program_id == program_id)) or 0
    if there + more > MAX_ROWS:
        raise Invalid(_l("The matrix takes up to %(most)s rows: keep it to what is worth agreeing on.", most=MAX_ROWS))


def _add(actor: Actor, program_id: int, rows: Sequence[RaciRow], labels: Sequence[str]) -> None:
    db.session.add_all(rows)
    db.session.flush()
    entries = [(row.id, label, audit.Changes()) for row, label in zip(rows, labels, strict=True)]
    audit.record_many(actor, "responsibility.created", program_id, entries)
