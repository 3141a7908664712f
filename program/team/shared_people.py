"""People whom several programs share, and who of them carries more than a full week: one statement for many programs.

Counted as in `workload.py`: assignments in programs that are not closed. Programs that the reader may not see count,
and are called 'elsewhere'.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, and_, bindparam, or_, select

from program.ground.actor import Actor
from program.ground.calendar import DAY, monday_of
from program.ground.database import read
from program.people.models import Membership, Person
from program.planning.models import Program
from program.team.models import Assignment
from program.team.spans import WEEK, Span, mondays
from program.team.workload import IS_OPEN, READER, WEEKS, Carrier, known, meets, place_of

_A, _P, _M, _G = Assignment.__table__.c, Person.__table__.c, Membership.__table__.c, Program.__table__.c


def shared_people(actor: Actor, program_ids: Sequence[int], day: date) -> list[Carrier]:
    """Those of the programs' people who work in several programs within thirteen weeks, the heaviest first.

    Permission for the programs is the caller's; what of others is shown follows from the actor. One statement.
    """
    weeks = tuple(mondays(monday_of(day), WEEKS))
    values = {
        "programs": list(program_ids),
        "reader": actor.person_id,
        "sees_all": actor.is_admin or actor.person_id is None,
        "first": weeks[0],
        "last": weeks[-1] + WEEK - DAY,
    }
    carriers: dict[int, Carrier] = {}
    for row in read(_shares(), values).all():
        carrier = carriers.get(row.person_id)
        if carrier is None:
            carrier = carriers[row.person_id] = Carrier(row.person_id, row.name, row.name_folded, weeks)
        ends_on = min((end for end in (row.ends_on, row.closed_on) if end is not None), default=None)
        if ends_on is None or row.starts_on <= ends_on:
            carrier.shares.append((place_of(row), row.share, Span(row.starts_on, ends_on)))
    found = [one for one in carriers.values() if len({place.program_id for place, _share, _span in one.shares}) > 1]
    return sorted(found, key=lambda one: (-one.most, one.name_folded))


@cache
def _shares() -> Any:
    crew = select(_A.person_id).where(_A.program_id.in_(bindparam("programs", expanding=True)), *meets())
    return (
        select(
            *(_A.person_id, _P.name, _P.name_folded, _A.program_id, _G.key, _G.name.label("program"), _G.closed_on),
            *(_A.share, _A.starts_on, _A.ends_on, IS_OPEN),
        )
        .select_from(Assignment.__table__)
        .join(Person.__table__, and_(_P.id == _A.person_id, _P.is_active))
        .join(Membership.__table__, and_(_M.program_id == _A.program_id, _M.person_id == _A.person_id))
        .join(Program.__table__, _G.id == _A.program_id)
        .outerjoin(READER, known(_A.program_id))
        .where(
            _A.person_id.in_(crew),
            *meets(),
            or_(_G.closed_on.is_(None), _G.closed_on >= bindparam("first", type_=Date())),
        )
    )
