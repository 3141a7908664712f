"""The gate's criterion `risks`: does every open risk of the committee's limit and above have a measure?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Integer, bindparam, func, select

from program.planning import criteria
from program.planning.criteria import NAMED, Answer, Asking, Criterion, Question, SeeAlso, Wanted
from program.steering.models import Risk, RiskState, SteeringPlan
from program.steering.seats import USUAL_RISK_LIMIT

RISKS = "risks"
KNOWN, ABOVE = "steering.known_risks", "steering.risks_above"
_PROGRAM: Any = bindparam("program", type_=Integer())


def _wanted(_asking: Asking, _questions: Sequence[Question]) -> Wanted:
    return Wanted({KNOWN: _known(), ABOVE: _above()})


@cache
def _known() -> Any:
    """How many risks the register has, and the committee's limit."""
    count: Any = select(func.count()).select_from(Risk).where(Risk.program_id == _PROGRAM).scalar_subquery()
    return select(count.label("known"), _limit().label("limit"))


@cache
def _above() -> Any:
    """The open risks of the limit and above."""
    points = Risk.probability * Risk.impact
    return select(Risk.number, Risk.title, points.label("score"), (Risk.measure != "").label("has_measure")).where(
        Risk.program_id == _PROGRAM, Risk.state == RiskState.OPEN.value, points >= _limit()
    )


def _limit() -> Any:
    of_plan = select(SteeringPlan.risk_limit).where(SteeringPlan.program_id == _PROGRAM).scalar_subquery()
    return func.coalesce(of_plan, USUAL_RISK_LIMIT)


def _risks(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    """The same answer for every gate that asks. Without any register nobody can tell."""
    ((known, limit),) = asking.rows[KNOWN]
    see = SeeAlso(_("The risk register"), "risks.index")
    if not known:
        answer = Answer(None, _("the register is empty"), _("Nobody has written down a risk yet."), see=see)
        return [answer] * len(questions)
    above = sorted(asking.rows[ABOVE], key=lambda risk: (-risk[2], risk[0]))
    bare = [(number, title) for number, title, _score, has_measure in above if not has_measure]
    value = _("%(ready)s of %(total)s with a measure", ready=len(above) - len(bare), total=len(above))
    if not above:
        value = _("no open risk of %(limit)s or more", limit=limit)
    if not bare:
        return [Answer(True, value, see=see)] * len(questions)
    names = ", ".join(f"R{number} {title}" for number, title in bare[:NAMED])
    why = ngettext(
        "%(num)s open risk of %(limit)s or more has no measure: %(names)s.",
        "%(num)s open risks of %(limit)s or more have no measure: %(names)s.",
        len(bare),
        limit=limit,
        names=names,
    )
    return [Answer(False, value, why, see=see)] * len(questions)


def init_app() -> None:
    """Make the kind known; once, however many apps there are."""
    if criteria.find(RISKS) is None:
        criteria.register(
            Criterion(
                RISKS,
                _l("Every big risk has a measure"),
                _l("Risk register: open risks of the committee's limit and above"),
                _risks,
                says_all=True,
                wants=_wanted,
            )
        )
