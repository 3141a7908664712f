"""How figures are judged, held against a slow and obvious reference."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program.kpis.judging import (
    Aim,
    Base,
    Rules,
    State,
    Stone,
    aim_of,
    aim_on,
    change_percent,
    direction,
    judge,
    judge_value,
)
from program.kpis.models import Better, TargetKind

D = Decimal
DAY = date(2026, 6, 30)
UP = Rules(Better.UP, D(5), 2)
DOWN = Rules(Better.DOWN, D(5), 2)
figures = st.decimals(-200, 200, places=2, allow_nan=False)


def test_never_green_by_silence() -> None:
    aim = Aim(low=D(80))

    def of(value: Decimal | None, aim: Aim | None, missed: int = 0, has_targets: bool = True) -> State:
        return judge(value, aim, UP, has_targets=has_targets, missed_periods=missed, baseline=None)

    assert of(None, aim) is State.NO_DATA
    assert of(D(99), aim, missed=2) is State.STALE
    assert of(D(99), aim, missed=1) is State.ON_TRACK
    assert of(D(99), None, has_targets=False) is State.NO_TARGET
    assert of(D(99), None) is State.NO_BASELINE


@pytest.mark.parametrize(
    ("kind", "value", "upper", "baseline", "asked"),
    [
        (TargetKind.AT_LEAST, "80", None, None, Aim(low=D(80))),
        (TargetKind.AT_MOST, "240", None, "300", Aim(high=D(240))),
        (TargetKind.BETWEEN, "10", "20", None, Aim(D(10), D(20))),
        (TargetKind.RISE_BY, "15", None, "60", Aim(low=D(69))),
        (TargetKind.FALL_BY, "20", None, "300", Aim(high=D(240))),
        # Of a negative baseline the share is taken of its size.
        (TargetKind.RISE_BY, "10", None, "-20", Aim(low=D(-18))),
        (TargetKind.FALL_BY, "10", None, "-20", Aim(high=D(-22))),
        # Every share of nothing is nothing.
        (TargetKind.RISE_BY, "10", None, "0", None),
        (TargetKind.FALL_BY, "10", None, None, None),
    ],
)
def test_what_a_target_asks_for(
    kind: str, value: str, upper: str | None, baseline: str | None, asked: Aim | None
) -> None:
    stone = Stone(kind, D(value), D(upper) if upper else None, DAY)
    assert aim_of(stone, D(baseline) if baseline is not None else None) == asked


@given(figures, figures, figures, st.sampled_from([0, 5, 10]), st.sampled_from(list(TargetKind)))
@settings(max_examples=150)
def test_the_state_is_that_of_the_plain_rule(
    value: Decimal, asked: Decimal, baseline: Decimal, amber: int, kind: TargetKind
) -> None:
    """In fractions, case by case, as one would explain it to a person."""
    rules = Rules(Better.UP, D(amber), 2)
    upper = asked + 10
    aim = aim_of(Stone(kind, asked, upper, DAY), baseline)
    if kind in (TargetKind.RISE_BY, TargetKind.FALL_BY) and baseline == 0:
        assert aim is None
        return
    assert aim is not None
    share, size = Fraction(asked) / 100, abs(Fraction(baseline))
    bounds: dict[TargetKind, tuple[Fraction | None, Fraction | None]] = {
        TargetKind.AT_LEAST: (Fraction(asked), None),
        TargetKind.AT_MOST: (None, Fraction(asked)),
        TargetKind.RISE_BY: (Fraction(baseline) + size * share, None),
        TargetKind.FALL_BY: (None, Fraction(baseline) - size * share),
        TargetKind.BETWEEN: (Fraction(asked), Fraction(upper)),
    }
    low, high = bounds[kind]
    width = (
        Fraction(10) if low is not None and high is not None else abs(low if low is not None else high or Fraction(0))
    )
    missed = max(low - Fraction(value) if low is not None else 0, Fraction(value) - high if high is not None else 0, 0)
    if width == 0:
        width = size
    expected = State.OFF_TRACK
    if missed <= 0:
        expected = State.ON_TRACK
    elif missed <= width * amber / 100:
        expected = State.AT_RISK
    assert judge_value(value, aim, rules, baseline) is expected


def test_the_path_runs_straight_from_the_baseline_over_the_stepping_stones() -> None:
    base = Base(D(60), date(2026, 1, 31))
    stones = [
        Stone(TargetKind.AT_LEAST, D(80), None, date(2026, 5, 1)),
        Stone(TargetKind.RISE_BY, D(10), None, date(2026, 3, 2)),
    ]
    for day, asked in (
        (date(2026, 1, 1), "60"),
        (date(2026, 1, 31), "60"),
        (date(2026, 2, 15), "63"),
        (date(2026, 3, 2), "66"),
        (date(2026, 4, 1), "73"),
        (date(2026, 5, 1), "80"),
        (date(2027, 1, 1), "80"),
    ):
        assert aim_on(day, stones, base, UP) == Aim(low=D(asked)), day


def test_nobody_is_asked_to_get_worse_and_shapes_do_not_mix() -> None:
    stones = [
        Stone(TargetKind.AT_LEAST, D(80), None, DAY),
        Stone(TargetKind.BETWEEN, D(82), D(90), DAY + timedelta(days=100)),
    ]
    for base in (Base(D(85), date(2026, 1, 31)), None, Base(D(10), DAY)):
        assert aim_on(date(2026, 3, 1), stones, base, UP) == Aim(low=D(80))
    assert aim_on(DAY + timedelta(days=99), stones, None, UP) == Aim(low=D(80))
    assert aim_on(DAY + timedelta(days=100), stones, None, UP) == Aim(D(82), D(90))


def test_a_range_asks_where_a_kpi_should_stay_inside_it() -> None:
    inside = Rules(Better.INSIDE, D(10), 2, D(20), D(30))
    aim = aim_on(DAY, [], None, inside)
    states = [judge_value(D(value), aim or Aim(), inside, None) for value in ("20", "30", "31", "32", "19")]
    assert states == [State.ON_TRACK, State.ON_TRACK, State.AT_RISK, State.OFF_TRACK, State.AT_RISK]
    assert [direction(D(a), D(b), inside) for a, b in ((10, 15), (25, 28), (30, 31))] == [1, 0, -1]
    assert direction(D(3), D(2), DOWN) == 1
    assert direction(D(3), D(2), UP) == -1


def test_of_zero_nothing_is_a_share_but_amber_falls_back_on_the_baseline() -> None:
    assert change_percent(D(0), D(5)) is None
    assert change_percent(D(-20), D(-10)) == D(50)
    zero = Aim(high=D(0))
    assert judge_value(D("0.4"), zero, DOWN, D(10)) is State.AT_RISK
    assert judge_value(D("0.4"), zero, DOWN, None) is State.OFF_TRACK
