"""What members of the committee are told of their meetings, each thing once and in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from program.ground import formats
from program.ground.actor import Actor
from program.ground.now import today_in
from program.outbox import messages
from program.outbox.kinds import MessageKind, Pace, Words, register
from program.planning.models import Program
from program.steering.agenda_points import Point
from program.steering.agenda_words import point_title
from program.steering.meeting_entries import data_of, files_of
from program.steering.models import CommitteeMeeting, SteeringPlan
from program.steering.seats import seats_of

# So many dates of a calendar, and points of an agenda, are told in a message; the page has them all.
MOST_TOLD = 12


def _when(data: Mapping[str, Any]) -> str:
    when = formats.dated_moment(datetime.fromisoformat(data["meets_at"]))
    return ", ".join(part for part in (when, data.get("place", ""), data.get("link", "")) if part)


def _planned(data: Mapping[str, Any]) -> Words:
    subject = _("The steering committee of %(program)s meets", program=data["program"])
    return Words(subject, _when(data), _("See the meeting"))


def _changed(data: Mapping[str, Any]) -> Words:
    subject = _("A meeting of the steering committee of %(program)s has changed", program=data["program"])
    return Words(subject, _("It is now: %(when)s", when=_when(data)), _("See the meeting"))


def _cancelled(data: Mapping[str, Any]) -> Words:
    subject = _("A meeting of the steering committee of %(program)s is cancelled", program=data["program"])
    return Words(subject, f"{_when(data)}\n{data['why']}".strip(), _("See the meetings"))


def _calendar(data: Mapping[str, Any]) -> Words:
    subject = _("When the steering committee of %(program)s meets", program=data["program"])
    dates = [formats.dated_moment(datetime.fromisoformat(one)) for one in data["dates"]]
    text = "\n".join(f"\N{BULLET} {one}" for one in dates) or _("No meeting is planned.")
    return Words(subject, text, _("See the meetings"))


def _agenda(data: Mapping[str, Any]) -> Words:
    subject = _("Agenda of the steering committee of %(program)s", program=data["program"])
    points = [f"{place}. {point_title(kind, title)}" for place, (kind, title) in enumerate(data["points"], 1)]
    return Words(subject, "\n".join([_when(data), "", *points]), _("Read the agenda"))


def _approve(data: Mapping[str, Any]) -> Words:
    subject = _("Minutes of the steering committee of %(program)s wait for your approval", program=data["program"])
    return Words(subject, _when(data), _("Read and approve"))


def _minutes(data: Mapping[str, Any]) -> Words:
    subject = _("Minutes of the steering committee of %(program)s", program=data["program"])
    return Words(subject, _when(data), _("Read the minutes"))


def _dated(name: str, label: Any, pace: Pace, words: Callable[[Mapping[str, Any]], Words]) -> MessageKind:
    """A kind that brings the dates it tells of as a calendar file."""
    return register(MessageKind(f"steering.meeting_{name}", label, pace, words, "flag-3", files=files_of))


PLANNED = _dated("planned", _l("A meeting of the committee is called"), Pace.DIRECT, _planned)
CHANGED = _dated("changed", _l("A meeting of the committee is moved"), Pace.DIRECT, _changed)
CANCELLED = _dated("cancelled", _l("A meeting of the committee is cancelled"), Pace.DIRECT, _cancelled)
CALENDAR = _dated("calendar", _l("When the committee meets"), Pace.DIGEST, _calendar)
AGENDA = _dated("agenda", _l("Agenda of the committee"), Pace.DIRECT, _agenda)
APPROVE = register(
    MessageKind("steering.minutes_wait", _l("Minutes wait for my approval"), Pace.DIRECT, _approve, "flag-3")
)
MINUTES = register(MessageKind("steering.minutes_out", _l("Minutes of the committee"), Pace.DIGEST, _minutes, "flag-3"))


def about(meeting_id: int) -> str:
    """What all messages about when and where a meeting is are about."""
    return f"committee_meeting:{meeting_id}"


def members_told(program: Program) -> set[int]:
    """Members and deputies of today."""
    seats = seats_of(program.id, today_in(program.timezone))
    return {seat.person_id for seat in seats} | {seat.deputy_id for seat in seats if seat.deputy_id}


def tell_planned(actor: Actor, program: Program, meeting: CommitteeMeeting) -> None:
    """A single meeting is called."""
    key = f"steering.meeting_planned:{meeting.id}"
    _tell(PLANNED, key, members_told(program) - {actor.person_id or 0}, program, meeting, is_date=True)


def tell_changed(actor: Actor, program: Program, meeting: CommitteeMeeting) -> None:
    """A meeting has another date or place."""
    key = f"steering.meeting_changed:{meeting.id}:{meeting.sequence}"
    _tell(CHANGED, key, members_told(program) - {actor.person_id or 0}, program, meeting, is_date=True)


def tell_cancelled(actor: Actor, program: Program, meeting: CommitteeMeeting) -> None:
    """A meeting does not take place; what was told of it before and not read yet is taken back."""
    messages.withdraw(about(meeting.id))
    key = f"steering.meeting_cancelled:{meeting.id}"
    people = members_told(program) - {actor.person_id or 0}
    _tell(CANCELLED, key, people, program, meeting, {"why": meeting.cancelled_why}, lasts=True)


def tell_calendar(actor: Actor, program: Program, plan: SteeringPlan, meetings: Sequence[CommitteeMeeting]) -> None:
    """The cadence is another: all coming dates in one message."""
    dates = [one.meets_at.isoformat() for one in meetings[:MOST_TOLD]]
    messages.tell(
        members_told(program) - {actor.person_id or 0},
        CALENDAR,
        {"program": program.name, "dates": dates, "entries": [data_of(one, program) for one in meetings[:MOST_TOLD]]},
        key=f"steering.meeting_calendar:{program.id}:{plan.revision}",
        path=f"/p/{program.key}/committee/meetings",
        program_id=program.id,
        about=f"steering_plan:{program.id}",
    )


def tell_agenda(program: Program, meeting: CommitteeMeeting, points: Sequence[Point]) -> None:
    """The agenda goes out, once."""
    told = [[point.kind, point.title] for point in points[:MOST_TOLD]]
    key = f"steering.meeting_agenda:{meeting.id}"
    _tell(AGENDA, key, members_told(program), program, meeting, {"points": told})


def tell_to_approve(actor: Actor, program: Program, meeting: CommitteeMeeting, people: Collection[int]) -> None:
    """The chair is asked to approve the minutes; again only after they were taken back."""
    key = f"steering.minutes_wait:{meeting.id}:{meeting.revision}"
    _tell(APPROVE, key, set(people) - {actor.person_id or 0}, program, meeting, lasts=True, at="minutes")


def tell_minutes(actor: Actor, program: Program, meeting: CommitteeMeeting) -> None:
    """The minutes are approved."""
    messages.withdraw(f"committee_minutes:{meeting.id}")
    key = f"steering.minutes_out:{meeting.id}"
    _tell(MINUTES, key, members_told(program) - {actor.person_id or 0}, program, meeting, lasts=True, at="minutes")


def _tell(
    kind: MessageKind,
    key: str,
    people: Collection[int],
    program: Program,
    meeting: CommitteeMeeting,
    more: Mapping[str, Any] | None = None,
    *,
    lasts: bool = False,
    is_date: bool = False,
    at: str = "",
) -> None:
    data = {
        "program": program.name,
        "meeting": meeting.id,
        "meets_at": meeting.meets_at.isoformat(),
        "place": meeting.place,
        "link": meeting.link,
        "entries": [] if at else [data_of(meeting, program)],
        **(more or {}),
    }
    path = f"/p/{program.key}/committee/meetings/{meeting.number}"
    messages.tell(
        people,
        kind,
        data,
        key=key,
        path=f"{path}/{at}" if at else path,
        program_id=program.id,
        about=about(meeting.id) if is_date else f"committee_minutes:{meeting.id}" if at else "",
        # What is about a date is of no use after it.
        expires_at=None if lasts else meeting.meets_at,
    )
