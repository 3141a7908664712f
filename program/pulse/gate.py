"""What a gate can ask of the pulse: that half of those asked answered, and that no theme stands below the middle.

The last closed round answers. As everywhere, what is held back counts for nothing: too few answers are 'no data'.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, select

from program.planning import criteria
from program.planning.criteria import Answer, Asking, Criterion, Question, Wanted
from program.pulse.bank import THEME_WORDS, Kind, Theme
from program.pulse.models import Round, RoundResult, Survey, SurveyQuestion
from program.pulse.movement import score, together

# The middle of the five-point scale, and the share of those asked that has to answer, in percent.
MIDDLE, ENOUGH = 3.0, 50
KIND, ROUND = "pulse", "pulse.last_round"


def answer_for(asking: Asking, questions: Sequence[Question]) -> Sequence[Answer]:
    """The same answer for every gate that asks."""
    return [_answer(asking.rows[ROUND])] * len(questions)


def _answer(rows: Sequence[Any]) -> Answer:
    if not rows:
        return Answer(None, _("no round yet"), _("No round of the pulse check has closed yet."))
    asked, answered, *_rest = rows[0]
    rate = round(100 * answered / asked) if asked else 0
    by_theme: dict[str, list[dict[int, int]]] = {}
    for _asked, _answered, scores_from, at_least, theme, told, found in rows:
        if theme is not None and told >= max(scores_from, at_least):
            counts = {int(answer): count for answer, count in found.items()}
            by_theme.setdefault(theme, []).append(counts)
    scores = {theme: score(together(counts)) for theme, counts in by_theme.items()}
    value = _("%(rate)s%% answered", rate=rate)
    if not scores:
        return Answer(None, value, _("No score of the last round can be told: too few answered, or few came and went."))
    low = sorted(
        str(THEME_WORDS[Theme(theme)]).lower() for theme, found in scores.items() if found and found.mean < MIDDLE
    )
    if rate < ENOUGH:
        return Answer(False, value, _("Fewer than half of those asked answered in the last round."))
    if low:
        return Answer(False, value, _("Below the middle of the scale: %(themes)s.", themes=", ".join(low)))
    return Answer(True, value)


def wanted(_asking: Asking, _questions: Sequence[Question]) -> Wanted:
    """The last closed round with what of it may be told."""
    return Wanted({ROUND: _last_round()})


@cache
def _last_round() -> Any:
    last = (
        select(func.max(Round.number))
        .where(Round.program_id == bindparam("program"), Round.closed_on.is_not(None))
        .scalar_subquery()
    )
    return (
        select(
            *(Round.asked, Round.answered, Round.scores_from, Survey.scores_from.label("at_least")),
            *(SurveyQuestion.theme, RoundResult.answered.label("told"), RoundResult.counts),
        )
        .join(Survey, Survey.id == Round.survey_id)
        .outerjoin(RoundResult, (RoundResult.round_id == Round.id) & (RoundResult.part == ""))
        .outerjoin(
            SurveyQuestion, (SurveyQuestion.id == RoundResult.question_id) & (SurveyQuestion.kind == Kind.SCALE5.value)
        )
        .where(Round.program_id == bindparam("program"), Round.number == last)
    )


def init_app() -> None:
    """Make the kind known; once, however many apps there are."""
    if criteria.find(KIND) is None:
        criteria.register(
            Criterion(
                KIND,
                _l("The last pulse check: at least half answered, and no theme is below the middle"),
                _l("Pulse"),
                answer_for,
                wants=wanted,
            )
        )
