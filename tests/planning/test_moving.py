"""Moving a phase: what goes along, on working days, previewed and then done in one batch or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.calendar import COUNTRIES, WorkingCalendar
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.planning import items, moving
from program.planning.item_sweeps import ItemSweep, sweep
from program.planning.models import Phase, WorkItem
from program.planning.moving import Shift, Wish
from tests.cast import Cast
from tests.planning.plan_parts import Parts, make_parts

POLAND = WorkingCalendar("PL")
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
CALENDARS = st.sampled_from(COUNTRIES).map(WorkingCalendar)


@pytest.fixture
def parts(cast: Cast, context: None) -> Parts:
    return make_parts(cast)


def moved(cast: Cast, parts: Parts, wish: Wish) -> str:
    actor = cast.manager.actor
    seen = moving.preview(actor, parts.pilot, POLAND, wish).fingerprint
    batch = moving.move(actor, parts.pilot, POLAND, wish, seen=seen)
    db.session.expire_all()
    return batch


def due(parts: Parts) -> dict[str, tuple[date | None, date | None]]:
    db.session.expire_all()
    return {key: (item.start_on, item.due_on) for key, item in parts.items.items()}


@given(DAYS, DAYS, CALENDARS)
@settings(deadline=None)
def test_working_days_between_is_what_add_undoes(first: date, second: date, calendar: WorkingCalendar) -> None:
    first = calendar.on_or_after(first)
    second = calendar.on_or_after(min(second, first + timedelta(days=200)))
    if (first - second).days > 200:
        second = calendar.on_or_after(first - timedelta(days=200))
    distance = moving.working_days_between(calendar, first, second)
    assert calendar.add(first, distance) == second
    assert moving.working_days_between(calendar, second, first) == -distance


@given(DAYS, st.integers(-120, 120), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30))), CALENDARS)
@settings(deadline=None)
def test_a_shift_lands_on_working_days_and_keeps_the_order(
    start: date, by: int, spans: list[tuple[int, int]], calendar: WorkingCalendar
) -> None:
    start = calendar.on_or_after(start)
    shift = Shift(calendar, start, calendar.on_or_after(start + timedelta(days=by)))
    stretches = sorted(
        (calendar.on_or_after(start + timedelta(days=a)), calendar.on_or_after(start + timedelta(days=a + b)))
        for a, b in spans
    )
    last_start = last_end = date.min
    for first, last in stretches:
        new_first, new_last = shift.span(first, last)
        assert new_first is not None
        assert new_last is not None
        assert calendar.is_working(new_first)
        assert calendar.is_working(new_last)
        assert new_first <= new_last
        assert new_first >= last_start
        last_start = new_first
    for last in sorted(last for _first, last in stretches):
        assert shift.end(last) >= last_end
        last_end = shift.end(last)


def test_a_move_by_whole_weeks_keeps_weekdays(cast: Cast, parts: Parts) -> None:
    moved(cast, parts, Wish(date(2026, 4, 14), date(2026, 6, 5)))
    assert (parts.pilot.planned_start, parts.pilot.planned_end) == (date(2026, 4, 14), date(2026, 6, 5))
    assert (parts.rollout.planned_start, parts.rollout.planned_end) == (date(2026, 6, 8), date(2026, 7, 31))
    assert (parts.scope.starts_on, parts.scope.ends_on) == (date(2026, 4, 14), date(2026, 4, 24))
    assert (parts.gate.planned_on, parts.rollout_gate.planned_on) == (date(2026, 6, 5), date(2026, 7, 31))
    assert parts.discovery.planned_end == date(2026, 4, 3)
    assert due(parts) == {
        "early": (date(2026, 4, 14), date(2026, 4, 24)),
        "late": (date(2026, 5, 11), date(2026, 6, 5)),
        "done": (None, date(2026, 4, 10)),
        "undated": (None, None),
        "milestone": (None, date(2026, 5, 15)),
        "next": (date(2026, 6, 8), date(2026, 6, 19)),
        "outside": (None, date(2026, 5, 15)),
    }


def test_lengthening_moves_what_follows_and_leaves_the_phases_own_items(cast: Cast, parts: Parts) -> None:
    moved(cast, parts, Wish(date(2026, 4, 7), date(2026, 6, 12)))
    assert due(parts)["early"] == (date(2026, 4, 7), date(2026, 4, 17))
    assert parts.gate.planned_on == date(2026, 6, 12)
    assert parts.rollout.planned_start == date(2026, 6, 15)
    assert due(parts)["next"] == (date(2026, 6, 15), date(2026, 6, 26))


def test_shortening_keeps_items_inside(cast: Cast, parts: Parts) -> None:
    moved(cast, parts, Wish(date(2026, 4, 7), date(2026, 5, 15), with_following=False))
    assert due(parts)["late"] == (date(2026, 5, 4), date(2026, 5, 15))
    assert parts.tuning.ends_on == date(2026, 5, 15)
    assert parts.gate.planned_on == date(2026, 5, 15)
    assert parts.rollout.planned_start == date(2026, 6, 1)


def test_what_people_put_outside_the_phase_stays_there(cast: Cast, parts: Parts) -> None:
    # A condition of the gate before may take longer than the phase it belongs to.
    late = items.ItemDraft(title="Tested on real cases", due_on=date(2026, 6, 26), phase_id=parts.pilot.id)
    condition = items.add_item(cast.manager.actor, cast.program_id, late)
    moved(cast, parts, Wish(date(2026, 4, 7), date(2026, 6, 5)))
    assert condition.due_on == date(2026, 6, 26)
    moved(cast, parts, Wish(date(2026, 4, 14), date(2026, 6, 12)))
    assert condition.due_on == date(2026, 7, 3)


def test_items_and_what_follows_stay_when_not_wanted(cast: Cast, parts: Parts) -> None:
    before = due(parts)
    wish = Wish(date(2026, 4, 14), date(2026, 6, 5), with_items=False, with_following=False)
    moved(cast, parts, wish)
    assert due(parts) == before
    assert parts.rollout.planned_start == date(2026, 6, 1)
    assert parts.gate.planned_on == date(2026, 6, 5)


def test_what_has_happened_does_not_move(cast: Cast, parts: Parts) -> None:
    parts.rollout.actual_start = date(2026, 5, 25)
    parts.items["next"].status = "dropped"
    parts.items["next"].status_reason = "Not needed"
    db.session.flush()
    moved(cast, parts, Wish(date(2026, 4, 14), date(2026, 6, 5)))
    assert (parts.rollout.planned_start, parts.rollout.planned_end) == (date(2026, 6, 1), date(2026, 7, 31))
    assert due(parts)["next"] == (date(2026, 6, 1), date(2026, 6, 12))
    parts.rollout.actual_end = date(2026, 7, 1)
    db.session.flush()
    moved(cast, parts, Wish(date(2026, 4, 21), date(2026, 6, 12)))
    assert parts.rollout.planned_end == date(2026, 7, 31)


def test_a_preview_changes_nothing_and_says_how_far(cast: Cast, parts: Parts) -> None:
    plan = moving.preview(cast.manager.actor, parts.pilot, POLAND, Wish(date(2026, 4, 14), date(2026, 6, 5)))
    assert [step.name for step in plan.of(moving.PHASE)] == ["Pilot", "Rollout"]
    assert {step.name for step in plan.of(moving.MILESTONE)} == {"Inbox is live"}
    # Corpus Christi, Thursday 4 June 2026, is free in Poland: the week to 5 June has four working days.
    assert [step.working_days for step in plan.of(moving.GATE)] == [4, 5]
    assert not db.session.dirty
    assert parts.pilot.planned_start == date(2026, 4, 7)


def test_a_move_is_one_batch_in_the_trail(cast: Cast, parts: Parts) -> None:
    batch = moved(cast, parts, Wish(date(2026, 4, 14), date(2026, 6, 5)))
    entries = db.session.execute(select(AuditEntry.verb, AuditEntry.changes).where(AuditEntry.batch == batch)).all()
    verbs = sorted(entry.verb for entry in entries)
    assert verbs == sorted(["phase.moved"] * 2 + ["block.changed"] * 2 + ["gate.changed"] * 2 + ["item.changed"] * 4)
    pilot = next(entry.changes for entry in entries if entry.verb == "phase.moved")
    assert pilot == {"planned_start": ["2026-04-07", "2026-04-14"], "planned_end": ["2026-05-29", "2026-06-05"]}


def test_a_plan_that_changed_since_the_preview_is_not_moved(cast: Cast, parts: Parts) -> None:
    actor, wish = cast.manager.actor, Wish(date(2026, 4, 14), date(2026, 6, 5))
    seen = moving.preview(actor, parts.pilot, POLAND, wish).fingerprint
    items.change_item(actor, parts.items["next"], {"due_on": date(2026, 6, 16)}, seen=1)
    with pytest.raises(Conflict):
        moving.move(actor, parts.pilot, POLAND, wish, seen=seen)
    assert parts.pilot.planned_start == date(2026, 4, 7)


def test_what_was_done_meanwhile_in_the_same_moment_is_not_overwritten(cast: Cast, parts: Parts) -> None:
    item = parts.items["early"]
    stale = ItemSweep(item.id, item.title, item.revision - 1, {"due_on": item.due_on}, {"due_on": date(2026, 4, 20)})
    with pytest.raises(Conflict):
        sweep(cast.manager.actor, cast.program_id, [stale], "batch")


def wish_of(parts: Parts, **dates: Any) -> Wish:
    values = {"start": parts.pilot.planned_start, "end": parts.pilot.planned_end, **dates}
    return moving.wished(parts.pilot, POLAND, **values)


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"start": date(2026, 6, 1)}, "end"),
        ({"end": date(2026, 4, 1)}, "end"),
        ({"end": date(9999, 12, 31)}, "end"),
        ({"start": date(1, 1, 1)}, "start"),
        ({"end": date(2090, 1, 2)}, "end"),
    ],
)
def test_days_that_cannot_be_planned_are_named(cast: Cast, parts: Parts, dates: dict[str, date], field: str) -> None:
    with pytest.raises(Invalid) as told:
        wish_of(parts, **dates)
    assert list(told.value.fields) == [field]


def test_wished_days_become_working_days(cast: Cast, parts: Parts) -> None:
    wish = wish_of(parts, start=date(2026, 4, 4), end=date(2026, 6, 4))
    assert (wish.start, wish.end) == (date(2026, 4, 7), date(2026, 6, 3))


def test_a_phase_that_has_begun_keeps_its_start_and_a_finished_one_its_plan(cast: Cast, parts: Parts) -> None:
    parts.pilot.actual_start = date(2026, 4, 7)
    with pytest.raises(Invalid) as told:
        wish_of(parts, start=date(2026, 4, 14))
    assert list(told.value.fields) == ["start"]
    assert wish_of(parts, end=date(2026, 6, 5)).end == date(2026, 6, 5)
    parts.pilot.actual_end = date(2026, 6, 1)
    with pytest.raises(Invalid) as finished:
        wish_of(parts, end=date(2026, 6, 5))
    assert list(finished.value.fields) == ["end"]


def test_a_plan_is_not_pushed_out_of_the_years(cast: Cast, parts: Parts) -> None:
    parts.rollout.planned_end = date(2099, 12, 30)
    db.session.flush()
    with pytest.raises(Invalid) as told:
        moving.preview(cast.manager.actor, parts.pilot, POLAND, Wish(date(2026, 4, 14), date(2026, 6, 5)))
    assert list(told.value.fields) == ["end"]


def test_only_managers_move_phases(cast: Cast, parts: Parts) -> None:
    wish = Wish(date(2026, 4, 14), date(2026, 6, 5))
    for actor, refusal in ((cast.contributor.actor, Forbidden), (cast.stranger.actor, NotFound)):
        with pytest.raises(refusal):
            moving.preview(actor, parts.pilot, POLAND, wish)
        with pytest.raises(refusal):
            moving.move(actor, parts.pilot, POLAND, wish, seen="")


def test_two_thousand_items_move_in_few_statements(cast: Cast, parts: Parts, statements: Any) -> None:
    drafts = [
        items.ItemDraft(f"Item {n}", phase_id=parts.rollout.id, start_on=date(2026, 6, 1), due_on=date(2026, 6, 12))
        for n in range(2000)
    ]
    items.add_items(cast.manager.actor, cast.program_id, drafts)
    db.session.commit()
    pilot = db.session.get_one(Phase, parts.pilot.id)
    wish = Wish(date(2026, 4, 14), date(2026, 6, 5))
    seen = moving.preview(cast.manager.actor, pilot, POLAND, wish).fingerprint
    with statements() as ran:
        moving.move(cast.manager.actor, pilot, POLAND, wish, seen=seen)
    assert len(ran) <= 20
    assert set(db.session.scalars(select(WorkItem.due_on).where(WorkItem.title.like("Item %")))) == {date(2026, 6, 19)}
