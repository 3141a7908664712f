"""Warnings before something is planned into a week that is already full, or into a freeze: for go-lives and trainings.

`saturation.py` knows what lands on whom; it looks at what is planned by then, so what is only a wish is written for a
moment and taken out again.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update

from program.change.models import GoLive, ImpactedGroup, TrainingGroup, TrainingSession
from program.change.saturation import warning_for
from program.extensions import db
from program.ground.now import zone


def if_moved(go_live: GoLive, to: date) -> str | None:
    """What speaks against that day for the go-live's groups; None for nothing. Nothing stays changed."""
    groups = _groups_of(go_live)
    if not groups:
        return None
    program_id, go_live_id = go_live.program_id, go_live.id
    wish = db.session.begin_nested()
    try:
        # Past the mapper, so that the row at hand keeps what it holds.
        moved = update(GoLive).where(GoLive.id == go_live_id).values(on_date=to)
        db.session.execute(moved.execution_options(synchronize_session=False))
        return warning_for(program_id, groups, to, to)
    finally:
        wish.rollback()


def of_go_live(go_live: GoLive) -> str | None:
    """What speaks against its present day for the groups it reaches."""
    groups = _groups_of(go_live)
    return warning_for(go_live.program_id, groups, go_live.on_date, go_live.on_date) if groups else None


def of_session(session: TrainingSession, timezone: str) -> str | None:
    """What speaks against the session's time for its groups."""
    groups = list(db.session.scalars(select(TrainingGroup.group_id).where(TrainingGroup.session_id == session.id)))
    day = session.starts_at.astimezone(zone(timezone)).date()
    return warning_for(session.program_id, groups, day, day) if groups else None


def _groups_of(go_live: GoLive) -> list[int]:
    return list(db.session.scalars(select(ImpactedGroup.id).where(ImpactedGroup.go_live_id == go_live.id)))
