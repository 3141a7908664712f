"""Work items: what can be added and changed, by whom, and what two people at once get to hear."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.people.models import Membership
from program.planning.items import (
    ItemDraft,
    add_item,
    add_items,
    change_item,
    change_items,
    copy_item,
    find_item,
    set_tags,
    tags_of,
)
from program.planning.models import WorkItem
from program.planning.models.items import Kind, Priority, Status
from tests.cast import make_person, make_program
from tests.planning.helpers import add, at_the_same_moment, kept_item, make_block, make_phase

pytestmark = pytest.mark.usefixtures("context")


def entries(item_id: int) -> list[AuditEntry]:
    return list(
        db.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.object_type == "item", AuditEntry.object_id == item_id)
            .order_by(AuditEntry.id)
        )
    )


def test_numbers_run_on_within_the_program(cast):
    first = add(cast, "One")
    rest = add_items(cast.manager.actor, cast.program_id, [ItemDraft("Two"), ItemDraft("Three")])
    assert [first.number, *(item.number for item in rest)] == [1, 2, 3]


def test_a_new_item_is_in_the_trail_with_its_values(cast):
    item = add(cast, "Map the channels", due_on=date(2026, 3, 20), tags=("CRM", "crm ", "pilot"))
    (entry,) = entries(item.id)
    assert entry.verb == "item.created"
    assert entry.person_id == cast.manager.id
    assert entry.changes["title"] == [None, "Map the channels"]
    assert entry.changes["due_on"] == [None, "2026-03-20"]
    assert entry.changes["tags"] == [None, ["crm", "pilot"]]
    assert tags_of([item.id]) == {item.id: ["crm", "pilot"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "  \u200b\t "),
        ("title", "x" * 201),
        ("description", "x" * 50_001),
        ("status", "finished"),
        ("status_reason", "x" * 501),
        ("kind", "epic"),
        ("kind", "condition"),
        ("priority", 9),
        ("channel", "telegram"),
        ("role", "r" * 41),
        ("start_on", date(9999, 12, 31)),
        ("due_on", date(1999, 12, 31)),
        ("owner_id", 987654321),
        ("owner_id", -1),
        ("phase_id", 987654321),
        ("block_id", 987654321),
        ("decision_id", 987654321),
        ("tags", tuple(f"tag {n}" for n in range(21))),
        ("tags", ("t" * 41,)),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(cast, field, value):
    draft = {"title": "Connect the CRM", field: value}
    if field == "status_reason":
        draft["status"] = Status.BLOCKED
    with pytest.raises(Invalid) as refused:
        add_item(cast.manager.actor, cast.program_id, ItemDraft(**draft))
    assert set(refused.value.fields) == {field}
    assert str(refused.value.fields[field])
    assert db.session.scalar(select(func.count()).select_from(WorkItem)) == 0


def test_every_wrong_field_is_named_at_once(cast):
    with pytest.raises(Invalid) as refused:
        add(cast, "", due_on=date(9999, 1, 1), owner_id=5_000_000, status=Status.BLOCKED)
    assert set(refused.value.fields) == {"title", "due_on", "owner_id", "status_reason"}


def test_one_wrong_draft_stops_all(cast):
    with pytest.raises(Invalid):
        add_items(cast.manager.actor, cast.program_id, [ItemDraft("Good"), ItemDraft("")])
    assert db.session.scalar(select(func.count()).select_from(WorkItem)) == 0


def test_due_before_start_is_refused_on_the_field_that_was_given(cast):
    item = add(cast, start_on=date(2026, 3, 10), due_on=date(2026, 3, 20))
    with pytest.raises(Invalid) as refused:
        change_item(cast.manager.actor, item, {"due_on": date(2026, 3, 9)}, seen=1)
    assert set(refused.value.fields) == {"due_on"}
    with pytest.raises(Invalid) as refused:
        change_item(cast.manager.actor, item, {"start_on": date(2026, 3, 21)}, seen=1)
    assert set(refused.value.fields) == {"start_on"}


def test_letters_that_no_database_holds_are_left_out(cast):
    item = add(cast, "Con\x00nect\u202e the\r\nCRM", description="one\r\ntwo\x00\x07")
    assert item.title == "Connect the CRM"
    assert item.description == "one\ntwo"


@pytest.mark.parametrize("title", ["עברית בכותרת", "شارك القناة", "🚀 👩🏽‍💻 rollout", "ﷺ" * 200, "Łódź — żółć"])
def test_every_script_and_emoji_stays_as_it_is(cast, title):
    item = add(cast, title)
    db.session.expire(item)
    assert item.title == title
    assert len(item.title_folded) <= 400


def test_people_of_other_programs_and_readers_cannot_own(cast):
    beta = make_program("BETA", "Beta")
    outsider = make_person("Zofia Beta", "zofia@beta.example")
    db.session.add(Membership(program_id=beta.id, person_id=outsider.id, access=3))
    db.session.flush()
    for person_id in (outsider.id, cast.viewer.id, cast.stranger.id):
        with pytest.raises(Invalid) as refused:
            add(cast, owner_id=person_id)
        assert set(refused.value.fields) == {"owner_id"}
    foreign = make_phase(beta.id, "Pilot", date(2026, 3, 2), date(2026, 4, 2))
    with pytest.raises(Invalid) as refused:
        add(cast, phase_id=foreign.id)
    assert set(refused.value.fields) == {"phase_id"}


def test_an_owner_who_left_does_not_hinder_other_changes(cast):
    item = add(cast, owner_id=cast.contributor.id)
    membership = db.session.scalars(select(Membership).where(Membership.person_id == cast.contributor.id)).one()
    db.session.delete(membership)
    db.session.flush()
    change_item(cast.manager.actor, item, {"owner_id": cast.contributor.id, "title": "Renamed"}, seen=1)
    assert item.title == "Renamed"
    with pytest.raises(Invalid):
        change_item(cast.manager.actor, add(cast, "Another"), {"owner_id": cast.contributor.id}, seen=1)


def test_moving_to_another_phase_leaves_the_block(cast):
    pilot = make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
    rollout = make_phase(cast.program_id, "Rollout", date(2026, 4, 27), date(2026, 6, 26), 2)
    block, other = make_block(pilot, "Weeks 1-2"), make_block(rollout, "Import")
    item = add(cast, phase_id=pilot.id, block_id=block.id)
    with pytest.raises(Invalid) as refused:
        change_item(cast.manager.actor, item, {"block_id": other.id}, seen=1)
    assert set(refused.value.fields) == {"block_id"}
    # As an edit form sends it: the block still chosen, the phase another.
    changes = change_item(cast.manager.actor, item, {"phase_id": rollout.id, "block_id": block.id}, seen=1)
    assert changes == {"phase_id": [pilot.id, rollout.id], "block_id": [block.id, None]}
    assert item.block_id is None
    change_item(cast.manager.actor, item, {"phase_id": pilot.id, "block_id": block.id}, seen=2)
    assert (item.phase_id, item.block_id) == (pilot.id, block.id)


def test_a_status_keeps_its_reason_and_moments(cast):
    item = add(cast)
    with pytest.raises(Invalid) as refused:
        change_item(cast.manager.actor, item, {"status": "blocked"}, seen=1)
    assert set(refused.value.fields) == {"status_reason"}
    change_item(cast.manager.actor, item, {"status": "blocked", "status_reason": " No access yet "}, seen=1)
    assert (item.status, item.status_reason) == ("blocked", "No access yet")
    assert item.started_at is None
    with pytest.raises(Invalid):
        change_item(cast.manager.actor, item, {"status": "dropped"}, seen=2)
    change_item(cast.manager.actor, item, {"status": "doing"}, seen=2)
    began = item.started_at
    assert (item.status_reason, item.done_at) == ("", None)
    assert began is not None
    change_item(cast.manager.actor, item, {"status": "done"}, seen=3)
    assert item.done_at is not None
    change_item(cast.manager.actor, item, {"status": "todo"}, seen=4)
    assert (item.done_at, item.started_at) == (None, began)
    assert [entry.verb for entry in entries(item.id)] == ["item.created"] + ["item.changed"] * 4


def test_nothing_changed_is_nothing_written(cast):
    item = add(cast)
    assert change_item(cast.manager.actor, item, {"title": "Connect the CRM", "required": False}, seen=1) == {}
    assert item.revision == 1
    assert len(entries(item.id)) == 1


def test_an_edit_from_an_older_state_is_told_so(cast):
    item = add(cast)
    change_item(cast.manager.actor, item, {"title": "First"}, seen=1)
    with pytest.raises(Conflict) as conflict:
        change_item(cast.contributor.actor, item, {"title": "Second"}, seen=1)
    assert (conflict.value.current_revision, conflict.value.object_id) == (2, item.id)
    assert item.title == "First"


def test_tags_have_a_revision_too(cast):
    item = add(cast)
    assert set_tags(cast.manager.actor, item, ["Pilot", "crm, erp"], seen=1)
    assert tags_of([item.id])[item.id] == ["crm erp", "pilot"]
    assert item.revision == 2
    with pytest.raises(Conflict):
        set_tags(cast.manager.actor, item, ["other"], seen=1)
    assert not set_tags(cast.manager.actor, item, ["PILOT", "crm  erp"], seen=2)
    assert item.revision == 2
    assert entries(item.id)[-1].changes == {"tags": [[], ["crm erp", "pilot"]]}


def test_who_may_do_what(cast):
    required = add(cast, required=True)
    plain = add(cast, "Plain")
    with pytest.raises(NotFound):
        add_item(cast.stranger.actor, cast.program_id, ItemDraft("Mine"))
    with pytest.raises(NotFound):
        find_item(cast.stranger.actor, cast.program_id, plain.number)
    with pytest.raises(NotFound):
        change_item(cast.stranger.actor, plain, {"title": "Mine"}, seen=1)
    with pytest.raises(Forbidden):
        add_item(cast.viewer.actor, cast.program_id, ItemDraft("Mine"))
    with pytest.raises(Forbidden):
        change_item(cast.viewer.actor, plain, {"title": "Mine"}, seen=1)
    with pytest.raises(Forbidden):
        set_tags(cast.viewer.actor, plain, ["mine"])
    assert find_item(cast.viewer.actor, cast.program_id, plain.number) is plain
    for item, values in (
        (plain, {"required": True}),
        (plain, {"kind": "milestone"}),
        (required, {"required": False}),
        (required, {"status": "dropped", "status_reason": "Not now"}),
    ):
        with pytest.raises(Forbidden):
            change_item(cast.contributor.actor, item, values, seen=1)
    with pytest.raises(Forbidden):
        add_item(cast.contributor.actor, cast.program_id, ItemDraft("Mine", required=True))
    change_item(cast.contributor.actor, required, {"status": "done"}, seen=1)
    change_item(cast.contributor.actor, plain, {"status": "dropped", "status_reason": "Twice in the list"}, seen=1)
    change_item(cast.admin.actor, plain, {"required": True}, seen=2)


def test_a_required_item_leaves_its_phase_only_with_a_manager(cast):
    pilot = make_phase(cast.program_id, "Pilot", date(2026, 3, 2), date(2026, 4, 24))
    rollout = make_phase(cast.program_id, "Rollout", date(2026, 4, 27), date(2026, 6, 26), 2)
    item = add(cast, required=True, phase_id=pilot.id)
    with pytest.raises(Forbidden):
        change_item(cast.contributor.actor, item, {"phase_id": rollout.id}, seen=1)
    change_item(cast.manager.actor, item, {"phase_id": rollout.id}, seen=1)


def test_numbers_beyond_every_column_are_simply_not_there(cast, browser):
    kept = browser(cast.manager)
    db.session.commit()
    assert kept.get("/p/ALFA/items/99999999999999999999999").status_code == 404


def test_many_are_changed_or_none(cast):
    one, two = add(cast, "One"), add(cast, "Two", start_on=date(2026, 3, 10))
    with pytest.raises(Invalid) as refused:
        change_items(cast.manager.actor, cast.program_id, [(one, {"due_on": date(2026, 3, 5)}), (two, {"title": ""})])
    assert "Two" in str(refused.value)
    db.session.rollback()
    foreign = make_program("BETA", "Beta")
    with pytest.raises(NotFound):
        change_items(cast.admin.actor, foreign.id, [(add(cast), {"title": "x"})])


def test_a_batch_of_five_hundred_takes_few_statements(cast, statements):
    drafts = [ItemDraft(f"Item {n}") for n in range(500)]
    with statements() as ran:
        items = add_items(cast.manager.actor, cast.program_id, drafts)
    assert len(ran) <= 8
    with statements() as ran:
        change_items(
            cast.manager.actor,
            cast.program_id,
            [(item, {"owner_id": cast.contributor.id}) for item in items],
            batch="b",
        )
    assert len([text for text in ran.texts if not text.startswith("UPDATE work_item")]) <= 4


def test_a_copy_begins_anew(cast):
    item = add(
        cast,
        required=True,
        status=Status.DONE,
        priority=Priority.HIGH,
        owner_id=cast.contributor.id,
        tags=("crm",),
        due_on=date(2026, 4, 1),
    )
    copy = copy_item(cast.contributor.actor, item)
    assert (copy.title, copy.status, copy.required, copy.owner_id) == (item.title, "todo", False, cast.contributor.id)
    assert (copy.priority, copy.due_on, copy.done_at, copy.kind) == (3, date(2026, 4, 1), None, Kind.TASK)
    assert tags_of([copy.id]) == {copy.id: ["crm"]}
    assert copy_item(cast.manager.actor, item).required


def test_two_at_the_same_moment_one_wins_and_one_is_told(app, cast):
    number = kept_item(app, cast)

    def edit(member, title):
        def act():
            item = find_item(member.actor, cast.program_id, number, lock=True)
            return change_item(member.actor, item, {"title": title}, seen=1)

        return act

    results = at_the_same_moment(app, edit(cast.manager, "Maria's"), edit(cast.contributor, "Tomek's"))
    won = [result for result in results if isinstance(result, dict)]
    told = [result for result in results if isinstance(result, Conflict)]
    assert (len(won), len(told)) == (1, 1), results
    database.begin_writing()
    db.session.rollback()
    item = find_item(cast.manager.actor, cast.program_id, number)
    assert (item.title, item.revision) == (won[0]["title"][1], 2)
    assert len(entries(item.id)) == 2


def test_numbers_are_never_given_twice(app, cast):
    def act():
        return [
            item.number for item in add_items(cast.manager.actor, cast.program_id, [ItemDraft("A"), ItemDraft("B")])
        ]

    results = at_the_same_moment(app, *[act] * 4)
    assert sorted(number for numbers in results for number in numbers) == list(range(1, 9))
