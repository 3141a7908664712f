"""One meeting of a ritual: moved to another day, cancelled, or held, with notes and the actions that came of it.

A meeting is named by the day its rhythm gives, or by the phase it follows (`ritual_dates.py`); only what differs from
the rhythm is a row. Whoever comes is told of a move and of a cancellation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from program.change.models import Ritual, RitualMeeting, RitualPerson
from program.change.models.rituals import MeetingState
from program.change.ritual_dates import MOST_MOVED, Meeting, named
from program.change.ritual_reading import around_of
from program.change.ritual_words import MEETING_CANCELLED, MEETING_MOVED
from program.extensions import db
from program.ground import audit, formats
from program.ground.actor import Access, Actor
from program.ground.calendar import DAY, FIRST_DAY, LAST_DAY
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import utc_now
from program.ground.pages import path_to
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.outbox.kinds import MessageKind
from program.outbox.messages import tell
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Membership
from program.planning import comments
from program.planning.items import ItemDraft, add_items
from program.planning.models import WorkItem
from program.planning.models.items import Kind
from program.planning.opening import OpenProgram

MAX_NOTES, MAX_ACTIONS, MAX_ACTION = 20_000, 30, 300
NOT_RIGHT = _l("Something is not right yet.")
CHANGED_MEANWHILE = _l("Somebody changed this meeting while you had it open.")


@record
class Name:
    """What names a meeting: the day its rhythm gives, or the phase it follows (the day is then only where to look)."""

    planned_on: date
    phase_id: int | None = None


def find_meeting(actor: Actor, program: OpenProgram, ritual: Ritual, name: Name) -> Meeting:
    """That meeting of the ritual. Raises NotFound for a day on which it does not meet. At most three statements."""
    access.require(actor, program.id, Access.VIEWER)
    if not FIRST_DAY <= name.planned_on <= LAST_DAY:
        raise NotFound(NOT_HERE)
    known = db.session.scalars(select(RitualMeeting).where(RitualMeeting.ritual_id == ritual.id)).all()
    meeting = named(ritual, name.planned_on, name.phase_id, known, **around_of(program, [ritual]))
    if meeting is None:
        raise NotFound(NOT_HERE)
    return meeting


def move(actor: Actor, program: OpenProgram, ritual: Ritual, name: Name, to: date | None, *, seen: int) -> Meeting:
    """Hold that meeting on another day, at its usual hour, and tell who comes. Raises Invalid, Conflict."""
    access.require(actor, program.id, Access.CONTRIBUTOR)
    meeting, row = _begin(actor, program, ritual, name, seen)
    if to is None or not FIRST_DAY <= to <= LAST_DAY or abs(to - meeting.planned_on) > MOST_MOVED:
        raise Invalid(NOT_RIGHT, {"to": _l("Give a day within three months of the planned one.")})
    if to == meeting.day and meeting.state != MeetingState.CANCELLED:
        raise Invalid(NOT_RIGHT, {"to": _l("It meets on that day already.")})
    if to == meeting.planned_on and meeting.phase_id is None:
        return restore(actor, program, ritual, name, seen=seen)
    row.state, row.moved_to, row.noted_at, row.noted_by_id = MeetingState.MOVED.value, to, utc_now(), actor.person_id
    _keep(row)
    _record(actor, "ritual.meeting_moved", ritual, {"moved_to": [meeting.day.isoformat(), to.isoformat()]})
    _tell(actor, program, ritual, row, MEETING_MOVED, {"from": meeting.day, "to": to})
    return find_meeting(actor, program, ritual, _name_of(row))


def cancel(actor: Actor, program: OpenProgram, ritual: Ritual, name: Name, *, seen: int) -> Meeting:
    """Cancel that meeting and tell who comes. Raises Conflict for one that was held."""
    access.require(actor, program.id, Access.CONTRIBUTOR)
    meeting, row = _begin(actor, program, ritual, name, seen)
    if meeting.is_cancelled:
        return meeting
    row.state, row.noted_at, row.noted_by_id = MeetingState.CANCELLED.value, utc_now(), actor.person_id
    _keep(row)
    _record(actor, "ritual.meeting_cancelled", ritual, {"planned_on": [meeting.day.isoformat(), None]})
    _tell(actor, program, ritual, row, MEETING_CANCELLED, {"from": meeting.day})
    return find_meeting(actor, program, ritual, _name_of(row))


def restore(actor: Actor, program: OpenProgram, ritual: Ritual, name: Name, *, seen: int) -> Meeting:
    """Let a moved or cancelled meeting take place as its rhythm gives it."""
    access.require(actor, program.id, Access.CONTRIBUTOR)
    meeting, row = _begin(actor, program, ritual, name, seen)
    if row in db.session:
        db.session.delete(row)
        db.session.flush()
        _record(actor, "ritual.meeting_restored", ritual, {"planned_on": [None, meeting.planned_on.isoformat()]})
    return find_meeting(actor, program, ritual, name)


def hold(
    actor: Actor,
    program: OpenProgram,
    ritual: Ritual,
    name: Name,
    *,
    notes: str = "",
    actions: str = "",
    due_on: date | None = None,
    seen: int,
) -> list[WorkItem]:
    """Say that the meeting was held, with its notes; each line of `actions` becomes an item of kind *action*.

    '@Maria Zielińska' in a line makes her its owner, if she is on the team. Returns the new items. May be done again,
    to put the notes right and add actions. Raises Invalid, Conflict.
    """
    access.require(actor, program.id, Access.CONTRIBUTOR)
    meeting, row = _begin(actor, program, ritual, name, seen, may_be_held=True)
    notes, lines, wrong = clean_text(notes), _lines(actions), {}
    if len(notes) > MAX_NOTES:
        wrong["notes"] = _l("Up to %(most)s letters.", most=formats.number(MAX_NOTES))
    if len(lines) > MAX_ACTIONS or any(len(line) > MAX_ACTION for line in lines):
        wrong["actions"] = _l("Up to 30 actions of up to 300 letters each, one a line.")
    if meeting.day > formats.today():
        wrong["notes"] = _l("It has not met yet. Move it first if it met earlier.")
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    # It happened on that day, whatever the rhythm and the phase become.
    row.state, row.notes = MeetingState.HELD.value, notes
    row.moved_to = meeting.day if meeting.day != row.planned_on else row.moved_to
    row.noted_at, row.noted_by_id = utc_now(), actor.person_id
    _keep(row)
    _record(actor, "ritual.meeting_held", ritual, {"planned_on": [None, meeting.day.isoformat()]})
    return _add_actions(actor, program, ritual, meeting, lines, due_on)


def _begin(
    actor: Actor, program: OpenProgram, ritual: Ritual, name: Name, seen: int, *, may_be_held: bool = False
) -> tuple[Meeting, RitualMeeting]:
    """The meeting and its row, a new one where there is none. The ritual's row must be locked by the caller."""
    meeting = find_meeting(actor, program, ritual, name)
    if meeting.revision != seen:
        raise Conflict(CHANGED_MEANWHILE, current_revision=meeting.revision, object_type="ritual", object_id=ritual.id)
    if meeting.state == MeetingState.HELD and not may_be_held:
        raise Conflict(_l("This meeting was held already."))
    if meeting.revision:
        row = db.session.get_one(RitualMeeting, (ritual.id, meeting.planned_on))
    else:
        row = RitualMeeting(
            ritual_id=ritual.id,
            planned_on=_free_day(ritual.id, meeting),
            phase_id=meeting.phase_id,
            state=MeetingState.HELD.value,
            noted_at=utc_now(),
        )
    return meeting, row


def _free_day(ritual_id: int, meeting: Meeting) -> date:
    """The day that names the row. Two phases can end on one day; what follows the second is named by the next day."""
    taken = set(db.session.scalars(select(RitualMeeting.planned_on).where(RitualMeeting.ritual_id == ritual_id)))
    day = meeting.planned_on
    while day in taken:
        day += DAY
    return day


def _keep(row: RitualMeeting) -> None:
    db.session.add(row)
    db.session.flush()


def _name_of(row: RitualMeeting) -> Name:
    return Name(row.planned_on, row.phase_id)


def _lines(text: str) -> list[str]:
    lines = (clean_line(line.strip().removeprefix("-").removeprefix("*")) for line in clean_text(text).split("\n"))
    return [line for line in lines if line]


def _add_actions(
    actor: Actor, program: OpenProgram, ritual: Ritual, meeting: Meeting, lines: Sequence[str], due_on: date | None
) -> list[WorkItem]:
    people = comments.members(program.id)
    came_from = _("From “%(title)s” on %(day)s.", title=ritual.title, day=formats.dated(meeting.day))
    drafts = []
    for line in lines:
        owner_id = next(iter(sorted(comments.mentioned(line, people))), None)
        title = line if owner_id is None else _without(line, people[owner_id])
        drafts.append(ItemDraft(title, came_from, Kind.ACTION, due_on=due_on, owner_id=owner_id))
    try:
        return add_items(actor, program.id, drafts)
    except Invalid as error:
        names = {"title": "actions", "owner_id": "actions", "due_on": "due_on"}
        raise Invalid(error.sentence, {names.get(name, "actions"): why for name, why in error.fields.items()}) from None


def _without(line: str, name: str) -> str:
    """The action without the name it was given to, which stands beside it from then on."""
    said = re.compile(rf"\s*(?<![\w@.])@(?:\[{re.escape(name)}\]|{re.escape(name)})", re.IGNORECASE)
    return clean_line(said.sub("", line, count=1)).rstrip(" ,:;-") or line


def _record(actor: Actor, verb: str, ritual: Ritual, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=ritual.id, name=ritual.title, program_id=ritual.program_id, changes=changes)


def _tell(
    actor: Actor, program: OpenProgram, ritual: Ritual, row: RitualMeeting, kind: MessageKind, days: dict[str, date]
) -> None:
    coming = select(RitualPerson.person_id).where(RitualPerson.ritual_id == ritual.id)
    # Whoever left the program is told nothing more of it.
    told = db.session.scalars(
        select(Membership.person_id).where(
            Membership.program_id == program.id,
            or_(Membership.person_id.in_(coming), Membership.person_id == ritual.organiser_id),
            Membership.person_id != actor.person_id,
        )
    ).all()
    data: dict[str, Any] = {"title": ritual.title, **{name: day.isoformat() for name, day in days.items()}}
    tell(
        told,
        kind,
        data,
        key=f"{kind.name}:{ritual.id}:{row.planned_on}:{row.revision}:{int(row.noted_at.timestamp())}",
        path=path_to("rituals.show", key=program.key, ritual_id=ritual.id),
        program_id=program.id,
        about=f"meeting:{ritual.id}:{row.planned_on}",
    )
