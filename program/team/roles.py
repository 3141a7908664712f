"""The roles of a program: taking them over from the catalogue, adding own ones, changing, ordering, removing.

Who plays them is in `assignments.py`; what a page shows of both, in `staffing.py`. A required role that nobody plays is
a vacancy. Shaping the roles takes a manager.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid, NotFound
from program.ground.folding import fold
from program.ground.text import clean_line, clean_text
from program.people import access
from program.planning.models import Program, WorkItem
from program.playbooks.roles import Circle
from program.playbooks.roles import roles as catalogue
from program.playbooks.skills import LEVELS, skills
from program.team.models import Assignment, ProgramRole, RaciMark
from program.team.role_words import role_name, role_purpose, role_responsibilities

MAX_ROLES, MAX_KEY, MAX_NAME, MAX_PURPOSE, MAX_RESPONSIBILITIES = 60, 40, 80, 500, 4000
CHANGEABLE = frozenset(("name", "purpose", "responsibilities", "share_low", "share_high", "skills", "is_required"))
CHANGED_MEANWHILE = _l("Somebody changed this role while you had it open.")
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")


def find_role(actor: Actor, program_id: int, role_id: int, needed: Access = Access.VIEWER) -> ProgramRole:
    """The role of the program with that id. Raises NotFound."""
    access.require(actor, program_id, needed)
    role = db.session.scalars(
        select(ProgramRole).where(ProgramRole.id == role_id, ProgramRole.program_id == program_id)
    ).one_or_none()
    if role is None:
        raise NotFound(access.NOT_HERE)
    return role


def named_by_items(program_id: int) -> dict[str, bool]:
    """The roles that the program's items name, by key; True where a required item does. One statement."""
    rows = db.session.execute(
        select(WorkItem.role, WorkItem.required)
        .where(WorkItem.program_id == program_id, WorkItem.role != "")
        .distinct()
    )
    found: dict[str, bool] = {}
    for key, required in rows:
        found[key] = found.get(key, False) or required
    return found


def proposed(program_id: int) -> dict[str, bool]:
    """What a program should take over from the catalogue: keys, True for those that should be required.

    The core team of the handbook, section 4, and whoever the plan's items name. Required are those of them that an item
    which a gate asks for names, and without whom the program has no centre: the core roles and the sponsor.
    """
    named = named_by_items(program_id)
    centre = {key for key, role in catalogue().items() if role.circle is Circle.CORE} | {"executive_sponsor"}
    return {
        key: key in centre and named.get(key, False)
        for key, role in catalogue().items()
        if role.circle is Circle.CORE or key in named
    }


def take_over(
    actor: Actor, program_id: int, keys: Collection[str], required: Collection[str] = ()
) -> list[ProgramRole]:
    """Take roles over from the catalogue, those that are there already left as they are. Returns the new ones.

    `required` are the keys that are required from now on, taken over as well. Raises Invalid for unknown keys.
    """
    access.require(actor, program_id, Access.MANAGER)
    wanted = {*keys, *required}
    if unknown := wanted - set(catalogue()):
        raise Invalid(_l("There is no role “%(role)s” in the catalogue.", role=min(unknown)[:MAX_KEY]))
    present = _keys(program_id)
    new = [key for key in catalogue() if key in wanted and key not in present]
    _check_room(len(present) + len(new))
    position = _last_position(program_id)
    rows = []
    for place, key in enumerate(new, start=1):
        role = catalogue()[key]
        rows.append(
            ProgramRole(
                program_id=program_id,
                key=key,
                share_low=role.share_low,
                share_high=role.share_high,
                skills=dict(role.skills),
                is_required=key in required,
                position=position + place,
            )
        )
    db.session.add_all(rows)
    db.session.flush()
    audit.record_many(actor, "role.created", program_id, [_created(row) for row in rows])
    return rows


def add_role(actor: Actor, program_id: int, values: Mapping[str, Any]) -> ProgramRole:
    """Add a role of the program's own, last in the order. Raises Invalid naming the field at fault."""
    access.require(actor, program_id, Access.MANAGER)
    tidy = _checked(dict(values), {}, needs_name=True)
    present = _keys(program_id)
    _check_room(len(present) + 1)
    key = _free_key(tidy["name"], present | set(catalogue()))
    role = ProgramRole(program_id=program_id, key=key, position=_last_position(program_id) + 1, **tidy)
    db.session.add(role)
    db.session.flush()
    audit.record_many(actor, "role.created", program_id, [_created(role)])
    return role


def change_role(actor: Actor, role: ProgramRole, values: Mapping[str, Any], *, seen: int | None) -> audit.Changes:
    """Change columns of CHANGEABLE; returns what really changed.

    A text of a catalogue role that says what the catalogue says in the reader's language is kept empty, so that it
    stays translated. Raises Conflict when it moved on since `seen`, Invalid naming the field at fault.
    """
    access.require(actor, role.program_id, Access.MANAGER)
    if unknown := set(values) - CHANGEABLE:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    if seen is not None:
        audit.check_revision(role, seen, CHANGED_MEANWHILE, "role")
    in_catalogue = role.key in catalogue()
    before = {name: getattr(role, name) for name in CHANGEABLE}
    tidy = _checked(dict(values), before, needs_name=not in_catalogue)
    if in_catalogue:
        _keep_translated(role.key, tidy)
    changes = audit.change(role, tidy)
    if changes:
        db.session.flush()
        _record(actor, "role.changed", role, changes)
    return changes


def move_role(actor: Actor, role: ProgramRole, *, up: bool) -> bool:
    """Let the role change places with its neighbour; False at the end of the list."""
    access.require(actor, role.program_id, Access.MANAGER)
    rows = list(
        db.session.scalars(
            select(ProgramRole)
            .where(ProgramRole.program_id == role.program_id)
            .order_by(ProgramRole.position, ProgramRole.id)
            .with_for_update()
        )
    )
    place = rows.index(role)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return False
    rows[place], rows[other] = rows[other], rows[place]
    # Numbered anew: two roles may have got one place when two managers added at the same moment.
    for position, row in enumerate(rows, start=1):
        if row.position != position:
            row.position = position
    db.session.flush()
    _record(actor, "role.moved", role, {"position": [place + 1, other + 1]})
    return True


def remove_role(actor: Actor, role: ProgramRole, *, seen: int) -> None:
    """Remove the role, who plays it, and its marks in the responsibility matrix. Items that name it keep the word."""
    access.require(actor, role.program_id, Access.MANAGER)
    audit.check_revision(role, seen, CHANGED_MEANWHILE, "role")
    gone = audit.removed({"role": role.key, "is_required": role.is_required})
    role_id, name, program_id = role.id, role_name(role.key, role.name), role.program_id
    db.session.execute(delete(RaciMark).where(RaciMark.role_id == role_id))
    db.session.execute(delete(Assignment).where(Assignment.role_id == role_id))
    db.session.delete(role)
    db.session.flush()
    audit.record(actor, "role.removed", object_id=role_id, name=name, program_id=program_id, changes=gone)


def hangs_on(role: ProgramRole) -> tuple[int, int, int]:
    """What a removal of the role touches: assignments, marks of the matrix, items that name it. One statement."""
    people = select(func.count()).where(Assignment.role_id == role.id).scalar_subquery()
    marks = select(func.count()).where(RaciMark.role_id == role.id).scalar_subquery()
    items = (
        select(func.count()).where(WorkItem.program_id == role.program_id, WorkItem.role == role.key).scalar_subquery()
    )
    row = db.session.execute(select(people, marks, items)).one()
    return row[0] or 0, row[1] or 0, row[2] or 0


def _keys(program_id: int) -> set[str]:
    # The program's row is held, so that two who take over at the same moment see each other's roles.
    db.session.execute(select(Program.id).where(Program.id == program_id).with_for_update())
    return set(db.session.scalars(select(ProgramRole.key).where(ProgramRole.program_id == program_id)))


def _last_position(program_id: int) -> int:
    found = select(func.max(ProgramRole.position)).where(ProgramRole.program_id == program_id)
    return db.session.scalar(found) or 0


def _check_room(count: int) -> None:
    if count > MAX_ROLES:
        raise Invalid(_l("A program takes up to %(most)s roles.", most=MAX_ROLES))


def _free_key(name: str, taken: Collection[str]) -> str:
    """A key made of the name that nobody has."""
    stem = _NOT_IN_KEYS.sub("_", fold(name)).strip("_")[: MAX_KEY - 4] or "role"
    number, key = 1, stem
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key


def _checked(values: dict[str, Any], before: Mapping[str, Any], *, needs_name: bool) -> dict[str, Any]:
    """The values, tidied. Raises Invalid with every field that is wrong."""
    wrong: dict[str, Any] = {}
    for name, clean in (("name", clean_line), ("purpose", clean_line), ("responsibilities", _clean_lines)):
        if name in values:
            values[name] = clean(str(values[name] or ""))
    if needs_name and "name" in values and not values["name"]:
        wrong["name"] = _l("Give it a name.")
    limits = (("name", MAX_NAME), ("purpose", MAX_PURPOSE), ("responsibilities", MAX_RESPONSIBILITIES))
    for name, most in limits:
        if len(values.get(name) or "") > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    _check_shares(values, before, wrong)
    if "skills" in values:
        known = {key: level for key, level in dict(values["skills"] or {}).items() if level}
        if set(known) - set(skills()) or set(known.values()) - set(LEVELS):
            wrong["skills"] = _l("Choose skills of the catalogue, each with a level from 1 to 3.")
        values["skills"] = known
    if "is_required" in values:
        values["is_required"] = bool(values["is_required"])
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    return values


def _check_shares(values: dict[str, Any], before: Mapping[str, Any], wrong: dict[str, Any]) -> None:
    low = values.get("share_low", before.get("share_low"))
    high = values.get("share_high", before.get("share_high"))
    for name, share in (("share_low", low), ("share_high", high)):
        if share is not None and not 0 <= share <= 100:
            wrong[name] = _l("Give a share from 0 to 100 percent.")
    if wrong.keys() & {"share_low", "share_high"}:
        return
    if (low is None) != (high is None):
        wrong["share_high" if high is None else "share_low"] = _l("Give both shares, or none.")
    elif low is not None and high is not None and low > high:
        wrong["share_high"] = _l("The upper share is below the lower one.")


def _clean_lines(text: str) -> str:
    return "\n".join(line for raw in clean_text(text).splitlines() if (line := clean_line(raw)))


def _keep_translated(key: str, values: dict[str, Any]) -> None:
    if values.get("name") == role_name(key, ""):
        values["name"] = ""
    if values.get("purpose") == role_purpose(key, ""):
        values["purpose"] = ""
    if values.get("responsibilities") == "\n".join(role_responsibilities(key, "")):
        values["responsibilities"] = ""


def _created(role: ProgramRole) -> tuple[int, str, audit.Changes]:
    values = {"role": role.key, "is_required": role.is_required}
    return role.id, role_name(role.key, role.name), audit.created(values)


def _record(actor: Actor, verb: str, role: ProgramRole, changes: audit.Changes) -> None:
    name = role_name(role.key, role.name)
    audit.record(actor, verb, object_id=role.id, name=name, program_id=role.program_id, changes=changes)
