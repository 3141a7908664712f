"""The responsibility matrix as pages read it: phases with their deliverables down, roles across, letters in the cells.

Every phase has a row, written or not, so that a phase nobody answers for is seen. The verbs are in `raci.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, bindparam, func, or_, select

from program.ground.database import read
from program.ground.records import record
from program.people.models import Person
from program.planning.models import Phase, WorkItem
from program.planning.models.items import Status
from program.team.models import ACCOUNTABLE_LETTERS, Assignment, ProgramRole, RaciMark, RaciRow
from program.team.raci_findings import Finding, Tally, finding, tally
from program.team.role_words import role_name


@record
class RoleColumn:
    """A role across the top: how many people play it today, and the name of the first of them."""

    id: int
    key: str
    name: str
    people: int
    first_person: str | None


@dataclass(slots=True)
class MatrixRow:
    """A phase or a deliverable. `id` is None for a phase whose row nobody has written yet; its revision is then 0."""

    id: int | None
    phase_id: int | None
    phase: str
    item_id: int | None
    number: int | None
    name: str
    revision: int
    accountable: int
    is_dropped: bool = False
    letters: dict[int, str] = field(default_factory=dict)

    @property
    def is_phase(self) -> bool:
        """True for the row of a phase itself."""
        return self.item_id is None and not self.name

    @property
    def label(self) -> str:
        """What the row is about."""
        return self.phase if self.is_phase else self.name

    @property
    def token(self) -> str:
        """How forms name the row."""
        return f"p{self.phase_id}" if self.id is None else str(self.id)

    @property
    def finding(self) -> Finding | None:
        """What is wrong with it; a dropped item needs nobody."""
        return None if self.is_dropped else finding(self.accountable)


def rows_of(program_id: int) -> list[MatrixRow]:
    """All rows in their order, without letters; items whose phase is gone stand last. Two statements."""
    phases = read(_phases(), {"program": program_id}).all()
    # What stands outside any phase comes last.
    by_phase: dict[int | None, list[MatrixRow]] = {phase_id: [] for phase_id in (*(one.id for one in phases), None)}
    names = {phase.id: phase.name for phase in phases}
    for row in read(_rows(), {"program": program_id}):
        place = row.item_phase if row.item_id is not None else row.phase_id
        name = row.title if row.item_id is not None else row.name
        by_phase[place].append(
            MatrixRow(
                *(row.id, place, names.get(place, ""), row.item_id, row.number, name),
                *(row.revision, row.accountable, row.status == Status.DROPPED),
            )
        )
    found: list[MatrixRow] = []
    for phase_id, group in by_phase.items():
        if phase_id is not None and not any(row.is_phase for row in group):
            group.insert(0, MatrixRow(None, phase_id, names[phase_id], None, None, "", 0, 0))
        found += sorted(group, key=lambda row: not row.is_phase)
    return found


def tally_of(rows: Iterable[MatrixRow]) -> Tally:
    """How the matrix stands; dropped items do not count."""
    return tally(row.accountable for row in rows if not row.is_dropped)


def fill(rows: Sequence[MatrixRow]) -> None:
    """Put the letters into those rows; one statement."""
    by_id = {row.id: row for row in rows if row.id is not None}
    if by_id:
        for row_id, role_id, letter in read(_letters(), {"rows": list(by_id)}):
            by_id[row_id].letters[role_id] = letter


def columns(program_id: int, today: date) -> list[RoleColumn]:
    """The program's roles in their order, with who plays them today; one statement."""
    rows = read(_columns(), {"program": program_id, "today": today})
    return [RoleColumn(row.id, row.key, role_name(row.key, row.name), row.people, row.first_person) for row in rows]


def unfilled(program_id: int, roles: Sequence[RoleColumn]) -> Mapping[int, int]:
    """How many rows each role is accountable for although nobody plays it today, by the role's id; one statement."""
    empty = {role.id for role in roles if not role.people}
    if not empty:
        return {}
    return {row.role_id: row.rows for row in read(_answers(), {"program": program_id}) if row.role_id in empty}


@cache
def _phases() -> Any:
    return (
        select(Phase.id, Phase.name).where(Phase.program_id == bindparam("program")).order_by(Phase.position, Phase.id)
    )


@cache
def _rows() -> Any:
    accountable = (
        select(func.count())
        .where(RaciMark.row_id == RaciRow.id, RaciMark.letter.in_(ACCOUNTABLE_LETTERS))
        .scalar_subquery()
    )
    return (
        select(
            *(RaciRow.id, RaciRow.phase_id, RaciRow.item_id, RaciRow.name, RaciRow.revision),
            *(WorkItem.phase_id.label("item_phase"), WorkItem.number, WorkItem.title, WorkItem.status),
            accountable.label("accountable"),
        )
        .outerjoin(WorkItem, WorkItem.id == RaciRow.item_id)
        .where(RaciRow.program_id == bindparam("program"))
        # Items as the checklist has them, then what was added by name.
        .order_by(RaciRow.item_id.is_(None), WorkItem.position, RaciRow.position, RaciRow.id)
    )


@cache
def _letters() -> Any:
    return select(RaciMark.row_id, RaciMark.role_id, RaciMark.letter).where(
        RaciMark.row_id.in_(bindparam("rows", expanding=True))
    )


def plays_on(day: Any) -> tuple[Any, ...]:
    """The condition that an assignment holds on that day."""
    return Assignment.starts_on <= day, or_(Assignment.ends_on.is_(None), Assignment.ends_on >= day)


@cache
def _columns() -> Any:
    playing = (
        select(
            Assignment.role_id,
            func.count(Assignment.person_id.distinct()).label("people"),
            func.min(Person.name).label("first_person"),
        )
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.program_id == bindparam("program"), *plays_on(bindparam("today", type_=Date)))
        .group_by(Assignment.role_id)
        .subquery()
    )
    return (
        select(
            *(ProgramRole.id, ProgramRole.key, ProgramRole.name),
            func.coalesce(playing.c.people, 0).label("people"),
            playing.c.first_person,
        )
        .outerjoin(playing, playing.c.role_id == ProgramRole.id)
        .where(ProgramRole.program_id == bindparam("program"))
        .order_by(ProgramRole.position, ProgramRole.id)
    )


@cache
def _answers() -> Any:
    return (
        select(RaciMark.role_id, func.count().label("rows"))
        .join(RaciRow, RaciRow.id == RaciMark.row_id)
        .where(RaciRow.program_id == bindparam("program"), RaciMark.letter.in_(ACCOUNTABLE_LETTERS))
        .group_by(RaciMark.role_id)
    )
