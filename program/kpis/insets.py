"""What KPIs show on planning's pages: what the reader has to see to on This week, the index on the overview.

One source for each place, one statement each (see `planning/insets.py`). Of the KPIs that the reader owns or is deputy
of, those are shown that are off track or at risk, and those that lack the figure of the last period; above them the
reviews that lie ahead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Date, Integer, bindparam, cast, exists, literal, null, or_, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from program.charts.sparkline import sparkline
from program.ground import formats
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.pages import address
from program.ground.records import record
from program.kpis import index, periods
from program.kpis.exact import Exact
from program.kpis.judging import URGENCY, Base, Rules, State, Stone, aim_on, judge
from program.kpis.models import OVERALL, Every, Kpi, KpiBaseline, KpiTarget, Reading, Review, ReviewState, fiscal_from
from program.kpis.words import figure, kpi_name
from program.planning.insets import Asked, Inset, Place, register

# Far enough back for the newest figure of a quarter; what is older is out of date in any case.
_BACK = timedelta(weeks=40)
_TOLD = (State.OFF_TRACK, State.AT_RISK)
WEEKS = 13
REVIEW = "review"
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


def seen_to_by(person_id: int, programs: Any, today: date) -> tuple[list[Line], list[ComingReview]]:
    """What of the person's KPIs in those programs (id -> key) needs them, the most urgent first, and the reviews that
    lie ahead there. One statement."""
    values = {"person": person_id, "programs": list(programs), "since": today - _BACK}
    kpis: dict[int, Any] = {}
    stones: dict[int, list[Stone]] = defaultdict(list)
    bases: dict[int, Base] = {}
    newest: dict[int, Any] = {}
    reviews = []
    for row in read(_statement(), values).all():
        if row.sort == REVIEW:
            key = programs[row.program_id]
            url = f"{address('kpi_reviews.index', key)}/{row.id}"
            reviews.append(ComingReview(row.day, row.meets_at, url, key))
            continue
        kpis[row.id] = row
        if row.sort == "stone":
            stones[row.id].append(Stone(row.kind, row.value, row.upper, row.day))
        elif row.sort == "base":
            bases[row.id] = Base(row.value, row.day)
        elif row.sort == "figure" and (row.id not in newest or newest[row.id].day < row.day):
            newest[row.id] = row
    found = []
    for kpi_id, kpi in kpis.items():
        line = _line(kpi, newest.get(kpi_id), stones[kpi_id], bases.get(kpi_id), today, programs[kpi.program_id])
        if line is not None:
            found.append(line)
    lines = sorted(found, key=lambda line: URGENCY.index(State(line.state)))[:MOST_LINES]
    return lines, sorted(reviews, key=lambda one: one.meets_at)


def _line(kpi: Any, latest: Any, stones: Collection[Stone], base: Base | None, today: date, key: str) -> Line | None:
    rules = Rules(kpi.better, kpi.amber_percent, kpi.stale_after, kpi.inside_low, kpi.inside_high)
    missed = periods.missed(kpi.every, latest.day, today) if latest else 0
    value = latest.value if latest else None
    aim = aim_on(periods.last_day(kpi.every, latest.day), list(stones), base, rules) if latest else None
    state = judge(
        value,
        aim,
        rules,
        has_targets=bool(stones),
        missed_periods=missed,
        baseline=base.value if base else None,
    )
    name, url = kpi_name(kpi), f"{address('kpi_board.show', key)}/{kpi.code}"
    if state in (State.STALE, State.NO_DATA) or missed:
        last = periods.label_of(kpi, periods.last_over(kpi.every, today))
        text = _("%(kpi)s: the figure of %(period)s is missing", kpi=name, period=last)
        return Line(text, url, State.STALE.value if state in (State.STALE, State.NO_DATA) else State.AT_RISK.value, key)
    if state in _TOLD:
        return Line(f"{name}: {figure(value, kpi)}", url, state.value, key)
    return None


# Put together once: that costs more than running it.
@cache
def _statement() -> Any:
    person = bindparam("person", type_=Integer)
    programs: Any = bindparam("programs", expanding=True)
    is_mine = (
        Kpi.program_id.in_(programs),
        Kpi.is_active,
        Kpi.is_on_board,
        or_(Kpi.owner_id == person, Kpi.deputy_id == person),
    )
    mine = select(Kpi.id).where(*is_mine)
    nothing = type_coerce(null(), Exact())

    def of(sort: str, model: Any, kind: Any, upper: Any, day: Any, *where: Any) -> Any:
        return select(
            *(literal(sort).label("sort"), model.kpi_id, kind.label("kind"), model.value),
            *(upper.label("upper"), type_coerce(day, Date()).label("day")),
        ).where(model.kpi_id.in_(mine), model.channel == OVERALL, *where)

    since = bindparam("since", type_=Date())
    parts = union_all(
        of("stone", KpiTarget, KpiTarget.kind, KpiTarget.upper, KpiTarget.due_on),
        of("base", KpiBaseline, literal(""), nothing, KpiBaseline.until),
        of("figure", Reading, literal(""), nothing, Reading.period, Reading.period >= since),
    ).subquery()
    kpis = (
        select(
            *(Kpi.id, Kpi.program_id, Kpi.code, Kpi.catalogue, Kpi.name, Kpi.unit, Kpi.unit_name, Kpi.decimals),
            *(Kpi.every, Kpi.better, Kpi.amber_percent, Kpi.stale_after, Kpi.inside_low, Kpi.inside_high),
            *(parts.c.sort, parts.c.kind, parts.c.value, parts.c.upper, parts.c.day),
            *(Kpi.position, cast(null(), UtcDateTime()).label("meets_at"), fiscal_from(Kpi.program_id)),
        )
        .outerjoin(parts, parts.c.kpi_id == Kpi.id)
        .where(*is_mine)
    )
    later = aliased(Review)
    is_newest = ~exists().where(later.program_id == Review.program_id, later.number > Review.number)
    exact, number = cast(null(), Exact()), literal(0)
    ahead = select(
        *(Review.number, Review.program_id, literal(""), literal(""), literal(""), literal(""), literal(""), number),
        *(literal(""), literal(""), exact, number, exact, exact),
        *(literal(REVIEW), literal(""), exact, exact, Review.week, number, Review.meets_at, number),
    ).where(
        Review.program_id.in_(programs),
        Review.state.in_((ReviewState.COLLECTING.value, ReviewState.READY.value)),
        is_newest,
    )
    found = union_all(kpis, ahead).subquery()
    return select(found).order_by(found.c.position, found.c.id)
