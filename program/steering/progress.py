"""Assembling the progress of a program: one frozen picture from every room below, in few statements.

Twelve statements with those of the page's frame, whatever the size of the program: the plan's own (items, phases,
readiness of gates, what changed), the index, the pulse, and one for everything small (`progress_rows.py`). Permission
is the caller's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from program.ground import formats
from program.ground.now import zone
from program.ground.records import record
from program.kpis.index import IndexPoint, Told, point_from
from program.kpis.words import channel_name, difference, figure, kpi_name, unit_sign
from program.planning.changes_since import ChangedItem, ChangesSince, changed_since
from program.planning.forecast import assumptions
from program.planning.opening import OpenProgram
from program.planning.overview import how_it_goes
from program.planning.phase_dates import PhaseDates, phase_dates
from program.planning.progress import count_items, progress_of
from program.planning.readiness import GateReadiness, readiness
from program.planning.standing import standing
from program.planning.views.week import gate_dates
from program.pulse.bank import THEME_WORDS, Theme
from program.pulse.results import glance_of
from program.steering.progress_panels import PANEL, panels_from
from program.steering.progress_parts import (
    BudgetPart,
    DecisionLine,
    GateLine,
    GateOutcome,
    IndexPart,
    KpiLine,
    MoneyLine,
    PhaseLine,
    Progress,
    PulsePart,
    PulseTheme,
    RiskLine,
    Said,
    SinceItem,
    SinceList,
    SincePart,
    SuccessLine,
    TakenLine,
)
from program.steering.progress_rows import small_rows

# Rounds of a theme, things in a gate's way, KPIs, and items of a list that are named.
ROUNDS, OBSTACLES, KPIS, NAMED = 12, 3, 8, 5
# How far back the page looks in a program whose committee has not met.
WITHOUT_MEETING = timedelta(days=28)
SINCE_KINDS = ("done", "added", "dropped", "reopened", "blocked", "slipped", "pulled")


def assemble(program: OpenProgram, today: date) -> Progress:
    """The progress on that day, the program's today, in the language that is spoken now."""
    counted = count_items(program.id, today)
    done = progress_of(counted)
    gates = readiness(program, today, counted)
    dates = phase_dates(program, today, done)
    stands = standing(program, dates, gate_dates(program.id, gates), done, today)
    since = datetime.combine(today - WITHOUT_MEETING, time(), zone(program.timezone))
    small = small_rows(program.id, today, since)
    points = index_points(small["week"])
    baseline = {row.a: row for row in small["baseline"]}
    said = next(iter(small["said"]), None)
    return Progress(
        key=program.key,
        name=program.name,
        locale=formats.current_locale(),
        day=today,
        closed_on=program.closed_on,
        computed=stands.health.state.value,
        reasons=tuple(stands.health.reasons),
        said=Said(said.a, said.b, said.s, said.text, said.u or "", said.last) if said else None,
        assumptions=tuple(assumptions(dates.outlook)),
        phases=tuple(_phase(phase, baseline.get(phase.id)) for phase in dates.phases),
        gates=tuple(_gate(gate) for gate in sorted(gates, key=lambda one: (one.planned_on, one.gate_id))),
        index=index_of(points),
        kpis=kpis_of(points, small),
        kpi_total=len(small["kpi"]),
        pulse=_pulse(small["pulse"]),
        budget=_budget(small),
        risks=tuple(RiskLine(row.a, row.s, row.b, row.c, row.text, row.u or "") for row in small["risk"]),
        risk_total=small["risks"][0].a,
        decisions=tuple(DecisionLine(row.a, row.s, row.last) for row in small["decision"]),
        successes=tuple(SuccessLine(row.v, row.s, row.text, row.u, row.last) for row in small["success"]),
        since=_since(program, since, gates, small),
        panels=panels_from(small.get(PANEL, ()), formats.current_locale()),
        next_meeting=small["meets"][0].at.astimezone(zone(program.timezone)).date() if small["meets"] else None,
    )


def _phase(phase: PhaseDates, baseline: Any) -> PhaseLine:
    return PhaseLine(
        id=phase.id,
        name=phase.name,
        state="next" if phase.state.value == "later" else phase.state.value,
        planned_start=phase.planned_start,
        planned_end=phase.planned_end,
        baseline_start=baseline.first if baseline else None,
        baseline_end=baseline.last if baseline else None,
        starts_on=phase.starts_on,
        half_on=phase.forecast.half_on,
        likely_on=phase.forecast.likely_on,
        actual_end=phase.actual_end,
        finished=phase.progress.finished,
        total=phase.progress.total,
        is_late=phase.is_late,
        note=how_it_goes(phase),
    )


def _gate(gate: GateReadiness) -> GateLine:
    return GateLine(
        id=gate.gate_id,
        name=gate.name,
        planned_on=gate.planned_on,
        state=gate.state,
        is_passed=gate.passed,
        met=gate.met,
        total=gate.total,
        obstacles=() if gate.passed else tuple(str(one.text) for one in gate.obstacles[:OBSTACLES]),
        obstacle_total=0 if gate.passed else len(gate.obstacles),
    )


@record
class _Week:
    """A row of `weeks_query` as `point_from` reads it."""

    week: date
    value: Decimal | None
    parts: list[dict[str, Any]]


def index_points(rows: Sequence[Any]) -> list[IndexPoint]:
    """The weeks of the index, the oldest first."""
    found = [_Week(row.first, row.x, json.loads(row.text)) for row in rows]
    return [point_from(one) for one in sorted(found, key=lambda one: one.week)]


def index_of(points: Sequence[IndexPoint]) -> IndexPart | None:
    """The index of the newest week, with those before it."""
    if not points:
        return None
    newest = points[-1]
    before = next((one.value for one in reversed(points[:-1]) if one.value is not None), None)
    change = newest.value - before if newest.value is not None and before is not None else None
    recent = tuple(one.value for one in points)
    weeks = tuple(one.week for one in points)
    return IndexPart(newest.week, newest.value, change, len(newest.missing), len(newest.carried), recent, weeks)


@record
class _Measure:
    """A KPI as far as its name and figures go."""

    code: str
    name: str
    catalogue: str
    unit: str
    unit_name: str
    decimals: int


def kpis_of(points: Sequence[IndexPoint], small: Mapping[str, Sequence[Any]]) -> tuple[KpiLine, ...]:
    """The KPIs that the newest week was mixed of, the heaviest first."""
    if not points:
        return ()
    known = {row.a: row for row in small["kpi"]}
    channels = {row.s: row.u for row in small["channel"]}
    weeks = [{(one.kpi_id, one.channel): one for one in point.parts} for point in points]
    lines = []
    for part in sorted(points[-1].parts, key=lambda one: -one.weight):
        row = known.get(part.kpi_id)
        if row is None:
            continue
        measure = _Measure(part.code, row.s, row.text, row.u, row.v, row.b)
        recent = [week.get((part.kpi_id, part.channel)) for week in weeks]
        lines.append(_kpi(part, recent, measure, channels))
    return tuple(lines[:KPIS])


def _kpi(part: Told, recent: Sequence[Told | None], measure: _Measure, channels: Mapping[str, str]) -> KpiLine:
    before = recent[-2] if len(recent) > 1 else None
    change = part.value - before.value if before and before.value is not None and part.value is not None else None
    # Better is wherever the goal lies.
    up = 1 if part.goal > part.floor else -1
    return KpiLine(
        code=part.code,
        name=kpi_name(measure),
        channel=channel_name(part.channel, channels.get(part.channel, "")) if part.channel else "",
        weight=part.weight,
        value=figure(part.value, measure),
        change=difference(change, measure) if change else "",
        way=0 if not change else up if change > 0 else -up,
        score=part.score,
        is_carried=part.carried_from is not None,
        number=part.value,
        decimals=measure.decimals,
        sign=unit_sign(measure),
        recent=tuple(one.value if one else None for one in recent),
        better=up,
    )


@record
class _Asked:
    """A row of `glance_query` as `glance_of` reads it."""

    id: int
    number: int
    meant_for: date
    closed_on: date
    asked: int
    answered: int
    questions: dict[str, list[int]]
    scores_from: int
    asks_for: int
    question_id: int | None
    said: int
    counts: dict[str, int]
    theme: str
    kind: str


def _pulse(rows: Sequence[Any]) -> PulsePart | None:
    found = glance_of(
        [
            _Asked(
                *(row.a, row.b, row.first, row.last, row.c, row.d, json.loads(row.text), row.e, row.f, row.g, row.h),
                *(json.loads(row.more) if row.more else {}, row.s, row.u),
            )
            for row in rows
        ]
    )
    if found is None:
        return None
    themes = tuple(
        PulseTheme(
            str(THEME_WORDS[Theme(theme.theme)]),
            theme.points[-1].score.mean,
            theme.change,
            tuple(point.score.mean for point in theme.points[-ROUNDS:]),
        )
        for theme in found.themes
    )
    last = found.round
    return PulsePart(last.number, last.meant_for, last.asked, last.answered, themes)


def _budget(small: Mapping[str, Sequence[Any]]) -> BudgetPart | None:
    rows = sorted(small["money"], key=lambda row: -1 if row.a is None else row.a)
    if not rows:
        return None
    lines = tuple(
        MoneyLine(row.s or "", row.x or Decimal(0), row.y or Decimal(0), row.z or Decimal(0), row.b) for row in rows
    )
    return BudgetPart(small["plan"][0].s if small["plan"] else "PLN", lines)


def _since(
    program: OpenProgram, moment: datetime, gates: Sequence[GateReadiness], small: Mapping[str, Sequence[Any]]
) -> SincePart:
    number = None
    if small["met"]:
        moment, number = small["met"][0].at, small["met"][0].a
    found = changed_since(program.id, moment, program.calendar, gates)
    return SincePart(
        day=moment.astimezone(zone(program.timezone)).date(),
        meeting=number,
        lists=tuple(_list(kind, found) for kind in SINCE_KINDS if getattr(found, kind)),
        decided=tuple(GateOutcome(one.gate_id, one.gate, one.outcome) for one in found.decided),
        taken=tuple(TakenLine(row.a, row.s, row.u or "") for row in sorted(small["taken"], key=lambda row: row.at)),
    )


def _list(kind: str, found: ChangesSince) -> SinceList:
    items: Sequence[ChangedItem] = getattr(found, kind)
    shown = sorted(items, key=lambda one: -abs(one.shift)) if kind in ("slipped", "pulled") else items
    days = round(sum(abs(one.shift) for one in items) / len(items)) if shown is not items else 0
    first = tuple(SinceItem(one.number, one.title, abs(one.shift)) for one in shown[:NAMED])
    return SinceList(kind, len(items), first, days)
