"""What phases lack: for each need, how many people at that level are missing, and who could coach whom.

People count for a phase when an assignment of theirs has a day in common with it. Those who could teach a skill (level
3) are the coaches; the learners are people of the phase who are below what it needs. Phases that have ended are left
out. The counting is a pure function; the rows come in three statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, bindparam, func, or_, select

from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership, Person
from program.planning.models import Phase
from program.playbooks.skills import skills
from program.team.models import Assignment, PersonSkill, SkillNeed
from program.team.skill_shape import NONE, TEACHES
from program.team.skills import team_of
from program.team.spans import Span

# People named beside a gap; the rest is counted.
NAMED = 4


@record
class Need:
    """So many people at that level of a skill."""

    skill: str
    level: int
    people: int


@record
class Gap:
    """A need, how many people meet it, and by name who could coach whom (ids of people)."""

    need: Need
    there: int
    coaches: tuple[int, ...]
    learners: tuple[int, ...]

    @property
    def missing(self) -> int:
        """How many people are missing at that level."""
        return max(0, self.need.people - self.there)


@record
class PhaseNeeds:
    """A phase that has not ended, with its needs in the order of the catalogue."""

    id: int
    name: str
    span: Span
    gaps: tuple[Gap, ...]

    @property
    def missing(self) -> int:
        """How many people are missing in all."""
        return sum(gap.missing for gap in self.gaps)


def compare(need: Need, people: Iterable[int], levels: Mapping[int, int], teachers: Iterable[int]) -> Gap:
    """The gap of one need. `people` are those of the phase, `levels` theirs in the skill (who is absent has none)."""
    here = dict.fromkeys(people)
    learners = tuple(person for person in here if levels.get(person, NONE) < need.level)
    gap = Gap(need, len(here) - len(learners), (), ())
    return Gap(need, gap.there, tuple(teachers), learners) if gap.missing else gap


def phase_needs(program_id: int, today: date) -> tuple[list[PhaseNeeds], Mapping[int, str]]:
    """The phases that have not ended with their needs, and the names of all who are named; three statements.

    Permission is the caller's.
    """
    phases = read(_phases(), {"program": program_id, "today": today}).all()
    needs: dict[int, list[Need]] = {}
    spans: dict[int, tuple[str, Span]] = {}
    known = skills()
    for row in phases:
        spans[row.id] = (row.name, Span(row.starts_on, row.ends_on))
        if row.skill in known:
            needs.setdefault(row.id, []).append(Need(row.skill, row.level, row.people))
    wanted = sorted({need.skill for group in needs.values() for need in group})
    if not wanted:
        return [PhaseNeeds(phase_id, name, span, ()) for phase_id, (name, span) in spans.items()], {}
    crew = read(_crew(), {"program": program_id}).all()
    levels, names = _levels_of(program_id, wanted)
    names |= {row.id: row.name for row in crew}
    teachers = {key: [person for person, level in of.items() if level >= TEACHES] for key, of in levels.items()}
    order = list(known)
    found = []
    for phase_id, (name, span) in spans.items():
        people = [row.id for row in crew if Span(row.starts_on, row.ends_on).meets(span)]
        gaps = [
            compare(need, people, levels.get(need.skill, {}), teachers.get(need.skill, ()))
            for need in sorted(needs.get(phase_id, ()), key=lambda need: order.index(need.skill))
        ]
        found.append(PhaseNeeds(phase_id, name, span, tuple(gaps)))
    return found, names


def by_name(people: Sequence[int], names: Mapping[int, str]) -> list[str]:
    """The names of the first of those people."""
    return [names[person] for person in people[:NAMED] if person in names]


def _levels_of(program_id: int, wanted: Sequence[str]) -> tuple[dict[str, dict[int, int]], dict[int, str]]:
    """Levels by skill and person, and the persons' names, in order of the name."""
    levels: dict[str, dict[int, int]] = {}
    names: dict[int, str] = {}
    for row in read(_levels(), {"program": program_id, "skills": list(wanted)}):
        levels.setdefault(row.skill, {})[row.person_id] = row.level
        names[row.person_id] = row.name
    return levels, names


@cache
def _phases() -> Any:
    ends_on = func.coalesce(Phase.actual_end, Phase.planned_end, type_=Date())
    return (
        select(
            *(Phase.id, Phase.name, SkillNeed.skill, SkillNeed.level, SkillNeed.people),
            func.coalesce(Phase.actual_start, Phase.planned_start, type_=Date()).label("starts_on"),
            ends_on.label("ends_on"),
        )
        .outerjoin(SkillNeed, SkillNeed.phase_id == Phase.id)
        .where(
            Phase.program_id == bindparam("program"),
            or_(Phase.actual_end.is_(None), Phase.actual_end >= bindparam("today", type_=Date)),
        )
        .order_by(Phase.position, Phase.id)
    )


@cache
def _crew() -> Any:
    """Everybody with a role, once for each of their assignments, by name."""
    return (
        select(Person.id, Person.name, Assignment.starts_on, Assignment.ends_on)
        .join(Assignment, Assignment.person_id == Person.id)
        .join(
            Membership,
            (Membership.program_id == Assignment.program_id) & (Membership.person_id == Person.id),
        )
        .where(Assignment.program_id == bindparam("program"), Person.is_active)
        .order_by(Person.name_folded, Person.id)
    )


@cache
def _levels() -> Any:
    team = team_of(bindparam("program")).subquery()
    return (
        select(PersonSkill.person_id, PersonSkill.skill, PersonSkill.level, team.c.name)
        .join(team, team.c.id == PersonSkill.person_id)
        .where(PersonSkill.skill.in_(bindparam("skills", expanding=True)))
        .order_by(team.c.name_folded, team.c.id)
    )
