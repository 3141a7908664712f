"""The plan as a drawing: phases, forecasts, gates, milestones and, on demand, items, laid out along the days.

Here days become positions; the template only writes them down as SVG. Nothing is scaled in the browser, so the drawing
is the same on a screen, on a phone that scrolls it sideways, and on paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from babel import dates as babel_dates
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, bindparam, literal_column, select

from program.ground import formats
from program.ground.calendar import DAY, WorkingCalendar, days, monday_of
from program.ground.database import read
from program.ground.records import record
from program.people.models import Person
from program.planning.health import GateDate
from program.planning.models import Baseline, BaselineLine, WorkItem
from program.planning.models.gates import Outcome
from program.planning.models.items import FINISHED_STATUSES
from program.planning.phase_dates import PhaseDates, PlanDates

# Pixels a day, by zoom.
ZOOMS = {"quarter": 2.4, "month": 6.0, "week": 20.0}
MOST_ITEMS, MOST_MILESTONES = 1000, 60
HEADER, PHASE_ROW, ITEM_ROW = 44, 50, 20
# The width of a letter, on the safe side.
LETTER = 7
# A plan of centuries is a typing mistake; the drawing ends somewhere.
MOST_DAYS = 366 * 6

GATE_ICONS = {
    Outcome.GO.value: "check",
    Outcome.CONDITIONAL_GO.value: "check",
    Outcome.HOLD.value: "player-pause",
    Outcome.NO_GO.value: "x",
}


@record
class Span:
    """A stretch along the days, in pixels."""

    x: float
    width: float


@record
class Tick:
    """A line of the scale, with its word or without."""

    x: float
    label: str = ""
    width: float = 0


@record
class Mark:
    """A gate or a milestone: a point of the drawing. `facts` say in words all that it shows, and begin at `facts_x`."""

    id: int
    x: float
    y: float
    state: str
    facts: str
    facts_x: float
    icon: str = ""


@record
class PhaseBar:
    """A phase as it is drawn. The forecast is a line up to `half`, and a fading tail from there to `likely`."""

    phase: PhaseDates
    y: float
    plan: Span
    done: float
    ghost: Span | None
    forecast: Span | None
    tail: Span | None
    facts: str
    facts_x: float
    is_open: bool


@record
class ItemBar:
    """An item as a thin bar; a milestone or an item with one date only is a short one."""

    number: int
    title: str
    status: str
    y: float
    bar: Span
    ghost: Span | None
    late: bool
    facts: str


@record
class Chart:
    """The whole drawing."""

    width: float
    height: float
    today: float
    majors: tuple[Tick, ...]
    minors: tuple[Tick, ...]
    free_days: tuple[Tick, ...]
    # The lines of the scale and the shade of ordinary weekends as one path each: hundreds of marks would be slow.
    major_lines: str
    minor_lines: str
    weekends: str
    phases: tuple[PhaseBar, ...]
    items: Mapping[int, tuple[ItemBar, ...]]
    gates: tuple[Mark, ...]
    milestones: tuple[Mark, ...]


@record
class Scale:
    """Where a day lies: `first` is at 0."""

    first: date
    last: date
    zoom: str

    @property
    def pixels(self) -> float:
        """Pixels a day."""
        return ZOOMS[self.zoom]

    @property
    def width(self) -> float:
        """The width of the drawing."""
        return ((self.last - self.first).days + 1) * self.pixels

    def at(self, day: date) -> float:
        """The left edge of a day; days beyond the drawing lie on its edge."""
        return round(min(max((day - self.first).days, 0) * self.pixels, self.width), 1)

    def text_at(self, x: float, text: str) -> float:
        """Where a text begins that should stand at `x`: further left, where it would not fit in."""
        room = self.width - LETTER * len(text)
        return round(room, 1) if 0 < room < x else x

    def span(self, start: date, end: date) -> Span:
        """From the morning of one day to the evening of another; never narrower than can be seen."""
        x = self.at(start)
        return Span(x, max(round(self.at(end + DAY) - x, 1), 2.0))


def scale_of(dates: PlanDates, gates: Sequence[GateDate], ghosts: Mapping[Any, Any], today: date, zoom: str) -> Scale:
    """A scale that shows every phase, gate and forecast, and today, with a little air on both sides."""
    shown = [today]
    for phase in dates.phases:
        shown += [phase.planned_start, phase.planned_end, phase.starts_on]
        shown += [day for day in (phase.actual_end, phase.forecast.likely_on, phase.forecast.half_on) if day]
    shown += [gate.planned_on for gate in gates]
    shown += [day for line in ghosts.values() for day in (line.starts_on, line.ends_on) if day]
    first, last = monday_of(min(shown) - DAY), monday_of(max(shown)) + timedelta(days=20)
    return Scale(first, min(last, first + timedelta(days=MOST_DAYS)), zoom)


def draw(
    dates: PlanDates,
    gates: Sequence[GateDate],
    milestones: Sequence[Any],
    ghosts: Mapping[tuple[str, int], Any],
    items: Mapping[int, Sequence[Any]],
    calendar: WorkingCalendar,
    today: date,
    zoom: str,
) -> Chart:
    """Lay the plan out. `items` holds the items of the phases that are open, by phase."""
    scale = scale_of(dates, gates, ghosts, today, zoom)
    y = float(HEADER)
    bars, item_bars, rows = [], {}, {}
    for phase in dates.phases:
        bars.append(_phase_bar(phase, y, scale, ghosts.get(("phase", phase.id)), today, phase.id in items))
        rows[phase.id] = y
        y += PHASE_ROW
        if phase.id in items:
            item_bars[phase.id] = tuple(
                _item_bar(row, y + place * ITEM_ROW, scale, ghosts.get(("item", row.id)), today)
                for place, row in enumerate(items[phase.id])
            )
            y += len(items[phase.id]) * ITEM_ROW
    locale, year = formats.current_locale(), formats.today().year
    majors, minors = _ticks(scale, locale, year)
    free = _free_days(scale, calendar, locale, year) if zoom == "week" else ()
    height = y + 8
    # Said once: looking a word up for each mark costs more than placing it.
    words, late = _gate_words(), _("late")
    return Chart(
        width=round(scale.width, 1),
        height=height,
        today=scale.at(today) + scale.pixels / 2,
        majors=majors,
        minors=minors,
        free_days=tuple(tick for tick in free if tick.label),
        major_lines="".join(f"M{tick.x} 0V{height}" for tick in majors),
        minor_lines="".join(f"M{tick.x} 24V{height}" for tick in minors),
        weekends="".join(f"M{tick.x} {HEADER}h{tick.width}V{height}h-{tick.width}z" for tick in free if not tick.label),
        phases=tuple(bars),
        items=item_bars,
        gates=tuple(
            _gate_mark(gate, rows[gate.phase_id], scale, today, words) for gate in gates if gate.phase_id in rows
        ),
        milestones=tuple(
            _milestone(row, rows[row.phase_id], scale, today, late) for row in milestones if row.phase_id in rows
        ),
    )


def milestones_of(program_id: int) -> Sequence[Any]:
    """The dated milestones of a program's phases, those to come first, as far as a drawing can show. One statement."""
    return read(_MILESTONES, {"program_id": program_id}).all()


def items_of(program_id: int, phase_id: int) -> Sequence[Any]:
    """The dated items of a phase in the order of the plan, up to MOST_ITEMS. One statement."""
    return read(
        select(
            WorkItem.id,
            WorkItem.number,
            WorkItem.title,
            WorkItem.status,
            WorkItem.start_on,
            WorkItem.due_on,
            Person.name.label("owner"),
        )
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .where(WorkItem.program_id == program_id, WorkItem.phase_id == phase_id, WorkItem.due_on.is_not(None))
        .order_by(WorkItem.due_on, WorkItem.id)
        .limit(MOST_ITEMS)
    ).all()


def baselines_for_choice(program_id: int) -> Sequence[Any]:
    """The baselines to choose from, the newest first: id, name, taken_at. One statement."""
    return read(_BASELINES, {"program_id": program_id}).all()


# Put together once: that costs more than running them.
_MILESTONES = (
    select(WorkItem.number, WorkItem.title, WorkItem.status, WorkItem.due_on, WorkItem.phase_id)
    .where(
        WorkItem.program_id == bindparam("program_id"),
        # Written out, so that both databases see that the partial index of milestones serves.
        WorkItem.kind == literal_column("'milestone'"),
        WorkItem.due_on.is_not(None),
    )
    .order_by(WorkItem.status.in_(FINISHED_STATUSES), WorkItem.due_on, WorkItem.id)
    .limit(MOST_MILESTONES)
)
_BASELINES = (
    select(Baseline.id, Baseline.name, Baseline.taken_at)
    .where(Baseline.program_id == bindparam("program_id"))
    .order_by(Baseline.taken_at.desc(), Baseline.id.desc())
    .limit(50)
)


def ghosts_of(baseline_id: int, open_phase: int | None) -> dict[tuple[str, int], Any]:
    """The lines of a baseline that the drawing shows: its phases and gates, and the items of the open phase."""
    wanted: ColumnElement[bool] = BaselineLine.object_type.in_(("phase", "gate"))
    if open_phase is not None:
        wanted = wanted | ((BaselineLine.object_type == "item") & (BaselineLine.phase_id == open_phase))
    rows = read(
        select(BaselineLine.object_type, BaselineLine.object_id, BaselineLine.starts_on, BaselineLine.ends_on).where(
            BaselineLine.baseline_id == baseline_id, wanted
        )
    )
    return {(row.object_type, row.object_id): row for row in rows}


def _phase_bar(phase: PhaseDates, y: float, scale: Scale, ghost: Any, today: date, is_open: bool) -> PhaseBar:
    plan = scale.span(phase.actual_start or phase.planned_start, phase.actual_end or phase.planned_end)
    facts = _phase_facts(phase)
    forecast = tail = None
    half, likely = phase.forecast.half_on, phase.forecast.likely_on
    if half and likely and not phase.is_over:
        begin = max(today, phase.starts_on)
        forecast = scale.span(min(begin, half), half)
        tail = Span(forecast.x + forecast.width, max(scale.at(likely + DAY) - scale.at(half + DAY), scale.pixels))
    return PhaseBar(
        phase=phase,
        y=y,
        plan=plan,
        done=round(plan.width * phase.progress.share, 1),
        ghost=scale.span(ghost.starts_on, ghost.ends_on) if ghost and ghost.starts_on and ghost.ends_on else None,
        forecast=forecast,
        tail=tail,
        facts=facts,
        facts_x=scale.text_at(plan.x, facts),
        is_open=is_open,
    )


def _phase_facts(phase: PhaseDates) -> str:
    facts = [
        phase.name,
        _("planned %(start)s – %(end)s", start=formats.day(phase.planned_start), end=formats.day(phase.planned_end)),
    ]
    if phase.actual_end:
        facts.append(_("ended %(day)s", day=formats.day(phase.actual_end)))
    elif phase.forecast.half_on and phase.forecast.likely_on:
        facts.append(
            _(
                "expected %(half)s to %(likely)s",
                half=formats.day(phase.forecast.half_on),
                likely=formats.day(phase.forecast.likely_on),
            )
        )
    facts.append(_("%(done)s of %(total)s items done", done=phase.progress.finished, total=phase.progress.total))
    return " · ".join(facts)


def _item_bar(row: Any, y: float, scale: Scale, ghost: Any, today: date) -> ItemBar:
    start = min(row.start_on or row.due_on, row.due_on)
    late = row.status not in FINISHED_STATUSES and row.due_on < today
    facts = [row.title, _("due %(day)s", day=formats.day(row.due_on)), row.owner or _("No owner")]
    if late:
        facts.append(_("late"))
    return ItemBar(
        number=row.number,
        title=row.title,
        status=row.status,
        y=y,
        bar=scale.span(start, row.due_on),
        ghost=scale.span(ghost.starts_on or ghost.ends_on, ghost.ends_on) if ghost and ghost.ends_on else None,
        late=late,
        facts=" · ".join(facts),
    )


def _gate_words() -> Mapping[str, str]:
    return {
        Outcome.GO.value: _("go"),
        Outcome.CONDITIONAL_GO.value: _("conditional go"),
        Outcome.HOLD.value: _("hold"),
        Outcome.NO_GO.value: _("no-go"),
        "late": _("the decision is late"),
        "open": _("not decided yet"),
    }


def _gate_mark(gate: GateDate, y: float, scale: Scale, today: date, words: Mapping[str, str]) -> Mark:
    state = gate.outcome or ("late" if gate.planned_on < today else "open")
    facts = f"{gate.name} · {formats.day(gate.planned_on)} · {words[state]}"
    icon = GATE_ICONS.get(state, "alert-triangle" if state == "late" else "")
    x = scale.at(gate.planned_on) + scale.pixels / 2
    return Mark(gate.id, x, y + 15, state, facts, scale.text_at(x, facts), icon)


def _milestone(row: Any, y: float, scale: Scale, today: date, late: str) -> Mark:
    finished = row.status in FINISHED_STATUSES
    state = "done" if finished else "late" if row.due_on < today else "todo"
    facts = f"{row.title} · {formats.day(row.due_on)}"
    if state == "late":
        facts = " · ".join((facts, late))
    x = scale.at(row.due_on) + scale.pixels / 2
    return Mark(row.number, x, y + 15, state, facts, scale.text_at(x, facts))


# The words of a scale follow from these alone: the year of today is left out of its days.
@lru_cache(maxsize=256)
def _ticks(scale: Scale, locale: str, _year: int) -> tuple[tuple[Tick, ...], tuple[Tick, ...]]:
    """The two rows of the scale: quarters over months, months over weeks, or weeks over days."""
    if scale.zoom == "week":
        mondays = [day for day in days(scale.first, scale.last) if day.weekday() == 0]
        majors = [Tick(scale.at(day), f"{formats.week(day)} · {formats.short_day(day)}") for day in mondays]
        return tuple(majors), tuple(Tick(scale.at(day), str(day.day)) for day in days(scale.first, scale.last))
    months = [day for day in days(scale.first, scale.last) if day.day == 1]
    if not months or months[0] > scale.first:
        months.insert(0, scale.first)
    if scale.zoom == "month":
        majors = [Tick(scale.at(day), babel_dates.format_date(day, "LLLL y", locale=locale)) for day in months]
        mondays = [day for day in days(scale.first, scale.last) if day.weekday() == 0]
        return _roomy(majors, scale), tuple(Tick(scale.at(day), str(day.isocalendar().week)) for day in mondays)
    quarters = [day for day in months if day.month % 3 == 1 or day == scale.first]
    majors = [Tick(scale.at(day), babel_dates.format_date(day, "QQQ y", locale=locale)) for day in quarters]
    minors = [Tick(scale.at(day), babel_dates.format_date(day, "LLL", locale=locale)) for day in months]
    return _roomy(majors, scale), _roomy(minors, scale)


def _roomy(ticks: Sequence[Tick], scale: Scale) -> tuple[Tick, ...]:
    """Ticks with the room until the next one; a word that has no room is left out."""
    edges = [*(tick.x for tick in ticks[1:]), scale.width]
    return tuple(
        Tick(tick.x, tick.label if edge - tick.x >= LETTER * len(tick.label) else "", edge - tick.x)
        for tick, edge in zip(ticks, edges, strict=True)
    )


@lru_cache(maxsize=256)
def _free_days(scale: Scale, calendar: WorkingCalendar, locale: str, _year: int) -> tuple[Tick, ...]:
    # The package knows holidays in English and in each country's own language, which '' stands for.
    language = "en_US" if locale == "en" else ""
    free = []
    for day in days(scale.first, scale.last):
        if not calendar.is_working(day):
            holiday = calendar.holiday(day, language)
            free.append(Tick(scale.at(day), f"{holiday} · {formats.day(day)}" if holiday else "", scale.pixels))
    return tuple(free)
