"""The gate's criterion `risks`: does every open risk of the committee's limit and above have a measure?"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.planning import criteria
from program.planning.criteria import NAMED, Answer, Asking, Criterion, Question, SeeAlso
from program.steering.risk_lists import register_of
from program.steering.seats import plan_of

RISKS = "risks"


def _risks(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    """Two statements for all gates: the limit, and the register. Without any register nobody can tell."""
    limit = plan_of(asking.program_id).risk_limit
    known = register_of(asking.program_id)
    see = SeeAlso(_("The risk register"), "risks.index")
    if not known:
        answer = Answer(None, _("the register is empty"), _("Nobody has written down a risk yet."), see=see)
        return [answer] * len(questions)
    above = [risk for risk in known if risk.is_open and risk.score >= limit]
    bare = [risk for risk in above if not risk.measure]
    value = _("%(ready)s of %(total)s with a measure", ready=len(above) - len(bare), total=len(above))
    if not above:
        value = _("no open risk of %(limit)s or more", limit=limit)
    if not bare:
        return [Answer(True, value, see=see)] * len(questions)
    names = ", ".join(f"R{risk.number} {risk.title}" for risk in bare[:NAMED])
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
            )
        )
