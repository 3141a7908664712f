"""Meetings of the committee in people's calendars: in the feeds they read, and as files with messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Date, and_, bindparam, or_, select

from program.change import calendar_entries
from program.change.calendar_entries import AHEAD, BEHIND, Addresses, FeedProgram
from program.change.calendar_feeds import OpenFeed
from program.ground.actor import Access
from program.ground.calendar_file import Entry, calendar_file
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.now import today_in, utc_now
from program.outbox.kinds import File
from program.people.models import Membership
from program.planning.models import Program
from program.planning.opening import OpenProgram
from program.steering.models import CommitteeMeeting, CommitteeMember


def init_app() -> None:
    """Add them to the feeds."""
    calendar_entries.add_source(entries)


def entries(feed: OpenFeed, programs: Sequence[FeedProgram], at: Addresses) -> list[Entry]:
    """The meetings of the feed's programs: one's own where one has a seat or stands in for it. One statement."""
    readable = {one.id: one for one in programs if one.access >= Access.VIEWER or feed.program_id is not None}
    now = utc_now()
    values = {
        "programs": list(readable),
        "person": feed.person_id,
        "since": now - BEHIND,
        "until": now + AHEAD,
        "today": today_in(feed.timezone),
    }
    rows = read(_meetings(feed.program_id is None), values).all()
    return [_entry(row, readable[row.program_id], at) for row in rows]


def file_of(meeting: CommitteeMeeting, program: OpenProgram) -> bytes:
    """One meeting as a calendar file."""
    return calendar_file(program.name, [_entry(meeting, program, addresses())])


def files_of(data: Mapping[str, Any]) -> tuple[File, ...]:
    """The meetings of a message (`data_of`, under 'entries') as one calendar file; none in messages of before."""
    told = data.get("entries", ())
    if not told:
        return ()
    entries = [_entry(_read(one), _read(one["program"]), addresses()) for one in told]
    return (File("milepost.ics", "text/calendar", calendar_file(data["program"], entries)),)


def data_of(meeting: CommitteeMeeting, program: Program) -> dict[str, Any]:
    """A meeting as a message keeps it for its calendar file: as it is now, not as it will be when the message goes."""
    return {
        **{name: getattr(meeting, name) for name in ("id", "number", "duration_minutes", "place", "link")},
        **{name: getattr(meeting, name) for name in ("state", "sequence")},
        **{name: getattr(meeting, name).isoformat() for name in ("meets_at", "dated_at")},
        "program": {name: getattr(program, name) for name in ("key", "name", "timezone")},
    }


def addresses() -> Addresses:
    """How entries lead back here."""
    base = current_app.config["MILEPOST"].base_url.rstrip("/")
    return Addresses(base, urlsplit(base).hostname or "milepost")


def _read(told: Mapping[str, Any]) -> SimpleNamespace:
    moments = {name: datetime.fromisoformat(told[name]) for name in ("meets_at", "dated_at") if name in told}
    return SimpleNamespace(**{**told, **moments})


def _entry(meeting: Any, program: Any, at: Addresses) -> Entry:
    page = at.page(f"/p/{program.key}/committee/meetings/{meeting.number}")
    # Calendars belong to other companies: the address of the agenda, and none of its points.
    text = "\n\n".join(part for part in (meeting.link, page) if part)
    return Entry(
        uid=at.uid(f"committee-meeting-{meeting.id}"),
        title=_("Steering committee: %(program)s", program=program.name),
        starts=meeting.meets_at,
        ends=meeting.meets_at + timedelta(minutes=meeting.duration_minutes),
        stamp=meeting.dated_at,
        timezone=program.timezone,
        place=meeting.place or meeting.link,
        text=text,
        url=page,
        cancelled=meeting.state == "cancelled",
        sequence=meeting.sequence,
    )


@cache
def _meetings(own: bool) -> Any:
    meeting = CommitteeMeeting
    query = select(
        *(meeting.id, meeting.program_id, meeting.number, meeting.meets_at, meeting.duration_minutes),
        *(meeting.place, meeting.link, meeting.state, meeting.sequence, meeting.dated_at),
    ).where(
        meeting.program_id.in_(bindparam("programs", expanding=True)),
        meeting.meets_at.between(
            bindparam("since", type_=UtcDateTime()),
            bindparam("until", type_=UtcDateTime()),
        ),
    )
    if own:
        person: Any = bindparam("person")
        seat, today = CommitteeMember, bindparam("today", type_=Date())
        held = select(seat.program_id).where(
            or_(seat.person_id == person, seat.deputy_id == person),
            and_(seat.since <= today, or_(seat.until.is_(None), seat.until > today)),
        )
        # Who lost access to the program no longer comes.
        member = select(Membership.program_id).where(Membership.person_id == person)
        query = query.where(meeting.program_id.in_(held), meeting.program_id.in_(member))
    return query.order_by(meeting.id)
