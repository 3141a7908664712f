"""Before and in a meeting: points and their order, beginning it, who is there, what is said, agreed on and decided.

Managers prepare and begin a meeting; who works on the program writes its minutes. From its beginning the agenda stands
as it was; once the chair has approved the minutes (`minutes.py`) nothing of it changes any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict, Invalid, NotFound
from program.ground.now import today_in, utc_now
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.people import access
from program.people.access import NOT_HERE
from program.planning.items import ItemDraft, add_item
from program.planning.models import Program, WorkItem
from program.planning.models.items import Kind
from program.planning.opening import OpenProgram
from program.steering import decision_requests
from program.steering.agenda import agenda_of, assemble
from program.steering.agenda_points import Agenda
from program.steering.decision_requests import OptionDraft, RequestDraft
from program.steering.frozen import to_json
from program.steering.meeting_calendar import CHANGED_MEANWHILE, NOT_RIGHT
from program.steering.models import (
    CommitteeMeeting,
    DecisionRequest,
    MeetingAction,
    MeetingDecision,
    MeetingNote,
    MeetingPoint,
    MeetingState,
    Presence,
)
from program.steering.risks import lock_program
from program.steering.seats import Seated, plan_of, quorum_of, seats_of

MAX_TITLE, MAX_NOTE, MOST_POINTS, MOST_MINUTES = 200, 5_000, 30, 240
# A manager may begin a meeting so long before its hour.
EARLY = timedelta(hours=12)
FROZEN = _l("The chair has approved these minutes: nothing in them changes any more.")
NOT_BEGUN = _l("This meeting has not begun yet.")


@record
class ActionDraft:
    """An action to agree on: what, who, by when, and the key of the point it was agreed on under."""

    title: str
    owner_id: int | None
    due_on: date | None
    point: str = ""


@record
class Quorum:
    """How many seats are there, by their member or deputy, and how many it takes."""

    present: int
    needed: int
    seats: int

    @property
    def is_met(self) -> bool:
        """Whether the meeting may decide."""
        return self.present >= self.needed


def quorum_now(meeting: CommitteeMeeting, seats: Sequence[Seated], asked: int | None) -> Quorum:
    """The quorum of a meeting from who is noted as being there; seats that ended since do not count."""
    there = sum(meeting.attendance.get(str(seat.id)) in (Presence.PRESENT, Presence.DEPUTY) for seat in seats)
    return Quorum(there, quorum_of(asked, len(seats)), len(seats))


def add_point(actor: Actor, meeting: CommitteeMeeting, title: str, note: str = "") -> MeetingPoint:
    """Put a point on the agenda of a meeting that has not begun. For contributors. Raises Conflict, Invalid."""
    access.require(actor, meeting.program_id, Access.CONTRIBUTOR)
    _lock(meeting)
    _require(meeting, MeetingState.PLANNED, _l("The agenda stands since the meeting began."))
    title, note = clean_line(title or ""), clean_text(note or "")
    wrong: dict[str, Any] = {}
    if not title or len(title) > MAX_TITLE:
        wrong["title"] = _l("Give the point a name of up to %(most)s letters.", most=MAX_TITLE)
    if len(note) > MAX_NOTE:
        wrong["note"] = _l("Up to %(most)s letters.", most=MAX_NOTE)
    known = select(func.count(), func.max(MeetingPoint.position)).where(MeetingPoint.meeting_id == meeting.id)
    count, last = db.session.execute(known).one()
    if count >= MOST_POINTS:
        wrong["title"] = _l("A meeting has up to %(most)s points of its own.", most=MOST_POINTS)
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    point = MeetingPoint(
        program_id=meeting.program_id,
        meeting_id=meeting.id,
        position=(last or 0) + 1,
        title=title,
        note=note,
        added_by_id=actor.person_id,
    )
    db.session.add(point)
    db.session.flush()
    _record(actor, "meeting_point.created", point.id, title, meeting.program_id, audit.created({"title": title}))
    return point


def remove_point(actor: Actor, meeting: CommitteeMeeting, point_id: int) -> None:
    """Take a point off the agenda of a meeting that has not begun: who put it there, or a manager. Raises NotFound."""
    access.require(actor, meeting.program_id, Access.CONTRIBUTOR)
    _lock(meeting)
    _require(meeting, MeetingState.PLANNED, _l("The agenda stands since the meeting began."))
    point = db.session.get(MeetingPoint, point_id)
    if point is None or point.meeting_id != meeting.id:
        raise NotFound(NOT_HERE)
    if point.added_by_id != actor.person_id:
        access.require(actor, meeting.program_id, Access.MANAGER)
    removed = audit.removed({"title": point.title})
    _record(actor, "meeting_point.removed", point.id, point.title, meeting.program_id, removed)
    db.session.delete(point)
    db.session.flush()


def arrange(
    actor: Actor, meeting: CommitteeMeeting, order: Sequence[str], minutes: Mapping[str, int | None], *, seen: int
) -> None:
    """Say in which order points are taken and how many minutes each gets. Last time's actions stay first.

    Raises Conflict, Invalid.
    """
    access.require(actor, meeting.program_id, Access.MANAGER)
    _lock(meeting)
    audit.check_revision(meeting, seen, CHANGED_MEANWHILE, "committee_meeting")
    _require(meeting, MeetingState.PLANNED, _l("The agenda stands since the meeting began."))
    if any(one is None or not 0 <= one <= MOST_MINUTES for one in minutes.values()):
        raise Invalid(NOT_RIGHT, {"minutes": _l("From 0 to %(most)s minutes for a point.", most=MOST_MINUTES)})
    plan = {"order": list(order), "minutes": dict(minutes)}
    changes = audit.change(meeting, {"agenda_plan": plan})
    if changes:
        db.session.flush()
        _record_meeting(actor, "committee_meeting.changed", meeting, changes)


def begin(actor: Actor, meeting: CommitteeMeeting, *, seen: int | None = None) -> Agenda:
    """The meeting begins: its agenda stands from now on. Doing it twice is doing it once.

    People begin it by hand, up to half a day early; at its hour the clock does (`seen` None). Raises Conflict.
    """
    if seen is not None:
        access.require(actor, meeting.program_id, Access.MANAGER)
    program = _lock(meeting)
    open_ = opened(program)
    if meeting.state in (MeetingState.HELD, MeetingState.CLOSED):
        return agenda_of(open_, meeting, today_in(program.timezone))
    if seen is not None:
        audit.check_revision(meeting, seen, CHANGED_MEANWHILE, "committee_meeting")
        if meeting.meets_at > utc_now() + EARLY:
            raise Conflict(_l("It is too early: a meeting begins on its day."))
    _require(meeting, MeetingState.PLANNED, _l("This meeting does not take place."))
    agenda = assemble(open_, meeting, today_in(program.timezone))
    # What the clock begins late began at its hour all the same.
    held_at = utc_now() if seen is not None else min(utc_now(), meeting.meets_at)
    values = {"state": MeetingState.HELD.value, "held_at": held_at, "agenda": to_json(agenda)}
    audit.change(meeting, values)
    db.session.flush()
    _record_meeting(actor, "committee_meeting.held", meeting, {})
    return agenda


def set_attendance(actor: Actor, meeting: CommitteeMeeting, there: Mapping[int, str], *, seen: int) -> None:
    """Note how each seat is there, by the seat's id: present, deputy, absent. Raises Conflict, Invalid, NotFound."""
    access.require(actor, meeting.program_id, Access.CONTRIBUTOR)
    program = _lock(meeting)
    audit.check_revision(meeting, seen, CHANGED_MEANWHILE, "committee_meeting")
    _require_writable(meeting)
    seats = {seat.id: seat for seat in seats_of(meeting.program_id, today_in(program.timezone))}
    found = dict(meeting.attendance)
    for seat_id, how in there.items():
        if seat_id not in seats:
            raise NotFound(NOT_HERE)
        if how not in list(Presence) or (how == Presence.DEPUTY and seats[seat_id].deputy_id is None):
            raise Invalid(NOT_RIGHT, {"attendance": _l("Choose one from the list.")})
        found[str(seat_id)] = str(how)
    changes = audit.change(meeting, {"attendance": found})
    if changes:
        db.session.flush()
        _record_meeting(actor, "committee_meeting.changed", meeting, changes)


def write_note(actor: Actor, meeting: CommitteeMeeting, point: str, text: str, *, seen: int) -> None:
    """Write what is said on a point of the agenda ('' beside all points); `seen` is 0 before the first word.

    Raises Conflict when somebody wrote meanwhile, NotFound for a point that the agenda does not have.
    """
    access.require(actor, meeting.program_id, Access.CONTRIBUTOR)
    _lock(meeting)
    _require_writable(meeting)
    text = clean_text(text or "")
    if len(text) > MAX_NOTE:
        raise Invalid(NOT_RIGHT, {"text": _l("Up to %(most)s letters.", most=MAX_NOTE)})
    if point and point not in {one["key"] for one in meeting.agenda.get("points", ())}:
        raise NotFound(NOT_HERE)
    query = select(MeetingNote).where(MeetingNote.meeting_id == meeting.id, MeetingNote.point == point)
    note = db.session.scalars(query).one_or_none()
    if (note.revision if note else 0) != seen:
        raise Conflict(_l("Somebody wrote here while you did. Their words stand; yours are below."))
    if note is None:
        note = MeetingNote(program_id=meeting.program_id, meeting_id=meeting.id, point=point, text=text)
        db.session.add(note)
        changes = audit.created({"text": text})
    else:
        changes = audit.change(note, {"text": text})
    if changes:
        db.session.flush()
        _record(actor, "meeting_note.changed", note.id, str(meeting.number), meeting.program_id, changes)


def add_action(actor: Actor, meeting: CommitteeMeeting, draft: ActionDraft) -> WorkItem:
    """Agree on an action: a work item with somebody who does it and a day. Raises Conflict, Invalid."""
    access.require(actor, meeting.program_id, Access.CONTRIBUTOR)
    _lock(meeting)
    _require_writable(meeting)
    wrong: dict[str, Any] = {}
    if not clean_line(draft.title):
        wrong["title"] = _l("Write what is to be done.")
    if draft.owner_id is None:
        wrong["owner"] = _l("Choose who does it: an action without a name is a wish.")
    if draft.due_on is None:
        wrong["due_on"] = _l("Give the day it is to be done by.")
    if wrong:
        raise Invalid(NOT_RIGHT, wrong)
    try:
        asked = ItemDraft(draft.title, kind=Kind.ACTION, owner_id=draft.owner_id, due_on=draft.due_on)
        item = add_item(actor, meeting.program_id, asked)
    except Invalid as error:
        names = {"owner_id": "owner"}
        raise Invalid(error.sentence, {names.get(name, name): why for name, why in error.fields.items()}) from None
    keys = {one["key"] for one in meeting.agenda.get("points", ())}
    point = draft.point if draft.point in keys else ""
    db.session.add(MeetingAction(meeting_id=meeting.id, item_id=item.id, point=point))
    db.session.flush()
    return item


def ask_now(actor: Actor, meeting: CommitteeMeeting, title: str, options: Sequence[str]) -> DecisionRequest:
    """Put a matter that came up to the committee there and then: members vote as on any request. For managers.

    It takes the quorum in the room: what nobody could prepare for is not decided by a few.
    Raises Conflict, Invalid naming 'title' or 'options'.
    """
    access.require(actor, meeting.program_id, Access.MANAGER)
    program = _lock(meeting)
    _require_writable(meeting)
    today = today_in(program.timezone)
    quorum = quorum_now(meeting, seats_of(program.id, today), plan_of(program.id).quorum)
    if not quorum.is_met:
        raise Invalid(
            _l(
                "%(present)s of the %(needed)s seats that are needed are here. Note first who is.",
                present=quorum.present,
                needed=quorum.needed,
            )
        )
    chosen = [clean_line(one) for one in options if clean_line(one)]
    if len(chosen) < 2:
        raise Invalid(NOT_RIGHT, {"options": _l("Write two options at least, each on a line of its own.")})
    draft = RequestDraft(title, decide_by=today, options=[OptionDraft(one) for one in chosen])
    try:
        request = decision_requests.write_request(actor, program.id, draft)
    except Invalid as error:
        fields = {name if name == "title" else "options": why for name, why in error.fields.items()}
        raise Invalid(error.sentence, fields) from None
    seen: Any = request.revision
    decision_requests.put_to_committee(actor, request, seen=seen)
    db.session.add(MeetingDecision(meeting_id=meeting.id, request_id=request.id))
    db.session.flush()
    return request


def opened(program: Program) -> OpenProgram:
    """The program as reading verbs take it."""
    row: Any = program
    return OpenProgram(
        *(row.id, row.key, row.name, row.purpose, row.locale, row.timezone, row.country),
        *(row.starts_on, row.closed_on, row.playbook_key, row.revision),
    )


def _lock(meeting: CommitteeMeeting) -> Program:
    """Hold the program, then look at the meeting as it is now: what is written and the closing follow one another."""
    program = lock_program(meeting.program_id)
    db.session.refresh(meeting)
    return program


def _require(meeting: CommitteeMeeting, state: MeetingState, sentence: Any) -> None:
    if meeting.state != state:
        raise Conflict(sentence)


def _require_writable(meeting: CommitteeMeeting) -> None:
    if meeting.state == MeetingState.CLOSED:
        raise Conflict(FROZEN)
    _require(meeting, MeetingState.HELD, NOT_BEGUN)


def _record(actor: Actor, verb: str, object_id: int, name: str, program_id: int, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=object_id, name=name, program_id=program_id, changes=changes)


def _record_meeting(actor: Actor, verb: str, meeting: CommitteeMeeting, changes: audit.Changes) -> None:
    _record(actor, verb, meeting.id, str(meeting.number), meeting.program_id, changes)
