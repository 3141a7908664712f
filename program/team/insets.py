"""What the team shows on planning's pages: one source for each place, and each source one statement.

- This week, of all programs or of one: required roles that nobody plays, and people with more than a full week.
- Overview: vacancies, if there are any.
- My work: the reader's own roles, with what they answer for.
- An item: who answers for it and who does it, by the responsibility matrix.

Vacancies are told four weeks ahead: that is about what it takes to find somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, String, and_, bindparam, func, literal_column, or_, select, union_all

from program.ground.calendar import DAY, WORKING_DAYS_A_WEEK, monday_of
from program.ground.database import read
from program.ground.pages import address
from program.ground.records import record
from program.people.models import Membership, Person
from program.planning.insets import Asked, Inset, Place, register
from program.planning.models import Program
from program.team.escalation import answering
from program.team.models import ACCOUNTABLE_LETTERS, Assignment, ProgramRole, RaciMark
from program.team.role_words import role_name
from program.team.spans import FULL_DAY, FULL_WEEK, Span, percent, share_days
from program.team.staffing import (
    Vacancy,
    gap_words,
    required_of,
    required_roles,
    vacancies_among,
    valid_assignments,
)

SOON = timedelta(weeks=4)
SHOWN = 5
_A, _R, _M = Assignment.__table__.c, ProgramRole.__table__.c, Membership.__table__.c
_P, _G = Person.__table__.c, Program.__table__.c
VACANCY, LOADED = "vacancy", "loaded"


@record
class VacantRole:
    """A vacancy in words: 'nobody plays it', 'nobody from Mon 6 Apr on'."""

    key: str
    url: str
    name: str
    when: str
    is_now: bool


@record
class Overloaded:
    """Somebody whose week is more than full; the address is that of their page in a program of the reader."""

    url: str
    name: str
    percent: int


@record
class MyRole:
    """A role of the reader's own. `starts_on` is None once it has begun; `raci_url` leads to what they answer for."""

    url: str
    raci_url: str
    program: str
    name: str
    share: int
    starts_on: date | None
    ends_on: date | None
    # Rows of the responsibility matrix that the role is accountable for.
    answers: int


def init_app() -> None:
    """Register the sources."""
    register(Place.WEEK, week)
    register(Place.PROGRAM_WEEK, week)
    register(Place.OVERVIEW, overview)
    register(Place.MY_WORK, my_work)
    register(Place.ITEM, item)


def week(asked: Asked) -> Inset | None:
    """Vacancies and people with more than a full week, of all programs of the page."""
    monday = monday_of(asked.today)
    values = {
        "program_ids": list(asked.programs),
        "today": asked.today,
        "monday": monday,
        "friday": monday + (WORKING_DAYS_A_WEEK - 1) * DAY,
    }
    rows = read(_week(), values).all()
    vacant = _in_words(vacancies_among((row[1:8] for row in rows if row[0] == VACANCY), asked.today), asked)
    loaded = _loaded([row for row in rows if row[0] == LOADED], asked, monday)
    if not vacant and not loaded:
        return None
    return Inset(
        "team/insets/week.html",
        {
            "vacant": vacant[:SHOWN],
            "more_vacant": len(vacant[SHOWN:]),
            "loaded": loaded[:SHOWN],
            "more_loaded": len(loaded[SHOWN:]),
            "roles_url": _only(asked, "roles.index"),
            "load_url": _only(asked, "workload.show"),
        },
        order=100,
    )


def overview(asked: Asked) -> Inset | None:
    """Vacancies of the page's one program."""
    (program_id,) = asked.programs
    vacant = _in_words(vacancies_among(required_of(program_id, asked.today), asked.today), asked)
    if not vacant:
        return None
    data = {"vacant": vacant[:SHOWN], "more_vacant": len(vacant[SHOWN:]), "roles_url": _only(asked, "roles.index")}
    return Inset("team/insets/overview.html", data, order=100)


def my_work(asked: Asked) -> Inset | None:
    """The reader's own roles, of today and to come, with the way to what they are accountable for."""
    mine = [
        MyRole(
            _page_of(row.key, asked.actor.person_id),
            address("raci.mine", row.key),
            row.program,
            role_name(row.role, row.role_name),
            row.share,
            row.starts_on if row.starts_on > asked.today else None,
            row.ends_on,
            row.answers,
        )
        for row in read(_mine(), {"person": asked.actor.person_id, "today": asked.today})
    ]
    if not mine:
        return None
    return Inset("team/insets/my_work.html", {"roles": mine}, order=100)


def item(asked: Asked) -> Inset | None:
    """Who answers for the item, who does it; nothing while the matrix is silent about it."""
    if asked.item_id is None:
        return None
    found = answering(asked.item_id, asked.today)
    if not found.accountable and not found.responsible:
        return None
    return Inset("team/insets/item.html", {"found": found, "raci_url": _only(asked, "raci.show")}, order=100)


def _only(asked: Asked, endpoint: str) -> str | None:
    """That page of the page's one program; None on a page over several."""
    return address(endpoint, next(iter(asked.programs.values()))) if len(asked.programs) == 1 else None


def _in_words(found: Sequence[Vacancy], asked: Asked) -> list[VacantRole]:
    return [
        VacantRole(
            asked.programs[vacancy.program_id],
            f"{address('roles.index', asked.programs[vacancy.program_id])}/roles/{vacancy.role_id}",
            vacancy.name,
            gap_words(vacancy.gap, asked.today),
            vacancy.is_now(asked.today),
        )
        for vacancy in found
        if vacancy.gap.first <= asked.today + SOON
    ]


def _loaded(rows: Sequence[Any], asked: Asked, monday: date) -> list[Overloaded]:
    """Those above a full week, the fullest first. Rows hold the week's assignments of people who may be."""
    loads: dict[int, int] = {}
    people: dict[int, tuple[str, str]] = {}
    for _kind, program_id, person_id, _key, name, _end, starts_on, ends_on, share in rows:
        loads[person_id] = loads.get(person_id, 0) + share_days(share, Span(starts_on, ends_on), monday)
        if program_id in asked.programs:
            people.setdefault(person_id, (asked.programs[program_id], name))
    found = [
        Overloaded(_page_of(people[person_id][0], person_id), people[person_id][1], percent(load))
        for person_id, load in loads.items()
        if load > FULL_WEEK and person_id in people
    ]
    return sorted(found, key=lambda one: (-one.percent, one.name))


def _page_of(key: str, person_id: int | None) -> str:
    return f"{address('roles.index', key)}/people/{person_id}"


@cache
def _week() -> Any:
    today = bindparam("today", type_=Date())
    needed = required_roles(valid_assignments(today)).subquery("needed")
    columns = needed.c
    roles = select(
        literal_column(f"'{VACANCY}'", String).label("kind"),
        *(columns.program_id, columns.role_id, columns.key, columns.name, columns.plan_end),
        *(columns.starts_on, columns.ends_on, literal_column("0", Integer).label("share")),
    )
    held = _assignments_of_the_week().subquery("of_week")
    # Nobody can be above a full week whose shares do not add up to one: all others stay in the database.
    full = select(held.c.person_id).group_by(held.c.person_id).having(func.sum(held.c.share) > FULL_DAY)
    here = select(_A.person_id).where(_A.program_id.in_(bindparam("program_ids", expanding=True)))
    loaded = (
        select(
            literal_column(f"'{LOADED}'", String).label("kind"),
            *(held.c.program_id, held.c.person_id, literal_column("''", String), _P.name, held.c.closed_on),
            *(held.c.starts_on, held.c.ends_on, held.c.share),
        )
        .join(Person.__table__, and_(_P.id == held.c.person_id, _P.is_active))
        .where(held.c.person_id.in_(full), held.c.person_id.in_(here))
    )
    return union_all(roles, loaded)


def _assignments_of_the_week() -> Any:
    monday, friday = bindparam("monday", type_=Date()), bindparam("friday", type_=Date())
    return (
        select(_A.program_id, _A.person_id, _A.starts_on, _A.ends_on, _A.share, _G.closed_on)
        .select_from(Assignment.__table__)
        .join(Membership.__table__, and_(_M.program_id == _A.program_id, _M.person_id == _A.person_id))
        .join(Program.__table__, and_(_G.id == _A.program_id, _G.closed_on.is_(None)))
        .where(_A.starts_on <= friday, or_(_A.ends_on.is_(None), _A.ends_on >= monday))
    )


@cache
def _mine() -> Any:
    today = bindparam("today", type_=Date())
    answers = (
        select(func.count())
        .where(RaciMark.role_id == _R.id, RaciMark.letter.in_(ACCOUNTABLE_LETTERS))
        .correlate(ProgramRole.__table__)
        .scalar_subquery()
    )
    return (
        select(
            *(_G.key, _G.name.label("program"), _R.key.label("role"), _R.name.label("role_name")),
            *(_A.share, _A.starts_on, _A.ends_on, answers.label("answers")),
        )
        .select_from(Assignment.__table__)
        .join(ProgramRole.__table__, _R.id == _A.role_id)
        .join(Program.__table__, and_(_G.id == _A.program_id, _G.closed_on.is_(None)))
        .join(Membership.__table__, and_(_M.program_id == _A.program_id, _M.person_id == _A.person_id))
        .where(_A.person_id == bindparam("person", type_=Integer()), or_(_A.ends_on.is_(None), _A.ends_on >= today))
        .order_by(_A.starts_on > today, _G.name_folded, _R.position, _A.starts_on)
    )
