"""The facts of a week for the status report: what was done, slipped and why, decided, comes next, and how figures move.

Read from what the rooms keep, in a constant number of statements, and kept without words (`report_words.py` says them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from program.extensions import db
from program.ground import formats
from program.ground.audit import AuditEntry
from program.ground.now import zone
from program.ground.records import record
from program.kpis.index import IndexPoint
from program.people.models import Person
from program.people.session import LOCALES
from program.planning.changes_since import ChangedItem, changed_since
from program.planning.models import Comment, WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.planning.opening import OpenProgram
from program.planning.standing import gates_of
from program.steering.agenda_points import Measure
from program.steering.models import (
    CommitteeMeeting,
    DecisionOption,
    DecisionOutcome,
    DecisionRequest,
    MeetingState,
    Risk,
    RiskState,
)
from program.steering.progress import assemble, index_points
from program.steering.progress_rows import small_rows
from program.steering.progress_words import headline

# So many of a kind are named; the rest are counted.
NAMED, AHEAD = 8, timedelta(days=14)
MOST_WHY = 200
KINDS = ("done", "slipped", "pulled", "blocked", "added", "dropped", "reopened")


@record
class ItemFact:
    """An item: `days` are the working days it moved, `why` what people recorded about it."""

    number: int
    title: str
    due_on: date | None
    days: int = 0
    why: str = ""
    who: str = ""


@record
class ItemList:
    """The items of one kind of change: how many, and those that are named."""

    kind: str
    total: int
    items: tuple[ItemFact, ...]


@record
class DecidedFact:
    """A decision: of the committee (`number`; '' for `outcome` is none of the options), or at a gate (None)."""

    title: str
    outcome: str
    number: int | None = None
    reason: str = ""


@record
class DateFact:
    """Something with a day that comes: a gate or a meeting."""

    kind: str
    title: str
    day: date


@record
class RiskFact:
    """A risk, and what happened to it: '' for one of the heaviest, to which nothing did."""

    number: int
    title: str
    score: int
    what: str
    who: str = ""


@record
class FigureFact:
    """A figure of the index, now and before. `measure` is None for the index itself; `way` is 1 for better."""

    value: Decimal | None
    before: Decimal | None
    measure: Measure | None = None
    channel: str = ""
    way: int = 0


@record
class MoneyFact:
    """The program's money, and what the forecast was in the report before."""

    currency: str
    approved: Decimal
    spent: Decimal
    forecast: Decimal
    forecast_before: Decimal | None = None


@record
class ReportFacts:
    """All of it. `pl` and `en` are the sentences that say how the program stands, `state` is the word for it."""

    key: str
    name: str
    since: date
    until: date
    pl: str
    en: str
    lists: tuple[ItemList, ...]
    decided: tuple[DecidedFact, ...]
    coming: tuple[ItemFact, ...]
    coming_total: int
    dates: tuple[DateFact, ...]
    risks: tuple[RiskFact, ...]
    figures: tuple[FigureFact, ...]
    money: MoneyFact | None
    # How the program stands; '' in reports drafted before it was kept.
    state: str = ""


def facts_between(program: OpenProgram, since: datetime, until: datetime, before: ReportFacts | None) -> ReportFacts:
    """What happened from `since` to `until`, which is now; `before` are the facts of the report before."""
    where = zone(program.timezone)
    today = until.astimezone(where).date()
    changes = changed_since(program.id, since, program.calendar)
    why = _reasons(program.id, since, [one for kind in KINDS for one in getattr(changes, kind)])
    small = small_rows(program.id, today, since)
    coming, total = _coming(program.id, today)
    gates = gates_of([program.id], today).get(program.id, [])
    said, state = {}, ""
    for locale in LOCALES:
        with formats.reading_as(locale, program.timezone):
            progress = assemble(program, today)
            said[locale], state = headline(progress), progress.state
    return ReportFacts(
        key=program.key,
        name=program.name,
        since=since.astimezone(where).date(),
        until=today,
        pl=said["pl"],
        en=said["en"],
        lists=tuple(_list(kind, getattr(changes, kind), why) for kind in KINDS if getattr(changes, kind)),
        decided=(
            *(DecidedFact(one.gate, one.outcome) for one in changes.decided),
            *_decided(program.id, since),
        ),
        coming=coming,
        coming_total=total,
        dates=(
            *(
                DateFact("gate", gate.name, gate.planned_on)
                for gate in gates
                if not gate.passed and gate.planned_on <= today + AHEAD
            ),
            *_meetings(program.id, until, where),
        ),
        risks=_risks(program.id, since),
        figures=_figures(index_points(small["week"]), small["kpi"], since.astimezone(where).date()),
        money=_money(small, before),
        state=state,
    )


def _list(kind: str, items: Sequence[ChangedItem], why: Mapping[int, tuple[str, str]]) -> ItemList:
    shown = sorted(items, key=lambda one: -abs(one.shift)) if kind in ("slipped", "pulled") else items
    # An end is told without its story; what went otherwise than planned is told with its reason.
    tells_why = kind in ("slipped", "blocked", "dropped", "reopened")
    return ItemList(
        kind,
        len(items),
        tuple(
            ItemFact(
                *(one.number, one.title, one.due_on, abs(one.shift)),
                why=why.get(one.number, ("", ""))[0] if tells_why else "",
                who=why.get(one.number, ("", ""))[1],
            )
            for one in shown[:NAMED]
        ),
    )


def _reasons(program_id: int, since: datetime, items: Sequence[ChangedItem]) -> dict[int, tuple[str, str]]:
    """Why, and whose, by item number: the reason of its status, else the last comment of that time."""
    numbers = {one.number for one in items}
    if not numbers:
        return {}
    newest = (
        select(func.max(Comment.id))
        .where(Comment.item_id == WorkItem.id, Comment.created_at > since)
        .correlate(WorkItem)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(WorkItem.number, WorkItem.status_reason, Comment.body, Person.name)
        .outerjoin(Comment, Comment.id == newest)
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .where(WorkItem.program_id == program_id, WorkItem.number.in_(numbers))
    )
    return {row.number: (_short(row.status_reason or row.body or ""), row.name or "") for row in rows}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MOST_WHY else f"{line[: MOST_WHY - 1].rsplit(' ', 1)[0]}…"


def _coming(program_id: int, today: date) -> tuple[tuple[ItemFact, ...], int]:
    item = WorkItem
    due = (
        item.program_id == program_id,
        item.status.in_(OPEN_STATUSES),
        item.due_on.between(today, today + AHEAD),
    )
    total = db.session.scalar(select(func.count()).select_from(item).where(*due)) or 0
    rows = db.session.execute(
        select(item.number, item.title, item.due_on, Person.name)
        .outerjoin(Person, Person.id == item.owner_id)
        .where(*due)
        .order_by(item.priority.desc(), item.due_on, item.number)
        .limit(NAMED)
    )
    found = [ItemFact(row.number, row.title, row.due_on, who=row.name or "") for row in rows]
    return tuple(sorted(found, key=lambda one: (one.due_on or date.max, one.number))), total


def _meetings(program_id: int, now: datetime, where: Any) -> list[DateFact]:
    query = select(CommitteeMeeting.meets_at).where(
        CommitteeMeeting.program_id == program_id,
        CommitteeMeeting.state == MeetingState.PLANNED,
        CommitteeMeeting.meets_at.between(now, now + AHEAD),
    )
    moments = db.session.scalars(query.order_by(CommitteeMeeting.meets_at))
    return [DateFact("meeting", "", one.astimezone(where).date()) for one in moments]


def _decided(program_id: int, since: datetime) -> list[DecidedFact]:
    rows = db.session.execute(
        select(
            DecisionRequest.title, DecisionOption.title.label("option"), DecisionRequest.number, DecisionOutcome.reason
        )
        .join(DecisionOutcome, DecisionOutcome.request_id == DecisionRequest.id)
        .outerjoin(DecisionOption, DecisionOption.id == DecisionOutcome.option_id)
        .where(DecisionRequest.program_id == program_id, DecisionOutcome.decided_at > since)
        .order_by(DecisionOutcome.sequence)
    )
    return [DecidedFact(row.title, row.option or "", row.number, _short(row.reason)) for row in rows]


def _risks(program_id: int, since: datetime) -> tuple[RiskFact, ...]:
    """What happened to risks, then the three heaviest of the others."""
    rows = db.session.execute(
        select(
            *(Risk.id, Risk.number, Risk.title, Risk.probability, Risk.impact, Risk.state, Risk.created_at),
            *(Risk.escalated_at, Person.name),
        )
        .outerjoin(Person, Person.id == Risk.owner_id)
        .where(Risk.program_id == program_id)
        .order_by((Risk.probability * Risk.impact).desc(), Risk.number)
    ).all()
    trail = select(AuditEntry.object_id, AuditEntry.changes).where(
        AuditEntry.program_id == program_id, AuditEntry.object_type == "risk", AuditEntry.at > since
    )
    settled = {row.object_id for row in db.session.execute(trail) if "state" in row.changes}
    found: list[tuple[int, RiskFact]] = []
    for row in rows:
        what = ""
        if row.state == RiskState.OPEN and row.created_at > since:
            what = "new"
        elif row.state == RiskState.OPEN and row.escalated_at is not None and row.escalated_at > since:
            what = "further"
        elif row.state != RiskState.OPEN:
            what = row.state if row.id in settled else "over"
        if what != "over":
            fact = RiskFact(row.number, row.title, row.probability * row.impact, what, row.name or "")
            found.append((0 if what else 1, fact))
    moved = [fact for rank, fact in found if rank == 0]
    quiet = [fact for rank, fact in found if rank == 1]
    return (*moved[:NAMED], *quiet[:3])


def _figures(points: Sequence[IndexPoint], kpis: Sequence[Any], since: date) -> tuple[FigureFact, ...]:
    """The index and the KPIs in it that moved since the last week that was over then."""
    if len(points) < 2:
        return ()
    newest = points[-1]
    then = next((one for one in reversed(points[:-1]) if one.week + timedelta(days=7) <= since), points[-2])
    before = {(part.kpi_id, part.channel): part for part in then.parts}
    known = {row.a: Measure("", row.s, row.text, row.u, row.v, row.b) for row in kpis}
    moved = []
    for part in newest.parts:
        was, measure = before.get((part.kpi_id, part.channel)), known.get(part.kpi_id)
        if was is None or measure is None or part.value is None or was.value is None or part.value == was.value:
            continue
        up = 1 if part.goal > part.floor else -1
        measure = replace(measure, code=part.code)
        way = up if part.value > was.value else -up
        moved.append((-abs(part.weight), FigureFact(part.value, was.value, measure, part.channel, way)))
    way = 0
    if newest.value is not None and then.value is not None:
        way = (newest.value > then.value) - (newest.value < then.value)
    return (
        FigureFact(newest.value, then.value, way=way),
        *(fact for _weight, fact in sorted(moved, key=lambda one: one[0])[:NAMED]),
    )


def _money(small: Mapping[str, Sequence[Any]], before: ReportFacts | None) -> MoneyFact | None:
    rows = small["money"]
    if not rows:
        return None
    approved, spent, forecast = (
        sum((getattr(row, name) or Decimal(0) for row in rows), Decimal(0)) for name in ("x", "y", "z")
    )
    then = before.money.forecast if before and before.money else None
    return MoneyFact(small["plan"][0].s if small["plan"] else "PLN", approved, spent, forecast, then)
