"""The gate's criteria `training` and `coverage`: are the people ready whom go-lives have reached by the day of the
gate?

Asked are the groups whose go-live falls on or before the gate's day. `training`: each has met its training target.
`coverage`: each has an ambassador. A gate whose day went by undecided is asked for today. While no go-live reaches
anybody by then, nothing is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Date, bindparam, case, func, select

from program.change.coverage import size_of
from program.change.models import GoLive, GroupMember, ImpactedGroup
from program.change.trained import counted_in_all, trained_in_all
from program.ground import formats
from program.ground.records import record
from program.planning import criteria
from program.planning.criteria import NAMED, Answer, Asking, Criterion, Question, SeeAlso, Wanted

TRAINING, COVERAGE = "training", "coverage"
GROUPS, TRAINED, COUNTED = "change.groups", "change.trained", "change.counted"


@record
class _Group:
    """A group that a go-live reaches."""

    id: int
    name: str
    go_live_on: date
    headcount: int
    known: int
    training_target: int
    ambassadors: int

    @property
    def size(self) -> int:
        return size_of(self.headcount, self.known)


def _wanted(asking: Asking, _questions: Sequence[Question]) -> Wanted:
    # Both kinds want the same groups, whichever gates ask for which.
    last = max(asking.today, *(gate.planned_on for gate in asking.asked))
    return Wanted({GROUPS: _reached()}, {"last_go_live": last})


def _wanted_trained(asking: Asking, questions: Sequence[Question]) -> Wanted:
    groups = _wanted(asking, questions)
    return Wanted({**groups.statements, TRAINED: trained_in_all(), COUNTED: counted_in_all()}, groups.values)


@cache
def _reached() -> Any:
    """The groups whose go-live falls on or before the day bound as `last_go_live`."""
    group, member, go_live = ImpactedGroup.__table__.c, GroupMember.__table__.c, GoLive.__table__.c
    program: Any = bindparam("program")
    people = (
        select(
            member.group_id,
            func.count(case((member.belongs, 1))).label("known"),
            func.count(case((member.is_ambassador, 1))).label("ambassadors"),
        )
        .where(member.program_id == program)
        .group_by(member.group_id)
        .subquery()
    )
    return (
        select(
            *(group.name_folded, group.id, group.name, go_live.on_date, group.headcount),
            func.coalesce(people.c.known, 0).label("known"),
            group.training_target,
            func.coalesce(people.c.ambassadors, 0).label("ambassadors"),
        )
        .join(GoLive.__table__, go_live.id == group.go_live_id)
        .outerjoin(people, people.c.group_id == group.id)
        .where(group.program_id == program, go_live.on_date <= bindparam("last_go_live", type_=Date()))
    )


def _training(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    trained: Counter[int] = Counter()
    for group_id, count in (*asking.rows[TRAINED], *asking.rows[COUNTED]):
        trained[group_id] += count

    def is_ready(group: _Group) -> bool:
        return min(group.size, trained[group.id]) >= -(-group.size * group.training_target // 100)

    see = SeeAlso(_("How far each group has come"), "adoption.show")
    return [_answer(asking, question, is_ready, _training_words, see) for question in questions]


def _coverage(asking: Asking, questions: Sequence[Question]) -> list[Answer]:
    see = SeeAlso(_("Groups and their ambassadors"), "groups.index")
    return [
        _answer(asking, question, lambda group: group.ambassadors > 0, _coverage_words, see) for question in questions
    ]


def _answer(
    asking: Asking,
    question: Question,
    is_ready: Callable[[_Group], bool],
    words: Callable[[int, str], str],
    see: SeeAlso,
) -> Answer:
    day = max(question.gate.planned_on, asking.today)
    reached = [group for group in _groups(asking) if group.go_live_on <= day]
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


def _groups(asking: Asking) -> list[_Group]:
    """By name."""
    found: list[_Group] | None = asking.memo.get(GROUPS)
    if found is None:
        found = asking.memo[GROUPS] = [_Group(*row[1:]) for row in sorted(asking.rows[GROUPS], key=lambda row: row[:2])]
    return found


def init_app() -> None:
    """Make the kinds known; once, however many apps there are."""
    kinds: tuple[tuple[str, Any, Any, Any, Any], ...] = (
        (
            TRAINING,
            _l("Every group that is live by then is trained"),
            _l("Adoption: people trained against the target of each group that a go-live has reached by then"),
            _training,
            _wanted_trained,
        ),
        (
            COVERAGE,
            _l("Every group that is live by then has an ambassador"),
            _l("Groups: ambassadors of each group that a go-live has reached by then"),
            _coverage,
            _wanted,
        ),
    )
    for kind, text, source, evaluate, wants in kinds:
        if criteria.find(kind) is None:
            criteria.register(Criterion(kind, text, source, evaluate, wants=wants))
