"""The gate's criterion `roles`: every required role has somebody on the day of the gate.

A gate whose day went by undecided is asked for today: that is when its decision can be taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Date, Integer, bindparam, select

from program.planning import criteria
from program.planning.criteria import NAMED, Answer, Asking, Criterion, Question, SeeAlso, Wanted
from program.team.models import Assignment, ProgramRole
from program.team.role_words import role_name
from program.team.spans import Span
from program.team.staffing import valid_assignments

KIND, ROLES = "roles", "team.roles"


def _wanted(_asking: Asking, _questions: Sequence[Question]) -> Wanted:
    return Wanted({ROLES: _required()})


@cache
def _required() -> Any:
    """The required roles with who plays them from today on."""
    role, program = ProgramRole.__table__.c, bindparam("program", type_=Integer())
    held = valid_assignments(bindparam("today", type_=Date()), Assignment.program_id == program)
    return (
        select(role.position, role.id, role.key, role.name, held.c.starts_on, held.c.ends_on)
        .select_from(ProgramRole.__table__.outerjoin(held, held.c.role_id == role.id))
        .where(role.program_id == program, role.is_required)
    )


def _answers(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    names: dict[int, str] = {}
    spans: dict[int, list[Span]] = {}
    for _position, role_id, key, name, starts_on, ends_on in sorted(asking.rows[ROLES], key=lambda row: row[:2]):
        names.setdefault(role_id, role_name(key, name))
        held = spans.setdefault(role_id, [])
        if starts_on is not None:
            held.append(Span(starts_on, ends_on))
    see = SeeAlso(_("Roles and who plays them"), "roles.index")
    return [_answer(max(question.gate.planned_on, asking.today), names, spans, see) for question in questions]


def _answer(day: date, names: dict[int, str], spans: dict[int, list[Span]], see: SeeAlso) -> Answer:
    if not names:
        return Answer(True, _("no role is required"), see=see)
    missing = [name for role_id, name in names.items() if not any(span.covers(day) for span in spans[role_id])]
    value = _("%(filled)s of %(total)s filled", filled=len(names) - len(missing), total=len(names))
    if not missing:
        return Answer(True, value, see=see)
    shown = ", ".join(missing[:NAMED])
    if len(missing) > NAMED:
        shown += " " + ngettext("and %(num)s more", "and %(num)s more", len(missing) - NAMED)
    why = ngettext(
        "A required role has nobody on that day: %(roles)s.",
        "%(num)s required roles have nobody on that day: %(roles)s.",
        len(missing),
        roles=shown,
    )
    return Answer(False, value, why, see=see)


def init_app() -> None:
    """Make the kind known; once, however many apps there are."""
    if criteria.find(KIND) is None:
        criteria.register(
            Criterion(
                KIND,
                _l("Every required role has somebody"),
                _l("The team: required roles and who plays them on the day of the gate"),
                _answers,
                says_all=True,
                wants=_wanted,
            )
        )
