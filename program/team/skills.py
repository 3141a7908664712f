"""What people can do: each says it of themselves, a manager of anybody in the program. Levels belong to the person.

They are the same in every program the person is in. What phases need, and where somebody is missing, is in
`skill_needs.py` and `skill_gaps.py`; when somebody counts as T-shaped, in `skill_shape.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, and_, bindparam, delete, func, insert, or_, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.ground.folding import like
from program.ground.now import utc_now
from program.ground.pages import Pagination
from program.ground.records import record
from program.people import access
from program.people.models import Membership, Person
from program.playbooks.skills import skills
from program.team.models import Assignment, PersonSkill
from program.team.skill_shape import LEVELS, NONE, TEACHES, Shape, shape, skill_name
from program.team.skill_words import LEVEL_WORDS

PAGE = 50
CHANGED_MEANWHILE = _l("These skills were changed while you had the page open. Compare, then save again.")


@record
class Skilled:
    """One person with what they can do."""

    person_id: int
    name: str
    levels: Mapping[str, int]

    @property
    def shape(self) -> Shape:
        """How deep and how broad they are."""
        return shape(self.levels)

    @property
    def fingerprint(self) -> str:
        """The same for the same levels; a form carries it to tell whether they changed since."""
        return " ".join(f"{key}:{level}" for key, level in sorted(self.levels.items()) if level)


@record
class Known:
    """How well a skill is known in the program: people who know it at all, and who could teach it."""

    people: int
    teachers: int


@record
class Asked:
    """Which people to show: a part of a name, or everybody with that skill at that level or above."""

    query: str = ""
    skill: str = ""
    level: int = 1


def people_with_skills(program_id: int, asked: Asked, page: int) -> tuple[list[Skilled], Pagination]:
    """A page of the program's team with their levels, by name; three statements. Permission is the caller's."""
    by_name, by_skill = bool(asked.query.strip()), asked.skill in skills()
    values = {"program": program_id, "skill": asked.skill, "level": asked.level, "words": like(asked.query)}
    values = {name: value for name, value in values.items() if name in _needed(by_name, by_skill)}
    total = read(_counted(by_name, by_skill), values).scalar() or 0
    pagination = Pagination(page, PAGE, total)
    rows = read(_paged(by_name, by_skill), {**values, "skip": (page - 1) * PAGE}).all()
    levels = _levels_of([row.id for row in rows])
    return [Skilled(row.id, row.name, levels.get(row.id, {})) for row in rows], pagination


def known_skills(program_id: int) -> tuple[Mapping[str, Known], int, int]:
    """How well each skill is known in the team, how many people are in it, and how many have said nothing yet.

    Two statements.
    """
    rows = {row.skill: Known(row.people, row.teachers) for row in read(_known(), {"program": program_id})}
    people, silent = read(_silent(), {"program": program_id}).one()
    return {key: rows.get(key, Known(0, 0)) for key in skills()}, people, silent or 0


def person_skills(program_id: int, person_id: int) -> Skilled:
    """One person of the team with their levels. Raises NotFound for anybody else. Permission is the caller's."""
    row = read(_one(), {"program": program_id, "person": person_id}).first()
    if row is None:
        raise NotFound(access.NOT_HERE)
    return Skilled(row.id, row.name, _levels_of([person_id]).get(person_id, {}))


def set_skills(
    actor: Actor, program_id: int, person_id: int, levels: Mapping[str, int], *, seen: str, batch: str | None = None
) -> bool:
    """Say how well a person of the team knows those skills (0 to 3); the others stay. True when that changed something.

    One's own skills take a contributor, others' a manager. `seen` is the fingerprint the form began from. Raises
    Conflict when they changed since, Invalid for skills and levels that do not exist.
    """
    access.require(actor, program_id, Access.CONTRIBUTOR)
    if person_id != actor.person_id and (access.access_of(actor, program_id) or 0) < Access.MANAGER:
        raise Forbidden(_l("Each person says what they can do; for others it takes a manager of the program."))
    if set(levels) - set(skills()) or set(levels.values()) - set(LEVELS):
        raise Invalid(_l("Choose skills of the catalogue, each with a level from 0 to 3."))
    # The person's row is held, so that two who write at the same moment see each other.
    db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    person = person_skills(program_id, person_id)
    if person.fingerprint != seen:
        raise Conflict(CHANGED_MEANWHILE)
    changed = {key: level for key, level in levels.items() if person.levels.get(key, NONE) != level}
    if not changed:
        return False
    mine = PersonSkill.person_id == person_id
    db.session.execute(delete(PersonSkill).where(mine, PersonSkill.skill.in_(list(changed))))
    now = utc_now()
    rows = [
        {"person_id": person_id, "skill": key, "level": level, "changed_at": now, "changed_by_id": actor.person_id}
        for key, level in changed.items()
        if level
    ]
    if rows:
        db.session.execute(insert(PersonSkill), rows)
    audit.record(
        actor,
        "person_skill.changed",
        object_id=person_id,
        name=person.name,
        program_id=program_id,
        changes={
            skill_name(key): [str(LEVEL_WORDS[person.levels.get(key, NONE)]), str(LEVEL_WORDS[level])]
            for key, level in changed.items()
        },
        batch=batch,
    )
    return True


def _needed(by_name: bool, by_skill: bool) -> set[str]:
    return {"program"} | ({"words"} if by_name else set()) | ({"skill", "level"} if by_skill else set())


def _levels_of(person_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    if person_ids:
        known = skills()
        for person_id, skill, level in read(_levels(), {"people": list(person_ids)}):
            # A skill that left the catalogue is kept, and shown no more.
            if skill in known:
                found.setdefault(person_id, {})[skill] = level
    return found


def team_of(program_id: Any) -> Any:
    """Ids of the team: active people who work on the program or have a role in it; a statement to select from."""
    plays = select(Assignment.id).where(
        Assignment.program_id == Membership.program_id, Assignment.person_id == Membership.person_id
    )
    return (
        select(Person.id, Person.name, Person.name_folded)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.program_id == program_id,
            Person.is_active,
            or_(Membership.access >= Access.CONTRIBUTOR.value, plays.exists()),
        )
    )


def _asked_for(by_name: bool, by_skill: bool) -> Any:
    statement = team_of(bindparam("program"))
    if by_name:
        statement = statement.where(Person.name_folded.like(bindparam("words"), escape="\\"))
    if by_skill:
        statement = statement.join(
            PersonSkill,
            and_(
                PersonSkill.person_id == Person.id,
                PersonSkill.skill == bindparam("skill"),
                PersonSkill.level >= bindparam("level"),
            ),
        )
    return statement


@cache
def _counted(by_name: bool, by_skill: bool) -> Any:
    return select(func.count()).select_from(_asked_for(by_name, by_skill).subquery())


@cache
def _paged(by_name: bool, by_skill: bool) -> Any:
    statement = _asked_for(by_name, by_skill).order_by(Person.name_folded, Person.id)
    return statement.limit(PAGE).offset(bindparam("skip", type_=Integer))


@cache
def _one() -> Any:
    return team_of(bindparam("program")).where(Person.id == bindparam("person"))


@cache
def _levels() -> Any:
    return select(PersonSkill.person_id, PersonSkill.skill, PersonSkill.level).where(
        PersonSkill.person_id.in_(bindparam("people", expanding=True))
    )


@cache
def _known() -> Any:
    team = team_of(bindparam("program")).subquery()
    return (
        select(
            PersonSkill.skill,
            func.count().label("people"),
            func.count().filter(PersonSkill.level >= TEACHES).label("teachers"),
        )
        .join(team, team.c.id == PersonSkill.person_id)
        .group_by(PersonSkill.skill)
    )


@cache
def _silent() -> Any:
    team = team_of(bindparam("program")).subquery()
    says = select(PersonSkill.person_id).where(PersonSkill.person_id == team.c.id).exists()
    return select(func.count(), func.count().filter(~says)).select_from(team)
