"""Coaching: one-to-one support for people who find the new way hard.

Who is coached, and in what, is between a few: managers of the program, the coach and the person. For everybody else an
entry does not exist, and the audit trail says that a coaching changed, not whose.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from program.change.models import Coaching, GroupMember, ImpactedGroup, TrainingSeat
from program.change.models.plan import CoachingState
from program.change.models.training import SeatState
from program.change.people_here import ids_here
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.database import read
from program.ground.errors import Forbidden, Invalid, NotFound
from program.ground.now import utc_now
from program.ground.pages import Pagination
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.models import Person

MAX_TOPIC, PAGE, CANDIDATES = 300, 50, 20
OPEN = (CoachingState.WANTED, CoachingState.RUNNING)
CHANGED_MEANWHILE = _l("Somebody changed this coaching while you had it open.")
WRONG = _l("Something is not right yet.")


@record
class CoachingRow:
    """An entry as those few see it."""

    id: int
    revision: int
    person_id: int
    person: str
    coach_id: int | None
    coach: str | None
    topic: str
    state: str
    next_on: date | None

    def is_late(self, today: date) -> bool:
        """True when the next meeting is over and nobody set another one."""
        return self.state in OPEN and self.next_on is not None and self.next_on < today


@record
class Candidate:
    """Somebody who missed trainings and has attended none: perhaps glad of a coach."""

    id: int
    name: str
    group: str
    missed: int


@record
class Counts:
    """How many of the entries that the reader may see are wanted, running, over, and late."""

    wanted: int
    running: int
    over: int
    late: int

    @property
    def total(self) -> int:
        """All that the reader may see."""
        return self.wanted + self.running + self.over


def counts(actor: Actor, program_id: int, today: date) -> Counts:
    """Only what the reader may see is counted. One statement."""
    access.require(actor, program_id, Access.VIEWER)
    return Counts(*read(_counts(sees_all(actor, program_id)), _asked(actor, program_id) | {"today": today}).one())


def entries(actor: Actor, program_id: int, *, over: bool = False, page: int = 1) -> list[CoachingRow]:
    """A page of the entries that the reader may see, the next meeting first. One statement."""
    access.require(actor, program_id, Access.VIEWER)
    asked = _asked(actor, program_id) | {"skip": (page - 1) * PAGE}
    return [CoachingRow(*row) for row in read(_entries(sees_all(actor, program_id), over), asked)]


def pages(counted: Counts, over: bool, page: int) -> Pagination:
    """Where a page of that list lies."""
    return Pagination(page, PAGE, counted.over if over else counted.wanted + counted.running)


def own(program_id: int, person_id: int | None) -> list[CoachingRow]:
    """The open coachings of one person, for their own page. One statement; the caller knows that it is them."""
    asked = {"program": program_id, "person": person_id, "skip": 0}
    rows = [CoachingRow(*row) for row in read(_entries(False, False), asked)]
    return [row for row in rows if row.person_id == person_id]


def find(actor: Actor, program_id: int, coaching_id: int) -> Coaching:
    """One entry, for those few. Raises NotFound for everybody else, members of the program among them."""
    access.require(actor, program_id, Access.VIEWER)
    found = db.session.scalars(
        select(Coaching).where(Coaching.id == coaching_id, Coaching.program_id == program_id)
    ).one_or_none()
    if found is None or not (sees_all(actor, program_id) or actor.person_id in (found.person_id, found.coach_id)):
        raise NotFound(access.NOT_HERE)
    return found


def may_change(actor: Actor, coaching: Coaching) -> bool:
    """True for managers and for the coach; the person coached reads."""
    return sees_all(actor, coaching.program_id) or (
        actor.person_id is not None
        and actor.person_id == coaching.coach_id
        and (access.access_of(actor, coaching.program_id) or 0) >= Access.CONTRIBUTOR
    )


def add(actor: Actor, program_id: int, values: Mapping[str, Any]) -> Coaching:
    """Add a coaching with `person_id`, `coach_id`, `topic`, `next_on`. A contributor adds their own, as the coach.

    Raises Invalid naming the fields at fault.
    """
    access.require(actor, program_id, Access.CONTRIBUTOR)
    tidy = _checked(program_id, {"coach_id": None, "topic": "", "next_on": None, **values})
    if not sees_all(actor, program_id) and tidy["coach_id"] != actor.person_id:
        raise Invalid(WRONG, {"coach": _l("You can add people whom you coach yourself; a manager adds others.")})
    same = and_(Coaching.person_id == tidy["person_id"], Coaching.state.in_(OPEN))
    if sees_all(actor, program_id) and db.session.scalar(
        select(Coaching.id).where(Coaching.program_id == program_id, same).limit(1)
    ):
        raise Invalid(WRONG, {"person": _l("There is an open coaching for this person already.")})
    coaching = Coaching(program_id=program_id, created_by_id=actor.person_id, **tidy)
    if coaching.coach_id is not None:
        coaching.state = CoachingState.RUNNING.value
    db.session.add(coaching)
    db.session.flush()
    _record(actor, "coaching.created", coaching)
    return coaching


def change(actor: Actor, coaching: Coaching, values: Mapping[str, Any], *, seen: int) -> audit.Changes:
    """Change coach, topic, state or next day. Raises Forbidden for the person coached, Invalid and Conflict.

    Only a manager gives it to another coach.
    """
    find(actor, coaching.program_id, coaching.id)
    access.require(actor, coaching.program_id, Access.CONTRIBUTOR)
    if not may_change(actor, coaching):
        raise Forbidden(_l("Your coach or a manager writes this down."))
    audit.check_revision(coaching, seen, CHANGED_MEANWHILE, "coaching")
    wanted = {name: values[name] for name in ("coach_id", "topic", "state", "next_on") if name in values}
    tidy = _checked(coaching.program_id, wanted, coaching)
    if tidy.get("coach_id", coaching.coach_id) != coaching.coach_id and not sees_all(actor, coaching.program_id):
        raise Invalid(WRONG, {"coach": _l("A manager gives a coaching to somebody else.")})
    changes = audit.change(coaching, tidy)
    if "state" in changes:
        coaching.ended_at = None if coaching.state in OPEN else utc_now()
    db.session.flush()
    if changes:
        _record(actor, "coaching.changed", coaching)
    return changes


def candidates(actor: Actor, program_id: int) -> list[Candidate]:
    """People who missed a training and attended none, without a coaching; who missed most first. Managers only.

    One statement.
    """
    access.require(actor, program_id, Access.MANAGER)
    return [Candidate(*row) for row in read(_candidates(), {"program": program_id})]


def sees_all(actor: Actor, program_id: int) -> bool:
    """True for managers of the program."""
    return (access.access_of(actor, program_id) or 0) >= Access.MANAGER


def _asked(actor: Actor, program_id: int) -> dict[str, Any]:
    return {"program": program_id, "person": actor.person_id}


def _record(actor: Actor, verb: str, coaching: Coaching) -> None:
    # Neither name nor topic: the trail is read by everybody in the program.
    audit.record(actor, verb, object_id=coaching.id, name="", program_id=coaching.program_id)


def _checked(program_id: int, values: dict[str, Any], present: Coaching | None = None) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    if "topic" in values:
        values["topic"] = clean_line(str(values["topic"] or ""))
        if not values["topic"]:
            wrong["topic"] = _l("Say in a line what it is about.")
        elif len(values["topic"]) > MAX_TOPIC:
            wrong["topic"] = _l("Up to %(most)s letters.", most=MAX_TOPIC)
    if "state" in values and values["state"] not in tuple(CoachingState):
        wrong["state"] = _l("Choose one from the list.")
    day = values.get("next_on")
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        wrong["next_on"] = _l("Give a day between 2000 and 2099.")
    if present is None and values.get("person_id") is None:
        wrong["person"] = _l("Say who is coached.")
    for name in ("person_id", "coach_id"):
        chosen = values.get(name)
        if chosen is None or (present is not None and chosen == getattr(present, name)):
            continue
        here = select(Person.id).where(Person.id == chosen, Person.id.in_(ids_here(program_id)), Person.is_active)
        if db.session.scalar(here) is None:
            wrong[name.removesuffix("_id")] = _l("Choose somebody of this program or its groups.")
    coach = values.get("coach_id", present.coach_id if present else None)
    person = values.get("person_id", present.person_id if present else None)
    if coach is not None and coach == person:
        wrong["coach"] = _l("Nobody coaches themselves.")
    if wrong:
        raise Invalid(WRONG, wrong)
    return values


def _seen(everything: bool) -> Any:
    """The entries that the reader may see."""
    reader = bindparam("person", type_=Integer)
    mine = or_(Coaching.person_id == reader, Coaching.coach_id == reader)
    inside = Coaching.program_id == bindparam("program")
    return inside if everything else and_(inside, mine)


@cache
def _counts(everything: bool) -> Any:
    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    is_open = Coaching.state.in_(OPEN)
    return select(
        count(Coaching.state == CoachingState.WANTED),
        count(Coaching.state == CoachingState.RUNNING),
        count(~is_open),
        count(is_open & (Coaching.next_on < bindparam("today", type_=Coaching.next_on.type))),
    ).where(_seen(everything))


@cache
def _entries(everything: bool, over: bool) -> Any:
    person, coach = aliased(Person), aliased(Person)
    is_open = Coaching.state.in_(OPEN)
    # Without a next day it stands first: somebody should set one.
    order = (Coaching.ended_at.desc(),) if over else (Coaching.next_on.is_not(None), Coaching.next_on)
    return (
        select(
            Coaching.id,
            Coaching.revision,
            Coaching.person_id,
            person.name,
            Coaching.coach_id,
            coach.name,
            Coaching.topic,
            Coaching.state,
            Coaching.next_on,
        )
        .join(person, person.id == Coaching.person_id)
        .outerjoin(coach, coach.id == Coaching.coach_id)
        .where(_seen(everything), ~is_open if over else is_open)
        .order_by(*order, Coaching.id)
        .limit(PAGE)
        .offset(bindparam("skip", type_=Integer))
    )


@cache
def _candidates() -> Any:
    program: Any = bindparam("program")

    def seat(state: SeatState) -> Any:
        return (
            TrainingSeat.program_id == program,
            TrainingSeat.person_id == Person.id,
            TrainingSeat.state == state,
        )

    missed = select(func.count()).select_from(TrainingSeat).where(*seat(SeatState.MISSED)).correlate(Person)
    group = (
        select(func.min(ImpactedGroup.name))
        .join(GroupMember, GroupMember.group_id == ImpactedGroup.id)
        .where(GroupMember.person_id == Person.id, GroupMember.program_id == program)
        .correlate(Person)
    )
    coached = exists().where(Coaching.program_id == program, Coaching.person_id == Person.id, Coaching.state.in_(OPEN))
    times = missed.scalar_subquery().label("missed")
    return (
        select(Person.id, Person.name, func.coalesce(group.scalar_subquery(), ""), times)
        .where(
            Person.is_active.is_(True),
            exists().where(*seat(SeatState.MISSED)),
            ~exists().where(*seat(SeatState.ATTENDED)),
            ~coached,
        )
        .order_by(times.desc(), Person.name_folded, Person.id)
        .limit(CANDIDATES)
    )
