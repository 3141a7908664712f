"""Who plays what in a program, and which required roles nobody plays.

An assignment counts while its person is in the program with an open account: who has left fills no role. A vacancy is a
required role without a person, now or from a day that comes. How far ahead is looked: to the last planned day of the
program's phases, for after that nobody is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Date, and_, bindparam, func, or_, select
from sqlalchemy.sql.selectable import FromClause

from program.ground import formats
from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership, Person
from program.people.session import initials
from program.planning.models import Phase
from program.team.models import Assignment, ProgramRole
from program.team.role_words import role_name, role_purpose
from program.team.spans import Gap, Span, first_gap

_A, _R = Assignment.__table__.c, ProgramRole.__table__.c
_P, _M = Person.__table__.c, Membership.__table__.c


@record
class Player:
    """Somebody in a role."""

    assignment_id: int
    person_id: int
    name: str
    share: int
    starts_on: date
    ends_on: date | None
    in_pilot_team: bool
    note: str

    @property
    def initials(self) -> str:
        """Letters for the avatar."""
        return initials(self.name)

    @property
    def span(self) -> Span:
        """Its days."""
        return Span(self.starts_on, self.ends_on)


@record
class Staffed:
    """A role with who plays it today or will; `gap` is when nobody does, for a required role only."""

    id: int
    key: str
    name: str
    purpose: str
    share_low: int | None
    share_high: int | None
    is_required: bool
    players: tuple[Player, ...]
    gap: Gap | None

    def now(self, today: date) -> tuple[Player, ...]:
        """Those who play it today."""
        return tuple(player for player in self.players if player.span.covers(today))


@record
class Vacancy:
    """A required role that nobody plays in the days of `gap`."""

    program_id: int
    role_id: int
    name: str
    gap: Gap

    def is_now(self, today: date) -> bool:
        """True when nobody plays it today."""
        return self.gap.first <= today


def valid_assignments(today: Any, *where: Any) -> FromClause:
    """Assignments that have not ended and whose person is in the program with an open account, as a FROM clause.

    SQLite gathers them before it joins them to roles, so whoever wants few says here which.
    """
    return (
        Assignment.__table__.join(
            Membership.__table__, and_(_M.program_id == _A.program_id, _M.person_id == _A.person_id)
        )
        .join(Person.__table__, and_(_P.id == _A.person_id, _P.is_active))
        .select()
        .with_only_columns(*_A, _P.name.label("person"), _P.name_folded)
        .where(or_(_A.ends_on.is_(None), _A.ends_on >= today), *where)
        .subquery("held")
    )


def roles_of(program_id: int, today: date) -> list[Staffed]:
    """The roles of the program in their order, with their people; one statement. Permission is the caller's."""
    found: dict[int, list[Any]] = {}
    for row in read(_roles_with_people(), {"program": program_id, "today": today}):
        found.setdefault(row.id, []).append(row)
    return [_staffed(rows, today) for rows in found.values()]


def _staffed(rows: list[Any], today: date) -> Staffed:
    first = rows[0]
    players = tuple(
        Player(
            row.assignment_id,
            row.person_id,
            row.person,
            row.share,
            row.starts_on,
            row.ends_on,
            row.in_pilot_team,
            row.note,
        )
        for row in rows
        if row.assignment_id is not None
    )
    gap = None
    if first.is_required:
        gap = first_gap((player.span for player in players), today, needed_until(first.plan_end, today))
    return Staffed(
        first.id,
        first.key,
        role_name(first.key, first.role_name),
        role_purpose(first.key, first.purpose),
        first.share_low,
        first.share_high,
        first.is_required,
        players,
        gap,
    )


def own_names(program_id: int) -> dict[str, str]:
    """The roles that the program words itself, by key: its own, and those of the catalogue that it has renamed."""
    return {row.key: row.name for row in read(_OWN_NAMES, {"program": program_id})}


_OWN_NAMES = select(_R.key, _R.name).where(_R.program_id == bindparam("program"), _R.name != "")


def pilot_players(program_id: int, today: date) -> list[Player]:
    """Those whose assignment of today or to come counts towards the pilot team; one statement."""
    return [Player(*row) for row in read(_pilot(), {"program": program_id, "today": today})]


@cache
def _pilot() -> Any:
    held = valid_assignments(bindparam("today", type_=Date())).c
    return select(
        *(held.id, held.person_id, held.person, held.share, held.starts_on, held.ends_on, held.in_pilot_team, held.note)
    ).where(held.program_id == bindparam("program"), held.in_pilot_team)


def needed_until(plan_end: date | None, today: date) -> date | None:
    """The last day on which a role is needed; None where no phase says. A program that overruns goes on today."""
    return None if plan_end is None else max(plan_end, today)


def vacancies_among(rows: Iterable[Sequence[Any]], today: date) -> list[Vacancy]:
    """The vacancies in rows of (program, role, key, name, plan's end, start, end), those of today first.

    Start and end are of somebody who plays the role, None where nobody does.
    """
    roles: dict[int, Sequence[Any]] = {}
    spans: dict[int, list[Span]] = {}
    for row in rows:
        _program, role_id, _key, _name, _end, starts_on, ends_on = row
        roles.setdefault(role_id, row)
        if starts_on is not None:
            spans.setdefault(role_id, []).append(Span(starts_on, ends_on))
    found = []
    for role_id, (program_id, _id, key, name, plan_end, *_span) in roles.items():
        gap = first_gap(spans.get(role_id, ()), today, needed_until(plan_end, today))
        if gap is not None:
            found.append(Vacancy(program_id, role_id, role_name(key, name), gap))
    return sorted(found, key=lambda vacancy: (vacancy.gap.first, vacancy.role_id))


def required_roles(held: FromClause) -> Any:
    """SELECT of what `vacancies_among` takes, for the programs bound as `program_ids`."""
    plan_end = select(func.max(Phase.planned_end)).where(Phase.program_id == _R.program_id).scalar_subquery()
    return (
        select(
            _R.program_id,
            _R.id.label("role_id"),
            _R.key,
            _R.name,
            plan_end.label("plan_end"),
            held.c.starts_on,
            held.c.ends_on,
        )
        .select_from(ProgramRole.__table__.outerjoin(held, held.c.role_id == _R.id))
        .where(_R.program_id.in_(bindparam("program_ids", expanding=True)), _R.is_required)
    )


def required_of(program_id: int, today: date) -> Sequence[Any]:
    """The required roles of one program with who plays them from today on, as `vacancies_among` takes them."""
    return read(_required(), {"program_ids": [program_id], "today": today}).all()


@cache
def _required() -> Any:
    held = valid_assignments(bindparam("today", type_=Date()))
    return required_roles(held).order_by(_R.program_id, _R.position, _R.id)


@cache
def _roles_with_people() -> Any:
    held = valid_assignments(bindparam("today", type_=Date()))
    plan_end = select(func.max(Phase.planned_end)).where(Phase.program_id == bindparam("program")).scalar_subquery()
    return (
        select(
            *(_R.id, _R.key, _R.name.label("role_name"), _R.purpose, _R.share_low, _R.share_high, _R.is_required),
            plan_end.label("plan_end"),
            held.c.id.label("assignment_id"),
            *(held.c.person_id, held.c.person, held.c.share, held.c.starts_on, held.c.ends_on),
            *(held.c.in_pilot_team, held.c.note),
        )
        .select_from(ProgramRole.__table__.outerjoin(held, held.c.role_id == _R.id))
        .where(_R.program_id == bindparam("program"))
        .order_by(_R.position, _R.id, held.c.starts_on, held.c.name_folded, held.c.id)
    )


def gap_words(gap: Gap, today: date) -> str:
    """When nobody plays the role: 'nobody now', 'nobody until Thu 12 Mar', 'nobody from Mon 6 Apr on'."""
    if gap.first <= today:
        if gap.last is None:
            return _("nobody plays it")
        return _("nobody until %(day)s", day=formats.day(gap.last))
    return _("nobody from %(day)s on", day=formats.day(gap.first))


def headline(roles: Sequence[Staffed], today: date) -> str:
    """The sentence that answers 'so what?' on the page of roles."""
    if not roles:
        return _("No roles yet: nobody can see who does what here.")
    now = [role for role in roles if role.gap and role.gap.first <= today]
    later = sorted((role for role in roles if role.gap and role.gap.first > today), key=_first_day)
    parts = []
    if len(now) == 1:
        parts.append(_("Nobody plays a required role: %(role)s.", role=now[0].name))
    elif now:
        parts.append(ngettext("%(num)s required role has nobody.", "%(num)s required roles have nobody.", len(now)))
    if later:
        day = formats.day(_first_day(later[0]))
        parts.append(_("From %(day)s on nobody plays this role: %(role)s.", day=day, role=later[0].name))
    if parts:
        return " ".join(parts)
    if not any(role.is_required for role in roles):
        return _("No role is required yet, so nothing here can be missing.")
    return _("Every required role has somebody until the end of the plan.")


def _first_day(role: Staffed) -> date:
    return role.gap.first if role.gap else date.max
