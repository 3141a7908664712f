"""How a program is doing, in one word with its reasons, by rules that are written down.

The rules stand here, in `docs/states.md` and on the page itself ('why this state'); a test reads them against each
other. A state is never typed by anybody, and no data is never green.

- Off track: a required item is overdue, a gate's planned day went by without a decision that lets the program on, or a
  condition of a conditional go is late, which reopens its gate.
- At risk: other items are overdue, a phase is past its planned end or expected to end later than planned (in half of
  the simulated runs), or the last decision at a gate was 'hold' or 'no-go'.
- On track: none of these. No data: the program has no items yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.ground import formats
from program.ground.records import record
from program.planning.models.gates import PASSING_OUTCOMES, Outcome
from program.planning.phase_dates import PhaseDates
from program.planning.progress import Progress
from program.planning.simulation import TOO_LITTLE_HISTORY


class State(StrEnum):
    """The four words, from worst to nothing known."""

    OFF_TRACK = "off_track"
    AT_RISK = "at_risk"
    ON_TRACK = "on_track"
    NO_DATA = "no_data"


# The worst first, for sorting.
RANK = {state: rank for rank, state in enumerate(State)}

RULES: tuple[tuple[State, Any], ...] = (
    (
        State.OFF_TRACK,
        _l(
            "A required item is overdue, a gate’s planned day went by without a decision that lets the program on, or a"
            " late condition has reopened a gate."
        ),
    ),
    (
        State.AT_RISK,
        _l(
            "Other items are overdue, a phase is past its planned end or expected to end later than planned, or a gate"
            " was decided with hold or no-go."
        ),
    ),
    (State.ON_TRACK, _l("None of these.")),
    (State.NO_DATA, _l("The program has no items yet.")),
)


@record
class GateDate:
    """A gate with its planned day and what its last decision said; '' before the first one."""

    id: int
    program_id: int
    phase_id: int
    name: str
    planned_on: date
    outcome: str = ""
    # A condition of the last decision is late, so the question is open again.
    reopened: bool = False

    @property
    def passed(self) -> bool:
        """True when the last decision lets the program on and none of its conditions is late."""
        return self.outcome in PASSING_OUTCOMES and not self.reopened


@dataclass(frozen=True)
class Health:
    """A state and the sentences that explain it, the weightiest first."""

    state: State
    # Gives the sentences. Where only the state is shown, most of them are never put into words.
    tell: Callable[[], Iterable[str]]

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """Why it is so; at least one sentence."""
        return tuple(self.tell())

    @property
    def rank(self) -> int:
        """The smaller the worse, to sort by."""
        return RANK[self.state]


def judge(progress: Progress, phases: Sequence[PhaseDates], gates: Sequence[GateDate], today: date) -> Health:
    """How a program is doing, from its items, its phases' dates and its gates."""
    if not progress.total:
        return Health(State.NO_DATA, lambda: (_("The program has no items yet."),))
    if next(_off_track(progress, gates, today), None):
        return Health(
            State.OFF_TRACK, lambda: chain(_off_track(progress, gates, today), _at_risk(progress, phases, gates))
        )
    if next(_at_risk(progress, phases, gates), None):
        return Health(State.AT_RISK, lambda: _at_risk(progress, phases, gates))
    if any(phase.forecast.reason is TOO_LITTLE_HISTORY for phase in phases):
        return Health(State.ON_TRACK, lambda: (_("Nothing is overdue. It is too early for a forecast."),))
    return Health(
        State.ON_TRACK,
        lambda: (_("Nothing is overdue, and no phase is expected to end later than planned."),),
    )


def _off_track(progress: Progress, gates: Sequence[GateDate], today: date) -> Iterator[str]:
    if progress.required_overdue:
        yield ngettext(
            "%(num)s required item is overdue.", "%(num)s required items are overdue.", progress.required_overdue
        )
    for gate in gates:
        if gate.reopened:
            yield _("%(gate)s is reopened: a condition of its conditional go is late.", gate=gate.name)
        elif not gate.passed and gate.planned_on < today:
            yield _(
                "%(gate)s was planned for %(day)s and has not been passed.",
                gate=gate.name,
                day=formats.day(gate.planned_on),
            )


def _at_risk(progress: Progress, phases: Sequence[PhaseDates], gates: Sequence[GateDate]) -> Iterator[str]:
    other = progress.overdue - progress.required_overdue
    if other:
        yield ngettext("%(num)s other item is overdue.", "%(num)s other items are overdue.", other)
    for phase in phases:
        if phase.is_late:
            yield lateness(phase)
    for gate in gates:
        if gate.outcome == Outcome.HOLD:
            yield _("%(gate)s is on hold.", gate=gate.name)
        elif gate.outcome == Outcome.NO_GO:
            yield _("%(gate)s was decided with no-go.", gate=gate.name)


def lateness(phase: PhaseDates) -> str:
    """One sentence on how late a phase is, or is expected to be. For phases that are late."""
    if phase.overdue_days:
        return ngettext(
            "%(phase)s is %(num)s working day late.",
            "%(phase)s is %(num)s working days late.",
            phase.overdue_days,
            phase=phase.name,
        )
    return ngettext(
        "%(phase)s is expected to end %(num)s working day late.",
        "%(phase)s is expected to end %(num)s working days late.",
        phase.slip or 0,
        phase=phase.name,
    )
