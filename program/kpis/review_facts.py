"""What a review looks at: how each KPI moved, the index, which figures are missing, and last time's actions.

Worked out anew for as long as the review is ahead; kept as JSON from the meeting on, so that a correction changes the
figures of today and not what the meeting saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Date, and_, bindparam, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from program.ground import formats
from program.ground.audit import in_json
from program.ground.calendar import DAY
from program.ground.database import read
from program.ground.records import record
from program.kpis import board, index, periods
from program.kpis.judging import Aim, State
from program.kpis.limits import Unusual
from program.kpis.models import OVERALL, Every, Kpi, KpiChannel, OverallBy, Reading, Review, ReviewAction, fiscal_from
from program.kpis.standings import by_urgency, standings
from program.kpis.words import kpi_name
from program.people.models import Person
from program.planning.models import WorkItem
from program.planning.models.items import Status

_EXACT = frozenset({"value", "change", "low", "high", "since_baseline"})
_DAYS = frozenset({"period", "week", "due_on"})


class _Kept:
    """What can be kept as JSON and read again."""

    def to_data(self) -> dict[str, Any]:
        """The columns in JSON terms."""
        return {one.name: in_json(getattr(self, one.name)) for one in fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """What `to_data` wrote."""
        return cls(**{name: _read(name, value) for name, value in data.items()})


@dataclass(frozen=True)
class Fact(_Kept):
    """A KPI as the review sees it; figures are exact, words are made when it is read."""

    kpi_id: int
    code: str
    catalogue: str
    name: str
    unit: str
    unit_name: str
    decimals: int
    every: str
    owner_id: int | None
    owner: str
    value: Decimal | None
    period: date | None
    change: Decimal | None
    # 1 for better than before, -1 for worse, 0 for neither or unknown.
    trend: int
    low: Decimal | None
    high: Decimal | None
    since_baseline: Decimal | None
    baseline_way: int
    state: State
    unusual: Unusual | None
    missed: int
    fiscal_from: int = 1

    @property
    def kpi(self) -> Fact:
        """Itself, where a KPI is asked for by those who read standings too."""
        return self

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return kpi_name(self)

    @property
    def aim(self) -> Aim | None:
        """What was asked for."""
        return None if self.low is None and self.high is None else Aim(self.low, self.high)

    @property
    def matters(self) -> bool:
        """Whether the meeting should look at it: not as it should be, or moved by more than noise."""
        return self.state is not State.ON_TRACK or self.unusual is not None


@dataclass(frozen=True)
class Owed(_Kept):
    """Figures of a KPI that are missing for its last period that was over: `missing` of `places`."""

    kpi_id: int
    code: str
    catalogue: str
    name: str
    every: str
    period: date
    owner_id: int | None
    owner: str
    deputy_id: int | None
    missing: int
    places: int
    fiscal_from: int = 1

    @property
    def label(self) -> str:
        """The KPI's name in the reader's language."""
        return kpi_name(self)


@dataclass(frozen=True)
class IndexFact(_Kept):
    """The Experience Index: of which week, how it moved, and how many parts were missing or carried forward."""

    value: Decimal | None
    change: Decimal | None
    week: date
    missing: int
    carried: int


@dataclass(frozen=True)
class ActionFact(_Kept):
    """An action agreed on in a review, as it stands."""

    review: int
    number: int
    title: str
    status: str
    owner: str
    due_on: date | None

    @property
    def is_open(self) -> bool:
        """Whether it still has to be done."""
        return self.status not in (Status.DONE, Status.DROPPED)


@record
class Facts:
    """All that a review looks at."""

    rows: tuple[Fact, ...] = ()
    owed: tuple[Owed, ...] = ()
    index: IndexFact | None = None
    # Agreed on last time, and what is still open of the times before.
    actions: tuple[ActionFact, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """The facts in JSON terms, for the column of the review."""
        return {
            "rows": [one.to_data() for one in self.rows],
            "owed": [one.to_data() for one in self.owed],
            "index": self.index.to_data() if self.index else None,
            "actions": [one.to_data() for one in self.actions],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Facts:
        """What `to_data` wrote; nothing for a review that never got so far."""
        return cls(
            tuple(Fact.from_data(one) for one in data.get("rows", ())),
            tuple(Owed.from_data(one) for one in data.get("owed", ())),
            IndexFact.from_data(data["index"]) if data.get("index") else None,
            tuple(ActionFact.from_data(one) for one in data.get("actions", ())),
        )


def facts_now(review: Review, today: date, agreed: Sequence[ActionFact] | None = None) -> Facts:
    """The facts of a review as they are now; `today` is the program's day, `agreed` what `actions_up_to` said already.

    Eight statements at most. Permission is the caller's.
    """
    agreed = actions_up_to(review) if agreed is None else agreed
    before = [one for one in agreed if one.review < review.number]
    earlier = tuple(one for one in before if one.is_open or one.review == review.number - 1)
    found = [one for one in standings(review.program_id, today) if one.kpi.is_on_board]
    rows = []
    for one in by_urgency(found):
        kpi, base = one.kpi, one.baseline
        rows.append(
            Fact(
                *(kpi.id, kpi.code, kpi.catalogue, kpi.name, kpi.unit, kpi.unit_name, kpi.decimals, kpi.every),
                *(kpi.owner_id, kpi.owner, one.value, one.latest.period if one.latest else None),
                *(one.change, one.trend, one.aim.low if one.aim else None, one.aim.high if one.aim else None),
                one.value - base.value if base is not None and one.value is not None else None,
                *(one.is_good_since_baseline, one.state, one.unusual, one.missed),
                fiscal_from=kpi.fiscal_from,
            )
        )
    newest = index.latest(review.program_id)
    point = newest.point if newest else None
    told = (
        IndexFact(point.value, newest.change, point.week, len(point.missing), len(point.carried))
        if newest and point
        else None
    )
    return Facts(tuple(rows), tuple(owed_of(review.program_id, review.week)), told, earlier)


def periods_at(week: date) -> dict[str, date]:
    """For each length of period the last one that is over when that week is."""
    return {every.value: periods.last_over(every, week + 7 * DAY) for every in Every}


def owed_of(program_id: int, week: date) -> list[Owed]:
    """Figures missing once that week is over, in the program's order; also for KPIs nobody owns. One statement."""
    asked = periods_at(week)
    values = {"program": program_id, **{f"period_{every}": period for every, period in asked.items()}}
    return [
        Owed(
            *(row.id, row.code, row.catalogue, row.name, row.every, asked[row.every]),
            *(row.owner_id, row.owner or "", row.deputy_id, row.places - row.entered, row.places, row.fiscal_from),
        )
        for row in read(_owed(), values).all()
    ]


def actions_up_to(review: Review) -> list[ActionFact]:
    """What was agreed on in that review and those before it, as it stands today; the newest first. One statement."""
    rows = read(_agreed(), {"program": review.program_id, "number": review.number}).all()
    return [ActionFact(*row) for row in rows]


def so_what(facts: Facts) -> str:
    """What the review begins with, in a few sentences."""
    sentences = []
    one = facts.index
    if one is not None and one.value is not None:
        value = formats.exact(one.value, 1)
        if one.change is None:
            sentences.append(_("The Experience Index is %(value)s of 100.", value=value))
        else:
            mark = "+" if one.change > 0 else "\N{MINUS SIGN}" if one.change < 0 else "±"
            change = f"{mark}{formats.exact(abs(one.change), 1)}"
            sentences.append(
                _(
                    "The Experience Index is %(value)s of 100, %(change)s on the week before.",
                    value=value,
                    change=change,
                )
            )
    sentences.append(board.headline(facts.rows))
    missing = sum(owed.missing for owed in facts.owed)
    if missing:
        sentences.append(ngettext("%(num)s figure has not come in.", "%(num)s figures have not come in.", missing))
    return " ".join(sentence for sentence in sentences if sentence)


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _EXACT:
        return Decimal(value)
    if name in _DAYS:
        return date.fromisoformat(value)
    if name == "state":
        return State(value)
    return Unusual(value) if name == "unusual" else value


@cache
def _owed() -> Any:
    overall = select(Kpi.id.label("kpi_id"), literal(OVERALL).label("channel")).where(
        Kpi.program_id == bindparam("program"), Kpi.is_active, Kpi.overall_by != OverallBy.WEIGHTED.value
    )
    followed = (
        select(KpiChannel.kpi_id, KpiChannel.channel)
        .join(Kpi, Kpi.id == KpiChannel.kpi_id)
        .where(Kpi.program_id == bindparam("program"), Kpi.is_active)
    )
    place = union_all(overall, followed).subquery()
    owner = aliased(Person)
    there = or_(
        *(
            and_(Kpi.every == every.value, Reading.period == bindparam(f"period_{every}", type_=Date()))
            for every in Every
        )
    )
    entered = func.count(Reading.id)
    fiscal_year = fiscal_from(bindparam("program"))
    columns = (Kpi.id, Kpi.code, Kpi.catalogue, Kpi.name, Kpi.every, Kpi.owner_id, owner.name.label("owner"))
    return (
        select(*columns, Kpi.deputy_id, func.count().label("places"), entered.label("entered"), fiscal_year)
        .select_from(place)
        .join(Kpi, Kpi.id == place.c.kpi_id)
        .outerjoin(Reading, and_(Reading.kpi_id == Kpi.id, Reading.channel == place.c.channel, there))
        .outerjoin(owner, owner.id == Kpi.owner_id)
        .group_by(*columns, Kpi.deputy_id, Kpi.position)
        .having(entered < func.count())
        .order_by(Kpi.position, Kpi.id)
    )


@cache
def _agreed() -> Any:
    return (
        select(
            *(Review.number.label("review"), WorkItem.number, WorkItem.title, WorkItem.status),
            *(func.coalesce(Person.name, "").label("owner"), WorkItem.due_on),
        )
        .join(ReviewAction, ReviewAction.review_id == Review.id)
        .join(WorkItem, WorkItem.id == ReviewAction.item_id)
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .where(Review.program_id == bindparam("program"), Review.number <= bindparam("number"))
        .order_by(Review.number.desc(), WorkItem.number)
    )


def people_of(rows: Sequence[Fact]) -> set[int]:
    """Those who own one of the KPIs."""
    return {one.owner_id for one in rows if one.owner_id is not None}
