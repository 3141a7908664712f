"""The minutes of a meeting: put to the chair, approved, and then frozen and chained by hash like decisions.

`hash = sha256(previous hash, line feed, record)`, one chain for each program. Each hash stands in the audit trail too,
so that a chain that was cut short shows. `milepost doctor` verifies every chain.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid
from program.ground.now import today_in, utc_now
from program.people import access
from program.people.models import Person
from program.planning.gate_evidence import GENESIS, Broken, canonical, digest
from program.steering import meeting_telling
from program.steering.meeting_acts import FROZEN, NOT_BEGUN, quorum_now
from program.steering.meeting_calendar import CHANGED_MEANWHILE
from program.steering.minutes_lists import actions_of, decisions_of, notes_of
from program.steering.models import CommitteeMeeting, MeetingMinutes, MeetingState
from program.steering.risks import lock_program
from program.steering.seats import Seated, plan_of, seats_of

FORMAT = 1


def submit(actor: Actor, meeting: CommitteeMeeting, *, seen: int) -> None:
    """Ask the chair to approve the minutes; they are told, once. For managers. Raises Conflict, Invalid."""
    access.require(actor, meeting.program_id, Access.MANAGER)
    program = lock_program(meeting.program_id)
    audit.check_revision(meeting, seen, CHANGED_MEANWHILE, "committee_meeting")
    _require_held(meeting)
    if not meeting.attendance:
        raise Invalid(_l("Note first who was there."))
    if meeting.submitted_at is not None:
        raise Conflict(_l("The chair has been asked already."))
    changes = audit.change(meeting, {"submitted_at": utc_now()})
    db.session.flush()
    _record(actor, "minutes.submitted", meeting, changes)
    seats = seats_of(program.id, today_in(program.timezone))
    chairs = {one for seat in seats if seat.is_chair for one in (seat.person_id, seat.deputy_id) if one}
    meeting_telling.tell_to_approve(actor, program, meeting, chairs)


def may_approve(actor: Actor, program_id: int, seats: Sequence[Seated]) -> bool:
    """The chair or the chair's deputy; managers where nobody holds the chair."""
    chairs = [seat for seat in seats if seat.is_chair]
    if chairs:
        return any(seat.votes_as(actor.person_id) for seat in chairs)
    level = access.access_of(actor, program_id)
    return level is not None and level >= Access.MANAGER


def approve(actor: Actor, meeting: CommitteeMeeting, *, look: str) -> MeetingMinutes:
    """Approve the minutes as they were seen (`look`, the fingerprint of `look_of`): they are frozen and members told.

    Raises Forbidden, Conflict when somebody wrote since.
    """
    access.require(actor, meeting.program_id, Access.VIEWER)
    program = lock_program(meeting.program_id)
    db.session.refresh(meeting)
    seats = seats_of(program.id, today_in(program.timezone))
    if not may_approve(actor, program.id, seats):
        raise Forbidden(_l("The chair of the committee approves the minutes."))
    _require_held(meeting)
    if meeting.submitted_at is None:
        raise Conflict(_l("These minutes are still being written."))
    content = content_of(program, meeting, seats)
    if look != look_of(content):
        raise Conflict(_l("Somebody wrote in the minutes since you looked. Read them as they are now."))
    sequence, previous_hash = _last_link(program.id)
    now = utc_now()
    approver = db.session.get(Person, actor.person_id) if actor.person_id else None
    record = {
        "format": FORMAT,
        "sequence": sequence + 1,
        "approved_at": now.isoformat(),
        "approved_by": {"id": approver.id, "name": approver.name} if approver else None,
        "origin": actor.origin.value,
        **content,
    }
    text = canonical(record)
    kept = MeetingMinutes(
        program_id=program.id,
        meeting_id=meeting.id,
        sequence=sequence + 1,
        approved_at=now,
        approved_by_id=actor.person_id,
        record=text,
        previous_hash=previous_hash,
        hash=digest(previous_hash, text),
    )
    db.session.add(kept)
    closed = {"state": MeetingState.CLOSED.value, "closed_at": now, "closed_by_id": actor.person_id}
    changes = audit.change(meeting, closed)
    db.session.flush()
    _record(
        actor,
        "minutes.approved",
        meeting,
        {**changes, "sequence": [None, kept.sequence], "hash": [None, kept.hash]},
    )
    meeting_telling.tell_minutes(actor, program, meeting)
    return kept


def look_of(content: dict[str, Any]) -> str:
    """A fingerprint of the minutes as they stand: another one means that somebody wrote since."""
    return digest(GENESIS, canonical(content))[:16]


def kept_of(meeting_id: int) -> MeetingMinutes | None:
    """The approved minutes of a meeting; None before."""
    return db.session.scalars(select(MeetingMinutes).where(MeetingMinutes.meeting_id == meeting_id)).one_or_none()


def content_of(program: Any, meeting: CommitteeMeeting, seats: Sequence[Seated]) -> dict[str, Any]:
    """The minutes as data: what is approved, and what the page draws. Four statements."""
    quorum = quorum_now(meeting, seats, plan_of(program.id).quorum)
    return {
        "program": {"id": program.id, "key": program.key, "name": program.name},
        "meeting": {
            "id": meeting.id,
            "number": meeting.number,
            **{name: audit.in_json(getattr(meeting, name)) for name in ("meets_at", "held_at", "place", "link")},
        },
        "attendance": [
            {
                "seat": seat.id,
                "member": seat.name,
                "deputy": seat.deputy,
                "role": seat.role,
                "was": meeting.attendance.get(str(seat.id), "absent"),
            }
            for seat in seats
        ],
        "quorum": {"present": quorum.present, "needed": quorum.needed},
        "agenda": meeting.agenda,
        "notes": {note.point: note.text for note in notes_of(meeting.id) if note.text},
        "decisions": [
            {
                "number": one.number,
                "title": one.title,
                "state": one.state,
                "option": one.option,
                "reason": one.reason,
                "hash": one.hash,
            }
            for one in decisions_of(meeting)
        ],
        "actions": [
            {
                "number": one.number,
                "title": one.title,
                "owner": one.owner,
                "due_on": audit.in_json(one.due_on),
                "point": one.point,
            }
            for one in actions_of(meeting.id)
        ],
    }


def _require_held(meeting: CommitteeMeeting) -> None:
    if meeting.state == MeetingState.CLOSED:
        raise Conflict(FROZEN)
    if meeting.state != MeetingState.HELD:
        raise Conflict(NOT_BEGUN)


def _last_link(program_id: int) -> tuple[int, str]:
    row = db.session.execute(
        select(MeetingMinutes.sequence, MeetingMinutes.hash)
        .where(MeetingMinutes.program_id == program_id)
        .order_by(MeetingMinutes.sequence.desc())
        .limit(1)
    ).first()
    return (row.sequence, row.hash) if row else (0, GENESIS)


def verify(program_id: int) -> list[Broken]:
    """Every link of the program's chain of minutes that does not hold, in two statements; empty when all is well."""
    rows = db.session.scalars(
        select(MeetingMinutes).where(MeetingMinutes.program_id == program_id).order_by(MeetingMinutes.sequence)
    ).all()
    broken, previous_hash = [], GENESIS
    for expected, row in enumerate(rows, 1):
        if row.sequence != expected:
            broken.append(Broken(expected, _("Minutes are missing here.")))
            break
        if row.previous_hash != previous_hash:
            broken.append(Broken(row.sequence, _("They do not follow on the minutes before them.")))
        if row.hash != digest(row.previous_hash, row.record):
            broken.append(Broken(row.sequence, _("Their record or hash was changed after they were approved.")))
        elif not _agrees(row):
            broken.append(Broken(row.sequence, _("Their columns say something else than the record.")))
        previous_hash = row.hash
    hashes = {row.sequence: row.hash for row in rows}
    trail = select(AuditEntry.changes).where(AuditEntry.program_id == program_id, AuditEntry.verb == "minutes.approved")
    for changes in db.session.scalars(trail.order_by(AuditEntry.id)):
        sequence, told = changes["sequence"][1], changes["hash"][1]
        if hashes.get(sequence) != told:
            broken.append(Broken(sequence, _("The history tells of other minutes than the record.")))
    return broken


def _agrees(row: MeetingMinutes) -> bool:
    try:
        record = json.loads(row.record)
        said = (record["program"]["id"], record["meeting"]["id"], record["sequence"], record["approved_at"])
    except (ValueError, KeyError, TypeError):
        return False
    return bool(said == (row.program_id, row.meeting_id, row.sequence, row.approved_at.isoformat()))


def _record(actor: Actor, verb: str, meeting: CommitteeMeeting, changes: audit.Changes) -> None:
    name = str(meeting.number)
    audit.record(actor, verb, object_id=meeting.id, name=name, program_id=meeting.program_id, changes=changes)
