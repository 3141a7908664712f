"""Impacted groups: adding, changing and removing them, with the rules that every door keeps.

Neighbours: `impacts.py` (how hard the change hits them), `group_members.py` (who is in them), `coverage.py`,
`group_lists.py` (reading many), `group_imports.py` (from a spreadsheet).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, insert, select

from program.change.models import GoLive, GroupMember, ImpactedGroup, OtherChange, OtherChangeGroup
from program.change.models.groups import GroupKind
from program.change.people_here import ids_here
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid, NotFound
from program.ground.folding import fold
from program.ground.now import utc_now
from program.ground.text import clean_line
from program.people import access
from program.people.models import Person
from program.planning.models.items import Channel

MAX_NAME, MAX_SITE, MAX_NOTE, MAX_HEADCOUNT = 120, 120, 500, 1_000_000
COLUMNS = (
    *("name", "kind", "site", "channel", "headcount"),
    *("representative_id", "go_live_id", "training_target", "note"),
)
DEFAULTS: dict[str, Any] = {
    "name": "",
    "kind": GroupKind.TEAM.value,
    "site": "",
    "channel": "",
    "headcount": 0,
    "representative_id": None,
    "go_live_id": None,
    "training_target": 100,
    "note": "",
}
CHANGED_MEANWHILE = _l("Somebody changed this group while you had it open.")


@dataclass(frozen=True)
class Around:
    """What groups may speak of: the program's go-lives and people, and the names that are taken, by folded name."""

    program_id: int
    go_lives: frozenset[int]
    people: frozenset[int]
    taken: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, program_id: int) -> Around:
        """Read it. Three statements."""
        people = select(Person.id).where(Person.id.in_(ids_here(program_id)), Person.is_active)
        named = select(ImpactedGroup.name_folded, ImpactedGroup.id).where(ImpactedGroup.program_id == program_id)
        return cls(
            program_id,
            frozenset(db.session.scalars(select(GoLive.id).where(GoLive.program_id == program_id))),
            frozenset(db.session.scalars(people)),
            {row.name_folded: row.id for row in db.session.execute(named)},
        )


def find_group(actor: Actor, program_id: int, group_id: int, needed: Access = Access.VIEWER) -> ImpactedGroup:
    """The group, to read or to change. Raises NotFound for one of another program."""
    access.require(actor, program_id, needed)
    group = db.session.get(ImpactedGroup, group_id)
    if group is None or group.program_id != program_id:
        raise NotFound(access.NOT_HERE)
    return group


def add_group(actor: Actor, program_id: int, values: Mapping[str, Any]) -> ImpactedGroup:
    """Add one group. Raises Invalid naming the field at fault."""
    access.require(actor, program_id, Access.MANAGER)
    group_id = add_groups(actor, program_id, [checked({**DEFAULTS, **values}, None, Around.of(program_id))])[0]
    return db.session.get_one(ImpactedGroup, group_id)


def add_groups(
    actor: Actor, program_id: int, groups: Sequence[Mapping[str, Any]], *, batch: str | None = None
) -> list[int]:
    """Add groups whose values were checked, in one go; gives their ids in order."""
    access.require(actor, program_id, Access.MANAGER)
    if not groups:
        return []
    rows = [
        {
            **{name: values[name] for name in COLUMNS},
            "program_id": program_id,
            "name_folded": fold(values["name"]),
            "created_at": utc_now(),
            "revision": 1,
        }
        for values in groups
    ]
    db.session.execute(insert(ImpactedGroup), rows)
    named = select(ImpactedGroup.name_folded, ImpactedGroup.id).where(ImpactedGroup.program_id == program_id)
    by_name = {row.name_folded: row.id for row in db.session.execute(named)}
    ids = [by_name[row["name_folded"]] for row in rows]
    entries = [
        (group_id, values["name"], audit.created({name: values[name] for name in COLUMNS}))
        for group_id, values in zip(ids, groups, strict=True)
    ]
    audit.record_many(actor, "group.created", program_id, entries, batch)
    return ids


def change_group(
    actor: Actor, group: ImpactedGroup, values: Mapping[str, Any], *, seen: int | None, batch: str | None = None
) -> audit.Changes:
    """Set columns of a group (names of COLUMNS) and return what really changed. Raises Invalid and Conflict."""
    access.require(actor, group.program_id, Access.MANAGER)
    if seen is not None:
        audit.check_revision(group, seen, CHANGED_MEANWHILE, "group")
    tidy = checked(values, group, Around.of(group.program_id))
    return write_changes(actor, group.program_id, [(group, tidy)], batch=batch)[0]


def write_changes(
    actor: Actor, program_id: int, edits: Sequence[tuple[ImpactedGroup, Mapping[str, Any]]], *, batch: str | None = None
) -> list[audit.Changes]:
    """Set checked columns of many groups of one program in one go."""
    access.require(actor, program_id, Access.MANAGER)
    all_changes, entries = [], []
    for group, values in edits:
        if group.program_id != program_id:
            raise NotFound(access.NOT_HERE)
        changes = audit.change(group, values)
        group.name_folded = fold(group.name)
        if changes:
            entries.append((group.id, group.name, changes))
        all_changes.append(changes)
    db.session.flush()
    audit.record_many(actor, "group.changed", program_id, entries, batch)
    return all_changes


def remove_group(actor: Actor, group: ImpactedGroup, *, seen: int | None) -> None:
    """Remove a group with its impacts, its members' places, its readings; nobody's account and no training goes.

    Other changes and freezes that were for this group alone go with it: without groups they would be for everybody.
    """
    access.require(actor, group.program_id, Access.MANAGER)
    if seen is not None:
        audit.check_revision(group, seen, CHANGED_MEANWHILE, "group")
    alone = only_for([group.id])
    if alone:
        db.session.execute(delete(OtherChange).where(OtherChange.id.in_(alone)))
    values = {name: getattr(group, name) for name in COLUMNS}
    db.session.delete(group)
    db.session.flush()
    audit.record(
        actor,
        "group.removed",
        object_id=group.id,
        name=group.name,
        program_id=group.program_id,
        changes=audit.removed(values),
    )


def only_for(group_ids: Collection[int]) -> list[int]:
    """Other changes and freezes that are about those groups and about no other. One statement."""
    others = select(OtherChangeGroup.other_id).where(OtherChangeGroup.group_id.not_in(group_ids))
    mine = select(OtherChangeGroup.other_id).where(OtherChangeGroup.group_id.in_(group_ids))
    return list(
        db.session.scalars(select(OtherChange.id).where(OtherChange.id.in_(mine), OtherChange.id.not_in(others)))
    )


def members_in(group_id: int) -> int:
    """How many people the group knows by name. One statement."""
    return db.session.scalar(select(func.count()).where(GroupMember.group_id == group_id)) or 0


def checked(values: Mapping[str, Any], before: Any | None, around: Around) -> dict[str, Any]:
    """The values as they are kept. `before` is the group that is changed; what it has already may stay.

    Raises Invalid.
    """
    if unknown := set(values) - set(COLUMNS):
        raise ValueError(f"not changeable: {sorted(unknown)}")
    tidy = dict(values)
    wrong: dict[str, Any] = {}
    for name, most in (("name", MAX_NAME), ("site", MAX_SITE), ("note", MAX_NOTE)):
        if name in tidy:
            tidy[name] = clean_line(tidy[name] or "")
            if len(tidy[name]) > most:
                wrong[name] = _("Up to %(most)s letters.", most=most)
    if "name" in tidy and "name" not in wrong:
        wrong.update(_name_problem(tidy["name"], before, around))
    if "kind" in tidy and tidy["kind"] not in set(GroupKind):
        wrong["kind"] = _("Choose one from the list.")
    if "channel" in tidy and tidy["channel"] not in {"", *Channel}:
        wrong["channel"] = _("Choose one from the list.")
    wrong.update(_number_problem(tidy, "headcount", 0, MAX_HEADCOUNT))
    wrong.update(_number_problem(tidy, "training_target", 0, 100))
    for name, known in (("representative_id", around.people), ("go_live_id", around.go_lives)):
        chosen = tidy.get(name)
        if chosen is not None and chosen not in known and (before is None or chosen != getattr(before, name)):
            wrong[name] = _("Choose one from the list.")
    if wrong:
        raise Invalid(_("Something is not right yet."), wrong)
    return tidy


def _name_problem(name: str, before: Any | None, around: Around) -> dict[str, str]:
    if not name:
        return {"name": _("Give the group a name.")}
    holder = around.taken.get(fold(name))
    if holder is not None and (before is None or holder != before.id):
        return {"name": _("There is a group with this name already.")}
    return {}


def _number_problem(values: Mapping[str, Any], name: str, least: int, most: int) -> dict[str, str]:
    if name in values and not (isinstance(values[name], int) and least <= values[name] <= most):
        return {name: _("Give a number from %(least)s to %(most)s.", least=least, most=most)}
    return {}
