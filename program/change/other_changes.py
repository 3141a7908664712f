"""What else lands on people: changes from elsewhere, and freezes in which nothing should be planned.

Without groups it is for everybody. Groups are chosen by name, because a program may have hundreds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select

from program.change.models import ImpactedGroup, OtherChange, OtherChangeGroup
from program.change.models.groups import IMPACT_MAX
from program.change.models.saturation import OtherKind
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.folding import fold
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access

MAX_NAME = 120
COLUMNS = ("kind", "name", "starts_on", "ends_on", "weight")
KIND_WORDS: dict[str, Any] = {
    OtherKind.CHANGE.value: _l("Another change"),
    OtherKind.FREEZE.value: _l("Freeze, such as a peak season"),
}
_CHANGED = _l("Somebody changed this while you had it open.")


@record
class OtherRow:
    """An other change or a freeze with the names of its groups; none is everybody."""

    id: int
    kind: str
    name: str
    starts_on: date
    ends_on: date
    weight: int
    revision: int
    groups: tuple[str, ...]


def list_others(actor: Actor, program_id: int, from_day: date) -> list[OtherRow]:
    """Those that have not ended before the day, by their start. Two statements."""
    access.require(actor, program_id, Access.VIEWER)
    columns = (OtherChange.id, *(getattr(OtherChange, name) for name in COLUMNS), OtherChange.revision)
    query = select(*columns).where(OtherChange.program_id == program_id, OtherChange.ends_on >= from_day)
    rows: Sequence[Any] = read(query.order_by(OtherChange.starts_on, OtherChange.id)).all()
    names: dict[int, list[str]] = {}
    if rows:
        pairs = (
            select(OtherChangeGroup.other_id, ImpactedGroup.name)
            .join(ImpactedGroup, ImpactedGroup.id == OtherChangeGroup.group_id)
            .where(ImpactedGroup.program_id == program_id)
            .order_by(ImpactedGroup.name_folded)
        )
        for other_id, name in read(pairs):
            names.setdefault(other_id, []).append(name)
    found = []
    for row in rows:
        values: tuple[Any, ...] = (*row, tuple(names.get(row.id, ())))
        found.append(OtherRow(*values))
    return found


def find_other(actor: Actor, program_id: int, other_id: int) -> tuple[OtherChange, list[str]]:
    """One to change, with the names of its groups. Raises NotFound."""
    access.require(actor, program_id, Access.MANAGER)
    other = db.session.get(OtherChange, other_id)
    if other is None or other.program_id != program_id:
        raise NotFound(access.NOT_HERE)
    return other, list(_names(other.id))


def add_other(actor: Actor, program_id: int, values: Mapping[str, Any], groups: Sequence[str]) -> OtherChange:
    """Add one, for those groups by name; none is everybody. Raises Invalid naming the field."""
    access.require(actor, program_id, Access.MANAGER)
    tidy, group_ids = _checked(program_id, values, groups)
    other = OtherChange(program_id=program_id, **tidy)
    db.session.add(other)
    db.session.flush()
    _write_groups(other.id, group_ids)
    _record(actor, other, "created", audit.created({**tidy, "groups": sorted(_names(other.id)) or None}))
    return other


def change_other(
    actor: Actor, other: OtherChange, values: Mapping[str, Any], groups: Sequence[str], *, seen: int | None
) -> audit.Changes:
    """Change one and whom it is for. Raises Invalid and Conflict."""
    access.require(actor, other.program_id, Access.MANAGER)
    if seen is not None:
        audit.check_revision(other, seen, _CHANGED, "other_change")
    tidy, group_ids = _checked(other.program_id, values, groups)
    before = sorted(_names(other.id))
    changes = audit.change(other, tidy)
    db.session.flush()
    _write_groups(other.id, group_ids)
    after = sorted(_names(other.id))
    if before != after:
        changes["groups"] = [before, after]
    if changes:
        _record(actor, other, "changed", changes)
    return changes


def remove_other(actor: Actor, other: OtherChange, *, seen: int | None) -> None:
    """Remove one. Raises Conflict."""
    access.require(actor, other.program_id, Access.MANAGER)
    if seen is not None:
        audit.check_revision(other, seen, _CHANGED, "other_change")
    values = {name: getattr(other, name) for name in COLUMNS}
    db.session.delete(other)
    db.session.flush()
    _record(actor, other, "removed", audit.removed(values))


def _record(actor: Actor, other: OtherChange, act: str, changes: audit.Changes) -> None:
    audit.record(
        actor,
        f"other_change.{act}",
        object_id=other.id,
        name=other.name,
        program_id=other.program_id,
        changes=changes,
    )


def _names(other_id: int) -> list[str]:
    query = select(ImpactedGroup.name).join(OtherChangeGroup, OtherChangeGroup.group_id == ImpactedGroup.id)
    return list(
        db.session.scalars(query.where(OtherChangeGroup.other_id == other_id).order_by(ImpactedGroup.name_folded))
    )


def _write_groups(other_id: int, group_ids: Sequence[int]) -> None:
    db.session.execute(delete(OtherChangeGroup).where(OtherChangeGroup.other_id == other_id))
    if group_ids:
        db.session.execute(
            insert(OtherChangeGroup), [{"other_id": other_id, "group_id": group_id} for group_id in group_ids]
        )


def _checked(program_id: int, values: Mapping[str, Any], groups: Sequence[str]) -> tuple[dict[str, Any], list[int]]:
    tidy = dict(values)
    wrong: dict[str, Any] = {}
    tidy["name"] = clean_line(tidy.get("name") or "")
    if not tidy["name"]:
        wrong["name"] = _("Give it a name.")
    elif len(tidy["name"]) > MAX_NAME:
        wrong["name"] = _("Up to %(most)s letters.", most=MAX_NAME)
    if tidy.get("kind") not in set(OtherKind):
        wrong["kind"] = _("Choose one from the list.")
    for name in ("starts_on", "ends_on"):
        if tidy.get(name) is None:
            wrong[name] = _("Choose a day.")
        elif not FIRST_DAY <= tidy[name] <= LAST_DAY:
            wrong[name] = _("Give a day between 2000 and 2099.")
    if not wrong.keys() & {"starts_on", "ends_on"} and tidy["ends_on"] < tidy["starts_on"]:
        wrong["ends_on"] = _("It ends before it begins.")
    if tidy.get("kind") == OtherKind.FREEZE:
        tidy["weight"] = 0
    elif "kind" not in wrong and not (isinstance(tidy.get("weight"), int) and 0 <= tidy["weight"] <= IMPACT_MAX):
        wrong["weight"] = _("Give a number from %(least)s to %(most)s.", least=0, most=IMPACT_MAX)
    wanted = {fold(name): name.strip() for name in groups if name.strip()}
    found = {
        row.name_folded: row.id
        for row in read(
            select(ImpactedGroup.name_folded, ImpactedGroup.id).where(ImpactedGroup.program_id == program_id)
        )
    }
    unknown = [name for folded, name in wanted.items() if folded not in found]
    if unknown:
        wrong["groups"] = _("There is no such group: %(names)s", names=", ".join(unknown[:5]))
    if wrong:
        raise Invalid(_("Something is not right yet."), wrong)
    return {name: tidy[name] for name in COLUMNS}, [found[folded] for folded in wanted]
