"""When a message may reach out: never in quiet hours, one gathered message a morning, within the week's budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.ground.calendar import monday_of
from program.ground.now import zone
from program.outbox.kinds import Pace
from program.outbox.rhythm import GATHERING, GO, PAGE_ONLY, Mode, Rhythm, decide, next_open

WARSAW = "Europe/Warsaw"
USUAL = Rhythm(WARSAW)


def warsaw(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=zone(WARSAW)).astimezone(UTC)


rhythms = st.builds(
    Rhythm,
    zone=st.sampled_from((WARSAW, "America/New_York", "Asia/Tokyo")),
    digest=st.sampled_from(Mode),
    prompts=st.sampled_from((Mode.MORNING, Mode.PAGE)),
    day_begins=st.integers(0, 23 * 60),
    day_ends=st.integers(60, 24 * 60),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    country=st.sampled_from(("PL", "US", "")),
    budget=st.integers(0, 7),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
held_back = st.sampled_from((Pace.DIRECT, Pace.DIGEST, Pace.PROMPT))


@given(rhythms, held_back, moments)
def test_nothing_goes_outside_the_persons_hours(rhythm, pace, now):
    if decide(rhythm, pace, now - timedelta(days=1), now).go:
        local = now.astimezone(zone(rhythm.zone))
        assert rhythm.works_on(local.date())
        # Half an hour of grace: on one night of the year a wall clock jumps.
        assert local.hour * 60 + local.minute >= rhythm.day_begins - 60


@given(rhythms, held_back, moments)
def test_who_waits_for_the_time_given_gets_nearer_to_going(rhythm, pace, now):
    """Waiting leads somewhere: after as many turns as there are reasons to wait, it goes or is for the page only."""
    asked = now
    for _ in range(4):
        verdict = decide(rhythm, pace, asked, now)
        if verdict.go or verdict.until is None:
            return
        assert verdict.until > now
        now = verdict.until
    raise AssertionError("it waits for ever")


@given(rhythms, st.lists(moments, min_size=1, max_size=60))
def test_one_a_morning_and_no_more_a_week_than_the_budget(rhythm, asked):
    went: list[datetime] = []
    for moment in sorted(asked):
        if decide(rhythm, Pace.PROMPT, moment - timedelta(days=1), moment, tuple(went)).go:
            went.append(moment)
    days = [moment.astimezone(zone(rhythm.zone)).date() for moment in went]
    assert len(set(days)) == len(days)
    weeks = [monday_of(day) for day in days]
    assert all(weeks.count(week) <= rhythm.budget for week in weeks)


class TestOneDay:
    # Monday 2 March 2026 is an ordinary working day.
    def test_a_prompt_of_the_night_goes_in_the_morning(self):
        assert decide(USUAL, Pace.PROMPT, warsaw(2, 0), warsaw(2, 3)).until == warsaw(2, 8, 30)
        assert decide(USUAL, Pace.PROMPT, warsaw(2, 0), warsaw(2, 8, 30)) == GO

    def test_what_comes_up_in_the_morning_is_gathered_first(self):
        verdict = decide(USUAL, Pace.PROMPT, warsaw(2, 9), warsaw(2, 9))
        assert verdict.until == warsaw(2, 9) + GATHERING
        assert decide(USUAL, Pace.PROMPT, warsaw(2, 9), warsaw(2, 9, 5)) == GO

    def test_there_is_one_message_a_morning(self):
        verdict = decide(USUAL, Pace.PROMPT, warsaw(2, 9), warsaw(2, 9), (warsaw(2, 8, 30),))
        assert (verdict.until, verdict.why) == (warsaw(3, 8, 30), "morning")

    def test_the_afternoon_waits_for_the_next_morning(self):
        assert decide(USUAL, Pace.DIGEST, warsaw(2, 14), warsaw(2, 14)).until == warsaw(3, 8, 30)

    def test_friday_evening_waits_for_monday_and_easter_for_tuesday(self):
        assert next_open(USUAL, warsaw(6, 19)) == warsaw(9, 8, 30)
        assert next_open(USUAL, warsaw(4, 12, month=4)) == warsaw(7, 8, 30, month=4)

    def test_a_direct_message_goes_within_the_hours_only(self):
        assert decide(USUAL, Pace.DIRECT, warsaw(2, 12), warsaw(2, 12)) == GO
        assert decide(USUAL, Pace.DIRECT, warsaw(2, 18), warsaw(2, 18)).until == warsaw(3, 8, 30)

    def test_what_the_reader_asked_for_this_minute_goes_at_any_hour(self):
        assert decide(USUAL, Pace.AT_ONCE, warsaw(1, 3), warsaw(1, 3)) == GO

    def test_a_spent_budget_waits_for_the_next_week(self):
        week = tuple(warsaw(day, 8, 30) for day in (2, 3))
        verdict = decide(Rhythm(WARSAW, budget=2), Pace.PROMPT, warsaw(4, 9), warsaw(4, 9), week)
        assert (verdict.until, verdict.why) == (warsaw(9, 8, 30), "budget")

    @pytest.mark.parametrize("rhythm", [Rhythm(WARSAW, budget=0), Rhythm(WARSAW, prompts=Mode.PAGE)], ids=str)
    def test_who_wants_no_prompts_reads_them_on_the_page(self, rhythm):
        assert decide(rhythm, Pace.PROMPT, warsaw(2, 9), warsaw(2, 9)) == PAGE_ONLY

    def test_mentions_at_once_are_as_direct(self):
        assert decide(Rhythm(WARSAW, digest=Mode.AT_ONCE), Pace.DIGEST, warsaw(2, 14), warsaw(2, 14)) == GO

    def test_the_clocks_change_on_sunday_and_monday_begins_at_half_past_eight(self):
        assert next_open(USUAL, warsaw(28, 12)) == warsaw(30, 8, 30)
        assert warsaw(30, 8, 30) - warsaw(27, 8, 30) == timedelta(days=3, hours=-1)
