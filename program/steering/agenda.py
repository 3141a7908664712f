"""The agenda, assembled from what is due: in a few statements, whatever the size of the program.

First what the last meeting agreed on; then decisions that wait, by the day they are needed; gates that come up before
the meeting after the next; risks from the committee's limit on, or taken further; KPIs that stand worse than at the
last meeting; money beyond what was approved; and what somebody put there. Until the meeting begins it is worked out
anew each time; from then on it stands (`meeting_acts.begin`). Permission is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, and_, bindparam, func, literal_column, null, or_, select, type_coerce, union_all
from sqlalchemy.sql.expression import cast as as_type
from sqlalchemy.types import String, Text

from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.now import utc_now, zone
from program.kpis.index import IndexPoint
from program.people.models import Person
from program.planning.models import WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.planning.opening import OpenProgram
from program.planning.standing import gates_of
from program.steering.agenda_points import USUAL_MINUTES, Agenda, Fact, Measure, Point, PointKind
from program.steering.frozen import from_json
from program.steering.models import (
    CommitteeMeeting,
    DecisionRequest,
    DecisionVote,
    MeetingAction,
    MeetingPoint,
    MeetingState,
    RequestState,
    Risk,
    RiskState,
)
from program.steering.progress import index_points
from program.steering.progress_rows import small_rows
from program.steering.risk_words import USUAL_LIMIT, band, score

# Gates planned so long after the meeting are talked about in it.
GATES_AHEAD = timedelta(days=35)
# What figures are compared with in a program whose committee has not met.
WITHOUT_MEETING = timedelta(days=28)
MOST = 40
_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("a", "b", "c", "d"), Integer()),
    **dict.fromkeys(("s", "u", "v"), String()),
    "text": Text(),
    "day": Date(),
    "at": UtcDateTime(),
}


def agenda_of(program: OpenProgram, meeting: CommitteeMeeting, today: date) -> Agenda:
    """The meeting's agenda: as it stood when it began, or as it is now. Three statements at most."""
    if meeting.agenda:
        return from_json(Agenda, meeting.agenda)
    return assemble(program, meeting, today)


def assemble(program: OpenProgram, meeting: CommitteeMeeting, today: date) -> Agenda:
    """The agenda as everything stands now, in the order that was chosen. Three statements."""
    since = datetime.combine(today - WITHOUT_MEETING, time(), zone(program.timezone))
    small = small_rows(program.id, today, since)
    limit = small["plan"][0].a if small["plan"] else USUAL_LIMIT
    values = {"program": program.id, "meeting": meeting.id, "meets_at": meeting.meets_at, "limit": limit}
    found: dict[str, list[Any]] = {}
    for row in read(_due(), values):
        found.setdefault(row.part, []).append(row)
    last_at = found["last"][0].at if "last" in found else since
    last_day = last_at.astimezone(zone(program.timezone)).date()
    points = [
        *_actions(found.get("action", ())),
        *(_decision(row) for row in found.get("decision", ())),
        *_gates(program, meeting, today),
        *_risks(found.get("risk", ())),
        *_figures(index_points(small["week"]), small["kpi"], last_day),
        *_budget(small),
        *(Point(f"own:{row.a}", PointKind.OWN, row.s, row.a, note=row.text) for row in found.get("own", ())),
    ]
    return Agenda(utc_now().isoformat(), ordered(points, meeting.agenda_plan))


def ordered(points: Sequence[Point], plan: Mapping[str, Any]) -> tuple[Point, ...]:
    """The points in the chosen order with the chosen minutes: actions first, those nobody placed last."""
    places = {key: place for place, key in enumerate(plan.get("order", ()))}
    minutes = plan.get("minutes", {})
    timed = [replace(one, minutes=minutes.get(one.key, USUAL_MINUTES[PointKind(one.kind)])) for one in points]
    return tuple(
        sorted(timed, key=lambda one: (one.kind != PointKind.ACTIONS, places.get(one.key, len(places)))),
    )


def _actions(rows: Sequence[Any]) -> list[Point]:
    facts = tuple(Fact("action", row.s, row.a, row.day, row.u or "", row.v) for row in rows)
    return [Point("actions", PointKind.ACTIONS, facts=facts)] if facts else []


def _decision(row: Any) -> Point:
    return Point(
        f"decision:{row.b}", PointKind.DECISION, row.s, row.a, row.day, facts=(Fact("votes", number=row.c or 0),)
    )


def _gates(program: OpenProgram, meeting: CommitteeMeeting, today: date) -> list[Point]:
    last = meeting.meets_at.astimezone(zone(program.timezone)).date() + GATES_AHEAD
    return [
        Point(
            *(f"gate:{gate.id}", PointKind.GATE, gate.name, gate.id, gate.planned_on),
            facts=(Fact("reopened"),) if gate.reopened else (),
        )
        for gate in gates_of([program.id], today).get(program.id, ())
        if not gate.passed and gate.planned_on <= last
    ]


def _risks(rows: Sequence[Any]) -> list[Point]:
    facts = tuple(
        Fact(
            "risk",
            row.s,
            row.a,
            who=row.u or "",
            state=band(score(row.b, row.c)).value,
            more=row.text,
            amount=Decimal(score(row.b, row.c)),
            day=row.at.date() if row.at else None,
        )
        for row in rows
    )
    return [Point("risks", PointKind.RISKS, facts=facts)] if facts else []


def _figures(points: Sequence[IndexPoint], kpis: Sequence[Any], last_day: date) -> list[Point]:
    """The index and the KPIs that stand worse than in the week of the last meeting."""
    if len(points) < 2:
        return []
    newest = points[-1]
    then = next((one for one in reversed(points[:-1]) if one.week <= last_day), points[0])
    before = {(part.kpi_id, part.channel): part for part in then.parts}
    known = {row.a: Measure("", row.s, row.text, row.u, row.v, row.b) for row in kpis}
    worse = []
    for part in newest.parts:
        was = before.get((part.kpi_id, part.channel))
        if was is None or part.score is None or was.score is None or part.kpi_id not in known:
            continue
        if part.score < was.score:
            measure = replace(known[part.kpi_id], code=part.code)
            fact = Fact("kpi", more=part.channel, amount=part.value, before=was.value, measure=measure)
            worse.append(((part.score - was.score) * part.weight, fact))
    fell = newest.value is not None and then.value is not None and newest.value < then.value
    if not worse and not fell:
        return []
    facts = [Fact("index", amount=newest.value, before=then.value, day=newest.week)] if newest.value else []
    facts += [fact for _weight, fact in sorted(worse, key=lambda one: one[0])[:5]]
    return [Point("figures", PointKind.FIGURES, facts=tuple(facts))]


def _budget(small: Mapping[str, Sequence[Any]]) -> list[Point]:
    currency = small["plan"][0].s if small["plan"] else "PLN"
    facts = tuple(
        Fact("money", row.s or "", amount=max(row.z or Decimal(0), row.y or Decimal(0)), before=row.x, more=currency)
        for row in sorted(small["money"], key=lambda row: -1 if row.a is None else row.a)
        if max(row.z or Decimal(0), row.y or Decimal(0)) > (row.x or Decimal(0))
    )
    return [Point("budget", PointKind.BUDGET, facts=facts)] if facts else []


def _part(name: str, **columns: Any) -> Any:
    given = [(columns.get(one, type_coerce(as_type(null(), kind), kind))).label(one) for one, kind in _COLUMNS.items()]
    return select(literal_column(f"'{name}'", String()).label("part"), *given)


@cache
def _due() -> Any:
    program: Any = bindparam("program", type_=Integer())
    began = func.coalesce(CommitteeMeeting.held_at, CommitteeMeeting.meets_at)
    earlier = (
        CommitteeMeeting.program_id == program,
        CommitteeMeeting.state.in_((MeetingState.HELD, MeetingState.CLOSED)),
        CommitteeMeeting.id != bindparam("meeting", type_=Integer()),
        CommitteeMeeting.meets_at < bindparam("meets_at", type_=UtcDateTime()),
    )
    last = _part("last", a=CommitteeMeeting.id, at=began).where(*earlier).order_by(began.desc()).limit(1)
    last_id = select(CommitteeMeeting.id).where(*earlier).order_by(began.desc()).limit(1).scalar_subquery()
    item = WorkItem
    actions = (
        _part("action", a=item.number, b=item.id, s=item.title, u=Person.name, v=item.status, day=item.due_on)
        .select_from(item)
        .outerjoin(Person, Person.id == item.owner_id)
        .where(
            item.id.in_(
                select(MeetingAction.item_id)
                .join(CommitteeMeeting, CommitteeMeeting.id == MeetingAction.meeting_id)
                .where(*earlier, or_(MeetingAction.meeting_id == last_id, item.status.in_(OPEN_STATUSES)))
            )
        )
        .order_by(item.status.not_in(OPEN_STATUSES), item.due_on, item.number)
        .limit(MOST)
    )
    asked = DecisionRequest
    votes = select(func.count()).where(DecisionVote.request_id == asked.id).scalar_subquery()
    decisions = (
        _part("decision", a=asked.number, b=asked.id, c=votes, s=asked.title, day=asked.decide_by)
        .where(asked.program_id == program, asked.state == RequestState.OPEN.value)
        .order_by(asked.decide_by.is_(None), asked.decide_by, asked.number)
        .limit(MOST)
    )
    points = Risk.probability * Risk.impact
    risks = (
        _part(
            *("risk",),
            a=Risk.number,
            b=Risk.probability,
            c=Risk.impact,
            s=Risk.title,
            text=Risk.measure,
            u=Person.name,
            at=Risk.escalated_at,
        )
        .outerjoin_from(Risk, Person, Person.id == Risk.owner_id)
        .where(
            and_(Risk.program_id == program, Risk.state == RiskState.OPEN.value),
            or_(Risk.escalated_at.is_not(None), points >= bindparam("limit", type_=Integer())),
        )
        .order_by(points.desc(), Risk.number)
        .limit(MOST)
    )
    own = (
        _part("own", a=MeetingPoint.id, s=MeetingPoint.title, text=MeetingPoint.note)
        .where(MeetingPoint.meeting_id == bindparam("meeting", type_=Integer()))
        .order_by(MeetingPoint.position, MeetingPoint.id)
        .limit(MOST)
    )
    return union_all(*(select(*one.subquery().c) for one in (last, actions, decisions, risks, own)))
