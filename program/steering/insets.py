"""What steering shows on This week: risks that are due for a look, and decisions that wait. One statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from flask_babel import ngettext
from sqlalchemy import Date, and_, bindparam, func, literal, or_, select, union_all

from program.ground.database import read
from program.ground.pages import address
from program.ground.records import record
from program.planning.insets import Asked, Inset, Place, register
from program.steering.models import DecisionRequest, RequestState, Risk, RiskState

# A decision stands on This week from so many days before it is needed.
DECISIONS_AHEAD = timedelta(days=7)


@record
class Line:
    """Something that needs somebody: a sentence, where it leads, its state, the program's key."""

    text: str
    url: str
    state: str
    key: str


def init_app() -> None:
    """Show it: over all programs of the reader, and in each program's own week."""
    register(Place.WEEK, week)
    register(Place.PROGRAM_WEEK, week)


def week(asked: Asked) -> Inset | None:
    """The programs' risks that are due for a look, and decisions that are wanted by now; None where there are none."""
    if not asked.programs:
        return None
    values = {
        "programs": list(asked.programs),
        "today": asked.today,
        "soon": asked.today + DECISIONS_AHEAD,
    }
    lines = _lines(read(_counts(), values).all(), asked)
    # The page of one program need not say which.
    shown = {"lines": lines, "several": asked.access is None}
    return Inset("steering/insets/week.html", shown, order=70) if lines else None


def _lines(rows: Sequence[Any], asked: Asked) -> list[Line]:
    lines = []
    for row in rows:
        key = asked.programs[row.program_id]
        if row.kind == "risks":
            text = ngettext("%(num)s risk is due for a look", "%(num)s risks are due for a look", row.count)
            lines.append(Line(text, address("risks.index", key), "late", key))
        else:
            text = ngettext("%(num)s decision is wanted by now", "%(num)s decisions are wanted by now", row.count)
            lines.append(Line(text, address("decisions.index", key), "soon", key))
    return lines


@cache
def _counts() -> Any:
    risks = (
        select(literal("risks").label("kind"), Risk.program_id, func.count().label("count"))
        .where(
            Risk.program_id.in_(bindparam("programs", expanding=True)),
            Risk.state == RiskState.OPEN.value,
            Risk.review_on <= bindparam("today", type_=Date),
        )
        .group_by(Risk.program_id)
    )
    decisions = (
        select(literal("decisions"), DecisionRequest.program_id, func.count())
        .where(
            DecisionRequest.program_id.in_(bindparam("programs", expanding=True)),
            and_(
                DecisionRequest.state == RequestState.OPEN.value,
                or_(DecisionRequest.decide_by.is_(None), DecisionRequest.decide_by <= bindparam("soon", type_=Date)),
            ),
        )
        .group_by(DecisionRequest.program_id)
    )
    found = union_all(risks, decisions).subquery()
    return select(found).order_by(found.c.program_id, found.c.kind.desc())
