"""The core as plugins see it: frozen data, whole transactions, real verbs, nobody's private words."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.ground.now import held_at, utc_now
from program.people.models import Person as PersonRow
from program.planning import comments, items
from program.planning.items import ItemDraft
from program.planning.models import WorkItem
from program.plugin_api import core, happenings, setups
from program.plugin_api.contract import (
    Conflict,
    Connection,
    Forbidden,
    Invalid,
    Link,
    LinkState,
    NotFound,
    Origin,
)
from tests.cast import Cast, make_program


@pytest.fixture
def board(inside: Flask, connect: Any) -> Connection:
    """ALFA's connection, as its plugin sees it."""
    number = connect()
    with database.looking():
        found = setups.of_program(number, "sample")
    assert found is not None
    return found


def add(cast: Cast, title: str, **more: Any) -> int:
    """An item of ALFA by Maria; its number."""
    with database.transaction():
        return items.add_item(cast.manager.actor, cast.program_id, ItemDraft(title, **more)).number


def change(cast: Cast, number: int, **values: Any) -> None:
    with database.transaction():
        item = items.find_item(cast.manager.actor, cast.program_id, number)
        items.change_item(cast.manager.actor, item, values, seen=None)


def test_a_program_and_a_person_are_found_as_frozen_data(inside: Flask, cast: Cast):
    program = core.find_program("alfa")
    assert (program.key, program.locale, program.timezone) == ("ALFA", "en", "Europe/Warsaw")
    with pytest.raises(FrozenInstanceError):
        program.name = "Other"  # type: ignore[misc]
    with pytest.raises(NotFound):
        core.find_program("NOPE")
    maria = core.find_person(" Maria@Alfa.example ")
    assert maria is not None
    assert maria.name == "Maria Zielińska"
    with database.transaction():
        row = db.session.get(PersonRow, cast.manager.id)
        assert row is not None
        row.is_active = False
    assert core.find_person("maria@alfa.example") is None


def test_items_come_in_pages_with_their_owner_and_address(inside: Flask, cast: Cast):
    for number in range(5):
        add(cast, f"Item {number}", owner_id=cast.manager.id if number == 0 else None)
    change(cast, 2, status="done")
    program = core.find_program("ALFA")
    first = core.items(program, limit=2)
    assert [item.number for item in first] == [1, 3]
    assert [item.number for item in core.items(program, after=3)] == [4, 5]
    assert len(core.items(program, only_open=False)) == 5
    assert first[0].owner is not None
    assert first[0].owner.email == "maria@alfa.example"
    assert first[0].url == "http://milepost.example/p/ALFA/items/1"
    assert first[1].owner is None


def test_items_changed_since_a_sync_are_those_beyond_their_link(inside: Flask, cast: Cast, board: Connection):
    numbers = [add(cast, "One"), add(cast, "Two")]
    found = core.items_changed_since(board)
    assert [item.number for item in found] == numbers
    for item in found:
        core.keep_link(board, Link("item", item.id, f"r{item.id}", synced_revision=item.revision))
    assert core.items_changed_since(board) == ()
    change(cast, 2, title="Two and a half")
    (again,) = core.items_changed_since(board)
    assert (again.number, again.title) == (2, "Two and a half")
    assert core.items_changed_since(board, again.updated_at) == (again,)
    assert core.items_changed_since(board, utc_now() + timedelta(minutes=1)) == ()
    assert core.items_changed_since(board, after=again.id) == ()


def test_items_of_another_program_are_never_seen(inside: Flask, cast: Cast, board: Connection):
    with database.transaction():
        beta = make_program("BETA", "Beta")
        items.add_item(cast.admin.actor, beta.id, ItemDraft("Theirs"))
    assert core.items_changed_since(board) == ()
    with pytest.raises(NotFound):
        core.apply_remote_change(board, 1, {"title": "Mine now"}, who=None, where=Origin.API)


def test_a_remote_change_goes_through_the_verb_and_its_history(inside: Flask, cast: Cast, board: Connection):
    number = add(cast, "Map")
    tomek = core.find_person("tomek@alfa.example")
    after = core.apply_remote_change(
        board, number, {"status": "done", "due_on": date(2026, 4, 1)}, who=tomek, where=Origin.JIRA
    )
    assert (after.status, after.due_on) == ("done", date(2026, 4, 1))
    with database.looking():
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (entry.verb, entry.origin, entry.person_id) == ("item.changed", "jira", cast.contributor.id)
        item = db.session.scalars(select(WorkItem).where(WorkItem.number == number)).one()
        assert item.done_at is not None


def test_a_remote_change_keeps_every_rule(inside: Flask, cast: Cast, board: Connection):
    number = add(cast, "Map")
    with pytest.raises(Invalid) as caught:
        core.apply_remote_change(board, number, {"status": "blocked"}, who=None, where=Origin.JIRA)
    assert "status_reason" in caught.value.fields
    with pytest.raises(Invalid):
        core.apply_remote_change(board, number, {"required": True}, who=None, where=Origin.JIRA)
    with pytest.raises(Invalid):
        core.apply_remote_change(board, number, {"program_id": 5}, who=None, where=Origin.JIRA)
    wanda, obcy = (core.find_person(mail) for mail in ("wanda@alfa.example", "obcy@elsewhere.example"))
    with pytest.raises(Forbidden):
        core.apply_remote_change(board, number, {"title": "Mine"}, who=wanda, where=Origin.JIRA)
    with pytest.raises(NotFound):
        core.apply_remote_change(board, number, {"title": "Mine"}, who=obcy, where=Origin.JIRA)
    with pytest.raises(Conflict):
        core.apply_remote_change(board, number, {"title": "Mine"}, who=None, where=Origin.JIRA, seen=99)
    (item,) = core.items(core.find_program("ALFA"))
    assert (item.title, item.revision) == ("Map", 1)


def test_events_hold_what_happened_and_nobody_s_words(inside: Flask, cast: Cast, board: Connection):
    start = core.latest_position(board)
    number = add(cast, "Map", description="Anna's notes on her illness")
    change(cast, number, status="blocked", status_reason="Bartek is on leave", owner_id=cast.manager.id)
    with database.transaction():
        item = items.find_item(cast.manager.actor, cast.program_id, number)
        comments.add_comment(cast.manager.actor, item, "Between us: it is late")
    found = core.events_since(board, start)
    told = repr(found)
    assert [event.verb for event in found.events][:2] == ["item.created", "item.changed"]
    for private in ("illness", "Bartek", "Between us", "maria"):
        assert private not in told.lower() + told
    blocked = found.events[1]
    assert blocked.changes == {"status": ["todo", "blocked"]}
    assert set(blocked.changed) == {"status", "status_reason", "owner_id"}
    assert not any(event.verb.startswith(("member.", "plugin.", "connection.")) for event in found.events)


def test_events_can_be_narrowed_and_come_in_pages(inside: Flask, cast: Cast, board: Connection):
    for number in range(5):
        add(cast, f"Item {number}")
    change(cast, 1, status="done")
    assert [event.name for event in core.events_since(board, 0, verbs=["item.changed"]).events] == ["Item 0"]
    first = core.events_since(board, 0, limit=2)
    assert [event.name for event in first.events] == ["Item 0", "Item 1"]


def test_what_was_taken_in_is_not_told_again_though_the_position_waits(inside: Flask, cast: Cast, board: Connection):
    add(cast, "One")
    found = core.events_since(board, 0)
    # It is too fresh to be passed over: something slower may still come before it.
    assert found.position < found.events[0].id
    assert core.keep_link(board, Link("event", found.events[0].id), new=True)
    assert core.events_since(board, found.position).events == ()
    add(cast, "Two")
    assert [event.name for event in core.events_since(board, found.position).events] == ["Two"]


def test_the_position_moves_on_once_entries_have_settled(inside: Flask, cast: Cast, board: Connection):
    with held_at(utc_now() - 2 * happenings.SETTLED):
        numbers = [add(cast, f"Old {number}") for number in range(3)]
    assert len(numbers) == 3
    add(cast, "Fresh")
    found = core.events_since(board, 0)
    assert found.position == found.events[2].id
    assert [event.name for event in core.events_since(board, found.position).events] == ["Fresh"]
    # A page that is not the last never moves the position past what it left out.
    page = core.events_since(board, 0, limit=2)
    assert page.position == page.events[1].id


def test_links_are_one_each_way_whoever_was_first(inside: Flask, board: Connection):
    link = Link("item", 7, "ext-7", "OMNI-7", "https://x.example/7", {"title": "a"}, 3, "v1", LinkState.DONE)
    assert core.keep_link(board, link, new=True)
    assert not core.keep_link(board, replace(link, external_key="OTHER-1"), new=True)
    found = core.find_link(board, "item", external_id="ext-7")
    assert found is not None
    assert (found.external_key, found.base, found.synced_revision) == ("OMNI-7", {"title": "a"}, 3)
    core.keep_link(board, replace(found, external_key="MOVED-7", base={"title": "b"}))
    again = core.find_link(board, "item", object_id=7)
    assert again is not None
    assert (again.external_key, again.base) == ("MOVED-7", {"title": "b"})
    assert core.find_link(board, "comment", object_id=7) is None
    with pytest.raises(TypeError):
        core.find_link(board, "item")


def test_due_links_are_those_that_wait_and_whose_time_has_come(inside: Flask, board: Connection):
    now = utc_now()
    for number, (state, try_at) in enumerate(
        [
            (LinkState.WAITING, None),
            (LinkState.WAITING, now - timedelta(seconds=1)),
            (LinkState.WAITING, now + timedelta(hours=1)),
            (LinkState.DONE, None),
            (LinkState.FAILED, None),
        ]
    ):
        core.keep_link(board, Link("event", number, state=state, try_at=try_at))
    assert [link.object_id for link in core.due_links(board, "event")] == [0, 1]
    found, total = core.list_links(board, "event", limit=2)
    assert ([link.object_id for link in found], total) == ([4, 3], 5)
    assert core.list_links(board, "event", state=LinkState.FAILED)[1] == 1
    assert core.forget_link(board, "event", object_id=0) == 1
    assert core.forget_link(board, "event", done_before=utc_now() + timedelta(seconds=1)) == 1
    assert core.list_links(board, "event")[1] == 3


def test_what_a_plugin_remembers_comes_back(inside: Flask, board: Connection):
    core.remember(board, {"position": 17})
    (found,) = core.active_connections("sample")
    assert found.memory == {"position": 17}


def test_the_setup_of_the_instance_belongs_to_no_program(inside: Flask):
    setup = core.instance_settings("sample")
    with pytest.raises(TypeError, match="whole instance"):
        core.items_changed_since(setup)


def test_no_function_leaves_a_transaction_open(inside: Flask, cast: Cast, board: Connection):
    add(cast, "Map")
    db.session.rollback()
    core.items_changed_since(board)
    core.keep_link(board, Link("item", 1))
    core.apply_remote_change(board, 1, {"title": "Map it"}, who=None, where=Origin.API)
    core.events_since(board, 0)
    assert not db.session().in_transaction()


def test_inside_a_request_the_request_commits(plugin_app: Flask, cast: Cast, board: Connection):
    with plugin_app.test_request_context("/x", method="POST"):
        core.remember(board, {"position": 1})
        assert db.session().in_transaction()
        db.session.rollback()
    (found,) = core.active_connections("sample")
    assert found.memory == {}


def test_managed_connections_are_for_managers(plugin_app: Flask, cast: Cast, board: Connection):
    for who, error in (("viewer", Forbidden), ("stranger", NotFound)):
        with plugin_app.test_request_context("/x"):
            g.actor = getattr(cast, who).actor
            with pytest.raises(error):
                core.managed_connection("sample", board.id)
    with plugin_app.test_request_context("/x"):
        g.actor = cast.manager.actor
        assert core.managed_connection("sample", board.id).name == "Board"
        with pytest.raises(NotFound):
            core.managed_connection("raises", board.id)
