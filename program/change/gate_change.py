"""The gate's criteria `training` and `coverage`: are the people ready whom go-lives have reached by the day of the
gate?

Asked are the groups whose go-live falls on or before the gate's day. `training`: each has met its training target.
`coverage`: each has an ambassador. A gate whose day went by undecided is asked for today. While no go-live reaches
anybody by then, nothing is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.change.group_lists import GroupRow, all_groups
from program.change.trained import trained_heads
from program.ground import formats
from program.planning import criteria
from program.planning.criteria import NAMED, Answer, Asking, Criterion, Question, SeeAlso

TRAINING, COVERAGE = "training", "coverage"


def _training(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    """Two statements for all gates: the groups, and the heads that are trained."""
    trained = trained_heads(asking.program_id, "UTC")

    def is_ready(group: GroupRow) -> bool:
        have = trained[group.id].by(date.max, group.size)
        return have >= -(-group.size * group.training_target // 100)

    see = SeeAlso(_("How far each group has come"), "adoption.show")
    return [_answer(asking, question, is_ready, _training_words, see) for question in questions]


def _coverage(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    """One statement for all gates: the groups."""
    see = SeeAlso(_("Groups and their ambassadors"), "groups.index")
    return [
        _answer(asking, question, lambda group: group.ambassadors > 0, _coverage_words, see) for question in questions
    ]


def _answer(
    asking: Asking,
    question: Question,
    is_ready: Callable[[GroupRow], bool],
    words: Callable[[int, str], str],
    see: SeeAlso,
) -> Answer:
    day = max(question.gate.planned_on, asking.today)
    reached = [group for group in _groups(asking) if group.go_live_on is not None and group.go_live_on <= day]
    if not reached:
        return Answer(True, _("no go-live reaches anybody by %(day)s", day=formats.day(day)), see=see)
    missing = [group.name for group in reached if not is_ready(group)]
    value = _("%(ready)s of %(total)s groups ready", ready=len(reached) - len(missing), total=len(reached))
    if not missing:
        return Answer(True, value, see=see)
    shown = ", ".join(missing[:NAMED])
    if len(missing) > NAMED:
        shown += " " + ngettext("and %(num)s more", "and %(num)s more", len(missing) - NAMED)
    return Answer(False, value, words(len(missing), shown), see=see)


def _training_words(count: int, shown: str) -> str:
    return ngettext(
        "%(num)s group that is live by then is below its training target: %(groups)s.",
        "%(num)s groups that are live by then are below their training target: %(groups)s.",
        count,
        groups=shown,
    )


def _coverage_words(count: int, shown: str) -> str:
    return ngettext(
        "%(num)s group that is live by then has no ambassador: %(groups)s.",
        "%(num)s groups that are live by then have no ambassador: %(groups)s.",
        count,
        groups=shown,
    )


def _groups(asking: Asking) -> list[GroupRow]:
    found: list[GroupRow] | None = asking.memo.get("impacted_groups")
    if found is None:
        found = asking.memo["impacted_groups"] = all_groups(asking.program_id)
    return found


def init_app() -> None:
    """Make the kinds known; once, however many apps there are."""
    kinds: tuple[tuple[str, Any, Any, Any], ...] = (
        (
            TRAINING,
            _l("Every group that is live by then is trained"),
            _l("Adoption: people trained against the target of each group that a go-live has reached by then"),
            _training,
        ),
        (
            COVERAGE,
            _l("Every group that is live by then has an ambassador"),
            _l("Groups: ambassadors of each group that a go-live has reached by then"),
            _coverage,
        ),
    )
    for kind, text, source, evaluate in kinds:
        if criteria.find(kind) is None:
            criteria.register(Criterion(kind, text, source, evaluate))
