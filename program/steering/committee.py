"""Verbs for the committee: seats with deputies, from when until when, and how the program is steered. For managers.

A seat is never deleted: it ends, and what was voted from it stays. Whatever changes seats, votes or decisions of a
program first holds the program's row, so that they follow one another. Neighbour: `seats.py` (reading).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import today_in
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Person
from program.planning.comments import members
from program.planning.models import Program
from program.steering.models import CommitteeMember, Seat, SteeringPlan
from program.steering.risks import lock_program
from program.steering.seats import plan_of, seats_of

NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed the committee while you had it open.")
MOST_SEATS = 30
PLAN_COLUMNS = ("quorum", "risk_limit", "duration_minutes", "place", "link", "currency")


@record
class SeatDraft:
    """A seat before it is kept."""

    person_id: int | None
    deputy_id: int | None = None
    role: str = Seat.MEMBER


def find_seat(actor: Actor, program_id: int, seat_id: int) -> CommitteeMember:
    """That seat of the program, for managers. Raises NotFound, Forbidden."""
    access.require(actor, program_id, Access.MANAGER)
    seat = db.session.scalars(
        select(CommitteeMember).where(CommitteeMember.id == seat_id, CommitteeMember.program_id == program_id)
    ).one_or_none()
    if seat is None:
        raise NotFound(NOT_HERE)
    return seat


def add_seat(actor: Actor, program_id: int, draft: SeatDraft) -> CommitteeMember:
    """Give somebody of the program a seat from today on. Raises Invalid naming the fields at fault."""
    access.require(actor, program_id, Access.MANAGER)
    program = lock_program(program_id)
    seat = CommitteeMember(program_id=program_id, since=today_in(program.timezone), **_checked(program, draft, None))
    db.session.add(seat)
    db.session.flush()
    _record(actor, "seat.created", seat, audit.created({"person_id": seat.person_id, "role": seat.role}))
    return seat


def change_seat(actor: Actor, seat: CommitteeMember, draft: SeatDraft, *, seen: int) -> None:
    """Change a seat's deputy and role; who holds it stays. Raises Conflict, Invalid."""
    access.require(actor, seat.program_id, Access.MANAGER)
    program = lock_program(seat.program_id)
    audit.check_revision(seat, seen, CHANGED_MEANWHILE, "seat")
    _refuse_ended(seat)
    values = _checked(program, SeatDraft(seat.person_id, draft.deputy_id, draft.role), seat)
    changes = audit.change(seat, values)
    if changes:
        db.session.flush()
        _record(actor, "seat.changed", seat, changes)


def end_seat(actor: Actor, seat: CommitteeMember, *, seen: int) -> None:
    """From today on nobody holds this seat: its votes in open requests stay, and no longer count. Raises Conflict."""
    access.require(actor, seat.program_id, Access.MANAGER)
    program = lock_program(seat.program_id)
    audit.check_revision(seat, seen, CHANGED_MEANWHILE, "seat")
    _refuse_ended(seat)
    changes = audit.change(seat, {"until": max(today_in(program.timezone), seat.since)})
    db.session.flush()
    _record(actor, "seat.ended", seat, changes)


def set_plan(actor: Actor, program_id: int, values: Mapping[str, Any], *, seen: int) -> SteeringPlan:
    """Say how the program is steered; `values` by column (`PLAN_COLUMNS`). Raises Conflict, Invalid."""
    access.require(actor, program_id, Access.MANAGER)
    lock_program(program_id)
    plan = plan_of(program_id)
    if plan.revision != seen:
        raise Conflict(CHANGED_MEANWHILE, object_type="steering", object_id=program_id)
    found = {name: values.get(name) for name in PLAN_COLUMNS}
    found = _checked_plan(found)
    if plan.revision == 0:
        plan = SteeringPlan(program_id=program_id, **found)
        db.session.add(plan)
        changes = audit.created(found)
    else:
        changes = audit.change(plan, found)
    if changes:
        db.session.flush()
        audit.record(actor, "steering.changed", object_id=program_id, name="", program_id=program_id, changes=changes)
    return plan


def _checked_plan(found: dict[str, Any]) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    for name, most in (("place", 200), ("link", 500), ("currency", 3)):
        found[name] = clean_line(found[name] or "")
        if len(found[name]) > most:
            wrong[name] = _l("Up to %(most)s letters.", most=most)
    if found["link"] and not found["link"].startswith(("https://", "http://")):
        wrong["link"] = _l("Begin the address with https://.")
    found["currency"] = found["currency"].upper()
    if not (len(found["currency"]) == 3 and found["currency"].isascii() and found["currency"].isalpha()):
        wrong["currency"] = _l("Three letters: PLN, EUR.")
    if found["quorum"] is not None and not 1 <= found["quorum"] <= MOST_SEATS:
        wrong["quorum"] = _l("From 1 to %(most)s, or empty.", most=MOST_SEATS)
    if found["risk_limit"] is None or not 1 <= found["risk_limit"] <= 25:
        wrong["risk_limit"] = _l("From 1 to 25.")
    if found["duration_minutes"] is None or not 10 <= found["duration_minutes"] <= 480:
        wrong["duration_minutes"] = _l("From 10 minutes to 8 hours.")
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return found


def _checked(program: Program, draft: SeatDraft, present: CommitteeMember | None) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    people = members(program.id)
    today = today_in(program.timezone)
    others = [seat for seat in seats_of(program.id, today) if present is None or seat.id != present.id]
    if present is None and draft.person_id not in people:
        wrong["person_id"] = _l("Choose somebody of this program.")
    elif present is None and _has_seat(program.id, draft.person_id):
        wrong["person_id"] = _l("They have a seat already.")
    elif len(others) >= MOST_SEATS:
        wrong["person_id"] = _l("A committee has up to %(most)s seats.", most=MOST_SEATS)
    if draft.deputy_id is not None:
        if draft.deputy_id not in people:
            wrong["deputy_id"] = _l("Choose somebody of this program.")
        elif draft.deputy_id == draft.person_id:
            wrong["deputy_id"] = _l("Nobody stands in for themselves.")
    if draft.role not in list(Seat):
        wrong["role"] = _l("Choose one from the list.")
    elif draft.role == Seat.CHAIR and any(seat.is_chair for seat in others):
        wrong["role"] = _l("There is a chair already.")
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    return {"person_id": draft.person_id, "deputy_id": draft.deputy_id, "role": draft.role}


def _has_seat(program_id: int, person_id: int | None) -> bool:
    """A seat without an end, also of somebody who is away from the program."""
    query = select(CommitteeMember.id).where(
        CommitteeMember.program_id == program_id,
        CommitteeMember.person_id == person_id,
        CommitteeMember.until.is_(None),
    )
    return db.session.scalar(query) is not None


def _refuse_ended(seat: CommitteeMember) -> None:
    if seat.until is not None:
        raise NotFound(NOT_HERE)


def _record(actor: Actor, verb: str, seat: CommitteeMember, changes: audit.Changes) -> None:
    name = db.session.scalars(select(Person.name).where(Person.id == seat.person_id)).one()
    audit.record(actor, verb, object_id=seat.id, name=name, program_id=seat.program_id, changes=changes)
