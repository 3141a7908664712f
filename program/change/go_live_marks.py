"""Go-lives as marks on a time axis (`planning/marks.py`): what the pulse and the KPIs are read beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from program.change.models import GoLive
from program.ground import formats
from program.ground.database import read
from program.planning import marks
from program.planning.marks import Mark, Source

GO_LIVE = "go_live"


def init_app() -> None:
    """Make go-lives known to whoever draws something over time."""
    marks.register(Source("go_lives", 20, {GO_LIVE: _l("Go-live")}, _marks))


def _marks(program_id: int, first: date, last: date) -> Sequence[Mark]:
    today = formats.today()
    rows = read(
        select(GoLive.name, GoLive.on_date).where(
            GoLive.program_id == program_id, GoLive.on_date >= first, GoLive.on_date <= last
        )
    )
    return [Mark(row.on_date, GO_LIVE, row.name, is_planned=row.on_date > today) for row in rows]
