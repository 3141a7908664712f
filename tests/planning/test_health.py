"""The state of a program follows the written rules, and the rules are written where people read them."""

from __future__ import annotations

from datetime import date

import pytest

from program.ground.calendar import WorkingCalendar
from program.planning.health import RULES, GateDate, State, judge
from program.planning.phase_dates import arranged
from program.planning.progress import Progress
from tests.planning.test_phase_dates import STEADY, row

TODAY = date(2026, 5, 20)
GOOD = Progress(total=10, finished=2)
PAST, AHEAD = date(2026, 5, 19), date(2026, 5, 20)


@pytest.fixture(autouse=True)
def _request(app):
    with app.test_request_context():
        yield


def gate(planned_on: date, outcome: str = "", *, reopened: bool = False) -> GateDate:
    return GateDate(1, 1, 1, "Pilot gate", planned_on, outcome, reopened)


def phases(end: date):
    dates = arranged([row(1, date(2026, 5, 4), end, date(2026, 5, 4))], {1: GOOD}, STEADY, TODAY, WorkingCalendar("PL"))
    return dates.phases


IN_TIME, TOO_LATE = date(2026, 6, 30), date(2026, 5, 22)


@pytest.mark.parametrize(
    ("progress", "end", "gates", "state", "reason"),
    [
        (Progress(), IN_TIME, [], State.NO_DATA, "no items"),
        (GOOD, IN_TIME, [], State.ON_TRACK, "Nothing is overdue"),
        (GOOD, IN_TIME, [gate(AHEAD)], State.ON_TRACK, "Nothing is overdue"),
        (GOOD, IN_TIME, [gate(PAST, "go")], State.ON_TRACK, "Nothing is overdue"),
        (GOOD, IN_TIME, [gate(PAST, "conditional_go")], State.ON_TRACK, "Nothing is overdue"),
        (GOOD, IN_TIME, [gate(PAST, "conditional_go", reopened=True)], State.OFF_TRACK, "is reopened"),
        (GOOD, IN_TIME, [gate(PAST)], State.OFF_TRACK, "has not been passed"),
        (GOOD, IN_TIME, [gate(PAST, "hold")], State.OFF_TRACK, "has not been passed"),
        (GOOD, IN_TIME, [gate(AHEAD, "hold")], State.AT_RISK, "on hold"),
        (GOOD, IN_TIME, [gate(AHEAD, "no_go")], State.AT_RISK, "no-go"),
        (GOOD, TOO_LATE, [], State.AT_RISK, "is expected to end"),
        (Progress(total=10, overdue=1), IN_TIME, [], State.AT_RISK, "1 other item is overdue."),
        (
            Progress(total=10, overdue=3, required_overdue=2),
            IN_TIME,
            [],
            State.OFF_TRACK,
            "2 required items are overdue.",
        ),
    ],
)
def test_the_rules(progress, end, gates, state, reason):
    health = judge(progress, phases(end), gates, TODAY)
    assert health.state is state
    assert reason in health.reasons[0]


def test_the_gravest_reason_stands_first():
    health = judge(Progress(total=9, overdue=2, required_overdue=1), phases(TOO_LATE), [gate(PAST)], TODAY)
    assert health.state is State.OFF_TRACK
    assert len(health.reasons) == 4
    assert health.reasons[0].startswith("1 required item")


def test_every_state_has_its_rule_and_the_manual_says_the_same(project_root):
    manual = " ".join((project_root / "docs" / "states.md").read_text(encoding="utf-8").split())
    assert [state for state, _rule in RULES] == list(State)
    for _state, rule in RULES:
        assert str(rule) in manual
