"""Days worth a mark on a time axis: phases that began, gates, and what rooms above know of (go-lives, notes).

Whoever draws something over time asks here what happened meanwhile, so that a bend in a line can be read beside its
cause. A room registers a `Source`; each is asked for all its marks between two days in one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, bindparam, func, literal, null, select, type_coerce, union_all

from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.now import zone
from program.ground.records import record
from program.planning.models import Gate, GateDecision, Phase, Program
from program.planning.models.gates import PASSING_OUTCOMES

PHASE, GATE = "phase", "gate"


@record
class Mark:
    """A day with its name. `kind` is that of its source; `is_planned` where it has not happened (yet) as planned."""

    on: date
    kind: str
    name: str
    is_planned: bool = False


@record
class Source:
    """Where marks come from: `read` gives those of a program between two days (both included), in any order.

    `kinds` are the kinds of mark it gives, each with its word in the singular ('Go-live'); one statement, permission
    is the caller's.
    """

    name: str
    order: int
    kinds: dict[str, Any]
    read: Callable[[int, date, date], Sequence[Mark]]


_SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Take a source in; one of the same name is replaced."""
    _SOURCES[source.name] = source


def unregister(name: str) -> None:
    """Take a source away again."""
    _SOURCES.pop(name, None)


def kind_words() -> dict[str, Any]:
    """The word of each kind of mark, in the sources' order."""
    found: dict[str, Any] = {}
    for source in _sources():
        found |= source.kinds
    return found


def marks_of(program_id: int, first: date, last: date, kinds: Collection[str] | None = None) -> list[Mark]:
    """The marks between two days (both included) by day, of these kinds only, if any are named.

    One statement for each source that has such a kind.
    """
    order = {kind: place for place, kind in enumerate(kind_words())}
    found = [
        mark
        for source in _sources()
        if kinds is None or set(source.kinds) & set(kinds)
        for mark in source.read(program_id, first, last)
        if kinds is None or mark.kind in kinds
    ]
    return sorted(found, key=lambda mark: (mark.on, order.get(mark.kind, 0), mark.name))


def _sources() -> list[Source]:
    return sorted(_SOURCES.values(), key=lambda source: (source.order, source.name))


def _of_the_plan(program_id: int, first: date, last: date) -> list[Mark]:
    found = []
    for row in read(_phases_and_gates(), {"program": program_id}):
        # A gate stands where it was passed, else where it is planned; a phase where it began, else is to begin.
        passed_on = row.passed_at.astimezone(zone(row.timezone)).date() if row.passed_at else None
        on = passed_on or row.began_on or row.planned_on
        if first <= on <= last:
            found.append(Mark(on, row.kind, row.name, is_planned=not (passed_on or row.began_on)))
    return found


@cache
def _phases_and_gates() -> Any:
    passed = (
        select(func.max(GateDecision.decided_at))
        .where(GateDecision.gate_id == Gate.id, GateDecision.outcome.in_(PASSING_OUTCOMES))
        .correlate(Gate)
    )
    gates = select(
        literal(GATE).label("kind"),
        *(Gate.name, Gate.planned_on, type_coerce(null(), Date).label("began_on")),
        type_coerce(passed.scalar_subquery(), UtcDateTime()).label("passed_at"),
        Program.timezone,
    )
    phases = select(
        literal(PHASE),
        *(Phase.name, Phase.planned_start, Phase.actual_start),
        type_coerce(null(), UtcDateTime()),
        Program.timezone,
    )
    return union_all(
        *(
            found.join(Program, Program.id == table.program_id).where(table.program_id == bindparam("program"))
            for found, table in ((gates, Gate), (phases, Phase))
        )
    )


register(Source("plan", 10, {PHASE: _l("Phase"), GATE: _l("Gate")}, _of_the_plan))
