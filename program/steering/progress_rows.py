"""What the progress page needs beside plan, index and pulse, in one statement: many small things of several tables.

Each part is a select of the same columns under its own name; what a column means is said at the part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    String,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    type_coerce,
    union_all,
)

from program.change.models import Proof
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.kpis.exact import Exact
from program.kpis.index import weeks_query
from program.kpis.models import CustomerChannel, Kpi
from program.people.models import Person
from program.planning.models import Baseline, BaselineLine, Phase
from program.pulse.results import glance_query
from program.steering.models import (
    BudgetLine,
    CommitteeMeeting,
    DecisionOption,
    DecisionOutcome,
    DecisionRequest,
    MeetingState,
    RequestState,
    Risk,
    RiskState,
    StateOverride,
    SteeringPlan,
)

RISKS, DECISIONS, SUCCESSES, WEEKS = 5, 8, 3, 13
_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("a", "b", "c", "d", "e", "f", "g", "h"), Integer()),
    "s": String(),
    "text": Text(),
    "u": String(),
    "v": String(),
    "more": Text(),
    **dict.fromkeys(("x", "y", "z"), Exact()),
    "first": Date(),
    "last": Date(),
    "at": UtcDateTime(),
}
PROGRAM: Any = bindparam("program", type_=Integer())
_TODAY: Any = bindparam("today", type_=Date())
_ADDED: dict[str, Callable[[], Any]] = {}
_SINCE: Any = bindparam("since", type_=UtcDateTime())


def small_rows(program_id: int, today: date, since: datetime) -> Mapping[str, Sequence[Any]]:
    """The rows of each part, by its name, in the part's order; a part without rows gives none. One statement.

    `since` is the moment that changes are told from where the committee has not met.
    """
    return _grouped(read(_all(), {"program": program_id, "today": today, "since": since}).all())


def add_part(name: str, build: Callable[[], Any]) -> None:
    """Let a room above read rows in the same statement: `build` gives a select of `part(name, …)`, of `PROGRAM` alone.

    Adding a part twice is adding it once.
    """
    _ADDED[name] = build
    _all.cache_clear()


def part(name: str, **columns: Any) -> Any:
    """A select of all columns, those that are not given being empty."""
    given = [
        (columns.get(column, type_coerce(cast(null(), kind), kind))).label(column) for column, kind in _COLUMNS.items()
    ]
    return select(literal_column(f"'{name}'", String()).label("part"), *given)


def _first(query: Any, most: int) -> Any:
    """The first rows of a part; in a union a limit stands in a select of its own."""
    return select(*query.limit(most).subquery().c)


def week_rows(program_id: int) -> Mapping[str, Sequence[Any]]:
    """Of `small_rows` the weeks of the index and what KPIs and channels are called. One statement."""
    return _grouped(read(_of_weeks(), {"program": program_id}).all())


def _grouped(rows: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.part].append(row)
    return found


@cache
def _of_weeks() -> Any:
    return union_all(*_names(), _newest_weeks())


@cache
def _all() -> Any:
    return union_all(
        *(*_said_and_money(), *_matters(), *_names(), _baseline(), _newest_weeks(), _pulse(), *_meetings()),
        *(build() for build in _ADDED.values()),
    )


def _said_and_money() -> list[Any]:
    plan = part("plan", a=SteeringPlan.risk_limit, s=SteeringPlan.currency).where(SteeringPlan.program_id == PROGRAM)
    said = StateOverride
    holding = (
        part(
            "said",
            a=said.id,
            b=said.revision,
            s=said.state,
            text=said.reason,
            u=Person.name,
            last=said.expires_on,
        )
        .outerjoin_from(said, Person, Person.id == said.said_by_id)
        .where(said.program_id == PROGRAM, said.ended_at.is_(None), said.expires_on >= _TODAY)
        .order_by(said.id.desc())
    )
    # One row a phase, and one for the whole program.
    forecast = func.coalesce(BudgetLine.forecast, BudgetLine.approved)
    money = (
        part(
            "money",
            a=Phase.position,
            b=func.count(),
            s=Phase.name,
            **{
                name: type_coerce(cast(func.sum(column), Exact()), Exact())
                for name, column in (("x", BudgetLine.approved), ("y", BudgetLine.spent), ("z", forecast))
            },
        )
        .select_from(BudgetLine)
        .outerjoin(Phase, Phase.id == BudgetLine.phase_id)
        .where(BudgetLine.program_id == PROGRAM)
        .group_by(Phase.id, Phase.position, Phase.name)
    )
    return [plan, _first(holding, 1), money]


def _matters() -> list[Any]:
    risks = (
        part(
            "risk",
            a=Risk.number,
            b=Risk.probability,
            c=Risk.impact,
            s=Risk.title,
            text=Risk.measure,
            u=Person.name,
        )
        .outerjoin_from(Risk, Person, Person.id == Risk.owner_id)
        .where(Risk.program_id == PROGRAM, Risk.state == RiskState.OPEN)
        .order_by((Risk.probability * Risk.impact).desc(), Risk.number)
    )
    count = part("risks", a=func.count(Risk.id)).where(Risk.program_id == PROGRAM, Risk.state == RiskState.OPEN)
    asked = DecisionRequest
    decisions = (
        part("decision", a=asked.number, s=asked.title, last=asked.decide_by)
        .where(asked.program_id == PROGRAM, asked.state == RequestState.OPEN)
        .order_by(asked.decide_by.is_(None), asked.decide_by, asked.number)
    )
    proofs = (
        part("success", s=Proof.title, text=Proof.body, u=Proof.figure, v=Proof.kind, last=Proof.happened_on)
        .where(Proof.program_id == PROGRAM, Proof.happened_on <= _TODAY)
        .order_by(Proof.is_pinned.desc(), Proof.happened_on.desc(), Proof.id.desc())
    )
    return [_first(risks, RISKS), count, _first(decisions, DECISIONS), _first(proofs, SUCCESSES)]


def _names() -> list[Any]:
    kpis = part(
        "kpi",
        a=Kpi.id,
        b=Kpi.decimals,
        s=Kpi.name,
        text=Kpi.catalogue,
        u=Kpi.unit,
        v=Kpi.unit_name,
    ).where(Kpi.program_id == PROGRAM, Kpi.is_active)
    channels = part("channel", s=CustomerChannel.key, u=CustomerChannel.name).where(
        CustomerChannel.program_id == PROGRAM
    )
    return [kpis, channels]


def _baseline() -> Any:
    newest = (
        select(Baseline.id)
        .where(Baseline.program_id == PROGRAM)
        .order_by(Baseline.taken_at.desc(), Baseline.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return part("baseline", a=BaselineLine.object_id, first=BaselineLine.starts_on, last=BaselineLine.ends_on).where(
        and_(BaselineLine.baseline_id == newest, BaselineLine.object_type == "phase")
    )


def _newest_weeks() -> Any:
    week = weeks_query(PROGRAM).subquery().c
    points = part("week", first=week.week, x=week.value, text=cast(week.parts, Text())).order_by(week.week.desc())
    return _first(points, WEEKS)


def _pulse() -> Any:
    """The rounds of the pulse as `results.glance_of` reads them."""
    asked = glance_query(PROGRAM).subquery().c
    return part(
        "pulse",
        a=asked.id,
        b=asked.number,
        c=asked.asked,
        d=asked.answered,
        e=asked.scores_from,
        f=asked.asks_for,
        g=asked.question_id,
        h=asked.said,
        s=asked.theme,
        u=asked.kind,
        text=cast(asked.questions, Text()),
        more=cast(asked.counts, Text()),
        first=asked.meant_for,
        last=asked.closed_on,
    )


def _meetings() -> list[Any]:
    meeting = CommitteeMeeting
    met = meeting.state.in_((MeetingState.HELD, MeetingState.CLOSED))
    began = func.coalesce(meeting.held_at, meeting.meets_at)
    held = (
        part("met", a=meeting.number, at=began)
        .where(meeting.program_id == PROGRAM, met)
        .order_by(began.desc(), meeting.id.desc())
    )
    ahead = (
        part("meets", a=meeting.number, at=meeting.meets_at)
        .where(meeting.program_id == PROGRAM, meeting.state == MeetingState.PLANNED)
        .order_by(meeting.meets_at)
    )
    last = (
        select(began)
        .where(meeting.program_id == PROGRAM, met)
        .order_by(began.desc(), meeting.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    outcome = DecisionOutcome
    taken = (
        part("taken", a=DecisionRequest.number, s=DecisionRequest.title, u=DecisionOption.title, at=outcome.decided_at)
        .join_from(outcome, DecisionRequest, DecisionRequest.id == outcome.request_id)
        .outerjoin(DecisionOption, DecisionOption.id == outcome.option_id)
        .where(outcome.program_id == PROGRAM, outcome.decided_at > func.coalesce(last, _SINCE))
        .order_by(outcome.sequence.desc())
    )
    return [_first(held, 1), _first(ahead, 1), _first(taken, DECISIONS)]
