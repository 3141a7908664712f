"""What a committee sees of a program on one day: frozen, in one language, and complete without the database.

The page, a shared link and a day of the past are drawn from this alone. Texts that the program makes (reasons, what
stands in a gate's way) are in the language it was assembled for. `progress.py` assembles it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from program.ground.records import record


class Section(StrEnum):
    """Parts of the page that a link may show. The state is always there."""

    PHASES = "phases"
    GATES = "gates"
    KPIS = "kpis"
    PULSE = "pulse"
    BUDGET = "budget"
    RISKS = "risks"
    DECISIONS = "decisions"
    SUCCESSES = "successes"
    SINCE = "since"
    PANELS = "panels"


@record
class Said:
    """A state that a person says instead of the computed one."""

    id: int
    revision: int
    state: str
    reason: str
    by: str
    until: date


@record
class PhaseLine:
    """A phase: planned, as in the last baseline, as it goes. `likely_on` ends the forecast's range."""

    id: int
    name: str
    state: str
    planned_start: date
    planned_end: date
    baseline_start: date | None
    baseline_end: date | None
    starts_on: date
    half_on: date | None
    likely_on: date | None
    actual_end: date | None
    finished: int
    total: int
    is_late: bool
    note: str


@record
class GateLine:
    """A gate with its readiness; the first few things in its way in words, and how many there are."""

    id: int
    name: str
    planned_on: date
    state: str
    is_passed: bool
    met: int
    total: int
    obstacles: tuple[str, ...]
    obstacle_total: int


@record
class IndexPart:
    """The Experience Index of the newest week; `recent` holds the weeks up to it, the oldest first."""

    week: date
    value: Decimal | None
    change: Decimal | None
    missing: int
    carried: int
    recent: tuple[Decimal | None, ...]
    # The Mondays of `recent`.
    weeks: tuple[date, ...] = ()


@record
class KpiLine:
    """A KPI that the index is mixed of, the heaviest first. `way` is 1 for better than the week before, -1 for worse.

    `score` is how far it came from bad (0) to its goal (100); None where it is not known. `number` is what `value`
    writes, with so many `decimals` and `sign` behind it; `recent` are its figures of the index's weeks.
    """

    code: str
    name: str
    channel: str
    weight: Decimal
    value: str
    change: str
    way: int
    score: Decimal | None
    is_carried: bool
    number: Decimal | None = None
    decimals: int = 0
    sign: str = ""
    recent: tuple[Decimal | None, ...] = ()
    # 1 where more is better, -1 where less is; 0 where it was not kept.
    better: int = 0


@record
class PulseTheme:
    """A theme of the pulse on its five-point scale. `change` is None when it is no more than noise."""

    name: str
    mean: float
    change: float | None
    recent: tuple[float, ...]


@record
class PulsePart:
    """The last closed round, within what the pulse lets be told."""

    number: int
    meant_for: date
    asked: int
    answered: int
    themes: tuple[PulseTheme, ...]

    @property
    def rate(self) -> int:
        """The response rate in whole percent."""
        return round(100 * self.answered / self.asked) if self.asked else 0


@record
class MoneyLine:
    """Money of one phase, or ('' for `phase`) of the whole program."""

    phase: str
    approved: Decimal
    spent: Decimal
    forecast: Decimal
    lines: int

    @property
    def over(self) -> Decimal:
        """What the forecast is above what was approved; negative below it."""
        return self.forecast - self.approved


@record
class BudgetPart:
    """The program's money by phase."""

    currency: str
    phases: tuple[MoneyLine, ...]

    @property
    def total(self) -> MoneyLine:
        """All of it together."""
        approved, spent, forecast = (
            sum((getattr(one, name) for one in self.phases), Decimal(0)) for name in ("approved", "spent", "forecast")
        )
        return MoneyLine("", approved, spent, forecast, sum(one.lines for one in self.phases))


@record
class RiskLine:
    """An open risk."""

    number: int
    title: str
    probability: int
    impact: int
    measure: str
    owner: str

    @property
    def score(self) -> int:
        """Probability times impact."""
        return self.probability * self.impact


@record
class DecisionLine:
    """A decision that waits for the committee."""

    number: int
    title: str
    decide_by: date | None


@record
class SuccessLine:
    """A quick win or a story."""

    kind: str
    title: str
    body: str
    figure: str
    happened_on: date


@record
class SinceItem:
    """An item that something happened to; `days` are the working days it moved, 0 where it did not."""

    number: int
    title: str
    days: int


@record
class SinceList:
    """One kind of change: how many items, the first of them, and the working days that all of them moved on average."""

    kind: str
    total: int
    items: tuple[SinceItem, ...]
    days: int = 0


@record
class SincePart:
    """What happened since the last meeting (its number), or (None) since that day."""

    day: date
    meeting: int | None
    lists: tuple[SinceList, ...]
    # Gates that were decided, each with the outcome; and what the committee decided.
    decided: tuple[GateOutcome, ...]
    taken: tuple[TakenLine, ...] = ()


@record
class GateOutcome:
    """A decision taken at a gate."""

    gate_id: int
    gate: str
    outcome: str


@record
class TakenLine:
    """A decision that the committee took: '' for `chosen` when it took none of the options."""

    number: int
    title: str
    chosen: str


@record
class PanelPart:
    """What a plugin shows, as it was last asked; `as_of` is when it answered, None when it never did.

    `trouble` is '' while it answers, 'failing' when it did not the last time, 'off' when it was switched off since.
    One without a title has nothing to show but its trouble.
    """

    plugin: str
    trouble: str
    as_of: datetime | None
    title: str = ""
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    link_url: str = ""
    link_text: str = ""


@record
class Progress:
    """All of it. A part that has nothing is None or empty; one that a link does not show is not in `sections`."""

    key: str
    name: str
    locale: str
    day: date
    closed_on: date | None
    computed: str
    reasons: tuple[str, ...]
    said: Said | None
    assumptions: tuple[str, ...]
    phases: tuple[PhaseLine, ...]
    gates: tuple[GateLine, ...]
    index: IndexPart | None
    kpis: tuple[KpiLine, ...]
    kpi_total: int
    pulse: PulsePart | None
    budget: BudgetPart | None
    risks: tuple[RiskLine, ...]
    risk_total: int
    decisions: tuple[DecisionLine, ...]
    successes: tuple[SuccessLine, ...]
    since: SincePart | None
    next_meeting: date | None
    panels: tuple[PanelPart, ...] = ()
    sections: tuple[str, ...] = tuple(section.value for section in Section)

    @property
    def state(self) -> str:
        """The state that counts: what a person said, else what the rules say."""
        return self.said.state if self.said else self.computed

    @property
    def next_gate(self) -> GateLine | None:
        """The first gate that is not passed."""
        return next((gate for gate in self.gates if not gate.is_passed), None)

    def shows(self, section: str) -> bool:
        """Whether that part is to be seen."""
        return section in self.sections


def restricted(progress: Progress, sections: tuple[str, ...]) -> Progress:
    """The same without the other parts and without people's names: what is not shown is not there to leak."""
    allowed = tuple(section.value for section in Section if section.value in sections)
    return replace(
        progress,
        sections=allowed,
        said=replace(progress.said, by="") if progress.said else None,
        phases=progress.phases if Section.PHASES in allowed else (),
        assumptions=progress.assumptions if Section.PHASES in allowed else (),
        gates=progress.gates if Section.GATES in allowed else (),
        index=progress.index if Section.KPIS in allowed else None,
        kpis=progress.kpis if Section.KPIS in allowed else (),
        kpi_total=progress.kpi_total if Section.KPIS in allowed else 0,
        pulse=progress.pulse if Section.PULSE in allowed else None,
        budget=progress.budget if Section.BUDGET in allowed else None,
        risks=tuple(replace(risk, owner="") for risk in progress.risks) if Section.RISKS in allowed else (),
        risk_total=progress.risk_total if Section.RISKS in allowed else 0,
        decisions=progress.decisions if Section.DECISIONS in allowed else (),
        successes=progress.successes if Section.SUCCESSES in allowed else (),
        since=_without_decisions(progress.since, allowed) if Section.SINCE in allowed else None,
        # A reader without an account has nothing to open behind them.
        panels=tuple(replace(one, link_url="", link_text="") for one in progress.panels)
        if Section.PANELS in allowed
        else (),
    )


def _without_decisions(since: SincePart | None, allowed: tuple[str, ...]) -> SincePart | None:
    return replace(since, taken=()) if since and Section.DECISIONS not in allowed else since
