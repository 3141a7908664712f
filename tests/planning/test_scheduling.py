"""From a playbook to dates: working days only, in order, inside their phase, later when the start is later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from program.ground.calendar import COUNTRIES, WorkingCalendar
from program.planning.models.items import Kind
from program.planning.scheduling import PlannedProgram, plan
from program.playbooks.loader import builtin, catalogue
from program.playbooks.model import Block, Gate, Item, ItemKind, Phase, Playbook, Text

STARTS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
CALENDARS = st.sampled_from(COUNTRIES).map(WorkingCalendar)
POLAND = WorkingCalendar("PL")


@st.composite
def phases(draw: st.DrawFn, index: int, weeks_before: int) -> Phase:
    weeks = draw(st.integers(1, 10))
    spans = draw(st.lists(st.tuples(st.integers(1, weeks), st.integers(1, weeks)).map(sorted), max_size=5))
    items = [
        Item(
            f"item-{index}-{number}",
            Text("Do it", "Zrób to"),
            first,
            last,
            kind=ItemKind.MILESTONE if first == last and draw(st.booleans()) else ItemKind.ITEM,
        )
        for number, (first, last) in enumerate(spans)
    ]
    shift = draw(st.integers(-weeks_before, 4)) if weeks_before else 0
    return Phase(
        key=f"phase-{index}",
        name=Text("Phase", "Faza"),
        weeks=weeks,
        overlaps_previous_weeks=max(0, -shift),
        gap_before_weeks=max(0, shift),
        blocks=tuple(Block(f"block-{n}", Text("Block", "Blok"), *span) for n, span in enumerate(spans)),
        items=tuple(items),
        gate=draw(st.none() | st.integers(1, weeks).map(lambda week: Gate(f"gate-{index}", Text("Gate", "B"), week))),
    )


@st.composite
def playbooks(draw: st.DrawFn) -> Playbook:
    found: list[Phase] = []
    for index in range(draw(st.integers(1, 5))):
        found.append(draw(phases(index, found[-1].weeks if found else 0)))
    return Playbook("drawn", Text("Drawn", "Narysowany"), tuple(found))


PLAYBOOKS = playbooks() | st.sampled_from(catalogue())


def shape(planned: PlannedProgram) -> list[date]:
    return list(planned.dates())


@given(PLAYBOOKS, STARTS, CALENDARS)
@settings(deadline=None)
def test_every_date_is_a_working_day_inside_its_phase(
    playbook: Playbook, start: date, calendar: WorkingCalendar
) -> None:
    planned = plan(playbook, start, calendar, "en")
    assert all(calendar.is_working(day) for day in shape(planned))
    assert planned.starts_on >= start
    for phase in planned.phases:
        inside = lambda day, phase=phase: phase.planned_start <= day <= phase.planned_end  # noqa: E731
        assert phase.planned_start <= phase.planned_end
        assert phase.planned_start >= planned.starts_on
        for block in phase.blocks:
            assert inside(block.starts_on)
            assert inside(block.ends_on)
            assert block.starts_on <= block.ends_on
        for item in phase.items:
            assert inside(item.due_on)
            assert item.start_on is None or (inside(item.start_on) and item.start_on <= item.due_on)
        assert phase.gate is None or inside(phase.gate.planned_on)


@given(PLAYBOOKS, STARTS, st.integers(1, 400), CALENDARS)
@settings(deadline=None)
def test_a_later_start_never_makes_anything_earlier(
    playbook: Playbook, start: date, later: int, calendar: WorkingCalendar
) -> None:
    sooner = shape(plan(playbook, start, calendar, "en"))
    afterwards = shape(plan(playbook, start + timedelta(days=later), calendar, "en"))
    assert all(before <= after for before, after in zip(sooner, afterwards, strict=True))


@given(PLAYBOOKS, STARTS, CALENDARS)
@settings(deadline=None)
def test_phases_follow_each_other_as_the_playbook_says(
    playbook: Playbook, start: date, calendar: WorkingCalendar
) -> None:
    planned = plan(playbook, start, calendar, "en")
    for before, after, phase in zip(planned.phases, planned.phases[1:], playbook.phases[1:], strict=False):
        if phase.overlaps_previous_weeks:
            assert after.planned_start <= before.planned_end
        else:
            assert after.planned_start > before.planned_end


def test_the_rollout_begins_and_ends_on_the_days_people_expect() -> None:
    planned = plan(builtin("rollout"), date(2026, 3, 2), POLAND, "en")
    pilot = next(phase for phase in planned.phases if phase.key == "pilot")
    assert (planned.starts_on, planned.was_moved) == (date(2026, 3, 2), False)
    assert planned.phases[0].planned_start == date(2026, 3, 2)
    # Five weeks from a Monday end on Friday, even where Good Friday is a working day in Poland.
    assert planned.phases[0].planned_end == date(2026, 4, 3)
    # Easter Monday is free: the pilot begins on Tuesday, and still ends on a Friday after eight weeks.
    assert pilot.planned_start == date(2026, 4, 7)
    assert pilot.planned_end == date(2026, 5, 29)
    assert len(pilot.blocks) == 3


def test_a_start_on_a_weekend_or_holiday_moves_to_the_next_working_day() -> None:
    saturday = plan(builtin("rollout"), date(2026, 4, 4), POLAND, "en")
    assert (saturday.was_moved, saturday.starts_on) == (True, date(2026, 4, 7))
    # Weeks are counted from Monday all the same.
    assert saturday.phases[0].planned_end.weekday() == 4
    assert plan(builtin("rollout"), date(2026, 4, 4), WorkingCalendar(""), "en").starts_on == date(2026, 4, 6)


def test_a_start_lost_to_a_long_holiday_counts_its_weeks_from_monday() -> None:
    christmas = plan(builtin("rollout"), date(2026, 12, 24), POLAND, "en")
    assert christmas.starts_on == date(2026, 12, 28)
    assert christmas.phases[0].planned_end == date(2027, 1, 29)


def test_texts_are_in_the_programs_language_and_milestones_have_one_day() -> None:
    playbook = builtin("rollout")
    english, polish = (plan(playbook, date(2026, 3, 2), POLAND, locale) for locale in ("en", "pl"))
    assert polish.phases[0].name == playbook.phases[0].name.pl != english.phases[0].name
    assert english.item_count + sum(len(phase.milestones) for phase in english.phases) == len(list(playbook.items()))
    for phase in english.phases:
        for item in phase.items:
            assert (item.start_on is None) == (item.kind is Kind.MILESTONE)
        for milestone in phase.milestones:
            assert milestone.is_milestone


def test_tags_carry_the_word_that_people_read() -> None:
    planned = plan(builtin("rollout"), date(2026, 3, 2), POLAND, "pl")
    tags = {tag for phase in planned.phases for item in phase.items for tag in item.tags}
    assert "pomiary" in tags
    assert "measurement" not in tags


def test_an_empty_start_has_no_phases() -> None:
    planned = plan(None, date(2026, 3, 7), POLAND, "en")
    assert (planned.phases, planned.item_count, planned.ends_on) == ((), 0, date(2026, 3, 9))


@pytest.mark.parametrize("start", [date(2099, 12, 1), date(9999, 1, 1)])
def test_years_that_nobody_plans_are_refused(start: date) -> None:
    with pytest.raises(OverflowError):
        plan(builtin("rollout"), start, POLAND, "en")


def test_the_longest_playbook_is_refused_when_it_leaves_the_years_that_can_be_planned() -> None:
    first = builtin("rollout").phases[0]
    long = Playbook("long", Text("Long"), tuple(replace(first, key=f"p{n}", weeks=260, items=()) for n in range(20)))
    with pytest.raises(OverflowError):
        plan(long, date(2026, 3, 2), POLAND, "en")
