"""Long files are made by the clock: claimed, made outside of any transaction, and kept.

What is due is read from rows: a file that a clock left behind when it died is begun anew by the next one, twice at
most, so that one file that ends its clock does not end all of them.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, or_, select

from program.exports import keeping
from program.exports.making import file_name, laid_out, means_for, progress_on, told_of
from program.exports.models import ExportFile, ExportState
from program.extensions import db
from program.ground import database
from program.ground.actor import Actor, Origin
from program.ground.now import utc_now
from program.people.access import access_of
from program.people.models import Person
from program.planning.models import Program
from program.planning.opening import program_by_key

SILENCE, MOST_TRIES = timedelta(minutes=5), 2


def make_due() -> int:
    """Make the files that wait, one after the other; for the clock. Gives how many."""
    done = 0
    while (file_id := _claim()) is not None:
        _make(file_id)
        done += 1
    return done


def _claim() -> int | None:
    now = utc_now()
    silent = and_(ExportFile.state == ExportState.MAKING, ExportFile.beat_at < now - SILENCE)
    waiting = or_(ExportFile.state == ExportState.WAITING, silent)
    with database.looking():
        if db.session.scalar(select(ExportFile.id).where(waiting).limit(1)) is None:
            return None
    with database.transaction():
        query = select(ExportFile).where(waiting).order_by(ExportFile.id).limit(1).with_for_update(skip_locked=True)
        found = db.session.scalars(query).first()
        if found is None:
            return None
        found.state, found.beat_at, found.tries = ExportState.MAKING, now, found.tries + 1
        return found.id


def _make(file_id: int) -> None:
    with database.looking():
        file = db.session.get_one(ExportFile, file_id)
        key = db.session.scalars(select(Program.key).where(Program.id == file.program_id)).one()
        program = program_by_key(Actor(None, Origin.CLOCK), key)
        person = db.session.get(Person, file.asked_by_id) if file.asked_by_id else None
        actor = Actor(person.id, Origin.CLOCK, is_admin=person.is_admin) if person and person.is_active else None
        # Who has lost access meanwhile gets nothing.
        may = actor is not None and access_of(actor, program.id) is not None and file.tries <= MOST_TRIES
        progress = progress_on(program, file.day if file.is_past else None, file.locale) if may else None
        told = told_of(progress, program, person.name) if progress and person else None
        kind, means = file.kind, means_for(program.id, file.kind)
    content = laid_out(kind, told, means) if told else None
    with database.transaction():
        kept = db.session.get(ExportFile, file_id)
        if kept is None:
            return
        kept.day = told.day if told else kept.day
        name = file_name(program.key, kind, kept.locale, kept.day)
        keeping.finish(actor or Actor(None, Origin.CLOCK), kept, name, content)
