"""The activity of a program: its whole audit trail, filtered by person, kind and day, a page at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, Select, bindparam, func, select

from program.ground.audit import AuditEntry
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.database import read
from program.ground.now import zone
from program.ground.records import record
from program.people.models import Person
from program.planning.history_text import COLUMNS, HistoryLine, lines

PAGE_SIZE = 50
# What a reader can ask for, with the nouns of the trail that belong to it.
KINDS: dict[str, tuple[str, ...]] = {
    "items": ("item", "comment", "evidence"),
    "plan": ("phase", "block", "baseline"),
    "gates": ("gate", "criterion"),
    "program": ("program", "member", "playbook", "plugin", "connection"),
}
KIND_WORDS: dict[str, Any] = {
    "items": _l("Items and comments"),
    "plan": _l("Phases and baselines"),
    "gates": _l("Gates"),
    "program": _l("Settings and people"),
}


@record
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
    asked = _asked(program_id, wanted, timezone)
    return read(_counted(*_shape(wanted)), asked).scalar() or 0


def page(program_id: int, wanted: ActivityFilter, timezone: str, page_number: int) -> list[HistoryLine]:
    """One page of entries, newest first. Permission is the caller's."""
    asked = _asked(program_id, wanted, timezone) | {"skip": (page_number - 1) * PAGE_SIZE}
    return lines(read(_paged(*_shape(wanted)), asked).all())


def people(program_id: int) -> list[tuple[int, str]]:
    """Everybody who ever did something in the program, by name. Permission is the caller's."""
    return [(row.id, row.name) for row in read(_people(), {"program": program_id})]


# Statements are put together once for each sort of question: that takes longer than the database takes to answer it.
@cache
def _counted(by_person: bool, kind: str, by_day: bool) -> Any:
    return _narrowed(select(func.count()).select_from(AuditEntry), by_person, kind, by_day)


@cache
def _paged(by_person: bool, kind: str, by_day: bool) -> Any:
    return (
        _narrowed(select(*COLUMNS), by_person, kind, by_day)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(PAGE_SIZE)
        .offset(bindparam("skip", type_=Integer))
    )


@cache
def _people() -> Any:
    """Those who did something: from one to the next along an index, for the entries are many and the people few."""
    mine = AuditEntry.program_id == bindparam("program")
    acted = select(func.min(AuditEntry.person_id).label("id")).where(mine).cte("acted", recursive=True)
    following = select(func.min(AuditEntry.person_id)).where(mine, AuditEntry.person_id > acted.c.id).scalar_subquery()
    acted = acted.union_all(select(following).where(acted.c.id.is_not(None)))
    return select(Person.id, Person.name).join(acted, acted.c.id == Person.id).order_by(Person.name_folded, Person.id)


def _narrowed(statement: Select[Any], by_person: bool, kind: str, by_day: bool) -> Any:
    statement = statement.where(AuditEntry.program_id == bindparam("program"))
    if by_person:
        statement = statement.where(AuditEntry.person_id == bindparam("person"))
    if kind:
        statement = statement.where(AuditEntry.object_type.in_(KINDS[kind]))
    if by_day:
        at = AuditEntry.at.type
        statement = statement.where(
            AuditEntry.at >= bindparam("begin", type_=at), AuditEntry.at < bindparam("end", type_=at)
        )
    return statement


def _shape(wanted: ActivityFilter) -> tuple[bool, str, bool]:
    """What is asked about, whatever the answer: by whom, which kind, on which day."""
    return wanted.person_id is not None, wanted.kind if wanted.kind in KINDS else "", _has_day(wanted)


def _has_day(wanted: ActivityFilter) -> bool:
    return wanted.day is not None and FIRST_DAY <= wanted.day <= LAST_DAY


def _asked(program_id: int, wanted: ActivityFilter, timezone: str) -> dict[str, Any]:
    """The values of the question."""
    asked: dict[str, Any] = {"program": program_id, "person": wanted.person_id}
    if wanted.day is not None and _has_day(wanted):
        asked |= {"begin": _midnight(wanted.day, timezone), "end": _midnight(wanted.day + ONE_DAY, timezone)}
    return asked


ONE_DAY = timedelta(days=1)


def _midnight(day: date, timezone: str) -> datetime:
    """The moment a day begins in that time zone, in UTC: days have 23 or 25 hours when clocks change."""
    return datetime.combine(day, time(), tzinfo=zone(timezone)).astimezone(UTC)
