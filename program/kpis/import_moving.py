"""Making readings of a file's figures, all of them at once, in a handful of statements over whole tables.

The statements work on what `import_running.py` has put beside the readings; `import_undo.py` is the way back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, case, func, insert, literal, or_, select, update

from program.extensions import db
from program.ground.actor import Access, Actor
from program.ground.errors import Conflict
from program.ground.now import utc_now
from program.kpis import imports
from program.kpis.models import (
    OVERALL,
    Confidence,
    Correction,
    ImportedReading,
    ImportState,
    Reading,
    ReadingImport,
    Way,
)
from program.kpis.writing import Ground, NewReading, follow, open_ground
from program.people import access

HELD: Any = ImportedReading.__table__
READING: Any = Reading.__table__
AT_PLACE = and_(
    READING.c.kpi_id == HELD.c.kpi_id,
    READING.c.channel == HELD.c.channel,
    READING.c.period == HELD.c.period,
)
IS_NEW = HELD.c.former.is_(None)
SAYS_OTHER = or_(
    HELD.c.former != HELD.c.value,
    and_(HELD.c.note.is_not(None), HELD.c.note != HELD.c.former_note),
    and_(HELD.c.confidence.is_not(None), HELD.c.confidence != HELD.c.former_confidence),
)


def move(actor: Actor, import_id: int) -> None:
    """Make readings of what is held, in a handful of statements over all of it, and let follow what follows."""
    kept = db.session.get_one(ReadingImport, import_id, with_for_update=True)
    # Locks the KPIs: whoever else writes figures of the program comes before or after.
    ground = open_ground(kept.program_id, to_write=True)
    now, run, mine = utc_now(), db.session.connection().execute, HELD.c.import_id == import_id
    there = {
        "former": READING.c.value,
        "former_note": READING.c.note,
        "former_confidence": READING.c.confidence,
        "former_way": READING.c.way,
        "former_source": READING.c.source,
        "former_at": READING.c.entered_at,
        "former_by_id": READING.c.entered_by_id,
    }
    run(update(HELD).where(mine, AT_PLACE).values(there))
    total, new, changed = run(
        select(
            func.count(),
            func.coalesce(func.sum(case((IS_NEW, 1), else_=0)), 0),
            func.coalesce(func.sum(case((and_(HELD.c.former.is_not(None), SAYS_OTHER), 1), else_=0)), 0),
        ).where(mine)
    ).one()
    differs = and_(mine, HELD.c.former != HELD.c.value)
    touched = {
        (kpi_id, period)
        for kpi_id, period in run(
            select(HELD.c.kpi_id, HELD.c.period).where(mine, or_(IS_NEW, HELD.c.former != HELD.c.value)).distinct()
        )
    }
    _check_still_open(actor, ground, kept, touched)
    correct(differs, HELD.c.former, HELD.c.value, kept, now, actor)
    how = {"way": Way.IMPORT.value, "source": kept.file_name, "entered_at": now, "entered_by_id": actor.person_id}
    run(
        update(READING)
        .where(mine, AT_PLACE, HELD.c.former.is_not(None), SAYS_OTHER)
        .values(
            value=HELD.c.value,
            note=func.coalesce(HELD.c.note, READING.c.note),
            confidence=func.coalesce(HELD.c.confidence, READING.c.confidence),
            revision=READING.c.revision + 1,
            **how,
        )
    )
    fixed = {"program_id": kept.program_id, "revision": 1, **how}
    run(
        insert(READING).from_select(
            ["kpi_id", "channel", "period", "value", "note", "confidence", *fixed],
            select(
                *(HELD.c.kpi_id, HELD.c.channel, HELD.c.period, HELD.c.value),
                *(func.coalesce(HELD.c.note, ""), func.coalesce(HELD.c.confidence, Confidence.HIGH.value)),
                *(_literal(name, value) for name, value in fixed.items()),
            ).where(mine, IS_NEW),
        )
    )
    kept.state, kept.finished_at, kept.rows_done = ImportState.DONE, now, kept.rows
    kept.added, kept.changed, kept.unchanged = int(new), int(changed), int(total) - int(new) - int(changed)
    kept.content, kept.problems = None, []
    follow(kept.program_id, touched, actor.person_id, kept.reason)
    imports.record(actor, kept, "reading_import.done")
    db.session.flush()


def _check_still_open(actor: Actor, ground: Ground, kept: ReadingImport, touched: Collection[tuple[int, date]]) -> None:
    """Refuse what has been closed or taken off the list since the rows were read. Raises Conflict."""
    may_correct = (access.access_of(actor, kept.program_id) or 0) >= Access.MANAGER and kept.reason
    for kpi_id, period in touched:
        is_there = kpi_id in ground.kpis
        if not is_there or (not may_correct and ground.is_settled(NewReading(kpi_id, OVERALL, period, Decimal(0)))):
            raise Conflict(_l("Periods were closed or KPIs changed while the file was read. Import it again."))


def correct(which: Any, former: Any, value: Any, kept: ReadingImport, now: datetime, actor: Actor) -> None:
    """Keep what those figures said before they change or go."""
    fixed = {"way": Way.IMPORT.value, "reason": kept.reason, "at": now, "by_id": actor.person_id}
    table: Any = Correction.__table__
    db.session.connection().execute(
        insert(table).from_select(
            ["kpi_id", "channel", "period", "former", "value", *fixed],
            select(
                *(HELD.c.kpi_id, HELD.c.channel, HELD.c.period, former, value),
                *(_literal(name, given, table) for name, given in fixed.items()),
            ).where(which),
        )
    )


def _literal(name: str, value: Any, table: Any = READING) -> Any:
    return literal(value, table.c[name].type)
