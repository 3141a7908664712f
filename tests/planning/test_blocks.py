"""Blocks of a phase: added, changed and removed by managers; no item is ever lost with one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.ground.errors import Conflict, Forbidden, Invalid, NotFound
from program.planning import items
from program.planning.blocks import BlockDraft, add_block, change_block, find_block, remove_block
from program.planning.items import ItemDraft
from program.planning.models import Phase, PhaseBlock, WorkItem
from tests.cast import Cast
from tests.planning.plan_parts import make_parts


@pytest.fixture
def pilot(app: Flask, context: None, cast: Cast) -> Phase:
    """The pilot of the small plan, with two blocks of its own already."""
    return make_parts(cast).pilot


def days(pilot: Phase, name: str = "Set-up") -> BlockDraft:
    return BlockDraft(name, pilot.planned_start, pilot.planned_start)


def names(pilot: Phase) -> list[str]:
    rows = select(PhaseBlock.name).where(PhaseBlock.phase_id == pilot.id).order_by(PhaseBlock.position)
    return list(db.session.scalars(rows))


def test_blocks_stand_in_the_order_of_their_days(cast: Cast, pilot: Phase):
    before = names(pilot)
    add_block(cast.manager.actor, pilot, BlockDraft("Handing back", pilot.planned_end, pilot.planned_end))
    first = add_block(cast.manager.actor, pilot, days(pilot, "Kick-off"))
    assert names(pilot)[-1] == "Handing back"
    assert set(names(pilot)) == {*before, "Kick-off", "Handing back"}
    change_block(
        cast.manager.actor,
        pilot,
        first,
        BlockDraft("Closing", pilot.planned_end, pilot.planned_end),
        seen=first.revision,
    )
    # Two on the same days keep the order they had.
    assert names(pilot)[-2:] == ["Closing", "Handing back"]


@pytest.mark.parametrize(
    ("draft", "wrong"),
    [
        (BlockDraft("", date(2026, 4, 13), date(2026, 4, 13)), {"name"}),
        (BlockDraft("x" * 121, date(2026, 4, 13), date(2026, 4, 13)), {"name"}),
        (BlockDraft("Early", date(2020, 1, 1), date(2026, 4, 13)), {"starts_on"}),
        (BlockDraft("Late", date(2026, 4, 13), date(2099, 1, 1)), {"ends_on"}),
        (BlockDraft("Backwards", date(2026, 4, 14), date(2026, 4, 13)), {"ends_on"}),
        (BlockDraft("Never", None, None), {"starts_on", "ends_on"}),
    ],
)
def test_what_is_wrong_is_named_by_field(cast: Cast, pilot: Phase, draft: BlockDraft, wrong: set[str]):
    before = names(pilot)
    with pytest.raises(Invalid) as caught:
        add_block(cast.manager.actor, pilot, draft)
    assert set(caught.value.fields) == wrong
    assert names(pilot) == before


def test_items_of_a_removed_block_stay_in_the_phase(cast: Cast, pilot: Phase):
    block = add_block(cast.manager.actor, pilot, days(pilot))
    draft = ItemDraft(title="Order the desks", phase_id=pilot.id, block_id=block.id)
    item = items.add_item(cast.manager.actor, cast.program_id, draft)
    assert remove_block(cast.manager.actor, block, seen=block.revision) == 1
    db.session.expire_all()
    kept = db.session.get_one(WorkItem, item.id)
    assert (kept.phase_id, kept.block_id) == (pilot.id, None)


def test_the_second_of_two_editors_is_told(cast: Cast, pilot: Phase):
    block = add_block(cast.manager.actor, pilot, days(pilot))
    seen = block.revision
    change_block(cast.manager.actor, pilot, block, days(pilot, "Set-up and tests"), seen=seen)
    with pytest.raises(Conflict):
        change_block(cast.manager.actor, pilot, block, days(pilot, "Mine"), seen=seen)
    with pytest.raises(Conflict):
        remove_block(cast.manager.actor, block, seen=seen)


def test_only_managers_change_blocks_and_strangers_find_none(cast: Cast, pilot: Phase):
    block = add_block(cast.manager.actor, pilot, days(pilot))
    for member, error in ((cast.contributor, Forbidden), (cast.viewer, Forbidden), (cast.stranger, NotFound)):
        with pytest.raises(error):
            add_block(member.actor, pilot, days(pilot))
        with pytest.raises(error):
            find_block(member.actor, cast.program_id, block.id)
        with pytest.raises(error):
            remove_block(member.actor, block, seen=block.revision)


def test_the_pages_add_change_and_remove(app: Flask, cast: Cast, browser: Any):
    with app.app_context(), database.transaction():
        pilot_id = make_parts(cast).pilot.id
    client = browser(cast.manager)
    at = f"/p/ALFA/plan/phases/{pilot_id}"
    assert "Add a block" in client.get(at).text
    form = {"name": "Set-up", "starts_on": "2026-02-30", "ends_on": "2026-04-20"}
    refused = client.post(f"{at}/blocks/new", data=form)
    assert refused.status_code == 422
    assert "Set-up" in refused.text
    added = client.post(f"{at}/blocks/new", data={**form, "starts_on": "2026-04-14"})
    assert added.status_code == 303
    with app.app_context():
        block = db.session.scalars(select(PhaseBlock).where(PhaseBlock.name == "Set-up")).one()
        block_id, revision = block.id, block.revision
    page = client.get(f"/p/ALFA/plan/blocks/{block_id}")
    assert 'value="Set-up"' in page.text
    saved = client.post(
        f"/p/ALFA/plan/blocks/{block_id}",
        data={"name": "Set-up & tests", "starts_on": "2026-04-14", "ends_on": "2026-04-21", "revision": revision},
    )
    assert saved.status_code == 303
    assert "Set-up &amp; tests" in client.get(at).text
    assert "It has no items." in client.get(f"/p/ALFA/plan/blocks/{block_id}/remove").text
    with app.app_context():
        revision = db.session.get_one(PhaseBlock, block_id).revision
    assert client.post(f"/p/ALFA/plan/blocks/{block_id}/remove", data={"revision": revision}).status_code == 303
    assert "Set-up &amp; tests" not in client.get(at).text
