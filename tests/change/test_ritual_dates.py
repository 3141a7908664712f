"""When rituals meet: the same hour of the wall on both nights on which clocks change, names that survive a move."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.change.ritual_dates import MOST_MOVED, PhaseEnd, meetings, named, slots
from program.ground.calendar import WorkingCalendar

PL = WorkingCalendar("PL")
ZONES = ("Europe/Warsaw", "America/New_York")


def ritual(rhythm: str, first_on: date, **more: Any) -> Any:
    values = {
        "id": 1,
        "rhythm": rhythm,
        "first_on": first_on,
        "last_on": None,
        "every": 1,
        "starts_at_minute": 9 * 60,
        "minutes": 60,
        **more,
    }
    return SimpleNamespace(**values)


def known(planned_on: date, state: str, **more: Any) -> Any:
    values = {
        "ritual_id": 1,
        "planned_on": planned_on,
        "phase_id": None,
        "state": state,
        "moved_to": None,
        "notes": "",
        "revision": 1,
        "noted_at": datetime(2026, 1, 1, tzinfo=UTC),
        **more,
    }
    return SimpleNamespace(**values)


def days(one: Any, first: date, last: date, phases: Any = ()) -> list[date]:
    return [slot.planned_on for slot in slots(one, first, last, PL, phases)]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (ritual("weekly", date(2026, 3, 2)), [(3, 2), (3, 9), (3, 16), (3, 23), (3, 30)]),
        (ritual("weekly", date(2026, 3, 5), every=2), [(3, 5), (3, 19)]),
        (ritual("monthly", date(2026, 2, 10)), [(3, 10)]),
        # A fifth weekday is the last one of every month.
        (ritual("monthly", date(2026, 1, 29)), [(3, 26)]),
        (ritual("quarterly", date(2025, 12, 9)), [(3, 10)]),
        (ritual("once", date(2026, 3, 31)), [(3, 31)]),
        (ritual("once", date(2026, 4, 1)), []),
        (ritual("weekly", date(2026, 3, 2), last_on=date(2026, 3, 15)), [(3, 2), (3, 9)]),
        (ritual("weekly", date(2026, 3, 18)), [(3, 18), (3, 25)]),
    ],
)
def test_the_days_of_march(one: Any, expected: list[tuple[int, int]]):
    assert days(one, date(2026, 3, 1), date(2026, 3, 31)) == [date(2026, *day) for day in expected]


def test_what_follows_a_phase_meets_on_the_next_working_day():
    # Friday 1 May and Sunday 3 May are holidays in Poland.
    phases = [
        PhaseEnd(1, "Pilot", date(2026, 4, 30)),
        PhaseEnd(2, "Rollout", None),
        PhaseEnd(3, "Before it began", date(2026, 2, 1)),
    ]
    one = ritual("after_phase", date(2026, 3, 1))
    assert days(one, date(2026, 1, 1), date(2026, 12, 31), phases) == [date(2026, 5, 4)]


@given(
    zone_name=st.sampled_from(ZONES),
    weekday=st.integers(0, 6),
    minute=st.integers(0, 24 * 60 - 1),
    rhythm=st.sampled_from(["weekly", "monthly", "quarterly"]),
    every=st.integers(1, 4),
)
def test_the_clock_on_the_wall_stays(zone_name: str, weekday: int, minute: int, rhythm: str, every: int):
    """A year holds both nights: each day once, at its hour, or an hour later where the hour is left out."""
    first = date(2026, 1, 5) + timedelta(days=weekday)
    one = ritual(rhythm, first, every=every, starts_at_minute=minute)
    found = meetings([one], [], date(2026, 1, 1), date(2026, 12, 31), zone_name, PL)
    assert [meeting.day for meeting in found] == days(one, date(2026, 1, 1), date(2026, 12, 31))
    assert len({meeting.day for meeting in found}) == len(found)
    for meeting in found:
        local = meeting.starts_at.astimezone(ZoneInfo(zone_name))
        wall = local.hour * 60 + local.minute
        assert (local.date(), wall) in ((meeting.day, minute), (meeting.day, minute + 60))
        if wall != minute:
            naive = datetime.combine(meeting.day, local.timetz().replace(tzinfo=None)) - timedelta(hours=1)
            aware = naive.replace(tzinfo=ZoneInfo(zone_name))
            assert aware.astimezone(UTC).astimezone(ZoneInfo(zone_name)).replace(tzinfo=None) != naive
        assert meeting.ends_at - meeting.starts_at == timedelta(hours=1)


@given(
    place=st.integers(0, 20),
    by=st.integers(-MOST_MOVED.days, MOST_MOVED.days),
    state=st.sampled_from(["moved", "held"]),
)
def test_a_moved_one_keeps_its_name_and_nothing_is_doubled(place: int, by: int, state: str):
    one = ritual("weekly", date(2026, 3, 2))
    planned_on = date(2026, 3, 2) + timedelta(weeks=place)
    row = known(planned_on, state, moved_to=planned_on + timedelta(days=by))
    found = meetings([one], [row], date(2025, 10, 1), date(2026, 12, 31), "Europe/Warsaw", PL)
    names = [meeting.planned_on for meeting in found]
    assert sorted(names) == days(one, date(2025, 10, 1), date(2026, 12, 31))
    around = {"timezone": "Europe/Warsaw", "calendar": PL}
    meeting = named(one, planned_on, None, [row], **around)
    assert meeting is not None
    assert (meeting.day, meeting.state) == (planned_on + timedelta(days=by), state)


def test_held_ones_outlive_a_change_of_rhythm_and_moves_do_not():
    one = ritual("weekly", date(2026, 3, 3))  # Mondays once, Tuesdays now
    rows = [known(date(2026, 3, 2), "held", notes="Kept"), known(date(2026, 3, 9), "cancelled")]
    found = meetings([one], rows, date(2026, 3, 1), date(2026, 3, 12), "Europe/Warsaw", PL)
    assert [(meeting.day.day, meeting.state) for meeting in found] == [(2, "held"), (3, ""), (10, "")]


def test_what_follows_a_phase_moves_along_until_it_is_given_a_day():
    one = ritual("after_phase", date(2026, 3, 1))
    around = {"timezone": "Europe/Warsaw", "calendar": PL, "first": date(2026, 3, 1), "last": date(2026, 12, 31)}
    rows = [known(date(2026, 5, 4), "cancelled", phase_id=7)]

    def day(ends_on: date) -> Any:
        (found,) = meetings([one], rows, phases=[PhaseEnd(7, "Pilot", ends_on)], **around)
        return found.day, found.planned_on, found.state

    assert day(date(2026, 5, 7)) == (date(2026, 5, 8), date(2026, 5, 4), "cancelled")
    rows[0].state, rows[0].moved_to = "moved", date(2026, 5, 20)
    assert day(date(2026, 6, 12)) == (date(2026, 5, 20), date(2026, 5, 4), "moved")


def test_a_public_holiday_is_named():
    one = ritual("weekly", date(2026, 5, 1))
    around = {"timezone": "Europe/Warsaw", "calendar": PL, "language": "pl"}
    (found,) = meetings([one], [], date(2026, 5, 1), date(2026, 5, 1), **around)
    assert found.holiday == "Święto Państwowe"
