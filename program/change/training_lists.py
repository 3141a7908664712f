"""Reading training sessions: the list of a program, one session with its groups and seats, and both as files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, case, func, select

from program.change.models import GoLive, ImpactedGroup, TrainingGroup, TrainingSeat, TrainingSession
from program.change.models.training import SeatState, SessionState
from program.change.training_coverage import GroupTraining
from program.ground.database import read
from program.ground.now import zone
from program.ground.pages import Pagination
from program.ground.records import record
from program.people.models import Person
from program.planning.spreadsheets_out import Cell

PAGE, SEATS_A_PAGE = 50, 100


@record
class SessionRow:
    """A session as lists show it, with how its seats stand. `heads` are people counted without a name."""

    id: int
    revision: int
    title: str
    audience: str
    channel: str
    go_live_id: int | None
    go_live: str | None
    starts_at: datetime
    ends_at: datetime
    place: str
    trainer: str | None
    capacity: int
    state: str
    note: str
    invited: int
    accepted: int
    waiting: int
    declined: int
    attended: int
    missed: int
    heads: int

    @property
    def is_full(self) -> bool:
        """True when no seat is free."""
        return self.accepted >= self.capacity

    def needs_sheet(self, now: datetime) -> bool:
        """True for a session that is over while nobody wrote down who was there."""
        return self.state == SessionState.PLANNED and self.ends_at <= now


@record
class Counts:
    """How many sessions are ahead, are over without a sheet, were held, were cancelled."""

    ahead: int
    unwritten: int
    held: int
    cancelled: int

    @property
    def total(self) -> int:
        """All sessions of the program."""
        return self.ahead + self.unwritten + self.held + self.cancelled


def counts(program_id: int, now: datetime) -> Counts:
    """How the sessions stand. One statement; permission is the caller's."""
    return Counts(*read(_counts(), {"program": program_id, "now": now}).one())


def sessions(
    program_id: int, now: datetime, *, past: bool = False, channel: str = "", page: int = 1
) -> tuple[list[SessionRow], Pagination]:
    """A page of sessions: those ahead, the next one first, or those gone by, newest first. Two statements.

    A session over whose attendance nobody wrote down stays among those ahead: something is still to do.
    """
    planned = TrainingSession.state == SessionState.PLANNED
    asked: list[Any] = [TrainingSession.program_id == program_id, ~planned if past else planned]
    if channel:
        asked.append(TrainingSession.channel == channel)
    total = read(select(func.count()).select_from(TrainingSession).where(*asked)).scalar() or 0
    order = TrainingSession.starts_at.desc() if past else TrainingSession.starts_at
    query = _columns().where(*asked).order_by(order, TrainingSession.id).limit(PAGE).offset((page - 1) * PAGE)
    return [SessionRow(*row) for row in read(query)], Pagination(page, PAGE, total)


def one_session(session_id: int) -> SessionRow:
    """One session. One statement; permission and existence are the caller's."""
    return SessionRow(*read(_columns().where(TrainingSession.id == session_id)).one())


@record
class SessionGroup:
    """A group that a session is for."""

    id: int
    name: str
    headcount: int
    counted: int


def groups_of(session_id: int) -> list[SessionGroup]:
    """The groups of a session by name. One statement; permission is the caller's."""
    return [SessionGroup(*row) for row in read(_session_groups(), {"session": session_id})]


@record
class Seat:
    """A person's seat."""

    person_id: int
    name: str
    state: str
    answered_at: datetime | None


def seats_of(session_id: int, *states: SeatState, page: int = 1, size: int = SEATS_A_PAGE) -> list[Seat]:
    """A page of a session's seats: who comes first, then who waits (longest first), then the others. One statement."""
    query = _seats().where(TrainingSeat.session_id == session_id)
    if states:
        query = query.where(TrainingSeat.state.in_(states))
    return [Seat(*row) for row in read(query.limit(size).offset((page - 1) * size))]


def session_cells(program_id: int, timezone: str, words: dict[str, str]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Headings and rows of all sessions, for a file. One statement."""
    headings = [
        *(_("Title"), _("Day"), _("Begins"), _("Ends"), _("Place"), _("Trainer"), _("Seats"), _("Comes")),
        *(_("Waiting list"), _("Was there"), _("Missed it"), _("Heads counted"), _("State")),
    ]
    there = zone(timezone)

    def rows() -> Iterator[list[Cell]]:
        query = _columns().where(TrainingSession.program_id == program_id).order_by(TrainingSession.starts_at)
        for row in (SessionRow(*found) for found in read(query)):
            start, end = row.starts_at.astimezone(there), row.ends_at.astimezone(there)
            numbers = (row.capacity, row.accepted, row.waiting, row.attended, row.missed, row.heads)
            yield [
                *(row.title, start.date(), f"{start:%H:%M}", f"{end:%H:%M}", row.place, row.trainer or ""),
                *(str(number) for number in numbers),
                words.get(row.state, row.state),
            ]

    return headings, rows()


def coverage_cells(groups: list[GroupTraining]) -> tuple[list[str], Iterator[list[Cell]]]:
    """Headings and rows of the coverage, for a file."""
    headings = [_("Group"), _("Go-live"), _("People"), _("Trained"), _("Share (percent)"), _("Target (percent)")]

    def rows() -> Iterator[list[Cell]]:
        for group in groups:
            share = "" if group.percent is None else str(group.percent)
            yield [group.name, group.go_live or "", str(group.size), str(group.trained), share, str(group.target)]

    return headings, rows()


@cache
def _columns() -> Any:
    """Seats are counted for each session of the answer alone, along the primary key."""

    def seats(*states: SeatState) -> Any:
        query = select(func.count()).select_from(TrainingSeat).where(TrainingSeat.session_id == TrainingSession.id)
        return query.where(TrainingSeat.state.in_(states)).correlate(TrainingSession).scalar_subquery()

    heads = select(func.coalesce(func.sum(TrainingGroup.counted), 0)).where(
        TrainingGroup.session_id == TrainingSession.id
    )
    return (
        select(
            TrainingSession.id,
            TrainingSession.revision,
            TrainingSession.title,
            TrainingSession.audience,
            TrainingSession.channel,
            TrainingSession.go_live_id,
            GoLive.name,
            TrainingSession.starts_at,
            TrainingSession.ends_at,
            TrainingSession.place,
            Person.name,
            TrainingSession.capacity,
            TrainingSession.state,
            TrainingSession.note,
            seats(SeatState.INVITED),
            seats(SeatState.ACCEPTED),
            seats(SeatState.WAITING),
            seats(SeatState.DECLINED),
            seats(SeatState.ATTENDED),
            seats(SeatState.MISSED),
            heads.correlate(TrainingSession).scalar_subquery(),
        )
        .outerjoin(GoLive, GoLive.id == TrainingSession.go_live_id)
        .outerjoin(Person, Person.id == TrainingSession.trainer_id)
    )


@cache
def _counts() -> Any:
    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    planned = TrainingSession.state == SessionState.PLANNED
    over = TrainingSession.ends_at <= bindparam("now", type_=TrainingSession.ends_at.type)
    return select(
        count(planned & ~over),
        count(planned & over),
        count(TrainingSession.state == SessionState.HELD),
        count(TrainingSession.state == SessionState.CANCELLED),
    ).where(TrainingSession.program_id == bindparam("program"))


@cache
def _session_groups() -> Any:
    return (
        select(ImpactedGroup.id, ImpactedGroup.name, ImpactedGroup.headcount, TrainingGroup.counted)
        .join(TrainingGroup, TrainingGroup.group_id == ImpactedGroup.id)
        .where(TrainingGroup.session_id == bindparam("session"))
        .order_by(ImpactedGroup.name_folded, ImpactedGroup.id)
    )


@cache
def _seats() -> Any:
    order = case(
        (TrainingSeat.state.in_((SeatState.ATTENDED, SeatState.ACCEPTED)), 0),
        (TrainingSeat.state == SeatState.WAITING, 1),
        (TrainingSeat.state == SeatState.MISSED, 2),
        (TrainingSeat.state == SeatState.INVITED, 3),
        else_=4,
    )
    waited = case((TrainingSeat.state == SeatState.WAITING, TrainingSeat.answered_at))
    return (
        select(TrainingSeat.person_id, Person.name, TrainingSeat.state, TrainingSeat.answered_at)
        .join(Person, Person.id == TrainingSeat.person_id)
        .order_by(order, waited, Person.name_folded, Person.id)
    )
