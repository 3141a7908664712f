"""What change management shows on This week: what is late, waits or lands too hard, with the way there.

One source for each place, one statement each (see `planning/insets.py`). Of one program: late messages, ideas that wait
for over a week, groups short of their training target before a go-live, and weeks ahead that are too much. Over all
programs of the reader only what is counted by an index: late messages and waiting ideas. What stands on the overview
and on My work is in `idea_insets.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from flask_babel import ngettext
from sqlalchemy import Date, and_, bindparam, distinct, func, select, union_all

from program.change import saturation
from program.change.coverage import size_of
from program.change.load import WEEK, monday_of
from program.change.models import (
    Communication,
    GroupMember,
    Idea,
    IdeaStep,
    TrainingGroup,
    TrainingSeat,
    TrainingSession,
)
from program.change.models.ideas import Stage
from program.change.models.training import Audience, SeatState, SessionState
from program.change.saturation import shaped
from program.change.training_coverage import is_training
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.pages import address
from program.ground.records import record
from program.planning.insets import Asked, Inset, Place, register

IDEAS_WAIT, GO_LIVES_AHEAD = timedelta(days=7), timedelta(weeks=4)
# This week and the two after it hold every day of the next fourteen.
WEEKS_AHEAD = 3


@record
class Line:
    """Something that needs somebody.

    A sentence, where it leads, its state, and the program's key where there are several.
    """

    text: str
    url: str
    state: str
    key: str = ""


def init_app() -> None:
    """Show it."""
    register(Place.WEEK, week)
    register(Place.PROGRAM_WEEK, program_week)


def week(asked: Asked) -> Inset | None:
    """Over all programs of the reader: late messages and waiting ideas, program by program."""
    if not asked.programs:
        return None
    values = {"program_ids": list(asked.programs), "today": asked.today, "since": _moment(asked.today - IDEAS_WAIT)}
    lines = [
        line
        for row in read(_counts(), values)
        if row.n1 and (line := _line(row.kind, row.n1, asked.programs[row.program_id])) is not None
    ]
    return Inset("change/insets/week.html", {"lines": lines, "several": True}, order=60) if lines else None


def program_week(asked: Asked) -> Inset | None:
    """Of one program: the same, and groups short of training or with weeks that are too much."""
    ((program_id, key),) = asked.programs.items()
    weeks = [monday_of(asked.today) + WEEK * step for step in range(WEEKS_AHEAD)]
    values = {
        **saturation.asked([program_id], weeks),
        "program": program_id,
        "today": asked.today,
        "since": _moment(asked.today - IDEAS_WAIT),
    }
    rows = read(_program_week(), values).all()
    picture = saturation.put_together([program_id], weeks, rows)[program_id]
    found = {
        "training": _short(rows, asked.today),
        "saturation": sum(1 for group_id in picture.groups if picture.bad_weeks(group_id)),
        **{row.kind: row.n1 for row in rows if row.kind in ("late", "ideas")},
    }
    order = ("training", "saturation", "late", "ideas")
    lines = [line for kind in order if found.get(kind) and (line := _line(kind, found[kind], key)) is not None]
    return Inset("change/insets/week.html", {"lines": lines, "several": False}, order=60) if lines else None


def _short(rows: Sequence[Any], today: date) -> int:
    """How many groups go live within four weeks and are below their training target."""
    trained: Counter[int] = Counter()
    for row in rows:
        if row.kind in ("named", "counted"):
            trained[row.group_id] += row.n1
    short = 0
    for row in rows:
        if row.kind == "group" and row.day1 is not None and today <= row.day1 <= today + GO_LIVES_AHEAD:
            size = size_of(row.n1, row.n2)
            short += min(size, trained[row.group_id]) < -(-size * row.n4 // 100)
    return short


def _line(kind: str, count: int, key: str) -> Line | None:
    if kind == "late":
        text = ngettext("%(num)s message is late", "%(num)s messages are late", count)
        return Line(text, address("communication.index", key), "late", key)
    if kind == "ideas":
        text = ngettext(
            "%(num)s idea has waited over a week for an answer",
            "%(num)s ideas have waited over a week for an answer",
            count,
        )
        return Line(text, address("ideas.index", key), "at_risk", key)
    if kind == "training":
        text = ngettext(
            "%(num)s group goes live within four weeks below its training target",
            "%(num)s groups go live within four weeks below their training target",
            count,
        )
        return Line(text, address("adoption.show", key), "off_track", key)
    if kind == "saturation":
        text = ngettext(
            "%(num)s group has a week ahead that is too much",
            "%(num)s groups have weeks ahead that are too much",
            count,
        )
        return Line(text, address("saturation.show", key), "off_track", key)
    return None


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _late_and_waiting(programs: Any) -> list[Any]:
    answered = select(IdeaStep.id).where(IdeaStep.idea_id == Idea.id).correlate(Idea).exists()
    late = (
        shaped("late", Communication.program_id, n1=func.count())
        .where(
            Communication.program_id.in_(programs),
            Communication.done_on.is_(None),
            Communication.planned_on < bindparam("today", type_=Date()),
        )
        .group_by(Communication.program_id)
    )
    waiting = (
        shaped("ideas", Idea.program_id, n1=func.count())
        .where(
            Idea.program_id.in_(programs),
            Idea.stage == Stage.HEARD.value,
            Idea.created_at < bindparam("since", type_=UtcDateTime()),
            ~answered,
        )
        .group_by(Idea.program_id)
    )
    return [late, waiting]


@cache
def _counts() -> Any:
    ids: Any = bindparam("program_ids", expanding=True)
    return union_all(*_late_and_waiting(ids))


@cache
def _program_week() -> Any:
    program: Any = bindparam("program")
    ids: Any = bindparam("program_ids", expanding=True)
    named = (
        shaped(
            "named",
            GroupMember.program_id,
            group_id=GroupMember.group_id,
            n1=func.count(distinct(GroupMember.person_id)),
        )
        .select_from(GroupMember)
        .join(
            TrainingSeat,
            and_(TrainingSeat.person_id == GroupMember.person_id, TrainingSeat.program_id == GroupMember.program_id),
        )
        .join(TrainingSession, TrainingSession.id == TrainingSeat.session_id)
        .where(
            GroupMember.program_id == program,
            GroupMember.belongs,
            TrainingSeat.state == SeatState.ATTENDED.value,
            is_training(program),
        )
        .group_by(GroupMember.program_id, GroupMember.group_id)
    )
    counted = (
        shaped(
            "counted", TrainingSession.program_id, group_id=TrainingGroup.group_id, n1=func.sum(TrainingGroup.counted)
        )
        .select_from(TrainingGroup)
        .join(TrainingSession, TrainingSession.id == TrainingGroup.session_id)
        .where(
            TrainingSession.program_id == program,
            TrainingSession.state == SessionState.HELD.value,
            TrainingSession.audience == Audience.AGENTS.value,
        )
        .group_by(TrainingSession.program_id, TrainingGroup.group_id)
    )
    return union_all(*saturation.statement_parts(), named, counted, *_late_and_waiting(ids))
