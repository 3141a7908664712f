"""Changing many items at once: the preview promises what the act does, and what cannot change is told."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from program.extensions import db
from program.ground import audit, database
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Forbidden, Invalid, NotFound
from program.planning.bulk import BulkChange, apply_change, preview
from program.planning.item_lists import tags_of
from program.planning.models import ItemTag, WorkItem
from program.planning.undo import undo
from tests.cast import Cast, invite_cast, make_program
from tests.planning.list_samples import add_phases, add_rows

LIST = "/p/ALFA/checklist"
POLAND = WorkingCalendar("PL")
COLUMNS = ("status", "status_reason", "owner_id", "due_on", "start_on", "phase_id", "priority", "required", "done_at")


def state(program_id: int) -> dict[int, Any]:
    """Every item as it is, with its tags, by number."""
    columns = [getattr(WorkItem, name) for name in ("started_at", *COLUMNS)]
    rows = db.session.execute(
        db.select(WorkItem.number, WorkItem.id, *columns).where(WorkItem.program_id == program_id)
    ).all()
    tags = tags_of([row.id for row in rows])
    return {row.number: (*row[2:], tuple(tags.get(row.id, ()))) for row in rows}


def revisions(program_id: int) -> dict[int, int]:
    rows = db.session.execute(db.select(WorkItem.number, WorkItem.revision).where(WorkItem.program_id == program_id))
    return {row.number: row.revision for row in rows}


@pytest.fixture
def items(app: Flask, cast: Cast) -> list[int]:
    """Numbers 1 to 5: open, open and required, done, late with a start, a milestone without date."""
    with app.app_context(), database.transaction():
        add_rows(
            cast.program_id,
            [
                {"title": "One", "due_on": date(2026, 4, 30), "tags": ["crm"]},
                {"title": "Two", "required": True},
                {"title": "Three", "status": "done", "owner_id": cast.manager.id},
                {"title": "Four", "start_on": date(2026, 4, 1), "due_on": date(2026, 4, 2), "tags": ["pilot"]},
                {"title": "Five", "kind": "milestone"},
            ],
        )
    return [1, 2, 3, 4, 5]


def test_one_act_changes_all_and_one_click_takes_it_back(context: None, cast: Cast, items: list[int]) -> None:
    before = state(cast.program_id)
    change = BulkChange(
        {"status": "done", "owner_id": cast.contributor.id, "priority": 3}, add_tags=("Wave 1",), remove_tags=("crm",)
    )
    result = apply_change(cast.contributor.actor, cast.program_id, revisions(cast.program_id), change, POLAND)
    after = state(cast.program_id)
    assert (result.changed, result.refused, result.overtaken) == (5, (), ())
    assert {row[1] for row in after.values()} == {"done"}
    assert all(row[9] is not None for row in after.values())
    assert {row[3] for row in after.values()} == {cast.contributor.id}
    assert after[1][-1] == ("wave 1",)
    assert after[4][-1] == ("pilot", "wave 1")
    entries = db.session.scalars(db.select(audit.AuditEntry).where(audit.AuditEntry.batch == result.batch)).all()
    assert sorted(entry.verb for entry in entries) == ["item.changed"] * 5 + ["item.tagged"] * 5
    assert result.batch is not None
    undo(cast.contributor.actor, cast.program_id, result.batch)
    assert state(cast.program_id) == before


def test_what_cannot_change_is_told_with_its_reason(context: None, cast: Cast, items: list[int]) -> None:
    drop = BulkChange({"status": "dropped", "status_reason": "Out of scope."})
    plan = preview(cast.contributor.actor, cast.program_id, [1, 2, 77], drop, POLAND)
    assert [item.row.number for item in plan.changing] == [1]
    assert [(each.number, "Only a manager" in each.reason) for each in plan.refused] == [(2, True)]
    early = preview(cast.manager.actor, cast.program_id, items, BulkChange({"due_on": date(2026, 3, 31)}), POLAND)
    assert [(each.number, each.reason) for each in early.refused] == [(4, "It is due before it starts.")]
    same = preview(cast.manager.actor, cast.program_id, [3], BulkChange({"status": "done"}), POLAND)
    assert (same.changing, same.unchanged) == ([], 1)


def test_days_move_by_working_days(context: None, cast: Cast, items: list[int]) -> None:
    move = BulkChange(shift=2)
    result = apply_change(cast.manager.actor, cast.program_id, revisions(cast.program_id), move, POLAND)
    after = state(cast.program_id)
    # Friday 1 May is a holiday in Poland, Good Friday is not, Easter Monday is.
    assert after[1][4] == date(2026, 5, 5)
    assert after[4][4:6] == (date(2026, 4, 7), date(2026, 4, 3))
    assert [(each.number, each.reason) for each in result.refused] == [
        (n, "It has no date to move.") for n in (2, 3, 5)
    ]


def test_items_that_moved_on_since_the_preview_are_left_alone(context: None, cast: Cast, items: list[int]) -> None:
    seen = revisions(cast.program_id)
    apply_change(cast.manager.actor, cast.program_id, {1: seen[1]}, BulkChange({"priority": 4}), POLAND)
    result = apply_change(cast.contributor.actor, cast.program_id, seen, BulkChange({"priority": 1}), POLAND)
    assert result.changed == 4
    assert [each.number for each in result.overtaken] == [1]
    assert state(cast.program_id)[1][7] == 4


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (BulkChange(), "status"),
        (BulkChange({"status": "blocked"}), "status_reason"),
        (BulkChange({"status": "dropped", "status_reason": "  "}), "status_reason"),
        (BulkChange(shift=261), "shift"),
        (BulkChange(add_tags=("x" * 41,)), "add_tags"),
        (BulkChange(add_tags=tuple(f"t{n}" for n in range(21))), "add_tags"),
    ],
)
def test_a_senseless_change_names_its_field(
    context: None, cast: Cast, items: list[int], change: BulkChange, field: str
) -> None:
    with pytest.raises(Invalid) as error:
        preview(cast.manager.actor, cast.program_id, items, change, POLAND)
    assert field in error.value.fields


def test_people_and_phases_of_others_are_refused(context: None, cast: Cast, items: list[int]) -> None:
    other = make_program("BETA", "Beta")
    ((foreign, _name),) = add_phases(other.id, "Foreign")
    for values in ({"owner_id": cast.stranger.id}, {"owner_id": cast.viewer.id}, {"phase_id": foreign}):
        plan = preview(cast.manager.actor, cast.program_id, items, BulkChange(values), POLAND)
        assert (plan.changing, len(plan.refused)) == ([], 5)


def test_access_is_checked_in_the_verb(context: None, cast: Cast, items: list[int]) -> None:
    change = BulkChange({"priority": 1})
    with pytest.raises(Forbidden):
        preview(cast.viewer.actor, cast.program_id, items, change, POLAND)
    with pytest.raises(NotFound):
        apply_change(cast.stranger.actor, cast.program_id, {1: 1}, change, POLAND)
    with pytest.raises(Invalid):
        preview(cast.manager.actor, cast.program_id, list(range(10_001)), change, POLAND)


def test_ten_thousand_items_change_in_a_handful_of_statements(cast: Cast, context: None, statements: Any) -> None:
    add_rows(cast.program_id, [{"due_on": date(2026, 5, 4) + timedelta(days=n % 5)} for n in range(10_000)])
    db.session.commit()
    seen = revisions(cast.program_id)
    with statements() as ran:
        result = apply_change(cast.manager.actor, cast.program_id, seen, BulkChange({"priority": 3}, shift=1), POLAND)
    assert result.changed == 10_000
    writing = [text for text in ran.texts if text.startswith("UPDATE")]
    assert len(writing) <= 25


changes = st.builds(
    BulkChange,
    st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(["todo", "doing", "done"]),
            "due_on": st.none() | st.dates(date(2026, 3, 1), date(2026, 5, 1)),
            "priority": st.integers(1, 4),
            "required": st.booleans(),
        },
    ),
    st.integers(-5, 5),
    st.sets(st.sampled_from(["a", "b", "c"]), max_size=2).map(tuple),
    st.sets(st.sampled_from(["a", "b", "c"]), max_size=2).map(tuple),
)
rows = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["todo", "doing", "blocked", "done", "dropped"]),
        "start_on": st.none() | st.dates(date(2026, 3, 1), date(2026, 3, 20)),
        "due_on": st.none() | st.dates(date(2026, 3, 20), date(2026, 4, 20)),
        "required": st.booleans(),
        "kind": st.sampled_from(["item", "task"]),
        "tags": st.sets(st.sampled_from(["a", "b"])),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=6), changes, st.booleans())
def test_the_act_does_what_the_preview_says_and_undo_restores(
    app: Flask, rows: list[dict[str, Any]], change: BulkChange, by_manager: bool
) -> None:
    if change.is_empty:
        return
    with app.app_context():
        database.begin_writing()
        cast = invite_cast()
        add_rows(cast.program_id, rows)
        actor = (cast.manager if by_manager else cast.contributor).actor
        before, seen = state(cast.program_id), revisions(cast.program_id)
        plan = preview(actor, cast.program_id, list(seen), change, POLAND)
        assert state(cast.program_id) == before
        result = apply_change(actor, cast.program_id, seen, change, POLAND)
        assert result.changed == len(plan.changing)
        assert [each.number for each in result.refused] == [each.number for each in plan.refused]
        after = state(cast.program_id)
        planned = {item.row.number: item for item in plan.changing}
        for number, row in after.items():
            assert (row != before[number]) == (number in planned)
            if number in planned:
                tags_before, tags_after = planned[number].tags
                assert tags_before == tags_after or row[-1] == tags_after
                for name, value in planned[number].values.items():
                    if name in COLUMNS:
                        assert row[1 + COLUMNS.index(name)] == value
        if result.batch:
            # A manager: taking back may drop again what a gate asks for.
            undo(cast.manager.actor, cast.program_id, result.batch)
        assert state(cast.program_id) == before
        db.session.rollback()


def hidden(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def test_from_the_list_to_the_change(app: Flask, browser: Any, cast: Cast, items: list[int]) -> None:
    client = browser(cast.contributor)
    chosen = {"ids": ["1", "2"], "status": "doing", "owner": "", "step": "preview", "next": f"{LIST}?status=open"}
    page = client.post(f"{LIST}/bulk", data=chosen)
    assert page.status_code == 200
    assert "2 items will change." in page.text
    answer = client.post(
        f"{LIST}/bulk",
        data={"step": "apply", "status": "doing", "seen": hidden(page, "seen"), "next": f"{LIST}?status=open"},
    )
    assert (answer.status_code, answer.location) == (303, f"{LIST}?status=open")
    assert "2 items changed." in client.get(answer.location).text
    with app.app_context():
        assert [state(cast.program_id)[n][1] for n in (1, 2, 4)] == ["doing", "doing", "todo"]


def test_all_that_match_can_be_changed(browser: Any, cast: Cast, items: list[int]) -> None:
    data = {"everything": "1", "all": "status=open", "add_tags": "wave 2", "step": "preview"}
    page = browser(cast.contributor).post(f"{LIST}/bulk", data=data)
    assert "4 items will change." in page.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"status": "blocked"}, "Say what blocks them."),
        ({"due_how": "date"}, "Give the day."),
        ({"due_how": "date", "due_on": "2026-02-30"}, "Not a valid date"),
        ({"due_how": "shift", "shift": "many"}, "Not a valid integer"),
        ({"due_how": "shift", "shift": "99999"}, "260 working days"),
        ({"status": "nonsense"}, "Not a valid choice"),
        ({"owner": "999"}, "Not a valid choice"),
        ({}, "Choose at least one change."),
    ],
)
def test_a_wrong_form_comes_back_as_typed(browser: Any, cast: Cast, items: list[int], data: Any, words: str) -> None:
    page = browser(cast.contributor).post(f"{LIST}/bulk", data={"ids": "1", "step": "preview", **data})
    assert page.status_code == 422
    assert words in page.text


@pytest.mark.parametrize("seen", ["", "1", "1:x", "x:1", "1:1,", "٣:1", "1:99999999999"])
def test_a_garbled_preview_is_refused(browser: Any, cast: Cast, items: list[int], seen: str) -> None:
    data = {"step": "apply", "priority": "4", "seen": seen}
    assert browser(cast.contributor).post(f"{LIST}/bulk", data=data).status_code == 422


def test_nothing_chosen_is_told(browser: Any, cast: Cast, items: list[int]) -> None:
    client = browser(cast.contributor)
    assert client.post(f"{LIST}/bulk", data={"step": "preview", "ids": ["x", "-1", "9" * 20]}).status_code == 303
    assert "Select at least one item first." in client.get(LIST).text
    assert client.get(f"{LIST}/bulk").status_code == 302
    assert browser(cast.viewer).post(f"{LIST}/bulk", data={"ids": "1"}).status_code == 403


def test_tags_of_other_programs_stay(context: None, cast: Cast, items: list[int]) -> None:
    other = make_program("BETA", "Beta")
    add_rows(other.id, [{"title": "Elsewhere", "tags": ["crm"]}])
    change = BulkChange(remove_tags=("crm",))
    apply_change(cast.manager.actor, cast.program_id, revisions(cast.program_id), change, POLAND)
    assert db.session.scalars(db.select(ItemTag.program_id).where(ItemTag.tag == "crm")).all() == [other.id]
