"""The program's state as a person says it, against the rules: with a reason, until a day, and one at a time.

The computed state stays beside it, so nobody takes the one for the other. What was said is never changed: it is taken
back, gives way to the next, or ends with its last day.
"""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import today_in, utc_now
from program.ground.text import clean_text
from program.people import access
from program.people.access import NOT_HERE
from program.planning.health import State
from program.planning.history_words import TITLES
from program.planning.models import Program
from program.steering.models import StateOverride

MAX_REASON = 1_000
LONGEST = timedelta(days=42)
NOT_RIGHT = _l("Something is not right yet.")
MAY_SAY = (State.ON_TRACK, State.AT_RISK, State.OFF_TRACK)
TITLES.update({"state.said": _l("State of the program said"), "state.taken_back": _l("Said state taken back")})


def say_state(
    actor: Actor, program_id: int, state: str, reason: str, until: date | None, *, seen: int | None
) -> StateOverride:
    """Say the state until that day. `seen` is the id of the one that held when the form was opened, None for none.

    Raises Conflict when somebody else said one meanwhile, Invalid with fields state, reason, until.
    """
    access.require(actor, program_id, Access.MANAGER)
    program = _held(program_id)
    today = today_in(program.timezone)
    present = _holding(program_id, today)
    if (present.id if present else None) != seen:
        raise Conflict(_l("Somebody said another state while you had the page open."))
    reason = clean_text(reason or "")
    wrong = {}
    if state not in MAY_SAY:
        wrong["state"] = _l("Choose one from the list.")
    if not reason:
        wrong["reason"] = _l("Say why: it stands beside the state.")
    elif len(reason) > MAX_REASON:
        wrong["reason"] = _l("Up to %(most)s letters.", most=MAX_REASON)
    if until is None or not today <= until <= today + LONGEST:
        wrong["until"] = _l("Give a day within the next six weeks.")
    if wrong or until is None:
        raise Invalid(NOT_RIGHT, wrong)
    if present is not None:
        _end(actor, present)
    said = StateOverride(
        program_id=program_id, state=state, reason=reason, expires_on=until, said_by_id=actor.person_id
    )
    db.session.add(said)
    db.session.flush()
    changes = audit.created({"state": state, "reason": reason, "expires_on": until})
    audit.record(actor, "state.said", object_id=said.id, name=program.name, program_id=program_id, changes=changes)
    return said


def take_back(actor: Actor, program_id: int, *, seen: int) -> None:
    """Let the rules speak again. Raises NotFound when nothing holds, Conflict for another one than `seen`."""
    access.require(actor, program_id, Access.MANAGER)
    program = _held(program_id)
    present = _holding(program_id, today_in(program.timezone))
    if present is None:
        raise NotFound(NOT_HERE)
    if present.id != seen:
        raise Conflict(_l("Somebody said another state while you had the page open."))
    _end(actor, present)
    changes = audit.removed({"state": present.state, "reason": present.reason})
    audit.record(
        actor, "state.taken_back", object_id=present.id, name=program.name, program_id=program_id, changes=changes
    )


def holding(program_id: int, today: date) -> StateOverride | None:
    """The state that somebody said and that holds on that day. One statement. Permission is the caller's."""
    return _holding(program_id, today)


def _held(program_id: int) -> Program:
    """The program, held until the commit: of two who speak at once one waits."""
    query = select(Program).where(Program.id == program_id).with_for_update(key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _holding(program_id: int, today: date) -> StateOverride | None:
    query = select(StateOverride).where(
        StateOverride.program_id == program_id,
        StateOverride.ended_at.is_(None),
        StateOverride.expires_on >= today,
    )
    return db.session.scalars(query.order_by(StateOverride.id.desc()).limit(1)).first()


def _end(actor: Actor, said: StateOverride) -> None:
    said.ended_at, said.ended_by_id = utc_now(), actor.person_id
    db.session.flush()
