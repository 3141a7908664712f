"""Taking an import back: what it added goes, what it changed is as before, and what people changed since stays."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, delete, func, null, or_, select, update

from program.extensions import db
from program.ground.actor import Actor
from program.ground.errors import Conflict, Forbidden, Invalid
from program.ground.now import utc_now
from program.ground.text import clean_line
from program.kpis import imports
from program.kpis.import_moving import AT_PLACE, HELD, IS_NEW, READING, SAYS_OTHER, correct
from program.kpis.models import ImportState, ReadingImport, Way
from program.kpis.writing import NewReading, follow, may_write, open_ground, problems_of


def can_be_undone(kept: ReadingImport) -> bool:
    """Whether what is needed to take it back is still there."""
    return kept.state == ImportState.DONE and kept.created_at > utc_now() - imports.KEPT


def undo(actor: Actor, kept: ReadingImport, reason: str = "") -> int:
    """Take it back and give how many figures stayed, as people have changed them since.

    A closed period takes a manager and a reason. Raises Conflict when it is too late, Invalid, Forbidden.
    """
    if not can_be_undone(kept):
        raise Conflict(_l("This import can no longer be taken back."))
    ground = open_ground(kept.program_id, to_write=True)
    now, run = utc_now(), db.session.connection().execute
    mine = HELD.c.import_id == kept.id
    # Figures that still have the moment of the import are as it left them.
    untouched = and_(mine, AT_PLACE, READING.c.entered_at == kept.finished_at, READING.c.way == Way.IMPORT.value)
    rows = run(
        select(HELD.c.kpi_id, HELD.c.period, func.min(HELD.c.value))
        .where(untouched)
        .group_by(HELD.c.kpi_id, HELD.c.period)
    ).all()
    if any(
        row.kpi_id in ground.kpis and not may_write(actor, kept.program_id, ground.kpis[row.kpi_id]) for row in rows
    ):
        raise Forbidden(_l("Figures are entered by the KPI's owner, their deputy or a manager."))
    kept.reason = clean_line(reason)[:500] or kept.reason
    settled = [NewReading(kpi_id, "", period, value) for kpi_id, period, value in rows if kpi_id in ground.kpis]
    settled = [row for row in settled if ground.is_settled(row)]
    wrong = [
        one for one in problems_of(ground, settled[:1], actor, clean_line(reason)) if one.field in ("period", "reason")
    ]
    if wrong:
        raise Invalid(wrong[0].sentence, {"reason": wrong[0].sentence})
    written = select(func.count()).select_from(HELD).where(mine, or_(IS_NEW, SAYS_OTHER))
    stayed = int(run(written).scalar_one()) - int(
        run(select(func.count()).select_from(HELD, READING).where(untouched)).scalar_one()
    )
    correct(and_(untouched, IS_NEW), READING.c.value, null(), kept, now, actor)
    correct(and_(untouched, HELD.c.former != READING.c.value), READING.c.value, HELD.c.former, kept, now, actor)
    run(
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
    run(delete(READING).where(READING.c.id.in_(added)))
    kept.state, kept.undone_at = ImportState.UNDONE, now
    db.session.flush()
    run(delete(HELD).where(mine))
    follow(kept.program_id, {(row.kpi_id, row.period) for row in rows}, actor.person_id, kept.reason)
    imports.record(actor, kept, "reading_import.undone")
    db.session.flush()
    return stayed
