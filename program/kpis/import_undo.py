"""Taking an import back: what it added goes, what it changed is as before, and what people changed since stays.

Somebody asks for it, and the clock does it a thousand figures at a time, each time in a short transaction: nobody
waits behind a hundred thousand of them. What is left to do is what still lies beside the readings, so a clock that
dies on the way is followed by another. Who may, and which periods are closed, is looked at when it is asked for.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, delete, func, null, or_, select, update

from program.extensions import db
from program.ground import database
from program.ground.actor import Actor, Origin
from program.ground.errors import Conflict, Forbidden, Invalid
from program.ground.now import utc_now
from program.ground.text import clean_line
from program.kpis import imports
from program.kpis.import_moving import AT_PLACE, HELD, IS_NEW, READING, SAYS_OTHER, correct
from program.kpis.models import ImportState, ReadingImport, Way
from program.kpis.writing import NewReading, follow, may_write, open_ground, problems_of

# Figures in a step.
STEP = 1000


def can_be_undone(kept: ReadingImport) -> bool:
    """Whether what is needed to take it back is still there."""
    return kept.state == ImportState.DONE and kept.created_at > utc_now() - imports.KEPT


def ask(actor: Actor, kept: ReadingImport, reason: str = "") -> None:
    """Have the clock take it back. A closed period takes a manager and a reason.

    Raises Conflict when it is too late, Invalid, Forbidden.
    """
    if not can_be_undone(kept):
        raise Conflict(_l("This import can no longer be taken back."))
    ground = open_ground(kept.program_id)
    rows = db.session.execute(
        select(HELD.c.kpi_id, HELD.c.period, func.min(HELD.c.value))
        .where(HELD.c.import_id == kept.id, or_(IS_NEW, SAYS_OTHER))
        .group_by(HELD.c.kpi_id, HELD.c.period)
    ).all()
    known = [row for row in rows if row.kpi_id in ground.kpis]
    if not all(may_write(actor, kept.program_id, ground.kpis[kpi_id]) for kpi_id in {row.kpi_id for row in known}):
        raise Forbidden(_l("Figures are entered by the KPI's owner, their deputy or a manager."))
    kept.reason = clean_line(reason)[:500] or kept.reason
    settled = [NewReading(kpi_id, "", period, value) for kpi_id, period, value in known]
    settled = [row for row in settled if ground.is_settled(row)]
    wrong = [
        one for one in problems_of(ground, settled[:1], actor, clean_line(reason)) if one.field in ("period", "reason")
    ]
    if wrong:
        raise Invalid(wrong[0].sentence, {"reason": wrong[0].sentence})
    kept.state, kept.rows_done, kept.stayed, kept.beat_at = ImportState.UNDOING, 0, 0, None
    kept.undone_by_id = actor.person_id
    imports.record(actor, kept, "reading_import.undoing")
    db.session.flush()


def run(import_id: int) -> None:
    """Take it back, step by step; for the clock that has claimed it."""
    while _step(import_id):
        pass


def _step(import_id: int) -> bool:
    """Take the next figures back. False when none are left: then it is done."""
    with database.transaction():
        kept = db.session.get_one(ReadingImport, import_id, with_for_update=True)
        actor = Actor(kept.undone_by_id, Origin.WEB)
        mine = HELD.c.import_id == import_id
        places = list(db.session.scalars(select(HELD.c.place).where(mine).order_by(HELD.c.place).limit(STEP)))
        if not places:
            kept.state, kept.undone_at = ImportState.UNDONE, utc_now()
            imports.record(actor, kept, "reading_import.undone")
            return False
        # Locks the KPIs: whoever else writes figures of the program comes before or after.
        open_ground(kept.program_id, to_write=True)
        kept.rows_done += len(places)
        kept.stayed += _take_back(kept, actor, and_(mine, HELD.c.place.between(places[0], places[-1])))
        kept.beat_at = utc_now()
        return True


def _take_back(kept: ReadingImport, actor: Actor, part: Any) -> int:
    """Take those figures back; how many stayed, as people have changed them since."""
    now, send = utc_now(), db.session.connection().execute
    # Figures that still have the moment of the import are as it left them.
    untouched = and_(part, AT_PLACE, READING.c.entered_at == kept.finished_at, READING.c.way == Way.IMPORT.value)
    touched = {
        (row.kpi_id, row.period) for row in send(select(HELD.c.kpi_id, HELD.c.period).where(untouched).distinct())
    }
    written = int(send(select(func.count()).select_from(HELD).where(part, or_(IS_NEW, SAYS_OTHER))).scalar_one())
    stayed = written - int(send(select(func.count()).select_from(HELD, READING).where(untouched)).scalar_one())
    correct(and_(untouched, IS_NEW), READING.c.value, null(), kept, now, actor)
    correct(and_(untouched, HELD.c.former != READING.c.value), READING.c.value, HELD.c.former, kept, now, actor)
    send(
        update(READING)
        .where(untouched, HELD.c.former.is_not(None))
        .values(
            value=HELD.c.former,
            note=HELD.c.former_note,
            confidence=HELD.c.former_confidence,
            way=HELD.c.former_way,
            source=HELD.c.former_source,
            entered_at=HELD.c.former_at,
            entered_by_id=HELD.c.former_by_id,
            revision=READING.c.revision + 1,
        )
    )
    # By their ids, found at once: asked of each reading anew it would take minutes on SQLite.
    added = select(READING.c.id).where(untouched, IS_NEW).correlate(None)
    send(delete(READING).where(READING.c.id.in_(added)))
    send(delete(HELD).where(part))
    follow(kept.program_id, touched, actor.person_id, kept.reason)
    return stayed
