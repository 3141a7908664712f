"""From a playbook to a dated plan: which day every phase, block, item, milestone and gate falls on.

Nothing here is stored: the preview of a new program shows what this says, and creating the program writes the same.
Weeks are working weeks as in `ground/calendar.py`: seven calendar days with whatever working days they hold, counted
from the program's first day. All dates are working days, and nothing lies outside its phase.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from program.ground.calendar import WorkingCalendar, monday_of
from program.ground.records import record
from program.planning.models.items import Kind
from program.playbooks import model as playbooks


@record
class PlannedCriterion:
    """One thing a gate will ask; `text` is '' for those that are worked out."""

    kind: str
    text: str


@record
class PlannedGate:
    """A gate with its day."""

    key: str
    name: str
    planned_on: date
    kpis: tuple[str, ...]
    criteria: tuple[PlannedCriterion, ...]


@record
class PlannedBlock:
    """A named stretch of weeks with its first and last working day."""

    key: str
    name: str
    starts_on: date
    ends_on: date


@record
class PlannedItem:
    """A checklist item or milestone with its days; a milestone has only the day it is due."""

    key: str
    title: str
    description: str
    kind: Kind
    required: bool
    role: str
    block: str | None
    channel: str
    tags: tuple[str, ...]
    after: tuple[str, ...]
    start_on: date | None
    due_on: date

    @property
    def is_milestone(self) -> bool:
        """True for an event without length."""
        return self.kind is Kind.MILESTONE


@record
class PlannedPhase:
    """A phase with its first and last working day, and all that lies in it."""

    key: str
    name: str
    purpose: str
    planned_start: date
    planned_end: date
    blocks: tuple[PlannedBlock, ...]
    items: tuple[PlannedItem, ...]
    gate: PlannedGate | None

    @property
    def milestones(self) -> tuple[PlannedItem, ...]:
        """The phase's milestones, by day."""
        return tuple(sorted((item for item in self.items if item.is_milestone), key=lambda item: item.due_on))


@record
class PlannedProgram:
    """A whole plan. `starts_on` is the first working day not before `asked_start`, the day that was wished for."""

    playbook_key: str
    asked_start: date
    starts_on: date
    phases: tuple[PlannedPhase, ...]

    @property
    def was_moved(self) -> bool:
        """True when nobody works on the day that was asked for."""
        return self.asked_start != self.starts_on

    @property
    def ends_on(self) -> date:
        """The last working day of the last phase to end; the first day when there is no phase."""
        return max((phase.planned_end for phase in self.phases), default=self.starts_on)

    @property
    def item_count(self) -> int:
        """How many checklist items there are, milestones not counted."""
        return sum(1 for phase in self.phases for item in phase.items if not item.is_milestone)

    def dates(self) -> Iterator[date]:
        """Every date of the plan."""
        for phase in self.phases:
            yield from (phase.planned_start, phase.planned_end)
            for block in phase.blocks:
                yield from (block.starts_on, block.ends_on)
            for item in phase.items:
                yield from (day for day in (item.start_on, item.due_on) if day)
            if phase.gate:
                yield phase.gate.planned_on


@record
class _Weeks:
    """Working weeks counted from one day on: week 1 begins on `first_day`."""

    first_day: date
    calendar: WorkingCalendar

    def start(self, week: int) -> date:
        return self.calendar.start_of_week(self.first_day, week)

    def end(self, week: int) -> date:
        # A week without any working day is unheard of; were there one, what lies in it keeps its order all the same.
        return max(self.calendar.end_of_weeks(self.first_day, week), self.start(week))

    def from_week(self, week: int) -> _Weeks:
        return _Weeks(self.first_day + timedelta(weeks=week - 1), self.calendar)


def plan(
    playbook: playbooks.Playbook | None, starts_on: date, calendar: WorkingCalendar, locale: str
) -> PlannedProgram:
    """The dated plan of a program that is to start on that day; without a playbook, a plan without phases.

    Raises OverflowError when it would lie outside the years that can be planned (ground/calendar.py).
    """
    begins = calendar.on_or_after(starts_on)
    # Weeks are counted from the day that was wished for; where nobody works until the next week, from its Monday, so
    # that they end on Fridays.
    weeks = _Weeks(max(starts_on, monday_of(begins)), calendar)
    phases: tuple[PlannedPhase, ...] = ()
    if playbook is not None:
        names = {tag.key: tag.name.in_(locale) for tag in playbook.tags}
        phases = tuple(
            _phase(placed.phase, weeks.from_week(placed.first_week), names, locale) for placed in playbook.schedule()
        )
    return PlannedProgram(playbook.key if playbook else "", starts_on, begins, phases)


def _phase(phase: playbooks.Phase, weeks: _Weeks, tag_names: dict[str, str], locale: str) -> PlannedPhase:
    return PlannedPhase(
        key=phase.key,
        name=phase.name.in_(locale),
        purpose=phase.purpose.in_(locale),
        planned_start=weeks.start(1),
        planned_end=weeks.end(phase.weeks),
        blocks=tuple(
            PlannedBlock(block.key, block.name.in_(locale), weeks.start(block.first_week), weeks.end(block.last_week))
            for block in phase.blocks
        ),
        items=tuple(_item(item, weeks, tag_names, locale) for item in phase.items),
        gate=_gate(phase.gate, weeks, locale) if phase.gate else None,
    )


def _item(item: playbooks.Item, weeks: _Weeks, tag_names: dict[str, str], locale: str) -> PlannedItem:
    is_milestone = item.kind is playbooks.ItemKind.MILESTONE
    return PlannedItem(
        key=item.key,
        title=item.title.in_(locale),
        description=item.description.in_(locale),
        kind=Kind.MILESTONE if is_milestone else Kind.ITEM,
        required=item.required,
        role=item.role or "",
        block=item.block,
        channel=item.channel or "",
        tags=tuple(tag_names[tag] for tag in item.tags),
        after=item.after,
        start_on=None if is_milestone else weeks.start(item.first_week),
        due_on=weeks.end(item.last_week),
    )


def _gate(gate: playbooks.Gate, weeks: _Weeks, locale: str) -> PlannedGate:
    criteria = tuple(PlannedCriterion(one.kind.value, one.text.in_(locale)) for one in gate.criteria)
    return PlannedGate(gate.key, gate.name.in_(locale), weeks.end(gate.week), gate.kpis, criteria)
