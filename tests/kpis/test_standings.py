"""How all KPIs of a program stand, in a few statements."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from program.extensions import db
from program.kpis.judging import State
from program.kpis.limits import Unusual
from program.kpis.models import KpiBaseline, KpiTarget, TargetKind, Way
from program.kpis.standings import DRAWN, Standing, by_urgency, standings
from program.kpis.writing import NewReading, write
from tests.kpis.conftest import Figures, make_kpi, monday

D = Decimal
# A Wednesday of week 25: week 24 is over.
TODAY = date(2026, 6, 17)


def stand(figures: Figures, **more: Any) -> dict[tuple[str, str], Standing]:
    """All standings by code and channel."""
    return {(one.kpi.code, one.channel): one for one in standings(figures.program_id, TODAY, **more)}


def write_nps(figures: Figures, *values: int | None, last: date = monday(24)) -> None:
    """Enter weekly NPS up to that week; None leaves a week out."""
    weeks = [last - timedelta(weeks=back) for back in range(len(values))][::-1]
    pairs = zip(weeks, values, strict=True)
    rows = [NewReading(figures.nps.id, "", week, D(value)) for week, value in pairs if value is not None]
    write(figures.program_id, rows, way=Way.FORM)


def test_newest_before_baseline_target_and_state(figures: Figures) -> None:
    db.session.add(
        KpiBaseline(kpi_id=figures.nps.id, value=D(-10), since=monday(1), until=monday(5) + timedelta(days=6))
    )
    db.session.add(
        KpiTarget(kpi_id=figures.nps.id, kind=TargetKind.AT_LEAST.value, value=D(20), due_on=date(2026, 12, 31))
    )
    write_nps(figures, 0, None, 5)
    found = stand(figures)["NPS", ""]
    assert (found.value, found.change, found.trend) == (D(5), D(5), 1)
    assert found.before is not None
    assert found.before.period == monday(22)
    assert found.since_baseline == D(150)
    assert found.goal is not None
    assert (found.goal.low, found.goal_on) == (D(20), date(2026, 12, 31))
    # 133 of 333 days of the way from -10 to 20.
    assert found.aim is not None
    assert found.aim.low == D("1.981982")
    assert found.state is State.ON_TRACK
    assert len(found.recent) == DRAWN
    assert found.recent[-3:] == ((monday(22), D(0)), (monday(23), None), (monday(24), D(5)))


def test_silence_is_stale_and_then_still_known(figures: Figures) -> None:
    write_nps(figures, 5, last=monday(22))
    assert (stand(figures)["NPS", ""].state, stand(figures)["NPS", ""].missed) == (State.STALE, 2)
    write_nps(figures, 7, last=monday(23))
    assert stand(figures)["NPS", ""].state is State.NO_TARGET
    other = make_kpi(figures.program_id, "OLD")
    write(figures.program_id, [NewReading(other.id, "", monday(10, 2025), D(3))], way=Way.FORM)
    old = stand(figures)["OLD", ""]
    assert (old.value, old.state, old.missed) == (D(3), State.STALE, 66)
    assert stand(figures)["VOL", ""].state is State.NO_DATA


def test_channels_are_measured_by_their_own_targets_or_the_overall_ones(figures: Figures) -> None:
    for channel, value in (("", 80), ("phone", 60)):
        db.session.add(
            KpiTarget(kpi_id=figures.csat.id, channel=channel, kind="at_least", value=D(value), due_on=date(2026, 1, 1))
        )
    rows = [NewReading(figures.csat.id, channel, monday(24), D(70)) for channel in ("phone", "chat")]
    write(figures.program_id, rows, way=Way.FORM)
    found = stand(figures, channels=None)
    states = {channel: found["CSAT", channel].state for channel in ("chat", "phone", "shop", "")}
    assert states == {
        "chat": State.OFF_TRACK,
        "phone": State.ON_TRACK,
        "shop": State.NO_DATA,
        "": State.NO_DATA,
    }
    assert set(stand(figures, channels=("phone",))) == {("CSAT", "phone"), ("VOL", "phone")}
    urgent = by_urgency(standings(figures.program_id, TODAY, channels=None))
    assert (urgent[0].channel, urgent[-1].channel) == ("chat", "phone")


def test_a_jump_is_told_from_noise(figures: Figures) -> None:
    write_nps(figures, *([10, 12] * 6), 13)
    assert stand(figures)["NPS", ""].unusual is None
    write_nps(figures, 40)
    assert stand(figures)["NPS", ""].unusual is Unusual.OUTSIDE


def test_the_number_of_statements_is_the_same_whatever_there_is(figures: Figures, statements: Any) -> None:
    for number in range(5):
        make_kpi(figures.program_id, f"MORE{number}", every=("week", "month", "quarter")[number % 3])
    write_nps(figures, *range(30))
    db.session.flush()
    with statements() as ran:
        standings(figures.program_id, TODAY, channels=None)
    assert len(ran) == 5
