"""What changed between two days: done, slipped and why, decided, risks; said in few statements whatever happened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.now import held_at
from program.planning import dependencies, items, moving
from program.planning.comparison import compare
from program.planning.items import ItemDraft
from program.planning.models import Phase, Program, WorkItem
from program.planning.opening import find_program
from program.planning.past_plans import plan_at, plans_between
from program.steering import risks, since_words, snapshots
from program.steering.models import CommitteeMeeting, MeetingState, Risk
from program.steering.since import what_changed
from tests.cast import Cast

JUNE = {day: datetime.fromisoformat(f"2026-06-{day:02}T12:00+02:00") for day in range(1, 31)}
RISK = {"title": "Poor data", "category": "data", "probability": 2, "impact": 3}


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with held_at(JUNE[17]):
        yield


@pytest.fixture
def story(app: Flask, cast: Cast) -> Cast:
    """Two weeks: a plan on the 1st, a meeting on the 3rd, what happened until the 12th; today is the 17th."""
    with app.app_context():
        with held_at(JUNE[1]), database.transaction():
            program = db.session.get(Program, cast.program_id)
            assert program is not None
            program.created_at = JUNE[1]
            db.session.add(
                Phase(
                    program_id=cast.program_id,
                    position=1,
                    name="Pilot",
                    planned_start=date(2026, 6, 1),
                    planned_end=date(2026, 7, 3),
                )
            )
            for title, due in (("Map", 8), ("Train", 10), ("Link", 11), ("Drop me", 12), ("Stay", 12)):
                items.add_item(cast.manager.actor, cast.program_id, ItemDraft(title, due_on=date(2026, 6, due)))
            risks.add_risk(cast.manager.actor, cast.program_id, RISK)
        with held_at(JUNE[3]), database.transaction():
            db.session.add(
                CommitteeMeeting(
                    program_id=cast.program_id, number=1, meets_at=JUNE[3], held_at=JUNE[3], state=MeetingState.CLOSED
                )
            )
        snapshots_taken(JUNE[3])
        with held_at(JUNE[12]), database.transaction():
            by = {item.title: item for item in db.session.scalars(select(WorkItem))}
            actor = cast.manager.actor
            items.change_item(actor, by["Map"], {"status": "done"}, seen=by["Map"].revision)
            items.change_item(actor, by["Train"], {"due_on": date(2026, 6, 17)}, seen=by["Train"].revision)
            items.change_item(
                actor, by["Drop me"], {"status": "dropped", "status_reason": "No need"}, seen=by["Drop me"].revision
            )
            items.add_item(actor, cast.program_id, ItemDraft("Extra"))
            risk = db.session.scalars(select(Risk)).one()
            risks.change_risk(actor, risk, {**RISK, "probability": 4}, seen=risk.revision)
            risks.add_risk(actor, cast.program_id, {**RISK, "title": "New one"})
    return cast


def snapshots_taken(moment: datetime) -> None:
    with held_at(moment):
        snapshots.take_due()


def told(cast: Cast, first: date | None = None, last: date | None = None) -> Any:
    program = find_program(cast.viewer.actor, cast.key)
    found = what_changed(program, first, last)
    return found, {one.kind: one for one in since_words.lists(found)}


def test_since_the_last_meeting_everything_is_told_with_its_reason(story: Cast, context: None):
    found, lists = told(story)
    assert (found.first.meeting, found.first.day, found.last.is_now) == (1, date(2026, 6, 3), True)
    assert {kind: [row.name for row in one.rows] for kind, one in lists.items()} == {
        "finished": ["Map"],
        "later": ["Train"],
        "added": ["Extra"],
        "removed": ["Drop me"],
    }
    assert lists["later"].rows[0].what == "5 working days later, from Wed 10 Jun to Wed 17 Jun"
    assert lists["later"].rows[0].why == f"Moved by {story.manager.name}"
    assert lists["removed"].rows[0].why == "No need"
    assert [(one.title, one.kind, one.before, one.after) for one in found.risks] == [
        ("Poor data", "risen", 6, 12),
        ("New one", "opened", None, 6),
    ]
    said = since_words.headline(found, list(lists.values()))
    assert said == (
        "Since the meeting on Wed 3 Jun: 1 done, 1 item later by 5 working days, 1 added, 1 dropped, 1 risk opened."
    )


def test_any_two_days_and_what_a_year_later_says_of_them(story: Cast, context: None):
    """What lies between two past days does not change by what happens after them."""
    then, lists = told(story, date(2026, 6, 3), date(2026, 6, 11))
    assert then.is_quiet, then.plan
    assert lists == {}
    before, _lists = told(story, date(2026, 6, 12), date(2026, 6, 15))
    with held_at(datetime.fromisoformat("2027-06-17T12:00+02:00")):
        for item in db.session.scalars(select(WorkItem)).all():
            items.change_item(story.manager.actor, item, {"status": "todo", "due_on": date(2027, 1, 4)}, seen=None)
        risk = db.session.scalars(select(Risk).order_by(Risk.id)).first()
        assert risk is not None
        risks.settle(story.manager.actor, risk, "closed", "Solved.", seen=risk.revision)
        after, _lists = told(story, date(2026, 6, 12), date(2026, 6, 15))
    assert (after.plan, after.risks, after.taken) == (before.plan, before.risks, before.taken)
    # The wrong way round is the right way round; days to come are today; nothing is known before the program.
    swapped, _lists = told(story, date(2026, 6, 15), date(2026, 6, 12))
    assert (swapped.first, swapped.last, swapped.plan) == (before.first, before.last, before.plan)
    wide, _lists = told(story, date(2020, 1, 1), date(2030, 1, 1))
    assert (wide.first.day, wide.last.is_now) == (date(2026, 6, 1), True)


def test_an_item_moved_with_its_phase_or_waiting_says_so(story: Cast, context: None):
    actor = story.manager.actor
    by = {item.title: item for item in db.session.scalars(select(WorkItem))}
    program = find_program(actor, story.key)
    phase = db.session.scalars(select(Phase)).one()
    items.change_item(actor, by["Stay"], {"phase_id": phase.id}, seen=by["Stay"].revision)
    wish = moving.wished(phase, program.calendar, date(2026, 6, 15), date(2026, 7, 17))
    seen = moving.preview(actor, phase, program.calendar, wish).fingerprint
    moving.move(actor, phase, program.calendar, wish, seen=seen)
    dependencies.add_dependency(actor, story.program_id, by["Train"], by["Stay"])
    items.change_item(actor, by["Link"], {"status": "blocked", "status_reason": "No access"}, seen=by["Link"].revision)
    items.change_item(actor, by["Link"], {"due_on": date(2026, 6, 18)}, seen=by["Link"].revision)
    _found, lists = told(story)
    why = {row.name: row.why for row in lists["later"].rows}
    assert why == {
        "Link": "Blocked: No access",
        "Stay": "Moved with the phase “Pilot”",
        "Train": "Waits for “Stay”",
    }
    assert [row.name for row in lists["moved"].rows] == ["Pilot"]
    assert [row.name for row in lists["blocked"].rows] == ["Link"]


def test_figures_come_from_what_was_kept(story: Cast, context: None):
    found, _lists = told(story)
    assert found.before is not None
    assert found.before.day == date(2026, 6, 3)
    assert found.after is not None
    assert found.after.day == date(2026, 6, 17)
    early, _lists = told(story, date(2026, 6, 1), date(2026, 6, 2))
    assert early.before is None


def test_the_page_in_words_in_twelve_statements_and_for_members_alone(
    story: Cast, app: Flask, browser: Any, statements: Any
):
    client = browser(story.viewer)
    with statements() as ran:
        page = client.get("/p/ALFA/progress/since")
    assert page.status_code == 200
    assert len(ran) <= 12, ran.texts
    for words in ("Slipped", "Removed or dropped", "Risen", "6 → 12", "Train"):
        assert words in page.text
    assert "Since the meeting on Wed 3 Jun" in page.text
    quiet = client.get("/p/ALFA/progress/since?from=2026-06-05&to=2026-06-05")
    assert "Nothing changed" in quiet.text
    assert client.get("/p/ALFA/progress/since?from=nonsense&to=9999-99-99").status_code == 200
    assert browser(story.stranger).get("/p/ALFA/progress/since").status_code == 404
    # The progress page has it in one sentence, and leads here.
    progress = client.get("/p/ALFA/progress").text
    assert "1 done, 1 added, 1 dropped, 1 item later by 5 working days." in progress
    assert "/p/ALFA/progress/since?from=2026-06-03" in progress


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(4, 16), st.sampled_from(["move", "done", "add", "rename"])), max_size=6))
def test_two_plans_at_once_are_two_plans_one_by_one(story: Cast, app: Flask, acts: list[tuple[int, str]]):
    """`plans_between` leaves out what did not change, and nothing else."""
    with app.app_context():
        database.begin_writing()
        try:
            for day, act in sorted(acts):
                with held_at(JUNE[day].replace(hour=13)):
                    play(story, act)
            calendar = find_program(story.viewer.actor, story.key).calendar
            for first, last in ((2, 10), (5, 16), (12, 12)):
                moments = JUNE[first], JUNE[last]
                before, after = (plan_at(story.program_id, moment) for moment in moments)
                found = compare(*plans_between(story.program_id, *moments), calendar)
                assert found == compare(before, after, calendar)
        finally:
            db.session.rollback()


def test_of_what_happened_later_nothing_is_read(story: Cast, context: None, statements: Any):
    """Where the time between lies far back, most entries are of items that nothing happened to in it."""
    actor = story.manager.actor
    for item in db.session.scalars(select(WorkItem)).all():
        items.change_item(actor, item, {"title": f"{item.title} now"}, seen=item.revision)
    with statements() as ran:
        before, after = plans_between(story.program_id, JUNE[5], JUNE[12])
    assert len(ran) == 4, ran.texts
    assert {line.name for line in before.values()} == {"Map", "Train", "Drop me", "Pilot"}
    assert {line.name for line in after.values()} == {"Map", "Train", "Drop me", "Extra", "Pilot"}


def test_who_moved_an_item_is_asked_of_its_own_entries(story: Cast, context: None, statements: Any):
    """Both searches go by an index that knows the item or the act, not by the program's whole trail."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by its statistics.")
    found = what_changed(find_program(story.viewer.actor, story.key), None, None)
    with statements() as ran:
        since_words.lists(found)
    question = f"EXPLAIN QUERY PLAN {ran.texts[-1]}"
    plan = db.session.connection().exec_driver_sql(question, (None,) * question.count("?")).all()
    read_from = " ".join(row[-1] for row in plan)
    assert "ix_audit_entry_object (object_type=? AND object_id=? AND at>? AND at<?)" in read_from
    assert "ix_audit_entry_batch (batch=?)" in read_from


def play(story: Cast, act: str) -> None:
    actor = story.manager.actor
    item = db.session.scalars(select(WorkItem).order_by(WorkItem.id.desc()).limit(1)).one()
    if act == "add":
        items.add_item(actor, story.program_id, ItemDraft("More", due_on=date(2026, 6, 20)))
    elif act == "done":
        items.change_item(actor, item, {"status": "todo" if item.status == "done" else "done"}, seen=item.revision)
    elif act == "move":
        items.change_item(actor, item, {"due_on": date(2026, 6, 25)}, seen=item.revision)
    else:
        items.change_item(actor, item, {"title": f"{item.title}!"}, seen=item.revision)
