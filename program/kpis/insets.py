"""What KPIs show on planning's pages: what the reader has to see to on This week, the index on the overview.

One source for each place, one statement each (see `planning/insets.py`). Of the KPIs that the reader owns or is deputy
of, those are shown that are off track or at risk, and those that lack the figure of the last period; above them the
reviews that lie ahead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import Date, Integer, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from program.charts.sparkline import sparkline
from program.ground import formats
from program.ground.pages import address
from program.ground.records import record
from program.ground.together import read_together
from program.kpis import index, periods
from program.kpis.judging import URGENCY, Base, Rules, State, Stone, aim_on, judge
from program.kpis.models import OVERALL, Every, Kpi, KpiBaseline, KpiTarget, Reading, Review, ReviewState, fiscal_from
from program.kpis.words import figure, kpi_name
from program.planning.insets import Asked, Inset, Place, register

# Far enough back for the newest figure of a quarter; what is older is out of date in any case.
_BACK = timedelta(weeks=40)
_TOLD = (State.OFF_TRACK, State.AT_RISK)
WEEKS = 13
MOST_LINES = 8


@record
class Line:
    """A KPI that needs its owner: a sentence, where it leads, its state, and the program's key."""

    text: str
    url: str
    state: str
    key: str


@record
class ComingReview:
    """A review that lies ahead: when it is, of which week, where it leads, and the program's key."""

    week: date
    meets_at: datetime
    url: str
    key: str


def init_app() -> None:
    """Show it."""
    register(Place.WEEK, week)
    register(Place.PROGRAM_WEEK, program_week)
    register(Place.OVERVIEW, overview)


def week(asked: Asked) -> Inset | None:
    """Over all programs of the reader: their KPIs that need them."""
    return _mine(asked, several=True)


def program_week(asked: Asked) -> Inset | None:
    """Of one program: the reader's KPIs that need them."""
    return _mine(asked, several=False)


def overview(asked: Asked) -> Inset | None:
    """The Experience Index with its last weeks."""
    ((program_id, key),) = asked.programs.items()
    points = index.series(program_id, WEEKS)
    if not points:
        return None
    now = points[-1]
    before = next((point for point in points[-2::-1] if point.value is not None), None)
    data = {
        "url": address("kpi_index.show", key),
        "value": None if now.value is None else formats.exact(now.value, 1),
        "week": periods.label(Every.WEEK, now.week),
        "change": None if now.value is None or before is None or before.value is None else now.value - before.value,
        "line": sparkline(tuple(None if point.value is None else float(point.value) for point in points), "", 160, 32),
        "is_partial": bool(now.missing or now.carried),
    }
    return Inset("kpis/insets/index.html", data, order=40)


def _mine(asked: Asked, *, several: bool) -> Inset | None:
    if not asked.programs or asked.actor.person_id is None:
        return None
    lines, reviews = seen_to_by(asked.actor.person_id, asked.programs, asked.today)
    if not lines and not reviews:
        return None
    return Inset("kpis/insets/week.html", {"lines": lines, "reviews": reviews, "several": several}, order=55)


class _Mine(NamedTuple):
    """A KPI of the reader, as far as a line needs it."""

    position: int
    id: int
    program_id: int
    code: str
    catalogue: str
    name: str
    unit: str
    unit_name: str
    decimals: int
    every: str
    fiscal_from: int
    better: str
    amber_percent: Decimal
    stale_after: int
    inside_low: Decimal | None
    inside_high: Decimal | None


def seen_to_by(person_id: int, programs: Any, today: date) -> tuple[list[Line], list[ComingReview]]:
    """What of the person's KPIs in those programs (id -> key) needs them, the most urgent first, and the reviews that
    lie ahead there. One statement."""
    values = {"person": person_id, "programs": list(programs), "since": today - _BACK}
    rows = read_together(_statements(), values)
    stones: dict[int, list[Stone]] = defaultdict(list)
    for kpi_id, *stone in rows["stones"]:
        stones[kpi_id].append(Stone(*stone))
    bases = {kpi_id: Base(*base) for kpi_id, *base in rows["bases"]}
    newest = {kpi_id: (period, value) for kpi_id, period, value in rows["figures"]}
    found = []
    for kpi in sorted((_Mine(*row) for row in rows["kpis"]), key=lambda kpi: kpi[:2]):
        latest = newest.get(kpi.id)
        state, is_missing = _state(kpi, latest, stones[kpi.id], bases.get(kpi.id), today)
        if is_missing or state in _TOLD:
            found.append((kpi, state, is_missing, latest))
    found.sort(key=lambda one: URGENCY.index(one[1]))
    # Put into words only what is shown.
    lines = [_line(*one, today, programs[one[0].program_id]) for one in found[:MOST_LINES]]
    reviews = [
        ComingReview(
            week, meets_at, f"{address('kpi_reviews.index', programs[program_id])}/{number}", programs[program_id]
        )
        for program_id, number, week, meets_at in rows["reviews"]
    ]
    return lines, sorted(reviews, key=lambda one: one.meets_at)


def _state(
    kpi: _Mine, latest: tuple[date, Decimal] | None, stones: Sequence[Stone], base: Base | None, today: date
) -> tuple[State, bool]:
    """How it stands, and whether the figure of its last period is missing; one that may still come is at risk."""
    if latest is None:
        return State.STALE, True
    period, value = latest
    rules = Rules(kpi.better, kpi.amber_percent, kpi.stale_after, kpi.inside_low, kpi.inside_high)
    missed = periods.missed(kpi.every, period, today)
    if missed:
        return (State.STALE if missed >= kpi.stale_after else State.AT_RISK), True
    aim = aim_on(periods.last_day(kpi.every, period), stones, base, rules)
    baseline = base.value if base else None
    return judge(value, aim, rules, has_targets=bool(stones), missed_periods=0, baseline=baseline), False


def _line(
    kpi: _Mine, state: State, is_missing: bool, latest: tuple[date, Decimal] | None, today: date, key: str
) -> Line:
    name, url = kpi_name(kpi), f"{address('kpi_board.show', key)}/{kpi.code}"
    if is_missing or latest is None:
        last = periods.label_of(kpi, periods.last_over(kpi.every, today))
        return Line(_("%(kpi)s: the figure of %(period)s is missing", kpi=name, period=last), url, state.value, key)
    return Line(f"{name}: {figure(latest[1], kpi)}", url, state.value, key)


# Put together once: that costs more than running it.
@cache
def _statements() -> dict[str, Any]:
    person = bindparam("person", type_=Integer)
    programs: Any = bindparam("programs", expanding=True)
    is_mine = (
        Kpi.program_id.in_(programs),
        Kpi.is_active,
        Kpi.is_on_board,
        or_(Kpi.owner_id == person, Kpi.deputy_id == person),
    )
    later, after = aliased(Reading), aliased(Review)
    newest = (
        select(func.max(later.period))
        .where(later.kpi_id == Kpi.id, later.channel == OVERALL, later.period >= bindparam("since", type_=Date()))
        .correlate(Kpi)
        .scalar_subquery()
    )
    is_last = ~exists().where(after.program_id == Review.program_id, after.number > Review.number)

    def of(model: Any, *columns: Any) -> Any:
        return (
            select(model.kpi_id, *columns).join(Kpi, Kpi.id == model.kpi_id).where(*is_mine, model.channel == OVERALL)
        )

    return {
        "kpis": select(
            *(Kpi.position, Kpi.id, Kpi.program_id, Kpi.code, Kpi.catalogue, Kpi.name, Kpi.unit, Kpi.unit_name),
            *(Kpi.decimals, Kpi.every, fiscal_from(Kpi.program_id), Kpi.better, Kpi.amber_percent, Kpi.stale_after),
            *(Kpi.inside_low, Kpi.inside_high),
        ).where(*is_mine),
        "stones": of(KpiTarget, KpiTarget.kind, KpiTarget.value, KpiTarget.upper, KpiTarget.due_on),
        "bases": of(KpiBaseline, KpiBaseline.value, KpiBaseline.until),
        "figures": of(Reading, Reading.period, Reading.value).where(Reading.period == newest),
        "reviews": select(Review.program_id, Review.number, Review.week, Review.meets_at).where(
            Review.program_id.in_(programs),
            Review.state.in_((ReviewState.COLLECTING.value, ReviewState.READY.value)),
            is_last,
        ),
    }
