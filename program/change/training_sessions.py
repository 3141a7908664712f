"""Training sessions: planning one, changing it, giving it another time, cancelling it. Whoever is invited is told.

Times are entered on the program's wall clock and kept in UTC. Neighbours: `training_seats.py` (who is invited and who
comes), `attendance.py` (who was there), `training_coverage.py` (how far each group is), `training_lists.py` (reading).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select

from program.change import training_messages, training_seats
from program.change.models import GoLive, ImpactedGroup, TrainingGroup, TrainingSession
from program.change.models.training import Audience, SeatState, SessionState
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.cadence import moment_of
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Conflict, Invalid
from program.ground.now import zone
from program.ground.text import clean_line
from program.people import access
from program.planning import undo
from program.planning.models.items import Channel

MAX_TITLE, MAX_PLACE, MAX_NOTE, MAX_CAPACITY = 200, 200, 500, 1000
SHORTEST, LONGEST = 15, 14 * 60
WORDS = ("title", "audience", "channel", "go_live_id", "place", "trainer_id", "capacity", "note")
CHANGED_MEANWHILE = _l("Somebody changed this session while you had it open.")
OVER = _l("This session was held or cancelled, so it stays as it is.")
WRONG = _l("Something is not right yet.")
# For a trainer that changed hands; a move is not taken back behind the backs of those who were told of it.
undo.register("training", TrainingSession)
# Who still counts on the session and has to know when it changes.
CONCERNED = (SeatState.INVITED, SeatState.ACCEPTED, SeatState.WAITING)


def find_session(
    actor: Actor, program_id: int, session_id: int, needed: Access = Access.VIEWER, *, lock: bool = False
) -> TrainingSession:
    """One session of the program. Raises NotFound. `lock` holds other writers of it back until the transaction ends."""
    access.require(actor, program_id, needed)
    return training_seats.session_row(program_id, session_id, lock=lock)


def span(day: date, begins: time, minutes: int, timezone: str) -> tuple[datetime, datetime]:
    """The moments in UTC of a meeting on the program's wall clock. Raises Invalid at `day`, `begins` or `minutes`.

    An hour that the clocks leave out in spring is refused; of one that comes twice in autumn the first is meant.
    """
    wrong: dict[str, Any] = {}
    if not FIRST_DAY <= day <= LAST_DAY:
        wrong["day"] = _l("Give a day between 2000 and 2099.")
    if not SHORTEST <= minutes <= LONGEST:
        wrong["minutes"] = _l("Give a number of minutes from %(least)s to %(most)s.", least=SHORTEST, most=LONGEST)
    if not wrong:
        start = moment_of(day, begins, timezone)
        if start.astimezone(zone(timezone)).time() != begins:
            wrong["begins"] = _l("The clocks go forward that night: there is no such time.")
    if wrong:
        raise Invalid(WRONG, wrong)
    # Minutes that pass, not hands of the clock: two hours are two hours in every night of the year.
    return start, start + timedelta(minutes=minutes)


def add_session(
    actor: Actor,
    program_id: int,
    values: Mapping[str, Any],
    groups: Sequence[int],
    starts_at: datetime,
    ends_at: datetime,
) -> TrainingSession:
    """Plan a session (names of WORDS) for those groups. Without groups it is for those of its go-live and channel.

    Raises Invalid naming the fields at fault.
    """
    access.require(actor, program_id, Access.CONTRIBUTOR)
    defaults = {"channel": "", "go_live_id": None, "place": "", "trainer_id": None, "capacity": 12, "note": ""}
    tidy = _checked(program_id, {"title": "", "audience": Audience.AGENTS.value, **defaults, **values})
    meant = _groups(program_id, groups, tidy["go_live_id"], tidy["channel"])
    session = TrainingSession(program_id=program_id, starts_at=starts_at, ends_at=ends_at, **tidy)
    db.session.add(session)
    db.session.flush()
    _set_groups(session, meant)
    created = audit.created({**tidy, "starts_at": starts_at, "ends_at": ends_at})
    _record(actor, "training.created", session, created)
    return session


def change_session(
    actor: Actor, session: TrainingSession, values: Mapping[str, Any], groups: Sequence[int] | None, *, seen: int
) -> audit.Changes:
    """Change its words, seats or groups; another place is told to those who come, freed seats go to who waits.

    `groups` None leaves them. Raises Invalid, also for fewer seats than people who said they come, and Conflict.
    """
    access.require(actor, session.program_id, Access.CONTRIBUTOR)
    session = training_seats.session_row(session.program_id, session.id, lock=True)
    audit.check_revision(session, seen, CHANGED_MEANWHILE, "training")
    _require_planned(session)
    tidy = _checked(session.program_id, {name: values[name] for name in WORDS if name in values}, session)
    taken = training_seats.taken(session.id)
    if tidy.get("capacity", session.capacity) < taken:
        sentence = _l("%(taken)s people have said that they come. Give at least as many seats.", taken=taken)
        raise Invalid(WRONG, {"capacity": sentence})
    if groups is not None:
        _set_groups(session, _groups(session.program_id, groups, tidy.get("go_live_id"), tidy.get("channel", "")))
    changes = audit.change(session, tidy)
    db.session.flush()
    if changes:
        _record(actor, "training.changed", session, changes)
    if "place" in changes:
        training_messages.tell_of(
            actor, session, training_seats.people_of(session.id, *CONCERNED), training_messages.MOVED
        )
    training_seats.fill_free_seats(actor, session)
    return changes


def move_session(actor: Actor, session: TrainingSession, starts_at: datetime, ends_at: datetime, *, seen: int) -> int:
    """Give the session another time and tell those who count on it; returns how many that are. Answers stay."""
    access.require(actor, session.program_id, Access.CONTRIBUTOR)
    session = training_seats.session_row(session.program_id, session.id, lock=True)
    audit.check_revision(session, seen, CHANGED_MEANWHILE, "training")
    _require_planned(session)
    changes = audit.change(session, {"starts_at": starts_at, "ends_at": ends_at})
    if not changes:
        raise Invalid(WRONG, {"day": _l("It is at this time already.")})
    db.session.flush()
    _record(actor, "training.moved", session, changes)
    people = training_seats.people_of(session.id, *CONCERNED)
    training_messages.tell_of(actor, session, people, training_messages.MOVED)
    return len(people)


def cancel_session(actor: Actor, session: TrainingSession, *, seen: int) -> int:
    """Cancel the session and tell those who count on it; returns how many that are. It stays in the list."""
    access.require(actor, session.program_id, Access.CONTRIBUTOR)
    session = training_seats.session_row(session.program_id, session.id, lock=True)
    audit.check_revision(session, seen, CHANGED_MEANWHILE, "training")
    _require_planned(session)
    changes = audit.change(session, {"state": SessionState.CANCELLED.value})
    db.session.flush()
    _record(actor, "training.cancelled", session, changes)
    people = training_seats.people_of(session.id, *CONCERNED)
    training_messages.tell_of(actor, session, people, training_messages.CANCELLED)
    return len(people)


def _require_planned(session: TrainingSession) -> None:
    if session.state != SessionState.PLANNED:
        raise Conflict(OVER)


def _record(actor: Actor, verb: str, session: TrainingSession, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=session.id, name=session.title, program_id=session.program_id, changes=changes)


def _checked(program_id: int, values: dict[str, Any], present: TrainingSession | None = None) -> dict[str, Any]:
    wrong: dict[str, Any] = {}
    for name, most in (("title", MAX_TITLE), ("place", MAX_PLACE), ("note", MAX_NOTE)):
        if name in values:
            values[name] = clean_line(str(values[name] or ""))
            if len(values[name]) > most:
                wrong[name] = _l("Up to %(most)s letters.", most=most)
    if "title" in values and not values["title"]:
        wrong["title"] = _l("Give it a title.")
    if values.get("audience", Audience.AGENTS) not in tuple(Audience):
        wrong["audience"] = _l("Choose one from the list.")
    if values.get("channel") and values["channel"] not in tuple(Channel):
        wrong["channel"] = _l("Choose one from the list.")
    if "capacity" in values and not 1 <= (values["capacity"] or 0) <= MAX_CAPACITY:
        wrong["capacity"] = _l("Give a number of seats from 1 to %(most)s.", most=MAX_CAPACITY)
    go_live_id = values.get("go_live_id")
    is_new = go_live_id is not None and (present is None or go_live_id != present.go_live_id)
    if is_new and not db.session.scalar(
        select(GoLive.id).where(GoLive.id == go_live_id, GoLive.program_id == program_id)
    ):
        wrong["go_live_id"] = _l("Choose a go-live of this program.")
    if wrong:
        raise Invalid(WRONG, wrong)
    return values


def _groups(program_id: int, groups: Sequence[int], go_live_id: int | None, channel: str) -> list[int]:
    """The groups that are meant. Raises Invalid at `groups` for none at all and for another program's."""
    asked = [ImpactedGroup.program_id == program_id]
    if groups:
        asked.append(ImpactedGroup.id.in_(list(groups)))
    elif go_live_id is None:
        raise Invalid(WRONG, {"groups": _l("Name at least one group, or choose a go-live with groups.")})
    else:
        asked.append(ImpactedGroup.go_live_id == go_live_id)
        if channel:
            asked.append(ImpactedGroup.channel.in_(("", channel)))
    found = list(db.session.scalars(select(ImpactedGroup.id).where(*asked).order_by(ImpactedGroup.id)))
    if groups and len(found) != len(set(groups)):
        raise Invalid(WRONG, {"groups": _l("Choose groups of this program.")})
    if not found:
        raise Invalid(WRONG, {"groups": _l("The go-live reaches no group of this channel yet. Name the groups.")})
    return found


def _set_groups(session: TrainingSession, groups: Sequence[int]) -> None:
    """The session is for exactly these groups; what was counted of those that stay is kept."""
    present = set(db.session.scalars(select(TrainingGroup.group_id).where(TrainingGroup.session_id == session.id)))
    gone, new = present - set(groups), [group for group in groups if group not in present]
    if gone:
        db.session.execute(
            delete(TrainingGroup).where(TrainingGroup.session_id == session.id, TrainingGroup.group_id.in_(gone))
        )
    if new:
        rows = [{"session_id": session.id, "group_id": group, "counted": 0} for group in new]
        db.session.execute(insert(TrainingGroup), rows)
