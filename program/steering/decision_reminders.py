"""Reminding of decisions that are needed: whoever has not voted, before the day and on it; after it, the chair.

Which stage a request is at follows from its day and today; each is told once a person, and a clock that was away tells
the last stage only. Whoever has voted hears nothing, and a decision takes back what was not read yet.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Access
from program.ground.cadence import moment_of
from program.ground.calendar import WorkingCalendar
from program.ground.now import today_in, utc_now
from program.people.models import Membership
from program.planning.models import Program
from program.steering import decision_telling
from program.steering.decisions import Standing, standing_of
from program.steering.models import DecisionRequest, RequestState
from program.steering.risks import lock_program

# The first reminder comes so many working days before the decision is needed, in the morning.
DAYS_BEFORE, TELLS_AT = 2, time(8)


class Stage(StrEnum):
    """How far a request is from its day."""

    SOON = "soon"
    TODAY = "today"
    LATE = "late"


def stage_of(decide_by: date, country: str, zone_name: str, now: datetime) -> Stage | None:
    """The stage whose morning came last; None before the first."""
    soon = min(WorkingCalendar(country).add(decide_by, -DAYS_BEFORE), decide_by - timedelta(days=1))
    mornings = ((Stage.LATE, decide_by + timedelta(days=1)), (Stage.TODAY, decide_by), (Stage.SOON, soon))
    return next((stage for stage, day in mornings if moment_of(day, TELLS_AT, zone_name) <= now), None)


def remind_due() -> int:
    """The clock's part. Returns how many requests were at a stage that had not been told."""
    now = utc_now()
    # Two working days are within a fortnight over any holidays.
    query = (
        select(DecisionRequest.program_id, DecisionRequest.id)
        .join(Program, Program.id == DecisionRequest.program_id)
        .where(
            DecisionRequest.state == RequestState.OPEN,
            DecisionRequest.decide_by <= now.date() + timedelta(days=14),
            Program.closed_on.is_(None),
        )
        .order_by(DecisionRequest.program_id, DecisionRequest.id)
    )
    return sum(_remind(row.program_id, row.id, now) for row in db.session.execute(query).all())


def _remind(program_id: int, request_id: int, now: datetime) -> int:
    # Held, so that a vote or the decision comes before or after all of this.
    program = lock_program(program_id)
    request = db.session.get_one(DecisionRequest, request_id, populate_existing=True)
    if request.state != RequestState.OPEN or request.decide_by is None:
        return 0
    stage = stage_of(request.decide_by, program.country, program.timezone, now)
    if stage is None:
        return 0
    standing = standing_of(request, today_in(program.timezone))
    people = _to_decide(program_id, standing) if stage == Stage.LATE else _silent(standing)
    return decision_telling.tell_reminder(program, request, people, stage.value, standing.tally)


def _silent(standing: Standing) -> set[int]:
    """Members for whose seat nobody has voted, and their deputies."""
    voted = {vote.seat_id for vote in standing.votes}
    seats = [seat for seat in standing.seats if seat.id not in voted]
    return {one for seat in seats for one in (seat.person_id, seat.deputy_id) if one}


def _to_decide(program_id: int, standing: Standing) -> set[int]:
    """The chair and the chair's deputy; managers where nobody holds the chair."""
    chairs = {one for seat in standing.seats if seat.is_chair for one in (seat.person_id, seat.deputy_id) if one}
    if chairs:
        return chairs
    managers = select(Membership.person_id).where(
        Membership.program_id == program_id, Membership.access == Access.MANAGER.value
    )
    return set(db.session.scalars(managers))
