"""Importing groups and people: preview first, then all rows or none.

The upload waits as planning's do (`planning/imports.py`). The preview and the act read the rows anew against the
program as it is; a seal on what the preview saw keeps somebody from confirming what they have not seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from program.change import group_members, group_sheets, groups, impacts, people_sheets
from program.change.group_sheets import GroupPlan, read_groups
from program.change.models import GroupMember, ImpactedGroup
from program.change.people_sheets import PeoplePlan, read_people
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid
from program.ground.records import record
from program.people import access, accounts
from program.planning.imports import sheet_of
from program.planning.item_lists import chunks
from program.planning.models import ImportUpload
from program.planning.sheet_columns import Column
from program.planning.spreadsheets_in import Sheet


@record
class Kind:
    """What a file can hold: its columns and how it is read."""

    columns: tuple[Column, ...]
    read: Callable[[int, Sheet], Any]


KINDS: Mapping[str, Kind] = {
    "groups": Kind(group_sheets.COLUMNS, read_groups),
    "people": Kind(people_sheets.COLUMNS, read_people),
}


@record
class Preview:
    """What an import would do, in figures, and the seal on it."""

    plan: Any
    added: int
    changed: int
    accounts: int
    seal: str

    @property
    def is_nothing(self) -> bool:
        """True when there is nothing to do."""
        return not (self.added or self.changed or self.plan.problems)


def preview(actor: Actor, program_id: int, kind: str, upload: ImportUpload) -> Preview:
    """What the import would do. Raises Invalid for a file without the headings it needs."""
    access.require(actor, program_id, Access.MANAGER)
    plan = KINDS[kind].read(program_id, sheet_of(upload))
    if isinstance(plan, GroupPlan):
        seen: Any = (sorted(plan.revisions), [values["name"] for values, _impacts in plan.added])
        return Preview(plan, len(plan.added), len(plan.changed), 0, _seal(seen))
    seen = (plan.places, sorted(plan.marks.items()), sorted(plan.new_people.values()), sorted(plan.known.items()))
    return Preview(plan, len(plan.places), len(plan.marks), len(plan.new_people), _seal(seen))


def confirm(actor: Actor, program_id: int, kind: str, upload: ImportUpload, *, seal: str) -> Preview:
    """Do it: all rows or none, in one batch. The upload is gone afterwards. Raises Invalid and Conflict."""
    found = preview(actor, program_id, kind, upload)
    if found.plan.problems:
        raise Invalid(_("Some rows cannot be taken over. Nothing was imported."), rows=found.plan.problems)
    if found.seal != seal:
        raise Conflict(_("Groups of this file were changed since the preview. Look at the preview again."))
    if found.is_nothing:
        raise Invalid(_("There is nothing to change."))
    batch = audit.new_batch()
    if isinstance(found.plan, GroupPlan):
        _write_groups(actor, program_id, found.plan, batch)
    else:
        _write_people(actor, program_id, found.plan, batch)
    db.session.delete(upload)
    db.session.flush()
    return found


def _write_groups(actor: Actor, program_id: int, plan: GroupPlan, batch: str) -> None:
    ids = groups.add_groups(actor, program_id, [values for values, _impacts in plan.added], batch=batch)
    present: dict[int, ImpactedGroup] = {}
    for part in chunks(sorted(plan.changed)):
        rows = db.session.scalars(select(ImpactedGroup).where(ImpactedGroup.id.in_(part)).with_for_update())
        present.update((group.id, group) for group in rows)
    edits = [(present[group_id], values) for group_id, (values, _impacts) in plan.changed.items() if values]
    groups.write_changes(actor, program_id, edits, batch=batch)
    wanted = {
        **{group_id: found for group_id, (_values, found) in zip(ids, plan.added, strict=True) if found},
        **{group_id: found for group_id, (_values, found) in plan.changed.items() if found},
    }
    before = impacts.impacts_of(list(wanted))
    names = {group_id: values["name"] for group_id, (values, _impacts) in zip(ids, plan.added, strict=True)}
    names.update((group_id, group.name) for group_id, group in present.items())
    impacts.write(wanted)
    entries = [
        (group_id, names[group_id], impacts.changed(before[group_id], found)) for group_id, found in wanted.items()
    ]
    audit.record_many(actor, "group.impact_set", program_id, entries, batch)


def _write_people(actor: Actor, program_id: int, plan: PeoplePlan, batch: str) -> None:
    people = list(plan.new_people.values())
    ids = {**plan.known, **accounts.add_people(actor, people, program_id=program_id, batch=batch)}
    places = [(group_id, ids[email], flags) for group_id, email, flags in plan.places]
    group_members.put_in(actor, program_id, places, batch=batch)
    wanted = plan.marks
    rows: dict[tuple[int, int], GroupMember] = {}
    for part in chunks(sorted({person_id for _group, person_id in wanted})):
        query = select(GroupMember).where(GroupMember.program_id == program_id, GroupMember.person_id.in_(part))
        rows.update(((row.group_id, row.person_id), row) for row in db.session.scalars(query))
    if wanted:
        group_members.mark_members(actor, program_id, [(rows[at], flags) for at, flags in wanted.items()], batch=batch)


def _seal(seen: Any) -> str:
    return hashlib.sha256(repr(seen).encode()).hexdigest()
