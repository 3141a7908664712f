"""Files that people asked for: made at once where that is quick, by the clock where it is not, and kept for some days.

Whoever may read the progress page may have it as a file, and sees the program's files of the last days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from program.exports.making import KINDS
from program.exports.models import ExportFile, ExportState
from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid, NotFound, TooMany
from program.ground.now import utc_now
from program.people import access
from program.people.access import NOT_HERE
from program.people.models import Person
from program.people.session import LOCALES
from program.planning.history_words import TITLES

KEPT = timedelta(days=7)
# Files of a program that are kept at most, and that one person may ask for in a minute.
MOST_KEPT, MOST_A_MINUTE = 60, 12
TITLES.update(
    {
        "export.asked": _l("File “%(name)s” asked for"),
        "export.made": _l("File “%(name)s” made"),
        "export.failed": _l("File “%(name)s” could not be made"),
    }
)


def allow(actor: Actor, program_id: int, kind: str, locale: str) -> None:
    """Let those pass who may have such a file now. Raises NotFound, Invalid, TooMany. One statement."""
    access.require(actor, program_id, Access.VIEWER)
    if kind not in KINDS or locale not in LOCALES:
        raise Invalid(_l("Choose one from the list."))
    recent = select(func.count()).where(
        ExportFile.asked_by_id == actor.person_id, ExportFile.asked_at > utc_now() - timedelta(minutes=1)
    )
    if (db.session.scalar(recent) or 0) >= MOST_A_MINUTE:
        raise TooMany(_l("You have just asked for many files. Wait a minute."), 60)


def ask(actor: Actor, program_id: int, kind: str, locale: str, day: date, is_past: bool, name: str) -> ExportFile:
    """Have the clock make a file."""
    file = _file(actor, program_id, kind, locale, day, is_past)
    db.session.add(file)
    db.session.flush()
    _record(actor, "export.asked", file, name)
    _make_room(program_id)
    return file


def keep(
    actor: Actor, program_id: int, kind: str, locale: str, day: date, is_past: bool, name: str, content: bytes | None
) -> ExportFile:
    """Keep a file that was made, or (None) that it could not be."""
    file = _file(actor, program_id, kind, locale, day, is_past)
    db.session.add(file)
    finish(actor, file, name, content)
    _make_room(program_id)
    return file


def finish(actor: Actor, file: ExportFile, name: str, content: bytes | None) -> None:
    """The end of making a file: its content, or None where it could not be made."""
    file.state = ExportState.READY if content is not None else ExportState.FAILED
    file.content, file.size, file.ended_at = content, len(content or b""), utc_now()
    db.session.flush()
    _record(actor, "export.made" if content is not None else "export.failed", file, name)


def files_of(actor: Actor, program_id: int) -> Sequence[Any]:
    """The program's files, the newest first, each with the name of who asked as `by`. One statement."""
    access.require(actor, program_id, Access.VIEWER)
    columns = (
        *(ExportFile.id, ExportFile.kind, ExportFile.locale, ExportFile.day, ExportFile.is_past, ExportFile.state),
        *(ExportFile.size, ExportFile.asked_at, Person.name.label("by")),
    )
    query = select(*columns).outerjoin(Person, Person.id == ExportFile.asked_by_id)
    return read(query.where(ExportFile.program_id == program_id).order_by(ExportFile.id.desc()).limit(MOST_KEPT)).all()


def find_file(actor: Actor, program_id: int, file_id: int) -> ExportFile:
    """That file of the program, without its content. Raises NotFound."""
    access.require(actor, program_id, Access.VIEWER)
    query = select(ExportFile).where(ExportFile.id == file_id, ExportFile.program_id == program_id)
    file = db.session.scalars(query).one_or_none()
    if file is None:
        raise NotFound(NOT_HERE)
    return file


def forget() -> int:
    """Delete files that have been kept long enough; for the clock."""
    gone: Any = db.session.execute(delete(ExportFile).where(ExportFile.asked_at < utc_now() - KEPT))
    return int(gone.rowcount)


def _file(actor: Actor, program_id: int, kind: str, locale: str, day: date, is_past: bool) -> ExportFile:
    return ExportFile(
        program_id=program_id, kind=kind, locale=locale, day=day, is_past=is_past, asked_by_id=actor.person_id
    )


def _make_room(program_id: int) -> None:
    """The oldest files go when there are too many."""
    old = select(ExportFile.id).where(ExportFile.program_id == program_id).order_by(ExportFile.id.desc())
    beyond = list(db.session.scalars(old.offset(MOST_KEPT)))
    if beyond:
        db.session.execute(delete(ExportFile).where(ExportFile.id.in_(beyond)))


def _record(actor: Actor, verb: str, file: ExportFile, name: str) -> None:
    values = {"kind": file.kind, "locale": file.locale, "day": file.day, "size": file.size or None}
    changes = audit.created(values)
    audit.record(actor, verb, object_id=file.id, name=name, program_id=file.program_id, changes=changes)
