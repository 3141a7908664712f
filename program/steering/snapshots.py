"""Days as they were: all that the progress page showed, kept in every language the product speaks.

A snapshot is taken as each day begins, and when the committee meets; what it holds is the page's own data
(`progress_parts.py`), so a day of the past is drawn by the same template and needs nothing that changed since. Taking
one twice is taking it once: the database allows one a day and kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, exists, select

from program.extensions import db
from program.ground import database, formats
from program.ground.database import read
from program.ground.now import today_in, utc_now, zone
from program.people.session import LOCALES
from program.planning.models import Program
from program.planning.opening import OpenProgram
from program.steering.frozen import from_json, to_json
from program.steering.models import CommitteeMeeting, MeetingState, Snapshot, SnapshotKind
from program.steering.progress import assemble
from program.steering.progress_parts import Progress

VERSION = 1
# A meeting's snapshot is taken while it still shows what the meeting saw.
_MEETING = timedelta(hours=12)
_LISTED = 60


def take(program: OpenProgram, kind: str, meeting_id: int | None = None) -> bool:
    """Keep what the page shows now; False when that day has one of its kind. The caller commits."""
    day = today_in(program.timezone)
    present = select(Snapshot.id).where(Snapshot.program_id == program.id, Snapshot.day == day, Snapshot.kind == kind)
    if db.session.scalar(present) is not None:
        return False
    data: dict[str, Any] = {"version": VERSION}
    for locale in LOCALES:
        with formats.reading_as(locale, program.timezone):
            data[locale] = to_json(assemble(program, day))
    db.session.add(
        Snapshot(program_id=program.id, day=day, kind=kind, meeting_id=meeting_id, data=data, taken_at=utc_now())
    )
    db.session.flush()
    return True


def as_it_was(program_id: int, day: date, locale: str) -> Progress | None:
    """What the page showed on that day, the newest of several; None without a snapshot. One statement.

    Permission is the caller's.
    """
    query = select(Snapshot.data).where(Snapshot.program_id == program_id, Snapshot.day == day)
    kept = db.session.scalar(query.order_by(Snapshot.taken_at.desc(), Snapshot.id.desc()).limit(1))
    if kept is None:
        return None
    return from_json(Progress, kept[locale if locale in kept else LOCALES[0]])


def days_before(program_id: int, day: date) -> Sequence[date]:
    """The days up to that one that have a snapshot, the newest first, up to sixty. One statement."""
    query = select(Snapshot.day).where(Snapshot.program_id == program_id, Snapshot.day <= day)
    return [row.day for row in read(query.group_by(Snapshot.day).order_by(Snapshot.day.desc()).limit(_LISTED))]


def take_due() -> int:
    """The clock's part: each running program's day, and each meeting that has begun. Returns how many were taken.

    Each is a transaction of its own, so that one program's trouble is not another's.
    """
    with database.looking():
        programs = list(db.session.execute(select(*_PROGRAM).where(Program.closed_on.is_(None))))
        meetings = list(db.session.execute(_meetings()))
        taken = _taken([row.id for row in programs])
    by_id = {row.id: row for row in programs}
    count = 0
    for row in programs:
        if taken.get(row.id) != today_in(row.timezone):
            count += _in_a_transaction(row, SnapshotKind.DAILY)
    for meeting in meetings:
        if meeting.program_id in by_id:
            count += _in_a_transaction(by_id[meeting.program_id], SnapshotKind.MEETING, meeting.id)
    return count


def _in_a_transaction(row: Any, kind: SnapshotKind, meeting_id: int | None = None) -> int:
    with database.transaction():
        # Held, so that of two clocks one waits and then finds it taken.
        db.session.execute(select(Program.id).where(Program.id == row.id).with_for_update(key_share=True))
        return take(OpenProgram(*row), kind.value, meeting_id)


def _taken(program_ids: Sequence[int]) -> dict[int, date]:
    """The last day of each program that has a daily snapshot."""
    # Zones differ by a day at most.
    since = utc_now().astimezone(zone("UTC")).date() - timedelta(days=2)
    query = select(Snapshot.program_id, Snapshot.day).where(
        Snapshot.program_id.in_(program_ids), Snapshot.kind == SnapshotKind.DAILY, Snapshot.day >= since
    )
    return {row.program_id: row.day for row in db.session.execute(query.order_by(Snapshot.day))}


def _meetings() -> Any:
    meeting = CommitteeMeeting
    return select(meeting.id, meeting.program_id).where(
        meeting.state.in_((MeetingState.HELD, MeetingState.CLOSED)),
        meeting.held_at >= utc_now() - _MEETING,
        ~exists().where(and_(Snapshot.meeting_id == meeting.id, Snapshot.kind == SnapshotKind.MEETING)),
    )


_PROGRAM = (
    *(Program.id, Program.key, Program.name, Program.purpose, Program.locale, Program.timezone, Program.country),
    *(Program.starts_on, Program.closed_on, Program.playbook_key, Program.revision),
)
