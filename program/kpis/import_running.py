"""Importing files by the clock: read in small steps, moved over in one, all of it or nothing.

A file's figures are put beside the readings first, a thousand in a transaction, so that nobody waits behind it. When
all of them can be written, a few statements over whole tables move them in one short transaction. A clock that dies on
the way leaves nothing behind but what the next one throws away.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, delete, func, insert, or_, select, update

from program.extensions import db
from program.ground import database, formats
from program.ground.actor import Actor, Origin
from program.ground.errors import MilepostError
from program.ground.now import utc_now
from program.kpis import import_undo, imports
from program.kpis.import_moving import HELD, move
from program.kpis.import_rows import Figure, RowReader
from program.kpis.models import ImportState, ReadingImport
from program.people.models import Person
from program.planning.models import Program
from program.planning.spreadsheets_in import SheetRow

# Figures in a step; problems that are shown on the page (the file with the wrong rows has all of them).
STEP, MOST_SHOWN = 1000, 1000
# After so long without a sign a clock is taken for dead, and its import is begun anew.
SILENCE = timedelta(minutes=2)


def run_imports() -> int:
    """Import what waits, and take back what is asked for, one after the other; for the clock. Gives how many."""
    done = 0
    while (claimed := _claim()) is not None:
        import_id, state = claimed
        if state == ImportState.UNDOING:
            import_undo.run(import_id)
            done += 1
            continue
        try:
            _import(import_id)
        except Exception:
            with database.transaction():
                _refuse(import_id, [[0, "", _("Something went wrong here. It was not your file; try it again.")]], 0)
            raise
        done += 1
    return done


def forget() -> int:
    """Forget files nobody went on with, and what was kept for taking imports back."""
    now = utc_now()
    old = ReadingImport.created_at < now - imports.KEPT
    gone: Any = db.session.execute(delete(ReadingImport).where(ReadingImport.state == ImportState.MAPPING, old))
    ids = select(ReadingImport.id).where(old)
    rest: Any = db.session.execute(delete(HELD).where(HELD.c.import_id.in_(ids)))
    db.session.execute(update(ReadingImport).where(old, ReadingImport.content.is_not(None)).values(content=None))
    return int(gone.rowcount) + (1 if rest.rowcount else 0)


def _claim() -> tuple[int, str] | None:
    """The next file that waits, now running; what a dead clock left of it is thrown away. Its id, and what is asked.

    Of one that is taken back, what a dead clock had not come to is what is left to do.
    """
    now = utc_now()
    silent = or_(ReadingImport.beat_at.is_(None), ReadingImport.beat_at < now - SILENCE)
    begun = ReadingImport.state.in_((ImportState.RUNNING, ImportState.UNDOING))
    waiting = or_(ReadingImport.state == ImportState.WAITING, and_(begun, silent))
    with database.looking():
        if db.session.scalar(select(ReadingImport.id).where(waiting).limit(1)) is None:
            return None
    with database.transaction():
        found = db.session.scalars(
            select(ReadingImport).where(waiting).order_by(ReadingImport.id).limit(1).with_for_update(skip_locked=True)
        ).first()
        if found is None:
            return None
        if found.state == ImportState.UNDOING:
            found.beat_at = now
            return found.id, found.state
        db.session.execute(delete(HELD).where(HELD.c.import_id == found.id))
        found.state, found.beat_at, found.rows_done, found.wrong_rows = ImportState.RUNNING, now, 0, 0
        return found.id, found.state


def _import(import_id: int) -> None:
    with database.looking():
        kept = db.session.get_one(ReadingImport, import_id)
        program_id = kept.program_id
        actor, locale = _importer(kept)
        zone = db.session.scalar(select(Program.timezone).where(Program.id == program_id)) or "UTC"
        rows = imports.rows_of(kept)
        layout, headings, reason = imports.layout_of(kept), imports.headings_of(kept), kept.reason
        with formats.reading_as(locale, zone):
            reader = RowReader(actor, program_id, layout, headings, reason)
    with formats.reading_as(locale, zone):
        wrong, told = _hold(import_id, rows, reader)
        with database.looking():
            twice = _given_twice(import_id)
        if twice:
            wrong, told = wrong + len(twice), [*told, *([row, heading, text] for row, heading, text in twice)]
            with database.transaction():
                _mark(import_id, twice)
        if wrong:
            with database.transaction():
                _refuse(import_id, told, wrong)
            return
        try:
            with database.transaction():
                move(actor, import_id)
        except MilepostError as error:
            with database.transaction():
                _refuse(import_id, [[0, "", str(error)]], 0)


def _importer(kept: ReadingImport) -> tuple[Actor, str]:
    """Who imports, with the rights they have now, and the language of the reasons."""
    person = db.session.get(Person, kept.created_by_id) if kept.created_by_id else None
    if person is None or not person.is_active:
        # Nobody who may: the reader refuses every row.
        return Actor(-1, Origin.CLOCK), "en"
    return Actor(person.id, Origin.WEB, is_admin=person.is_admin), person.locale


def _hold(import_id: int, rows: Iterator[SheetRow], reader: RowReader) -> tuple[int, list[Any]]:
    """Put the file's figures beside the readings, step by step. Gives how many are wrong, and the first of them."""
    place, wrong = 0, 0
    told: list[Any] = []
    for rows_read, figures in _steps(rows, reader):
        with database.transaction():
            if figures:
                db.session.connection().execute(
                    insert(HELD),
                    [_held(import_id, place + number, figure) for number, figure in enumerate(figures)],
                )
            place += len(figures)
            problems = [figure for figure in figures if figure.problem]
            wrong += len(problems)
            told += [[one.row, one.column, one.problem] for one in problems[: MOST_SHOWN - len(told)]]
            values = {"rows_done": rows_read, "wrong_rows": wrong, "beat_at": utc_now()}
            db.session.execute(update(ReadingImport).where(ReadingImport.id == import_id).values(values))
    return wrong, told


def _steps(rows: Iterator[SheetRow], reader: RowReader) -> Iterator[tuple[int, list[Figure]]]:
    """The figures of so many rows as make a step, with the number of rows read until then."""
    done = 0
    part: list[SheetRow] = []
    for row in rows:
        part.append(row)
        done += 1
        if len(part) * reader.figures_a_row >= STEP:
            yield done, reader.read(part)
            part = []
    yield done, reader.read(part)


def _held(import_id: int, place: int, figure: Figure) -> dict[str, Any]:
    held: dict[str, Any] = {"import_id": import_id, "place": place, "row": figure.row, "problem": figure.problem[:300]}
    one = figure.reading
    if one is None:
        return held | dict.fromkeys(("kpi_id", "period", "value", "note", "confidence")) | {"channel": ""}
    return held | {
        "kpi_id": one.kpi_id,
        "channel": one.channel,
        "period": one.period,
        "value": one.value,
        "note": one.note,
        "confidence": one.confidence,
    }


def _given_twice(import_id: int) -> list[tuple[int, str, str]]:
    """Figures that stand in the file more than once, beyond the first: row, column, reason."""
    mine = and_(HELD.c.import_id == import_id, HELD.c.problem == "")
    keys = (HELD.c.kpi_id, HELD.c.channel, HELD.c.period)
    many = select(*keys, func.min(HELD.c.place).label("first")).where(mine).group_by(*keys)
    again = many.having(func.count() > 1).subquery()
    at = and_(*(getattr(again.c, key.name) == key for key in keys), HELD.c.place > again.c.first)
    query = select(HELD.c.row).join(again, at).where(mine).order_by(HELD.c.place).limit(MOST_SHOWN)
    sentence = _("This figure stands in the file more than once.")
    return [(row, "", sentence) for (row,) in db.session.execute(query)]


def _mark(import_id: int, twice: list[tuple[int, str, str]]) -> None:
    rows = sorted({row for row, _heading, _text in twice})
    for start in range(0, len(rows), 500):
        db.session.execute(
            update(HELD)
            .where(HELD.c.import_id == import_id, HELD.c.row.in_(rows[start : start + 500]), HELD.c.problem == "")
            .values(problem=twice[0][2])
        )


def _refuse(import_id: int, told: list[Any], wrong: int) -> None:
    """Nothing is written. The wrong rows stay, to be read; what could have been written goes."""
    db.session.execute(delete(HELD).where(HELD.c.import_id == import_id, HELD.c.problem == ""))
    db.session.execute(
        update(ReadingImport)
        .where(ReadingImport.id == import_id)
        .values(
            state=ImportState.REFUSED.value,
            problems=sorted(told, key=lambda one: one[0])[:MOST_SHOWN],
            wrong_rows=wrong,
            finished_at=utc_now(),
        )
    )
