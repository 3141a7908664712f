"""The communication plan: what is said to whom, by whom, in which way, on which day, and whether it was.

Neighbours: `communication_sheets.py` (as a file and from one), `change_plan.py` (the starting set of a go-live).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, bindparam, case, func, select

from program.change.models import Communication, GoLive, ImpactedGroup
from program.change.models.plan import Medium
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.pages import Pagination
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.models import Person
from program.planning import undo

MAX_MESSAGE, MAX_AUDIENCE, MAX_DETAIL = 200, 200, 20_000
COLUMNS = ("message", "detail", "audience", "group_id", "go_live_id", "medium", "sender_id", "planned_on", "done_on")
PAGE = 100
CHANGED_MEANWHILE = _l("Somebody changed this message while you had it open.")
WRONG = _l("Something is not right yet.")

undo.register("communication", Communication, needed=Access.CONTRIBUTOR, whole=True)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the plan as lists show it."""

    id: int
    revision: int
    message: str
    detail: str
    audience: str
    group: str | None
    go_live_id: int | None
    go_live: str | None
    medium: str
    sender: str | None
    planned_on: date
    done_on: date | None

    def is_late(self, today: date) -> bool:
        """True for a message whose day is over and that nobody has said."""
        return self.done_on is None and self.planned_on < today


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages are late, still to say, and said."""

    late: int
    ahead: int
    done: int

    @property
    def total(self) -> int:
        """All messages of the plan."""
        return self.late + self.ahead + self.done


def counts(program_id: int, today: date) -> Counts:
    """How the plan stands. One statement; permission is the caller's."""
    return Counts(*read(_counts(), {"program": program_id, "today": today}).one())


def lines(program_id: int, today: date, *, state: str = "", go_live_id: int | None = None, page: int = 1) -> list[Line]:
    """A page of the plan: late ones first, then what is ahead by day, then what was said, newest first. One statement.

    `state` narrows it to 'late', 'ahead' or 'done'. Permission is the caller's.
    """
    asked: list[Any] = []
    if state in _STATES:
        asked.append(_STATES[state](today))
    if go_live_id is not None:
        asked.append(Communication.go_live_id == go_live_id)
    over = case((Communication.done_on.is_not(None), 1), else_=0)
    query = (
        _columns()
        .where(Communication.program_id == program_id, *asked)
        # Days still to come upwards, days gone by downwards.
        .order_by(
            over,
            case((over == 0, Communication.planned_on)),
            Communication.done_on.desc(),
            Communication.id,
        )
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [Line(*row) for row in read(query)]


def pages(counted: Counts, state: str, page: int) -> Pagination:
    """Where a page of that list lies."""
    total = getattr(counted, state) if state in _STATES else counted.total
    return Pagination(page, PAGE, total)


def find(actor: Actor, program_id: int, communication_id: int, needed: Access = Access.VIEWER) -> Communication:
    """One message of the program. Raises NotFound."""
    access.require(actor, program_id, needed)
    query = select(Communication).where(Communication.id == communication_id, Communication.program_id == program_id)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(access.NOT_HERE)
    return found


def group_name(group_id: int | None) -> str:
    """The name of a message's group; '' for none. One statement; permission is the caller's."""
    if group_id is None:
        return ""
    return read(select(ImpactedGroup.name).where(ImpactedGroup.id == group_id)).scalar() or ""


def add(actor: Actor, program_id: int, values: Mapping[str, Any], *, batch: str | None = None) -> Communication:
    """Plan a message. Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    tidy = checked(program_id, {**_DEFAULTS, **values})
    line = Communication(program_id=program_id, **tidy)
    db.session.add(line)
    db.session.flush()
    record(actor, "communication.created", line, audit.created(tidy | {"step": ""}), batch)
    return line


def change(actor: Actor, line: Communication, values: Mapping[str, Any], *, seen: int) -> str:
    """Change columns of a message (names of COLUMNS); returns the batch to take it back.

    Raises Invalid naming the fields at fault, and Conflict.
    """
    access.require(actor, line.program_id, Access.CONTRIBUTOR)
    audit.check_revision(line, seen, CHANGED_MEANWHILE, "communication")
    if unknown := set(values) - set(COLUMNS):
        raise ValueError(f"not changeable: {sorted(unknown)}")
    batch = audit.new_batch()
    changes = audit.change(line, checked(line.program_id, dict(values), present=line))
    db.session.flush()
    if changes:
        record(actor, "communication.changed", line, changes, batch)
    return batch


def remove(actor: Actor, line: Communication, *, seen: int) -> str:
    """Take a message out of the plan; returns the batch that takes it back."""
    access.require(actor, line.program_id, Access.CONTRIBUTOR)
    audit.check_revision(line, seen, CHANGED_MEANWHILE, "communication")
    batch = audit.new_batch()
    gone = audit.removed({name: getattr(line, name) for name in (*COLUMNS, "step")})
    record(actor, "communication.removed", line, gone, batch)
    db.session.delete(line)
    db.session.flush()
    return batch


def record(actor: Actor, verb: str, line: Communication, changes: audit.Changes, batch: str | None) -> None:
    """Keep what happened to a message."""
    audit.record(
        actor,
        verb,
        object_id=line.id,
        name=line.message,
        program_id=line.program_id,
        changes=changes,
        batch=batch,
    )


def checked(program_id: int, values: dict[str, Any], present: Communication | None = None) -> dict[str, Any]:
    """The values, tidied. What stays as it is need not be choosable any more. Raises Invalid with all that is wrong."""
    wrong: dict[str, Any] = {}
    for name, most, clean in (
        ("message", MAX_MESSAGE, clean_line),
        ("audience", MAX_AUDIENCE, clean_line),
        ("detail", MAX_DETAIL, clean_text),
    ):
        if name in values:
            values[name] = clean(str(values[name] or ""))
            if len(values[name]) > most:
                wrong[name] = _l("Up to %(most)s letters.", most=most)
    if "message" in values and not values["message"]:
        wrong["message"] = _l("Say in a line what the message is.")
    if "planned_on" in values and values["planned_on"] is None:
        wrong["planned_on"] = _l("Say on which day.")
    for name in ("planned_on", "done_on"):
        day = values.get(name)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            wrong[name] = _l("Give a day between 2000 and 2099.")
    if "medium" in values and values["medium"] not in tuple(Medium):
        wrong["medium"] = _l("Choose one from the list.")
    _check_places(program_id, values, present, wrong)
    if wrong:
        raise Invalid(WRONG, wrong)
    return values


def _check_places(
    program_id: int, values: dict[str, Any], present: Communication | None, wrong: dict[str, Any]
) -> None:
    for name, model, sentence in (
        ("group_id", ImpactedGroup, _l("Choose a group of this program.")),
        ("go_live_id", GoLive, _l("Choose a go-live of this program.")),
    ):
        chosen = values.get(name)
        if chosen is None or (present is not None and chosen == getattr(present, name)):
            continue
        if not db.session.scalar(select(model.id).where(model.id == chosen, model.program_id == program_id)):
            wrong[name] = sentence


_DEFAULTS: dict[str, Any] = {
    "message": "",
    "detail": "",
    "audience": "",
    "group_id": None,
    "go_live_id": None,
    "medium": Medium.MEETING.value,
    "sender_id": None,
    "planned_on": None,
    "done_on": None,
}
_STATES: dict[str, Any] = {
    "late": lambda today: and_(Communication.done_on.is_(None), Communication.planned_on < today),
    "ahead": lambda today: and_(Communication.done_on.is_(None), Communication.planned_on >= today),
    "done": lambda _today: Communication.done_on.is_not(None),
}


@cache
def _columns() -> Any:
    return (
        select(
            Communication.id,
            Communication.revision,
            Communication.message,
            Communication.detail,
            Communication.audience,
            ImpactedGroup.name,
            Communication.go_live_id,
            GoLive.name,
            Communication.medium,
            Person.name,
            Communication.planned_on,
            Communication.done_on,
        )
        .outerjoin(ImpactedGroup, ImpactedGroup.id == Communication.group_id)
        .outerjoin(GoLive, GoLive.id == Communication.go_live_id)
        .outerjoin(Person, Person.id == Communication.sender_id)
    )


@cache
def _counts() -> Any:
    today = bindparam("today", type_=Communication.planned_on.type)
    said = Communication.done_on.is_not(None)

    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    late = ~said & (Communication.planned_on < today)
    return select(count(late), count(~said & (Communication.planned_on >= today)), count(said)).where(
        Communication.program_id == bindparam("program")
    )
