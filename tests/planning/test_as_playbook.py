"""A program saved as a playbook plans the same program again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from program.extensions import db
from program.ground.calendar import WorkingCalendar
from program.ground.errors import Forbidden, Invalid, NotFound
from program.planning import as_playbook, items, playbook_shelf
from program.planning.models import WorkItem
from program.planning.programs import NewProgram, create_program, get_program
from program.planning.scheduling import plan
from program.playbooks.loader import BUILTIN_KEYS, builtin
from program.playbooks.model import Playbook
from tests.cast import Cast
from tests.planning.plan_parts import make_parts

NEW = NewProgram("Beta", "BETA", "rollout", date(2026, 3, 2), locale="pl")


@pytest.mark.parametrize("key", BUILTIN_KEYS)
@pytest.mark.parametrize(
    "start", [date(2026, 3, 2), date(2026, 4, 1), date(2026, 4, 6), date(2026, 11, 11), date(2026, 12, 24)]
)
def test_what_came_from_a_playbook_goes_back_into_one(cast: Cast, context: None, key: str, start: date) -> None:
    program = create_program(cast.manager.actor, replace(NEW, playbook=key, starts_on=start))
    saved = as_playbook.save_as_playbook(cast.manager.actor, program, "mine", "Moja")
    original = builtin(key)
    assert [phase.weeks for phase in saved.playbook.phases] == [phase.weeks for phase in original.phases]

    def lines(playbook: Playbook) -> list[tuple[object, ...]]:
        return [(item.key, item.first_week, item.last_week, sorted(item.after)) for item in playbook.items()]

    assert lines(saved.playbook) == lines(original)
    calendar = WorkingCalendar("PL")
    first, second = (plan(one, date(2027, 3, 1), calendar, "pl") for one in (original, saved.playbook))
    assert list(first.dates()) == list(second.dates())
    assert [phase.gate and phase.gate.name for phase in first.phases] == [
        phase.gate and phase.gate.name for phase in second.phases
    ]


def test_what_was_added_by_hand_is_there_and_what_was_dropped_is_not(cast: Cast, context: None) -> None:
    parts = make_parts(cast)
    manager = cast.manager.actor
    items.change_item(
        manager, parts.items["next"], {"status": "dropped", "status_reason": "No history to migrate"}, seen=1
    )
    items.set_tags(manager, parts.items["early"], ["people", "żółte"])
    program = get_program(manager, cast.program_id)
    saved = as_playbook.save_as_playbook(manager, program, "alfa-way", "The Alfa way", "What worked.").playbook
    assert [phase.name.en for phase in saved.phases] == ["Discovery", "Pilot", "Rollout"]
    titles = [item.title.en for item in saved.items()]
    assert "Migrate history" not in titles
    assert "Order cake" not in titles
    early = next(item for item in saved.items() if item.title.en == "Name the pilot group")
    assert {saved.tag_name(tag, "en") for tag in early.tags} == {"people", "żółte"}
    assert (early.first_week, early.last_week, early.block) == (1, 2, "scope")
    undated = next(item for item in saved.items() if item.title.en == "Talk to the shops")
    assert (undated.first_week, undated.last_week) == (1, 8)
    assert saved.phases[1].gate is not None
    assert [one.text.en for one in saved.phases[1].gate.manual_criteria] == ["Sponsor agrees"]
    assert playbook_shelf.get("alfa-way").playbook == saved


def test_an_item_moved_out_of_its_weeks_leaves_its_block(cast: Cast, context: None) -> None:
    parts = make_parts(cast)
    item = parts.items["early"]
    item.due_on = item.due_on and item.due_on + timedelta(weeks=3)
    db.session.flush()
    program = get_program(cast.manager.actor, cast.program_id)
    saved = as_playbook.to_playbook(program, "k", "n")
    assert next(one for one in saved.items() if one.title.en == item.title).block is None


@pytest.mark.parametrize("key", ["rollout", "Bad Key", "", "x" * 61])
def test_a_key_that_cannot_be_is_refused(cast: Cast, context: None, key: str) -> None:
    make_parts(cast)
    program = get_program(cast.manager.actor, cast.program_id)
    with pytest.raises(Invalid):
        as_playbook.save_as_playbook(cast.manager.actor, program, key, "Name")
    assert len(playbook_shelf.shelf()) == len(BUILTIN_KEYS)


def test_a_program_without_phases_is_no_playbook(cast: Cast, context: None) -> None:
    program = get_program(cast.manager.actor, cast.program_id)
    with pytest.raises(Invalid) as told:
        as_playbook.save_as_playbook(cast.manager.actor, program, "empty", "Empty")
    assert told.value.rows


def test_only_managers_save(cast: Cast, context: None) -> None:
    make_parts(cast)
    program = get_program(cast.manager.actor, cast.program_id)
    for actor, refusal in ((cast.contributor.actor, Forbidden), (cast.stranger.actor, NotFound)):
        with pytest.raises(refusal):
            as_playbook.save_as_playbook(actor, program, "mine", "Mine")


def test_titles_that_are_alike_get_keys_of_their_own(cast: Cast, context: None) -> None:
    parts = make_parts(cast)
    drafts = [items.ItemDraft("Ćwiczenia!", phase_id=parts.pilot.id) for _ in range(3)]
    drafts.append(items.ItemDraft("برنامج", phase_id=parts.pilot.id))
    items.add_items(cast.manager.actor, cast.program_id, drafts)
    assert db.session.scalars(select(WorkItem.key).where(WorkItem.title == "Ćwiczenia!")).all() == [""] * 3
    program = get_program(cast.manager.actor, cast.program_id)
    saved = as_playbook.save_as_playbook(cast.manager.actor, program, "alike", "Alike").playbook
    keys = [item.key for item in saved.phases[1].items]
    assert [key for key in keys if key.startswith("cwiczenia")] == ["cwiczenia", "cwiczenia-2", "cwiczenia-3"]
