"""What changed in a program between two days, for a committee: done, slipped and why, added, removed, decided, moved.

The plan at both moments is worked out from the audit trail (`planning/past_plans.py`), figures come from what was kept
of those days (`snapshots.py`). A day on which the committee met stands for the moment at which it began to meet;
otherwise the first day begins in the morning and the last one ends at night. In words: `since_words.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Date, Text, and_, bindparam, cast, func, or_, select, union_all

from program.ground import formats
from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.now import utc_now, zone
from program.ground.records import record
from program.planning.comparison import Comparison, compare
from program.planning.models import Gate, GateDecision, Program
from program.planning.opening import OpenProgram
from program.planning.past_plans import plans_between
from program.steering.frozen import from_json
from program.steering.models import (
    CommitteeMeeting,
    DecisionOption,
    DecisionOutcome,
    DecisionRequest,
    MeetingState,
    Risk,
    RiskState,
    Snapshot,
)
from program.steering.progress import WITHOUT_MEETING, index_of, index_points, kpis_of
from program.steering.progress_parts import IndexPart, KpiLine, Progress
from program.steering.progress_rows import PROGRAM, part, week_rows

# Meetings to choose from; how far back a kept day may stand in for one that was not kept.
MEETINGS, NEAR, WEEK = 12, timedelta(days=7), timedelta(days=7)
_FIRST: Any = bindparam("first", type_=UtcDateTime())
_LAST: Any = bindparam("last", type_=UtcDateTime())


@record
class End:
    """One end of the time between: a day, the moment it stands for, and the number of the meeting of that day."""

    day: date
    moment: datetime
    meeting: int | None
    is_now: bool = False


@record
class Met:
    """A meeting to choose."""

    number: int
    day: date


@record
class Taken:
    """A decision: of the committee (its number; '' for `chosen` when none of the options was taken) or at a gate."""

    name: str
    at: datetime
    number: int | None = None
    chosen: str = ""
    gate_id: int | None = None
    outcome: str = ""


@record
class RiskMove:
    """What became of a risk: 'opened', 'closed', 'happened', 'reopened', 'risen' or 'fallen'; scores, None outside."""

    number: int
    title: str
    kind: str
    before: int | None
    after: int | None


@record
class Figures:
    """What was kept of a day: the index and the KPIs it is mixed of. `day` is the day they are of."""

    day: date
    index: IndexPart | None
    kpis: tuple[KpiLine, ...]


@record
class Since:
    """All of it. `before` and `after` are None where nothing was kept of the days around."""

    first: End
    last: End
    plan: Comparison
    taken: tuple[Taken, ...]
    risks: tuple[RiskMove, ...]
    before: Figures | None
    after: Figures | None
    meetings: tuple[Met, ...]
    # The program's first day here: nothing is known of earlier ones.
    began: date

    @property
    def day_before(self) -> date:
        """The day at whose end the time between begins, for pages that know days alone."""
        return max(self.began, self.first.day - timedelta(days=1))

    @property
    def is_quiet(self) -> bool:
        """True when nothing happened."""
        return not (self.plan.changes or self.taken or self.risks)


def what_changed(program: OpenProgram, first: date | None, last: date | None) -> Since:
    """What changed from one day to the other; from the last meeting before it, else four weeks ago, to today.

    Days in the wrong order change places, days to come become today. Nine statements, whatever the program's size.
    """
    today = formats.today()
    rows = _meeting_rows(program.id)
    began = rows["began"][0].at
    where = zone(program.timezone)
    met = [(row.at, row.a) for row in rows["met"]]
    ends = sorted(min(day, today) for day in (first, last) if day is not None)
    until = ends[-1] if last is not None or len(ends) > 1 else today
    start = ends[0] if first is not None else _usual(met, until, where)
    earliest = began.astimezone(where).date()
    opening = _end(max(start, earliest), met, where, opens=True)
    first_end = End(opening.day, max(opening.moment, began), opening.meeting)
    last_end = _end(max(until, earliest), met, where, opens=False)
    if last_end.day == today:
        last_end = End(today, utc_now(), None, is_now=True)
    plans = plans_between(program.id, first_end.moment, last_end.moment)
    matters = _matters(program.id, first_end.moment, last_end.moment)
    before, after = _figures(program, first_end, last_end, today)
    return Since(
        first=first_end,
        last=last_end,
        plan=compare(*plans, program.calendar),
        taken=_taken(matters),
        risks=_risks(matters, last_end.moment),
        before=before,
        after=after,
        meetings=tuple(Met(number, at.astimezone(where).date()) for at, number in met),
        began=earliest,
    )


def _usual(met: Sequence[tuple[datetime, int]], until: date, where: Any) -> date:
    days = (at.astimezone(where).date() for at, _number in met)
    return next((day for day in days if day < until), until - WITHOUT_MEETING)


def _end(day: date, met: Sequence[tuple[datetime, int]], where: Any, *, opens: bool) -> End:
    for at, number in met:
        if at.astimezone(where).date() == day:
            return End(day, at, number)
    moment = datetime.combine(day if opens else day + timedelta(days=1), time(), where)
    return End(day, min(moment, utc_now()), None)


def _grouped(rows: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"began": [], "met": [], "gate": [], "taken": [], "risk": [], "risk_was": []}
    for row in rows:
        found[row.part].append(row)
    return found


def _meeting_rows(program_id: int) -> dict[str, list[Any]]:
    return _grouped(read(_meetings_query(), {"program": program_id}).all())


@cache
def _meetings_query() -> Any:
    meeting = CommitteeMeeting
    at = func.coalesce(meeting.held_at, meeting.meets_at)
    met = (
        part("met", a=meeting.number, at=at)
        .where(meeting.program_id == PROGRAM, meeting.state.in_((MeetingState.HELD, MeetingState.CLOSED)))
        .order_by(at.desc(), meeting.id.desc())
        .limit(MEETINGS)
        .subquery()
    )
    began = part("began", at=Program.created_at).where(Program.id == PROGRAM)
    return union_all(began, select(*met.c))


def _matters(program_id: int, first: datetime, last: datetime) -> dict[str, list[Any]]:
    """Decisions in between, and the risks with what was written of them since."""
    return _grouped(read(_matters_query(), {"program": program_id, "first": first, "last": last}).all())


@cache
def _matters_query() -> Any:
    gate, outcome = GateDecision, DecisionOutcome
    gates = (
        part("gate", a=Gate.id, s=Gate.name, u=gate.outcome, at=gate.decided_at)
        .join_from(Gate, gate, gate.gate_id == Gate.id)
        .where(gate.program_id == PROGRAM, gate.decided_at > _FIRST, gate.decided_at <= _LAST)
    )
    taken = (
        part("taken", a=DecisionRequest.number, s=DecisionRequest.title, u=DecisionOption.title, at=outcome.decided_at)
        .join_from(outcome, DecisionRequest, DecisionRequest.id == outcome.request_id)
        .outerjoin(DecisionOption, DecisionOption.id == outcome.option_id)
        .where(outcome.program_id == PROGRAM, outcome.decided_at > _FIRST, outcome.decided_at <= _LAST)
    )
    risks = part("risk", a=Risk.id, b=Risk.number, c=Risk.probability, d=Risk.impact, s=Risk.title, u=Risk.state).where(
        Risk.program_id == PROGRAM
    )
    were = part(
        "risk_was", a=AuditEntry.object_id, b=AuditEntry.id, text=cast(AuditEntry.changes, Text()), at=AuditEntry.at
    ).where(AuditEntry.program_id == PROGRAM, AuditEntry.at > _FIRST, AuditEntry.object_type == "risk")
    return union_all(gates, taken, risks, were)


def _taken(matters: Mapping[str, Sequence[Any]]) -> tuple[Taken, ...]:
    found = [Taken(row.s, row.at, gate_id=row.a, outcome=row.u) for row in matters["gate"]]
    found += [Taken(row.s, row.at, number=row.a, chosen=row.u or "") for row in matters["taken"]]
    return tuple(sorted(found, key=lambda one: one.at))


def _risks(matters: Mapping[str, Sequence[Any]], last: datetime) -> tuple[RiskMove, ...]:
    """Each risk's state and figures at both moments, by undoing what was written of it since."""
    now = {row.a: {"state": row.u, "probability": row.c, "impact": row.d} for row in matters["risk"]}
    entries = sorted(matters["risk_was"], key=lambda row: -row.b)
    for row in entries:
        if row.at > last:
            _undo(now, row)
    then = {number: dict(columns) for number, columns in now.items()}
    for row in entries:
        if row.at <= last:
            _undo(then, row)
    found = []
    for row in sorted(matters["risk"], key=lambda one: one.b):
        before, after = _score(then.get(row.a)), _score(now.get(row.a))
        kind = _kind(before, after, now.get(row.a), is_new=row.a not in then)
        if kind:
            found.append(RiskMove(row.b, row.s, kind, before, after))
    return tuple(found)


def _undo(states: dict[int, dict[str, Any]], row: Any) -> None:
    changes = json.loads(row.text)
    before, after = changes.get("title", ("", ""))
    if before is None and after is not None:
        states.pop(row.a, None)
    elif row.a in states:
        states[row.a].update({name: pair[0] for name, pair in changes.items() if name in states[row.a]})


def _score(columns: Mapping[str, Any] | None) -> int | None:
    """Probability times impact of an open risk; None for one that is not open or not there."""
    if columns is None or columns["state"] != RiskState.OPEN:
        return None
    return int(columns["probability"] * columns["impact"])


def _kind(before: int | None, after: int | None, now: Mapping[str, Any] | None, *, is_new: bool) -> str:
    if before == after:
        return ""
    if before is None:
        return "opened" if is_new else "reopened"
    if after is None:
        return "happened" if now and now["state"] == RiskState.HAPPENED else "closed"
    return "risen" if after > before else "fallen"


def _figures(program: OpenProgram, first: End, last: End, today: date) -> tuple[Figures | None, Figures | None]:
    """The index and KPIs of both ends: those of today as they are, those of the past as they were kept."""
    values = {"program": program.id, "first_day": first.day, "last_day": last.day, "near": first.day - NEAR}
    kept = [_kept(row) for row in read(_snapshots(), {**values, "near_last": last.day - NEAR}).all()]
    # The newest of several of a day comes last.
    before = next((one for one in reversed(kept) if first.day - NEAR <= one.day <= first.day), None)
    after = next((one for one in reversed(kept) if one.day <= last.day and one is not before), None)
    if last.is_now:
        rows = week_rows(program.id)
        points = index_points(rows["week"])
        after = Figures(today, index_of(points), kpis_of(points, rows))
    return before or (_of_weeks(after, first.day) if after else None), after


def _of_weeks(after: Figures, day: date) -> Figures | None:
    """The figures of the last whole week before that day, where the later ones still remember it."""
    index = after.index
    known = [place for place, week in enumerate(index.weeks) if week + WEEK <= day] if index else []
    if index is None or not known:
        return None
    place = known[-1]
    kpis = tuple(
        replace(one, number=one.recent[place], value=_written(one, one.recent[place]), score=None)
        for one in after.kpis
        if place < len(one.recent)
    )
    return Figures(index.weeks[place], replace(index, value=index.recent[place]), kpis)


def _written(one: KpiLine, number: Decimal | None) -> str:
    if number is None:
        return "—"
    return f"{formats.exact(number, one.decimals)}\N{NO-BREAK SPACE}{one.sign}".rstrip()


def _kept(row: Any) -> Figures:
    locale = formats.current_locale()
    kept = from_json(Progress, row.data[locale if locale in row.data else "en"])
    return Figures(row.day, kept.index, kept.kpis)


@cache
def _snapshots() -> Any:
    """The newest snapshot up to each of the two days, not much older than it; the older day's first."""

    def newest(day: str, near: str) -> Any:
        query = select(Snapshot.id).where(
            Snapshot.program_id == PROGRAM,
            Snapshot.day <= bindparam(day, type_=Date()),
            Snapshot.day >= bindparam(near, type_=Date()),
        )
        return query.order_by(Snapshot.day.desc(), Snapshot.taken_at.desc(), Snapshot.id.desc()).limit(1)

    chosen = or_(
        Snapshot.id == newest("first_day", "near").scalar_subquery(),
        Snapshot.id == newest("last_day", "near_last").scalar_subquery(),
    )
    return (
        select(Snapshot.day, Snapshot.data)
        .where(and_(Snapshot.program_id == PROGRAM, chosen))
        .order_by(Snapshot.day, Snapshot.taken_at)
    )
