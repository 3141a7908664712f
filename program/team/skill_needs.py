"""What a phase needs: so many people at that level of a skill. Set by managers, or taken over from the roles' skills.

The suggestion: a phase needs one person at the highest level that any role of its items asks for, skill by skill; a
phase whose items name no role goes by the program's required roles. Needs that are set already stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, bindparam, delete, insert, or_, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.records import record
from program.people import access
from program.planning.models import Phase, WorkItem
from program.planning.models.items import Status
from program.playbooks.skills import LEVELS, skills
from program.team.models import ProgramRole, SkillNeed
from program.team.skill_gaps import Need
from program.team.skill_shape import skill_name
from program.team.skill_words import LEVEL_WORDS

MAX_PEOPLE = 99
CHANGED_MEANWHILE = _l("The needs of this phase were changed while you had the page open. Compare, then save again.")
OVERTAKEN = _l("Roles, items or needs changed since. Look at the new preview.")


@record
class Suggested:
    """Needs that a phase would get."""

    phase_id: int
    phase: str
    needs: tuple[Need, ...]


def needs_of(program_id: int, phase_id: int) -> tuple[str, dict[str, Need]]:
    """The phase's name and its needs by skill. Raises NotFound for a phase of another program. Two statements."""
    name = read(_phase(), {"program": program_id, "phase": phase_id}).scalar_one_or_none()
    if name is None:
        raise NotFound(access.NOT_HERE)
    rows = read(_needs(), {"phase": phase_id})
    return name, {row.skill: Need(row.skill, row.level, row.people) for row in rows}


def fingerprint(needs: Mapping[str, Need]) -> str:
    """The same for the same needs; a form carries it to tell whether they changed since."""
    return " ".join(f"{key}:{need.level}x{need.people}" for key, need in sorted(needs.items()))


def set_needs(
    actor: Actor,
    program_id: int,
    phase_id: int,
    needs: Sequence[Need],
    *,
    seen: str,
    batch: str | None = None,
) -> bool:
    """Let the phase need exactly this; True when that changed something.

    Raises Conflict when the needs changed since `seen`, Invalid naming skill by skill what cannot be.
    """
    access.require(actor, program_id, Access.MANAGER)
    # The phase's row is held, so that two who write at the same moment see each other.
    held = select(Phase.id).where(Phase.id == phase_id, Phase.program_id == program_id)
    db.session.execute(held.with_for_update(key_share=True))
    name, present = needs_of(program_id, phase_id)
    if fingerprint(present) != seen:
        raise Conflict(CHANGED_MEANWHILE)
    wrong: dict[str, Any] = {}
    for need in needs:
        if need.skill not in skills():
            raise Invalid(_l("Choose skills of the catalogue."))
        if need.level not in LEVELS:
            wrong[need.skill] = _l("Choose a level from the list.")
        elif not 1 <= need.people <= MAX_PEOPLE:
            wrong[need.skill] = _l("Give a number of people from 1 to %(most)s.", most=MAX_PEOPLE)
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
    wanted = {need.skill: need for need in needs}
    changes = {
        skill_name(key): [_told(present.get(key)), _told(wanted.get(key))]
        for key in sorted({*present, *wanted})
        if present.get(key) != wanted.get(key)
    }
    if not changes:
        return False
    db.session.execute(delete(SkillNeed).where(SkillNeed.phase_id == phase_id))
    if wanted:
        db.session.execute(
            insert(SkillNeed),
            [
                {
                    "phase_id": phase_id,
                    "program_id": program_id,
                    "skill": need.skill,
                    "level": need.level,
                    "people": need.people,
                }
                for need in wanted.values()
            ],
        )
    audit.record(
        actor,
        "skill_need.changed",
        object_id=phase_id,
        name=name,
        program_id=program_id,
        changes=changes,
        batch=batch,
    )
    return True


def suggestion(program_id: int, today: date) -> list[Suggested]:
    """What phases that have not ended would get; four statements. Permission is the caller's."""
    roles = {row.key: row for row in read(_roles(), {"program": program_id})}
    required = [row.skills for row in roles.values() if row.is_required]
    named: dict[int, list[Mapping[str, int]]] = {}
    for row in read(_named(), {"program": program_id}):
        if row.role in roles:
            named.setdefault(row.phase_id, []).append(roles[row.role].skills)
    there: dict[int, set[str]] = {}
    for row in read(_all_needs(), {"program": program_id}):
        there.setdefault(row.phase_id, set()).add(row.skill)
    found = []
    for phase in read(_phases(), {"program": program_id, "today": today}):
        wanted = highest(named.get(phase.id) or required)
        needs = tuple(
            Need(key, wanted[key], 1) for key in skills() if key in wanted and key not in there.get(phase.id, ())
        )
        if needs:
            found.append(Suggested(phase.id, phase.name, needs))
    return found


def highest(asked: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """The highest level that anybody asks for, skill by skill."""
    found: dict[str, int] = {}
    for levels in asked:
        for key, level in levels.items():
            if level in LEVELS and level > found.get(key, 0):
                found[key] = level
    return found


def fingerprint_of(suggested: Sequence[Suggested]) -> str:
    """The same for the same suggestion."""
    return hashlib.sha256(repr(suggested).encode()).hexdigest()


def take_over(actor: Actor, program_id: int, today: date, *, seen: str) -> int:
    """Give phases the needs that the preview with that fingerprint showed; returns how many. Raises Conflict."""
    access.require(actor, program_id, Access.MANAGER)
    suggested = suggestion(program_id, today)
    if fingerprint_of(suggested) != seen:
        raise Conflict(OVERTAKEN)
    batch = audit.new_batch()
    for one in suggested:
        _name, present = needs_of(program_id, one.phase_id)
        needs = [*present.values(), *one.needs]
        set_needs(actor, program_id, one.phase_id, needs, seen=fingerprint(present), batch=batch)
    return sum(len(one.needs) for one in suggested)


def _told(need: Need | None) -> str | None:
    return None if need is None else f"{need.people} × {LEVEL_WORDS[need.level]}"


@cache
def _phase() -> Any:
    return select(Phase.name).where(Phase.id == bindparam("phase"), Phase.program_id == bindparam("program"))


@cache
def _needs() -> Any:
    return select(SkillNeed.skill, SkillNeed.level, SkillNeed.people).where(SkillNeed.phase_id == bindparam("phase"))


@cache
def _all_needs() -> Any:
    return select(SkillNeed.phase_id, SkillNeed.skill).where(SkillNeed.program_id == bindparam("program"))


@cache
def _roles() -> Any:
    return select(ProgramRole.key, ProgramRole.skills, ProgramRole.is_required).where(
        ProgramRole.program_id == bindparam("program")
    )


@cache
def _named() -> Any:
    return (
        select(WorkItem.phase_id, WorkItem.role)
        .where(
            WorkItem.program_id == bindparam("program"),
            WorkItem.phase_id.is_not(None),
            WorkItem.role != "",
            WorkItem.status != Status.DROPPED,
        )
        .distinct()
        .order_by(WorkItem.phase_id, WorkItem.role)
    )


@cache
def _phases() -> Any:
    return (
        select(Phase.id, Phase.name)
        .where(
            Phase.program_id == bindparam("program"),
            or_(Phase.actual_end.is_(None), Phase.actual_end >= bindparam("today", type_=Date)),
        )
        .order_by(Phase.position, Phase.id)
    )
