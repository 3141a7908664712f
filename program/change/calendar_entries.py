"""What stands in somebody's calendar: rituals, trainings, gates, milestones, and what they have to do by a day.

One's own calendar holds the rituals one organises or comes to, the trainings one is invited to or gives, gates and
milestones of the programs one manages, and one's own open items by their due day. A program's calendar holds its
rituals, trainings, gates and milestones. Rooms above add what is theirs. All is read with the owner's access of this
moment, in a constant number of statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Date, Integer, and_, bindparam, false, or_, select

from program.change.calendar_feeds import OpenFeed
from program.change.models import GroupMember, Ritual, RitualMeeting, RitualPerson, TrainingSeat, TrainingSession
from program.change.models.rituals import Rhythm
from program.change.models.training import SeatState, SessionState
from program.change.ritual_dates import Meeting, PhaseEnd, meetings, phase_ends
from program.change.ritual_reading import meeting_columns, ritual_columns
from program.ground.actor import Access
from program.ground.calendar import WorkingCalendar
from program.ground.calendar_file import Entry
from program.ground.database import read
from program.ground.now import today_in
from program.ground.records import record
from program.people.models import Membership
from program.planning.health import GateDate
from program.planning.models import Program, WorkItem
from program.planning.models.items import OPEN_STATUSES, Kind
from program.planning.standing import gates_of, standings

BEHIND, AHEAD = timedelta(days=30), timedelta(days=366)


@record
class FeedProgram:
    """A program as a calendar needs it; `access` is the owner's of this moment, 0 for the front line."""

    id: int
    key: str
    name: str
    timezone: str
    country: str
    locale: str
    created_at: datetime
    access: int

    @property
    def manages(self) -> bool:
        """True when the owner manages it."""
        return self.access >= Access.MANAGER


@record
class Addresses:
    """How an entry leads back here: whole addresses, and the host that makes entries' names unique in the world."""

    base: str
    host: str

    def uid(self, what: str) -> str:
        """The name of an entry, for ever."""
        return f"{what}@{self.host}"

    def page(self, path: str) -> str:
        """The whole address of a path."""
        return self.base + path


Source = Callable[[OpenFeed, Sequence[FeedProgram], Addresses], Sequence[Entry]]
_SOURCES: list[Source] = []


def add_source(source: Source) -> None:
    """Let a room above add its dates, for one statement. Adding a source twice is adding it once."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def name_of(feed: OpenFeed, programs: Sequence[FeedProgram]) -> str:
    """What calendar programs call the feed."""
    return programs[0].name if feed.program_id is not None and programs else "Milepost"


def programs_of(feed: OpenFeed) -> list[FeedProgram]:
    """The programs the feed reads from: the owner's open ones, or that one. One statement."""
    query = _one_program() if feed.program_id is not None else _my_programs()
    rows = read(query, {"person": feed.person_id, "program": feed.program_id})
    manager = Access.MANAGER.value if feed.is_admin and feed.program_id is not None else 0
    return [
        FeedProgram(
            row.id,
            row.key,
            row.name,
            row.timezone,
            row.country,
            row.locale,
            row.created_at,
            max(row.access or 0, manager),
        )
        for row in rows
    ]


def entries(feed: OpenFeed, programs: Sequence[FeedProgram], at: Addresses) -> list[Entry]:
    """Everything in the feed. Eight statements at most, whatever there is, and one for each source."""
    if not programs:
        return []
    by_id = {program.id: program for program in programs}
    today = today_in(feed.timezone)
    first, last = today - BEHIND, today + AHEAD
    asked = {"programs": list(by_id), "person": feed.person_id}
    rituals = read(_rituals(feed.program_id is None), asked).all()
    known = read(_known(), {"rituals": [ritual.id for ritual in rituals]}).all()
    ends: dict[int, list[PhaseEnd]] = {}
    following = {ritual.program_id for ritual in rituals if ritual.rhythm == Rhythm.AFTER_PHASE}
    # The forecast is the dear part, and only what follows a phase asks for it.
    for one in standings([by_id[number] for number in sorted(following)], today, feed.timezone).values():
        ends[one.program.id] = phase_ends(one.dates.phases, today)
    found = list(_meetings(rituals, known, by_id, ends, first, last, at, feed.locale))
    begin = datetime.combine(first, time(), UTC)
    trainings = read(_trainings(feed.program_id is None), {**asked, "since": begin})
    found += [_training(row, by_id[row.program_id], at) for row in trainings]
    shown = [program for program in programs if program.manages or feed.program_id is not None]
    gates = gates_of([program.id for program in shown], today)
    found += [one for program in shown for one in _gates(program, gates.get(program.id, ()), first, last, at)]
    days = {"first": first, "last": last, "shown": [program.id for program in shown]}
    items = read(_items(feed.program_id is None), {**asked, **days})
    found += [_item(row, by_id[row.program_id], at) for row in items]
    for source in _SOURCES:
        found += source(feed, programs, at)
    return found


def _meetings(
    rituals: Sequence[Any],
    known: Sequence[Any],
    programs: dict[int, FeedProgram],
    ends: dict[int, list[PhaseEnd]],
    first: date,
    last: date,
    at: Addresses,
    language: str,
) -> Iterator[Entry]:
    for program in programs.values():
        own = [ritual for ritual in rituals if ritual.program_id == program.id]
        ids = {ritual.id for ritual in own}
        rows = [row for row in known if row.ritual_id in ids]
        calendar = WorkingCalendar(program.country)
        for one in meetings(own, rows, first, last, program.timezone, calendar, ends.get(program.id, ()), language):
            yield _meeting(one, program, at)


def _meeting(one: Meeting, program: FeedProgram, at: Addresses) -> Entry:
    ritual = one.ritual
    name = f"phase-{one.phase_id}" if one.phase_id is not None else one.planned_on.isoformat()
    path = f"/p/{program.key}/change/rituals/{ritual.id}/meetings/{one.planned_on.isoformat()}"
    return Entry(
        uid=at.uid(f"ritual-{ritual.id}-{name}"),
        title=f"{ritual.title}: {one.phase_name}" if one.phase_name else ritual.title,
        starts=one.starts_at,
        ends=one.ends_at,
        timezone=program.timezone,
        place=ritual.place,
        # The agenda and not the notes: these are the team's, and calendars belong to other companies.
        text=_text(program.name, ritual.agenda),
        url=at.page(path if one.phase_id is None else f"{path}?phase={one.phase_id}"),
        cancelled=one.is_cancelled,
        sequence=ritual.revision + one.revision,
        stamp=one.noted_at or ritual.created_at,
    )


def _training(row: Any, program: FeedProgram, at: Addresses) -> Entry:
    return Entry(
        uid=at.uid(f"training-{row.id}"),
        title=_("Training: %(title)s", title=row.title),
        starts=row.starts_at,
        ends=row.ends_at,
        timezone=program.timezone,
        place=row.place,
        text=_text(program.name, row.note),
        url=at.page(f"/p/{program.key}/for-you"),
        cancelled=row.state == SessionState.CANCELLED,
        # Invited, or waiting for a seat; who gives the training has no seat.
        tentative=row.seat not in (None, SeatState.ACCEPTED, SeatState.ATTENDED, SeatState.MISSED),
        sequence=row.revision,
        stamp=row.created_at,
    )


def _gates(program: FeedProgram, gates: Sequence[GateDate], first: date, last: date, at: Addresses) -> Iterator[Entry]:
    for gate in gates:
        if first <= gate.planned_on <= last:
            yield Entry(
                uid=at.uid(f"gate-{gate.id}"),
                title=_("Gate: %(name)s", name=gate.name),
                starts=gate.planned_on,
                ends=gate.planned_on,
                text=program.name,
                url=at.page(f"/p/{program.key}/gates/{gate.id}"),
                stamp=program.created_at,
            )


def _item(row: Any, program: FeedProgram, at: Addresses) -> Entry:
    is_milestone = row.kind == Kind.MILESTONE
    title = _("Milestone: %(title)s", title=row.title) if is_milestone else _("Due: %(title)s", title=row.title)
    return Entry(
        uid=at.uid(f"item-{row.id}"),
        title=title,
        starts=row.due_on,
        ends=row.due_on,
        text=program.name,
        url=at.page(f"/p/{program.key}/items/{row.number}"),
        sequence=row.revision,
        stamp=row.updated_at,
    )


def _text(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _program_columns() -> tuple[Any, ...]:
    return (
        *(Program.id, Program.key, Program.name, Program.timezone, Program.country, Program.locale),
        *(Program.created_at, Membership.access.label("access")),
    )


@cache
def _one_program() -> Any:
    return (
        select(*_program_columns())
        .outerjoin(
            Membership,
            and_(Membership.program_id == Program.id, Membership.person_id == bindparam("person", type_=Integer)),
        )
        .where(Program.id == bindparam("program"))
    )


@cache
def _my_programs() -> Any:
    person = bindparam("person", type_=Integer)
    in_a_group = (
        select(GroupMember.program_id).where(GroupMember.person_id == person, GroupMember.program_id == Program.id)
    ).exists()
    return (
        select(*_program_columns())
        .outerjoin(Membership, and_(Membership.program_id == Program.id, Membership.person_id == person))
        .where(Program.closed_on.is_(None), or_(Membership.id.is_not(None), in_a_group))
        .order_by(Program.id)
    )


@cache
def _rituals(own: bool) -> Any:
    query = select(*ritual_columns()).where(_in_programs(Ritual.program_id))
    if own:
        person = bindparam("person", type_=Integer)
        comes = select(RitualPerson.ritual_id).where(RitualPerson.person_id == person)
        member = select(Membership.program_id).where(Membership.person_id == person)
        # Rituals are of the program: who lost access to it no longer comes.
        query = query.where(Ritual.program_id.in_(member), or_(Ritual.organiser_id == person, Ritual.id.in_(comes)))
    return query.order_by(Ritual.id)


@cache
def _known() -> Any:
    return select(*meeting_columns()).where(RitualMeeting.ritual_id.in_(bindparam("rituals", expanding=True)))


@cache
def _trainings(own: bool) -> Any:
    person = bindparam("person", type_=Integer)
    seat = and_(TrainingSeat.session_id == TrainingSession.id, TrainingSeat.person_id == person)
    columns = (
        *(TrainingSession.id, TrainingSession.program_id, TrainingSession.title, TrainingSession.starts_at),
        *(TrainingSession.ends_at, TrainingSession.place, TrainingSession.state, TrainingSession.note),
        *(TrainingSession.created_at, TrainingSession.revision, TrainingSeat.state.label("seat")),
    )
    query = (
        select(*columns)
        .outerjoin(TrainingSeat, seat)
        .where(
            _in_programs(TrainingSession.program_id),
            TrainingSession.starts_at > bindparam("since", type_=TrainingSession.starts_at.type),
        )
    )
    if own:
        coming = TrainingSeat.state.in_([state.value for state in SeatState if state is not SeatState.DECLINED])
        query = query.where(or_(coming, TrainingSession.trainer_id == person))
    return query.order_by(TrainingSession.id)


@cache
def _items(own: bool) -> Any:
    person = bindparam("person", type_=Integer)
    milestone = and_(WorkItem.kind == Kind.MILESTONE.value, WorkItem.program_id.in_(bindparam("shown", expanding=True)))
    due = and_(
        WorkItem.owner_id == person,
        WorkItem.status.in_([status.value for status in OPEN_STATUSES]),
        WorkItem.program_id.in_(select(Membership.program_id).where(Membership.person_id == person)),
    )
    return (
        select(
            *(WorkItem.id, WorkItem.program_id, WorkItem.number, WorkItem.title, WorkItem.kind, WorkItem.due_on),
            *(WorkItem.updated_at, WorkItem.revision),
        )
        .where(
            _in_programs(WorkItem.program_id),
            WorkItem.due_on.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
            WorkItem.status != "dropped",
            or_(milestone, due if own else false()),
        )
        .order_by(WorkItem.id)
    )


def _in_programs(column: Any) -> Any:
    return column.in_(bindparam("programs", expanding=True))
