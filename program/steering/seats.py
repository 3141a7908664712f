"""The seats of a committee as they stand on a day, and how many of them make a decision valid: reading only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from program.extensions import db
from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership, Person
from program.steering.models import CommitteeMember, Seat, SteeringPlan

# A committee that has not said otherwise sees risks of this score and above.
USUAL_RISK_LIMIT = 12


@record
class Seated:
    """A seat of the committee and who holds it."""

    id: int
    person_id: int
    name: str
    deputy_id: int | None
    deputy: str
    role: str
    since: date
    revision: int

    @property
    def is_chair(self) -> bool:
        """True for the chair's seat."""
        return self.role == Seat.CHAIR

    def votes_as(self, person_id: int | None) -> bool:
        """True for who may speak for the seat: its member, or the deputy."""
        return person_id is not None and person_id in (self.person_id, self.deputy_id)


def seats_of(program_id: int, today: date) -> Sequence[Seated]:
    """The seats held on that day by people who are in the program with an open account; the chair first. One statement.

    A deputy who has left the program is nobody's.
    """
    rows = read(_seats(), {"program": program_id, "today": today}).all()
    return [
        Seated(row.id, row.person_id, row.name, row.deputy_id, row.deputy or "", row.role, row.since, row.revision)
        for row in rows
    ]


def seats_for(seats: Sequence[Seated], person_id: int | None) -> list[Seated]:
    """The seats that somebody may speak for: their own first, then those they stand in for."""
    mine = [seat for seat in seats if seat.votes_as(person_id)]
    return sorted(mine, key=lambda seat: seat.person_id != person_id)


def quorum_of(asked: int | None, seats: int) -> int:
    """How many seats have to speak: what was set, but never more than there are; else more than half of them."""
    return max(1, min(asked, seats) if asked else seats // 2 + 1)


def plan_of(program_id: int) -> SteeringPlan:
    """How the program is steered; a plan with the usual values, not in the session, where nobody has said."""
    found = db.session.get(SteeringPlan, program_id)
    return found or SteeringPlan(
        program_id=program_id,
        quorum=None,
        cadence={},
        duration_minutes=60,
        place="",
        link="",
        risk_limit=USUAL_RISK_LIMIT,
        currency="PLN",
        revision=0,
    )


@cache
def _seats() -> Any:
    deputy, deputy_in = aliased(Person), aliased(Membership)
    return (
        select(
            CommitteeMember.id,
            CommitteeMember.person_id,
            Person.name,
            deputy.id.label("deputy_id"),
            deputy.name.label("deputy"),
            CommitteeMember.role,
            CommitteeMember.since,
            CommitteeMember.revision,
        )
        .join(Person, and_(Person.id == CommitteeMember.person_id, Person.is_active))
        .join(
            Membership,
            and_(
                Membership.program_id == CommitteeMember.program_id,
                Membership.person_id == CommitteeMember.person_id,
            ),
        )
        .outerjoin(
            deputy_in,
            and_(
                deputy_in.program_id == CommitteeMember.program_id,
                deputy_in.person_id == CommitteeMember.deputy_id,
            ),
        )
        .outerjoin(deputy, and_(deputy.id == deputy_in.person_id, deputy.is_active))
        .where(
            CommitteeMember.program_id == bindparam("program"),
            CommitteeMember.since <= bindparam("today", type_=Date),
            or_(CommitteeMember.until.is_(None), CommitteeMember.until > bindparam("today", type_=Date)),
        )
        .order_by(CommitteeMember.role, Person.name_folded, CommitteeMember.id)
    )
