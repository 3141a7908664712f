"""How a figure stands: on track, at risk, off track, or not to be judged, and why. Pure; never green by silence.

The rules, in the order they are asked:

1. Nothing was ever read: NO_DATA. The newest reading is `stale_after` periods behind: STALE, whatever it said.
2. Nothing is asked for (no target; for a KPI that should stay INSIDE its range, the range asks): NO_TARGET.
3. Only a share of a baseline is asked for, and there is no baseline, or it is zero, of which every share is zero:
   NO_BASELINE. Of a negative baseline the share is taken of its size: 10 % above -20 is -18, 10 % below it -22.
4. What is asked on the period's last day lies on the path: straight from the baseline (on the last day it was
   measured over) to the first stepping stone, from stone to stone by calendar days, and level after the last. Without
   a baseline, and where the baseline is as good as the first stone already, the first stone is asked from the start:
   nobody is asked to get worse. Where two stones ask for different things (at least, then between), the earlier one
   holds until the day of the later one.
5. Reached: ON_TRACK. Missed by no more than `amber_percent` of the figure asked for (of the width of a range):
   AT_RISK. Else OFF_TRACK. Of a zero asked for, the share is taken of the baseline; without one there is no amber.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from program.ground.records import record
from program.kpis.exact import PLACES
from program.kpis.models import Better, TargetKind

_UNIT = Decimal(1).scaleb(-PLACES)
_HUNDRED = Decimal(100)
ZERO = Decimal(0)


class State(StrEnum):
    """How a KPI stands. The words are those of `templates/macros/states.html`."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    NO_TARGET = "no_target"
    NO_BASELINE = "no_baseline"
    STALE = "stale"
    NO_DATA = "no_data"


# What needs somebody first stands first on a board.
URGENCY = (
    *(State.OFF_TRACK, State.STALE, State.AT_RISK, State.NO_DATA, State.NO_BASELINE, State.NO_TARGET),
    State.ON_TRACK,
)


@record
class Stone:
    """A target or a stepping stone to it, as it is stored."""

    kind: str
    value: Decimal
    upper: Decimal | None
    due_on: date


@record
class Aim:
    """What is asked for: at least `low`, at most `high`, or both. One of them at least is not None."""

    low: Decimal | None = None
    high: Decimal | None = None

    def is_met(self, value: Decimal) -> bool:
        """Whether that value is what is asked for."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def missed_by(self, value: Decimal) -> Decimal:
        """How far the value is from what is asked for; 0 when it is met."""
        below = self.low - value if self.low is not None else ZERO
        above = value - self.high if self.high is not None else ZERO
        return max(below, above, ZERO)


@record
class Base:
    """A baseline: its value, and the last day it was measured over."""

    value: Decimal
    until: date


@record
class Rules:
    """What of a KPI its figures are judged by."""

    better: str
    amber_percent: Decimal
    stale_after: int
    inside_low: Decimal | None = None
    inside_high: Decimal | None = None


def aim_of(stone: Stone, baseline: Decimal | None) -> Aim | None:
    """What the stone asks for; None where it is a share of a baseline that is missing or zero."""
    if stone.kind == TargetKind.AT_LEAST:
        return Aim(low=stone.value)
    if stone.kind == TargetKind.AT_MOST:
        return Aim(high=stone.value)
    if stone.kind == TargetKind.BETWEEN:
        return Aim(stone.value, stone.upper)
    if not baseline:
        return None
    part = rounded(abs(baseline) * stone.value / _HUNDRED)
    return Aim(low=baseline + part) if stone.kind == TargetKind.RISE_BY else Aim(high=baseline - part)


def aim_on(day: date, stones: Sequence[Stone], base: Base | None, rules: Rules) -> Aim | None:
    """What is asked for on that day (rule 4); None where nothing is, or nothing that can be worked out.

    Of several stones those that cannot be worked out are left out.
    """
    value = base.value if base else None
    points = [
        (stone.due_on, aim)
        for stone in sorted(stones, key=lambda stone: stone.due_on)
        if (aim := aim_of(stone, value)) is not None
    ]
    if not points:
        return _range(rules) if not stones else None
    before = [point for point in points if point[0] <= day]
    after = [point for point in points if point[0] > day]
    if not after:
        return before[-1][1]
    ahead = after[0]
    if before:
        return _on_the_way(before[-1], ahead, day)
    start = _start(base, ahead)
    return ahead[1] if start is None else _on_the_way(start, ahead, day)


def judge(
    value: Decimal | None,
    aim: Aim | None,
    rules: Rules,
    *,
    has_targets: bool,
    missed_periods: int,
    baseline: Decimal | None,
) -> State:
    """The state of a KPI whose newest value that is, `missed_periods` after its period (`periods.missed`)."""
    if value is None:
        return State.NO_DATA
    if missed_periods >= rules.stale_after:
        return State.STALE
    if aim is None:
        return State.NO_BASELINE if has_targets else State.NO_TARGET
    return judge_value(value, aim, rules, baseline)


def judge_value(value: Decimal, aim: Aim, rules: Rules, baseline: Decimal | None) -> State:
    """On track, at risk or off track (rule 5): for a period that has a figure and is asked for one."""
    if aim.is_met(value):
        return State.ON_TRACK
    return State.AT_RISK if aim.missed_by(value) <= amber_width(aim, value, rules, baseline) else State.OFF_TRACK


def amber_width(aim: Aim, value: Decimal, rules: Rules, baseline: Decimal | None) -> Decimal:
    """How far beside what is asked for is still amber, on the side where the value lies."""
    if aim.low is not None and aim.high is not None:
        of = aim.high - aim.low
    else:
        asked = aim.low if aim.low is not None else aim.high
        of = abs(asked or baseline or ZERO)
    return of * rules.amber_percent / _HUNDRED


def direction(before: Decimal, now: Decimal, rules: Rules) -> int:
    """1 for better, -1 for worse, 0 for neither: towards or away from the range where it should stay INSIDE one."""
    if rules.better == Better.INSIDE:
        aim = _range(rules)
        if aim is None:
            return 0
        before, now = -aim.missed_by(before), -aim.missed_by(now)
    elif rules.better == Better.DOWN:
        before, now = now, before
    return (now > before) - (now < before)


def change_percent(before: Decimal | None, now: Decimal | None) -> Decimal | None:
    """By how many percent of the size of `before`; None where there is nothing to take a share of."""
    if not before or now is None:
        return None
    return rounded((now - before) / abs(before) * _HUNDRED)


def rounded(value: Decimal) -> Decimal:
    """To the places that are kept, half up."""
    return value.quantize(_UNIT, rounding=ROUND_HALF_UP)


def _range(rules: Rules) -> Aim | None:
    if rules.better != Better.INSIDE or (rules.inside_low is None and rules.inside_high is None):
        return None
    return Aim(rules.inside_low, rules.inside_high)


def _start(base: Base | None, ahead: tuple[date, Aim]) -> tuple[date, Aim] | None:
    """The path's beginning at the baseline; None where the first stone holds from the start."""
    day, aim = ahead
    if base is None or base.until >= day or aim.is_met(base.value) or (aim.low is not None and aim.high is not None):
        return None
    return base.until, Aim(low=base.value) if aim.low is not None else Aim(high=base.value)


def _on_the_way(start: tuple[date, Aim], end: tuple[date, Aim], day: date) -> Aim:
    (since, first), (until, last) = start, end
    if (first.low is None) != (last.low is None) or (first.high is None) != (last.high is None):
        return first
    gone, whole = max(0, (day - since).days), (until - since).days

    def between(one: Decimal | None, other: Decimal | None) -> Decimal | None:
        return None if one is None or other is None else rounded(one + (other - one) * gone / whole)

    return Aim(between(first.low, last.low), between(first.high, last.high))
