"""Who was at a training session: those with a seat by name, others who came, and heads of people without a name.

Whoever said yes and did not come has missed it. Whoever never answered, declined or waited in vain has not: they were
not expected. The sheet can be written again as long as somebody remembers better.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select, update

from program.change import training_seats
from program.change.models import TrainingGroup, TrainingSeat, TrainingSession
from program.change.models.training import SeatState, SessionState
from program.change.people_here import ids_here
from program.change.training_sessions import CHANGED_MEANWHILE
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid
from program.ground.now import utc_now
from program.people import access
from program.people.models import Person

MAX_COUNTED = 10_000
EXPECTED = (SeatState.ACCEPTED, SeatState.ATTENDED, SeatState.MISSED)


def write_attendance(
    actor: Actor,
    program_id: int,
    session_id: int,
    present: Collection[int],
    counted: Mapping[int, int],
    *,
    seen: int,
) -> tuple[int, int]:
    """Write down who was there, and how many heads of each group beside them; returns how many attended and missed it.

    `present` are person ids; those without a seat get one. Raises Invalid for people who are not here, for groups the
    session is not for and for impossible counts, Conflict before it begins and for a cancelled one.
    """
    access.require(actor, program_id, Access.CONTRIBUTOR)
    session = training_seats.session_row(program_id, session_id, lock=True)
    audit.check_revision(session, seen, CHANGED_MEANWHILE, "training")
    if session.state == SessionState.CANCELLED:
        raise Conflict(_l("This session is cancelled, so nobody was there."))
    if session.starts_at > utc_now():
        raise Conflict(_l("The session has not begun yet. Attendance is written down when it has."))
    there = set(present)
    query = select(TrainingSeat.person_id, TrainingSeat.state).where(TrainingSeat.session_id == session.id)
    seats = {row.person_id: row.state for row in db.session.execute(query)}
    _check(session, there - seats.keys(), counted)
    missed = {person_id for person_id, state in seats.items() if state in EXPECTED} - there
    _write_seats(session, there, missed, seats)
    for group_id, heads in counted.items():
        mine = (TrainingGroup.session_id == session.id, TrainingGroup.group_id == group_id)
        db.session.execute(update(TrainingGroup).where(*mine).values(counted=heads))
    _held(session)
    heads = sum(counted.values())
    audit.record(
        actor,
        "training.held",
        object_id=session.id,
        name=session.title,
        program_id=program_id,
        changes={"attended": [None, len(there) + heads]},
    )
    return len(there), len(missed)


def _held(session: TrainingSession) -> None:
    """The session was held. Its revision rises even when it was so before: the sheet belongs to it."""
    db.session.execute(
        update(TrainingSession)
        .where(TrainingSession.id == session.id)
        .values(state=SessionState.HELD.value, revision=TrainingSession.revision + 1)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(session)


def _write_seats(session: TrainingSession, there: set[int], missed: set[int], seats: Mapping[int, str]) -> None:
    for people, state in ((there & seats.keys(), SeatState.ATTENDED), (missed, SeatState.MISSED)):
        changed = [person_id for person_id in people if seats[person_id] != state]
        if changed:
            mine = (TrainingSeat.session_id == session.id, TrainingSeat.person_id.in_(changed))
            db.session.execute(update(TrainingSeat).where(*mine).values(state=state.value))
    new = sorted(there - seats.keys())
    if new:
        now = utc_now()
        row: dict[str, Any] = {"session_id": session.id, "program_id": session.program_id}
        row |= {"state": SeatState.ATTENDED.value, "invited_at": now, "answered_at": None}
        db.session.execute(insert(TrainingSeat), [{**row, "person_id": person_id} for person_id in new])


def _check(session: TrainingSession, strangers: set[int], counted: Mapping[int, int]) -> None:
    wrong: dict[str, Any] = {}
    if strangers:
        here = select(Person.id).where(Person.id.in_(ids_here(session.program_id)), Person.id.in_(strangers))
        if len(db.session.scalars(here).all()) != len(strangers):
            wrong["others"] = _l("Choose people of this program or its groups.")
    groups = set(db.session.scalars(select(TrainingGroup.group_id).where(TrainingGroup.session_id == session.id)))
    if counted.keys() - groups:
        wrong["counted"] = _l("Choose groups that this session is for.")
    if any(not 0 <= heads <= MAX_COUNTED for heads in counted.values()):
        wrong["counted"] = _l("Give a number of people from 0 to %(most)s.", most=MAX_COUNTED)
    if wrong:
        raise Invalid(_l("Something is not right yet."), wrong)
