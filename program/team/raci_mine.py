"""What one person answers for, in all their programs: the rows of the matrices in which a role of theirs is marked.

Beside each row stands how many of its items are late: the item itself, or the open items of the phase.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, and_, bindparam, case, func, or_, select

from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership
from program.planning.models import Phase, Program, WorkItem
from program.planning.models.items import FINISHED_STATUSES, OPEN_STATUSES
from program.team.models import ACCOUNTABLE_LETTERS, Assignment, ProgramRole, RaciMark, RaciRow
from program.team.raci_matrix import plays_on
from program.team.role_words import role_name


@record
class Mine:
    """A row that somebody answers for or works on. `late` counts its late items; `number` is that of its item."""

    key: str
    program: str
    phase_id: int | None
    phase: str
    name: str
    number: int | None
    roles: tuple[str, ...]
    is_accountable: bool
    due_on: date | None
    status: str | None
    late: int

    @property
    def is_phase(self) -> bool:
        """True for a whole phase."""
        return self.number is None and self.name == self.phase


def mine(person_id: int, today: date) -> Sequence[Mine]:
    """The rows in which a role of that person is accountable or responsible, what they answer for first.

    Running programs the person is in, through the roles they play on that day; finished and dropped items are left out.
    Two statements.
    """
    rows = read(_mine(), {"person": person_id, "today": today}).all()
    late = _late_of([row.phase_id for row in rows if row.number is None and not row.name], today)
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    lines = [_line(group, late, today) for group in found.values()]
    # The order of programs and phases holds within both halves.
    return sorted(lines, key=lambda line: not line.is_accountable)


def _line(group: Sequence[Any], late: dict[int, int], today: date) -> Mine:
    row = group[0]
    is_late = row.due_on is not None and row.due_on < today
    is_phase = row.number is None and not row.name
    return Mine(
        row.program_key,
        row.program,
        row.place,
        row.phase or "",
        row.title or row.name or row.phase or "",
        row.number,
        tuple(dict.fromkeys(role_name(one.key, one.role) for one in group)),
        any(one.letter in ACCOUNTABLE_LETTERS for one in group),
        row.due_on,
        row.status,
        late.get(row.phase_id, 0) if is_phase else int(is_late),
    )


def _late_of(phases: Sequence[int], today: date) -> dict[int, int]:
    if not phases:
        return {}
    return {row.phase_id: row.late for row in read(_late(), {"phases": phases, "today": today})}


@cache
def _late() -> Any:
    return (
        select(WorkItem.phase_id, func.count().label("late"))
        .where(
            WorkItem.phase_id.in_(bindparam("phases", expanding=True)),
            WorkItem.status.in_(OPEN_STATUSES),
            WorkItem.due_on < bindparam("today", type_=Date),
        )
        .group_by(WorkItem.phase_id)
    )


@cache
def _mine() -> Any:
    place = case((RaciRow.item_id.is_not(None), WorkItem.phase_id), else_=RaciRow.phase_id)
    return (
        select(
            *(Program.key.label("program_key"), Program.name.label("program")),
            *(RaciRow.id, RaciRow.phase_id, place.label("place"), Phase.name.label("phase"), RaciRow.name),
            *(WorkItem.number, WorkItem.title, WorkItem.due_on, WorkItem.status),
            *(RaciMark.letter, ProgramRole.key, ProgramRole.name.label("role")),
        )
        .join(RaciMark, RaciMark.row_id == RaciRow.id)
        .join(ProgramRole, ProgramRole.id == RaciMark.role_id)
        .join(Program, Program.id == RaciRow.program_id)
        .join(
            Membership,
            and_(Membership.program_id == Program.id, Membership.person_id == bindparam("person")),
        )
        .outerjoin(WorkItem, WorkItem.id == RaciRow.item_id)
        .outerjoin(Phase, Phase.id == place)
        .where(
            Program.closed_on.is_(None),
            RaciMark.letter.in_((*ACCOUNTABLE_LETTERS, "R")),
            or_(RaciRow.item_id.is_(None), WorkItem.status.not_in(FINISHED_STATUSES)),
            # Two assignments in one role must not show a row twice.
            select(Assignment.id)
            .where(
                Assignment.role_id == ProgramRole.id,
                Assignment.person_id == bindparam("person"),
                *plays_on(bindparam("today", type_=Date)),
            )
            .exists(),
        )
        .order_by(
            *(Program.name_folded, Program.id, Phase.position, Phase.id),
            *(RaciRow.item_id.is_(None), WorkItem.position, RaciRow.position, RaciRow.id, ProgramRole.position),
        )
    )
