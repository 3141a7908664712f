"""Where people belong: the programs they have access to, and those that let them in through another door.

A membership is the usual way in. A room above may know another one that opens only a part of a program, as being in an
impacted group does; it tells here, because whoever holds a one-time link of somebody gets through all of their doors.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Subquery, literal, select, union_all

from program.people.models import Membership

# Columns (program, person) of the tables whose rows let people in.
_DOORS: list[tuple[Any, Any]] = []


def register_door(program_id: Any, person_id: Any) -> None:
    """Tell of a table whose rows let a person into a part of a program. Telling twice is telling once."""
    if not any(program_id is known for known, _person in _DOORS):
        _DOORS.append((program_id, person_id))


def places_of(person_ids: Collection[int]) -> Subquery:
    """Rows (person_id, program_id, access) of those people; access 0 for a door that opens only a part."""
    member = Membership.__table__.c
    parts = [
        select(member.person_id, member.program_id, member.access).where(member.person_id.in_(person_ids)),
        *(
            select(person_id, program_id, literal(0)).where(person_id.in_(person_ids))
            for program_id, person_id in _DOORS
        ),
    ]
    return union_all(*parts).subquery()
