"""Seats of a training session: inviting people of its groups, their answers, and the waiting list.

Never do more people come than there are seats. Whoever says yes to a full session joins its waiting list; when a seat
becomes free it goes to the one who has waited longest, who is told. The session's row is held while seats change, so
that of two who take the last one at once, one waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, bindparam, case, distinct, exists, func, insert, or_, select

from program.change import training_messages
from program.change.front_line import require_front_line
from program.change.models import GroupMember, TrainingGroup, TrainingSeat, TrainingSession
from program.change.models.training import SeatState, SessionState
from program.change.training_coverage import is_training
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import utc_now
from program.ground.records import record
from program.people import access
from program.people.models import Person


class Whom(StrEnum):
    """Whom of the session's groups to invite. Those invited already are left out."""

    ALL = "all"
    UNTRAINED = "untrained"
    SUPER_USERS = "super_users"


@record
class Invitable:
    """How many people each choice would invite."""

    all: int
    untrained: int
    super_users: int


def session_row(program_id: int, session_id: int, *, lock: bool = False) -> TrainingSession:
    """The session's row, as it is now. Raises NotFound. Permission is the caller's."""
    query = select(TrainingSession).where(TrainingSession.id == session_id, TrainingSession.program_id == program_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(access.NOT_HERE)
    return found


def taken(session_id: int) -> int:
    """How many people have said that they come."""
    query = select(func.count()).select_from(TrainingSeat)
    mine = (TrainingSeat.session_id == session_id, TrainingSeat.state == SeatState.ACCEPTED)
    return db.session.scalar(query.where(*mine)) or 0


def people_of(session_id: int, *states: SeatState) -> list[int]:
    """Who has a seat in one of those states."""
    query = select(TrainingSeat.person_id).where(TrainingSeat.session_id == session_id)
    return list(db.session.scalars(query.where(TrainingSeat.state.in_(states)).order_by(TrainingSeat.person_id)))


def invitable(session: TrainingSession) -> Invitable:
    """How many people could still be invited. One statement; permission is the caller's."""
    return Invitable(*read(_counts(), {"session": session.id, "program": session.program_id}).one())


def invite(actor: Actor, program_id: int, session_id: int, whom: Whom) -> int:
    """Invite those people of the session's groups who were not invited yet; returns how many. Each gets a message."""
    access.require(actor, program_id, Access.CONTRIBUTOR)
    session = session_row(program_id, session_id, lock=True)
    _require_open(session)
    people = list(
        db.session.scalars(
            select(GroupMember.person_id)
            .distinct()
            .where(*_candidates(session.id), _meant(whom, program_id))
            .order_by(GroupMember.person_id)
        )
    )
    if not people:
        raise Invalid(_l("Nobody is left to invite: choose others, or add people to the groups first."))
    now = utc_now()
    row = {"session_id": session.id, "program_id": program_id, "state": SeatState.INVITED.value, "invited_at": now}
    db.session.execute(insert(TrainingSeat), [{**row, "person_id": person_id} for person_id in people])
    audit.record(
        actor,
        "training.invited",
        object_id=session.id,
        name=session.title,
        program_id=program_id,
        changes={"invited": [None, len(people)]},
    )
    training_messages.tell_of(actor, session, people, training_messages.INVITED)
    return len(people)


def answer(actor: Actor, program_id: int, session_id: int, *, comes: bool) -> SeatState:
    """Take the actor's own answer to their invitation and say what it came to: a full session puts them on its list.

    For everybody who was invited, the front line included. Raises NotFound for who was not, Conflict once it began.
    """
    require_front_line(actor, program_id)
    session = session_row(program_id, session_id, lock=True)
    seat = require_seat(actor, program_id, session_id)
    _require_open(session)
    if not comes:
        seat.state, seat.answered_at = SeatState.DECLINED.value, utc_now()
        db.session.flush()
        fill_free_seats(actor, session)
        return SeatState.DECLINED
    if seat.state in (SeatState.ACCEPTED, SeatState.WAITING):
        # Saying yes twice does not lose one's place on the list.
        return SeatState(seat.state)
    state = SeatState.ACCEPTED if taken(session.id) < session.capacity else SeatState.WAITING
    seat.state, seat.answered_at = state.value, utc_now()
    db.session.flush()
    return state


def require_seat(actor: Actor, program_id: int, session_id: int) -> TrainingSeat:
    """The actor's own seat, as it is now. Raises NotFound for who was not invited."""
    require_front_line(actor, program_id)
    mine = (TrainingSeat.session_id == session_id, TrainingSeat.person_id == actor.person_id)
    query = select(TrainingSeat).where(*mine, TrainingSeat.program_id == program_id)
    seat = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if seat is None:
        raise NotFound(access.NOT_HERE)
    return seat


def fill_free_seats(actor: Actor, session: TrainingSession) -> int:
    """Give free seats to those who have waited longest and tell them; the session's row is held by the caller."""
    free = session.capacity - taken(session.id)
    if free <= 0:
        return 0
    first = list(
        db.session.scalars(
            select(TrainingSeat)
            .where(TrainingSeat.session_id == session.id, TrainingSeat.state == SeatState.WAITING)
            .order_by(TrainingSeat.answered_at, TrainingSeat.person_id)
            .limit(free)
        )
    )
    for seat in first:
        seat.state = SeatState.ACCEPTED.value
    db.session.flush()
    for seat in first:
        # They may wait, come and step back more than once: each seat that becomes theirs is news.
        waited = str(seat.answered_at and seat.answered_at.timestamp())
        training_messages.tell_of(actor, session, [seat.person_id], training_messages.SEAT, occasion=waited)
    return len(first)


def _require_open(session: TrainingSession) -> None:
    """Refuse invitations and answers to what is over. Raises Conflict."""
    if session.state == SessionState.CANCELLED:
        raise Conflict(_l("This session is cancelled."))
    if session.state == SessionState.HELD or session.starts_at <= utc_now():
        raise Conflict(_l("This session has begun; answers are closed."))


def _candidates(session_id: Any) -> Sequence[Any]:
    """People of the session's groups who have no seat in it. Helpers from outside and closed accounts are not meant."""
    seated = exists().where(TrainingSeat.session_id == session_id, TrainingSeat.person_id == GroupMember.person_id)
    active = exists().where(Person.id == GroupMember.person_id, Person.is_active.is_(True))
    groups = select(TrainingGroup.group_id).where(TrainingGroup.session_id == session_id)
    belongs = or_(GroupMember.belongs.is_(True), GroupMember.is_super_user.is_(True))
    return (GroupMember.group_id.in_(groups), belongs, active, ~seated)


def _meant(whom: Whom, program_id: Any) -> Any:
    if whom is Whom.SUPER_USERS:
        return GroupMember.is_super_user.is_(True)
    return ~_attended(program_id) if whom is Whom.UNTRAINED else and_(True)


def _attended(program_id: Any) -> Any:
    """As the coverage counts it, so that nobody is invited who counts as trained, or the other way round."""
    return exists().where(
        TrainingSeat.program_id == program_id,
        TrainingSeat.person_id == GroupMember.person_id,
        TrainingSeat.state == SeatState.ATTENDED,
        TrainingSession.id == TrainingSeat.session_id,
        is_training(program_id),
    )


@cache
def _counts() -> Any:
    def people(condition: Any) -> Any:
        return func.count(distinct(case((condition, GroupMember.person_id))))

    return select(
        func.count(distinct(GroupMember.person_id)),
        people(_meant(Whom.UNTRAINED, bindparam("program"))),
        people(_meant(Whom.SUPER_USERS, bindparam("program"))),
    ).where(*_candidates(bindparam("session")))
