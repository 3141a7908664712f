"""Reading rituals for pages: all of a program with their next meetings, one with its people and its past notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, and_, bindparam, func, or_, select

from program.change.models import Ritual, RitualMeeting, RitualPerson
from program.change.models.rituals import MeetingState, Rhythm
from program.change.ritual_dates import Meeting, PhaseEnd, meetings, phase_ends
from program.ground import formats
from program.ground.database import read
from program.ground.records import record
from program.people.models import Membership, Person
from program.planning.opening import OpenProgram
from program.planning.phase_dates import phase_dates

# How far ahead the next meetings are looked for, and how far back those that nobody has noted.
AHEAD, BEHIND, SOON = timedelta(days=370), timedelta(days=42), timedelta(days=28)
PAST = 100


@record
class RitualLine:
    """A ritual in the list: its row, how many come beside the organiser, and its next meeting."""

    ritual: Any
    guests: int
    next: Meeting | None


@record
class RitualPage:
    """One ritual: who comes (rows with id, name), its meetings to come, those to be noted, and what was held."""

    ritual: Any
    people: Sequence[Any]
    coming: Sequence[Meeting]
    to_note: Sequence[Meeting]
    past: Sequence[Any]


def around_of(program: OpenProgram, rituals: Iterable[Any]) -> dict[str, Any]:
    """What `ritual_dates` needs of a program beside the rituals: two statements where one follows phases, else none."""
    ends: list[PhaseEnd] = []
    if any(ritual.rhythm == Rhythm.AFTER_PHASE for ritual in rituals):
        today = formats.today()
        ends = phase_ends(phase_dates(program, today).phases, today)
    return {
        "timezone": program.timezone,
        "calendar": program.calendar,
        "phases": ends,
        "language": formats.current_locale(),
    }


def all_rituals(program: OpenProgram, now: datetime) -> tuple[list[RitualLine], list[Meeting]]:
    """The rituals by their next meeting, and the meetings of the next four weeks. Two statements, or four."""
    today = formats.today()
    rows = read(_rituals(), {"program": program.id}).all()
    known = read(_known(), {"rituals": [row.id for row in rows], "since": today - BEHIND}).all() if rows else []
    coming = [
        one
        for one in meetings(rows, known, today, today + AHEAD, **around_of(program, rows))
        if one.ends_at > now and one.state != MeetingState.HELD
    ]
    nexts: dict[int, Meeting] = {}
    for one in coming:
        if not one.is_cancelled:
            nexts.setdefault(one.ritual.id, one)
    lines = [RitualLine(row, row.guests, nexts.get(row.id)) for row in rows]
    lines.sort(key=lambda line: (line.next is None, line.next.starts_at if line.next else None, line.ritual.id))
    return lines, [one for one in coming if one.day <= today + SOON]


def ritual_page(program: OpenProgram, ritual: Any, now: datetime) -> RitualPage:
    """Everything on the page of one ritual. Three statements, or five."""
    today = formats.today()
    known = read(_known(), {"rituals": [ritual.id], "since": date.min}).all()
    around = around_of(program, [ritual])
    found = meetings([ritual], known, today - BEHIND, today + AHEAD, **around)
    return RitualPage(
        ritual=ritual,
        people=read(_people(), {"ritual": ritual.id}).all(),
        coming=[one for one in found if one.ends_at > now and one.state != MeetingState.HELD][:12],
        to_note=[one for one in reversed(found) if one.ends_at <= now and one.state in ("", MeetingState.MOVED)],
        past=read(_past(), {"ritual": ritual.id}).all(),
    )


@cache
def _rituals() -> Any:
    guests = (
        select(func.count()).select_from(RitualPerson).where(RitualPerson.ritual_id == Ritual.id).correlate(Ritual)
    ).scalar_subquery()
    return (
        select(*ritual_columns(), guests.label("guests"), Person.name.label("organiser"))
        .outerjoin(Person, Person.id == Ritual.organiser_id)
        .where(Ritual.program_id == bindparam("program"))
        .order_by(Ritual.id)
    )


def ritual_columns() -> tuple[Any, ...]:
    """The columns of a ritual that its dates and its lines need."""
    return (
        *(Ritual.id, Ritual.program_id, Ritual.kind, Ritual.title, Ritual.rhythm, Ritual.every, Ritual.first_on),
        *(Ritual.last_on, Ritual.starts_at_minute, Ritual.minutes, Ritual.place, Ritual.agenda),
        *(Ritual.organiser_id, Ritual.created_at, Ritual.revision),
    )


def meeting_columns() -> tuple[Any, ...]:
    """The columns of what is known of single meetings."""
    return (
        *(RitualMeeting.ritual_id, RitualMeeting.planned_on, RitualMeeting.phase_id, RitualMeeting.state),
        *(RitualMeeting.moved_to, RitualMeeting.notes, RitualMeeting.revision, RitualMeeting.noted_at),
    )


@cache
def _known() -> Any:
    since = bindparam("since", type_=Date)
    return select(*meeting_columns()).where(
        RitualMeeting.ritual_id.in_(bindparam("rituals", expanding=True)),
        # What follows a phase keeps the day it was first expected on, however long ago.
        or_(RitualMeeting.planned_on >= since, RitualMeeting.moved_to >= since, RitualMeeting.phase_id.is_not(None)),
    )


@cache
def _people() -> Any:
    return (
        select(Person.id, Person.name, Membership.id.is_(None).label("has_left"))
        .join(RitualPerson, RitualPerson.person_id == Person.id)
        .join(Ritual, Ritual.id == RitualPerson.ritual_id)
        .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.program_id == Ritual.program_id))
        .where(RitualPerson.ritual_id == bindparam("ritual"))
        .order_by(Person.name_folded, Person.id)
    )


@cache
def _past() -> Any:
    day = func.coalesce(RitualMeeting.moved_to, RitualMeeting.planned_on)
    return (
        select(
            *(RitualMeeting.planned_on, RitualMeeting.phase_id, day.label("day"), RitualMeeting.state),
            *(RitualMeeting.notes, RitualMeeting.revision, Person.name.label("noted_by")),
        )
        .outerjoin(Person, Person.id == RitualMeeting.noted_by_id)
        .where(RitualMeeting.ritual_id == bindparam("ritual"), RitualMeeting.state == MeetingState.HELD.value)
        .order_by(day.desc())
        .limit(PAST)
    )
