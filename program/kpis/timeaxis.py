"""What happened meanwhile: gates, go-lives and remarks beside a KPI's figures, numbered as its chart numbers them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, select

from program.charts.trend import Band
from program.ground.database import read
from program.ground.records import record
from program.kpis.annotations import annotations_of
from program.planning.marks import PHASE, kind_words, marks_of
from program.planning.models import Phase

REMARK = "remark"
REMARK_WORD = _l("Remark")


@record
class Happening:
    """A day with a name and a number. `remark_id` and `is_for_all` only of remarks."""

    number: int
    on: date
    kind: str
    name: str
    is_planned: bool = False
    remark_id: int | None = None
    is_for_all: bool = False


def happenings(program_id: int, kpi_id: int, first: date, last: date) -> list[Happening]:
    """All between two days (both included), by day. A statement for each source of marks, and one for remarks."""
    kinds = [kind for kind in kind_words() if kind != PHASE]
    found: list[tuple[Any, ...]] = [
        (mark.on, 0, mark.kind, mark.name, mark.is_planned, None, False)
        for mark in marks_of(program_id, first, last, kinds)
    ]
    found += [
        (row.on_day, 1, REMARK, row.text, False, row.id, row.kpi_id is None)
        for row in annotations_of(program_id, kpi_id, first, last)
    ]
    found.sort(key=lambda one: one[:2])
    return [Happening(number, on, *rest) for number, (on, _order, *rest) in enumerate(found, 1)]


def word_of(kind: str) -> str:
    """What a kind of happening is called."""
    return str(REMARK_WORD if kind == REMARK else kind_words().get(kind, kind))


def bands(program_id: int, first: date, last: date) -> list[Band]:
    """The phases between two days, as they went or are planned. One statement."""
    rows: Sequence[Any] = read(_phases(), {"program": program_id, "first": first, "last": last}).all()
    return [Band(row.name, row.since, row.until) for row in rows]


@cache
def _phases() -> Any:
    since = func.coalesce(Phase.actual_start, Phase.planned_start)
    until = func.coalesce(Phase.actual_end, Phase.planned_end)
    return (
        select(Phase.name, since.label("since"), until.label("until"))
        .where(Phase.program_id == bindparam("program"), since <= bindparam("last"), until >= bindparam("first"))
        .order_by(Phase.position, Phase.id)
    )
