"""The activity of a program: its whole audit trail, filtered by person, kind and day, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.now import zone
from program.people.models import Person
from program.planning.history_text import COLUMNS, HistoryLine, lines

PAGE_SIZE = 50
# What a reader can ask for, with the nouns of the trail that belong to it.
KINDS: dict[str, tuple[str, ...]] = {
    "items": ("item", "comment", "evidence"),
    "plan": ("phase", "block", "baseline"),
    "gates": ("gate", "criterion"),
    "program": ("program", "member", "playbook"),
}
KIND_WORDS: dict[str, Any] = {
    "items": _l("Items and comments"),
    "plan": _l("Phases and baselines"),
    "gates": _l("Gates"),
    "program": _l("Settings and people"),
}


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """What to show; None and '' ask nothing."""

    person_id: int | None = None
    kind: str = ""
    day: date | None = None

    @property
    def is_empty(self) -> bool:
        """True when everything is shown."""
        return self == ActivityFilter()


def count(program_id: int, wanted: ActivityFilter, timezone: str) -> int:
    """How many entries there are. Permission is the caller's."""
    return db.session.scalar(_narrowed(select(func.count(AuditEntry.id)), program_id, wanted, timezone)) or 0


def page(program_id: int, wanted: ActivityFilter, timezone: str, page_number: int) -> list[HistoryLine]:
    """One page of entries, newest first. Permission is the caller's."""
    statement = (
        _narrowed(select(*COLUMNS), program_id, wanted, timezone)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(PAGE_SIZE)
        .offset((page_number - 1) * PAGE_SIZE)
    )
    return lines(db.session.execute(statement).all())


def people(program_id: int) -> list[tuple[int, str]]:
    """Everybody who ever did something in the program, by name. Permission is the caller's."""
    acted = select(AuditEntry.person_id).where(AuditEntry.program_id == program_id).distinct()
    rows = db.session.execute(
        select(Person.id, Person.name).where(Person.id.in_(acted)).order_by(Person.name_folded, Person.id)
    )
    return [(row.id, row.name) for row in rows]


def _narrowed(statement: Select[Any], program_id: int, wanted: ActivityFilter, timezone: str) -> Any:
    statement = statement.where(AuditEntry.program_id == program_id)
    if wanted.person_id is not None:
        statement = statement.where(AuditEntry.person_id == wanted.person_id)
    if wanted.kind in KINDS:
        statement = statement.where(AuditEntry.object_type.in_(KINDS[wanted.kind]))
    if wanted.day is not None and FIRST_DAY <= wanted.day <= LAST_DAY:
        begin = _midnight(wanted.day, timezone)
        statement = statement.where(AuditEntry.at >= begin, AuditEntry.at < _midnight(wanted.day + ONE_DAY, timezone))
    return statement


ONE_DAY = timedelta(days=1)


def _midnight(day: date, timezone: str) -> datetime:
    """The moment a day begins in that time zone, in UTC: days have 23 or 25 hours when clocks change."""
    return datetime.combine(day, time(), tzinfo=zone(timezone)).astimezone(UTC)
