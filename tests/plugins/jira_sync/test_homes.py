"""Where issues lie in Jira: under the epic of their phase, or as sub-tasks of the issue that stands for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from plugins.jira_sync.book import CONFLICT
from plugins.jira_sync.fitting import problems
from plugins.jira_sync.plan import Plan
from plugins.jira_sync.side import IssueType, Side
from program.extensions import db
from program.ground import database, formats
from program.ground.now import utc_now
from program.planning.history_text import history_of
from program.planning.models import Phase
from program.plugin_api import core
from tests.cast import Cast
from tests.fakes.jira import Jira
from tests.planning.helpers import make_phase
from tests.plugins.jira_sync.conftest import Wired, wired


@pytest.fixture
def phases(jira_app: Flask, cast: Cast) -> list[int]:
    with database.transaction():
        made = [
            make_phase(cast.program_id, name, date(2026, 3, day), date(2026, 4, day))
            for name, day in (("Pilot", 2), ("Wave 1", 9))
        ]
        return [one.id for one in made]


@pytest.fixture
def parts(jira_app: Flask, cast: Cast, jira: Jira) -> Iterator[Wired]:
    settings = {"phase_as": "subtask", "item_type": "Sub-task", "epic_type": "Task"}
    with wired(jira_app, cast, jira, **settings) as both:
        yield both


def look(step: Wired, minutes: int) -> None:
    with step.later(timedelta(minutes=minutes)):
        step.sync()


def rename(step: Wired, phase_id: int, name: str) -> None:
    with database.transaction():
        phase = db.session.get(Phase, phase_id)
        assert phase is not None
        phase.name = name


def tags(step: Wired, number: int) -> list[str]:
    (item,) = core.by_ids(step.connection, [step.item(number).id])
    return sorted(item.tags)


def parent(step: Wired, number: int) -> str:
    return str(step.jira.world.issues[step.issue(number).fields["parent"]].fields["summary"])


def test_items_are_sub_tasks_of_one_issue_for_each_phase(parts: Wired, phases: list[int]) -> None:
    numbers = parts.add("First", "Second", phase_id=phases[0]) + parts.add("Third", phase_id=phases[1])
    (alone,) = parts.add("On its own")
    look(parts, 0)
    world = parts.jira.world
    assert [parent(parts, number) for number in numbers] == ["Pilot", "Pilot", "Wave 1"]
    assert {parts.issue(number).type for number in (*numbers, alone)} == {"Sub-task"}
    # A sub-task lies under something: what is in no phase, under an issue of the program's own.
    assert parent(parts, alone) == parts.connection.program.name  # type: ignore[union-attr]
    assert len([one for one in world.issues.values() if one.type == "Task"]) == 3
    parts.change(numbers[0], title="First of all", status="done")
    look(parts, 1)
    issue = parts.issue(numbers[0])
    assert (issue.fields["summary"], issue.status) == ("First of all", "Done")


def test_a_sub_task_that_data_center_leaves_where_it_was_is_said_to_be(parts: Wired, phases: list[int]) -> None:
    (number,) = parts.add("First", phase_id=phases[0])
    look(parts, 0)
    parts.change(number, phase_id=phases[1], title="First of all")
    look(parts, 1)
    issue, is_cloud = parts.issue(number), parts.jira.world.face == "cloud"
    assert issue.fields["summary"] == "First of all"
    assert (parent(parts, number), parts.link(number).error) == (
        ("Wave 1", "")
        if is_cloud
        else ("Pilot", "Jira leaves it under the phase it was in: move the issue there by hand.")
    )
    # Somebody does.
    there = next(one for one in parts.jira.world.issues.values() if one.fields["summary"] == "Wave 1")
    issue.fields["parent"] = there.id
    parts.jira.world.edit(issue, duedate="2027-01-15")
    look(parts, 7)
    assert (parent(parts, number), parts.link(number).error) == ("Wave 1", "")


def test_an_item_that_moves_to_another_phase_moves_in_jira(step: Wired, phases: list[int]) -> None:
    world = step.jira.world
    (number,) = step.add("Connect the CRM", phase_id=phases[0])
    look(step, 0)
    epics = {one.fields["summary"]: one for one in world.issues.values() if one.type == "Epic"}
    field = "parent" if world.face == "cloud" else world.epic_link

    def epic() -> object:
        return step.issue(number).fields[field]

    assert epic() == (epics["Pilot"].id if world.face == "cloud" else epics["Pilot"].key)
    step.change(number, phase_id=phases[1])
    step.jira.faults.lose_reply("PUT", "/issue/")
    look(step, 1)
    look(step, 2)
    epics |= {one.fields["summary"]: one for one in world.issues.values() if one.type == "Epic"}
    assert epic() == (epics["Wave 1"].id if world.face == "cloud" else epics["Wave 1"].key)
    assert step.link(number).error == ""
    step.change(number, phase_id=None)
    look(step, 3)
    assert epic() is None
    with formats.reading_as("en", "UTC"):
        sent = [line for line in history_of("item", step.item(number).id) if "written to another" in line.title]
    # The second time it was there already: the answer was lost, and nothing had to be written.
    assert [one.after for line in sent for one in line.details if one.label == "What"] == ["Phase", "All of it"]
    asked = len(step.jira.requests)
    look(step, 4)
    assert len(step.jira.requests) == asked


@pytest.mark.parametrize(("phase_as", "field"), [("version", "fixVersions"), ("component", "components")])
def test_where_phases_are_parts_of_the_project_a_move_leaves_what_people_added(
    jira_app: Flask, cast: Cast, jira: Jira, phases: list[int], phase_as: str, field: str
) -> None:
    world = jira.world
    with wired(jira_app, cast, jira, phase_as=phase_as) as step:
        parts = world.versions if phase_as == "version" else world.components

        def names() -> set[str]:
            return {parts[one] for one in step.issue(number).fields.get(field, ())}

        (number,) = step.add("Connect the CRM", phase_id=phases[0])
        look(step, 0)
        assert names() == {"Pilot"}
        own = world.add_part(phase_as, "Of the team")
        world.edit(step.issue(number), **{field: [{"id": one} for one in (*step.issue(number).fields[field], own)]})
        step.change(number, phase_id=phases[1], title="Connect it")
        look(step, 6)
        assert (names(), step.issue(number).fields["summary"]) == ({"Wave 1", "Of the team"}, "Connect it")
        rename(step, phases[1], "Wave one")
        look(step, 7)
        assert names() == {"Wave one", "Of the team"}
        step.change(number, phase_id=None)
        look(step, 8)
        assert (names(), step.link(number).error) == ({"Of the team"}, "")
        asked = len(step.jira.requests)
        look(step, 9)
        assert len(step.jira.requests) == asked


def test_where_phases_are_labels_they_are_no_tags(jira_app: Flask, cast: Cast, jira: Jira, phases: list[int]) -> None:
    with wired(jira_app, cast, jira, phase_as="label") as step:
        (number,) = step.add("Connect the CRM", phase_id=phases[1], tags=("crm",))

        def labels() -> list[str]:
            return [one for one in step.issue(number).fields["labels"] if not one.startswith("milepost-")]

        look(step, 0)
        assert labels() == ["Wave-1", "crm"]
        # Whoever writes tags keeps the phase, on either side, and under whatever name it has by now.
        rename(step, phases[1], "Wave one")
        step.change(number, tags=["crm", "pilot"])
        look(step, 1)
        assert labels() == ["Wave-1", "crm", "pilot"]
        jira.world.edit(step.issue(number), labels=["Wave-1", "pilot", "theirs"])
        look(step, 7)
        assert tags(step, number) == ["pilot", "theirs"]
        step.change(number, phase_id=phases[0])
        look(step, 8)
        assert labels() == ["Pilot", "pilot", "theirs"]
        step.change(number, phase_id=None, tags=["pilot"])
        look(step, 9)
        assert (labels(), tags(step, number)) == (["pilot"], ["pilot"])
        assert (step.link(number).error, core.list_links(step.connection, CONFLICT)[1]) == ("", 0)


@pytest.mark.parametrize("face", ["cloud"])
def test_a_new_name_of_a_phase_that_jira_refuses_is_said_and_holds_up_nothing(step: Wired, phases: list[int]) -> None:
    step.add("Connect the CRM", phase_id=phases[0])
    look(step, 0)
    rename(step, phases[0], "The pilot")
    step.jira.faults.answer(400, "PUT", "/issue/", body='{"errors": {"summary": "The screen is locked."}}')
    (number,) = step.add("Name the owners")
    look(step, 1)
    assert step.link(number).error == ""
    browser = step.app.test_client()
    browser.sign_in(step.cast.manager)  # type: ignore[attr-defined]
    assert "The screen is locked." in browser.get(f"/plugins/jira_sync/{step.connection.id}").text


def test_a_phase_whose_epic_is_gone_gets_another_one(step: Wired, phases: list[int]) -> None:
    step.add("Connect the CRM", phase_id=phases[0])
    look(step, 0)
    world = step.jira.world
    (epic,) = [one for one in world.issues.values() if one.type == "Epic"]
    world.delete(epic)
    rename(step, phases[0], "The pilot")
    (number,) = step.add("Name the owners", phase_id=phases[0])
    look(step, 1)
    (epic,) = [one for one in world.issues.values() if one.type == "Epic"]
    assert epic.fields["summary"] == "The pilot"
    assert step.issue(number).fields[world.epic_link or "parent"] in (epic.id, epic.key)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (
            Plan(item_type="Task", phase_as="subtask", epic_type="Task"),
            "no type of sub-tasks. For items: Part",
        ),
        (
            Plan(item_type="Part", phase_as="subtask", epic_type="Epic"),
            "cannot have sub-tasks. For phases: Task",
        ),
        (Plan(item_type="Part", phase_as="subtask", epic_type="Task"), ""),
    ],
)
def test_what_cannot_have_or_be_a_sub_task_is_refused_in_words(jira_app: Flask, plan: Plan, words: str) -> None:
    allowed = dict.fromkeys(("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES"), True)
    types = (IssueType("1", "Task", level=0), IssueType("2", "Epic", level=1), IssueType("3", "Part", is_part=True))
    side = Side(utc_now(), "https://jira.example", "SHOP", allowed=allowed, types=types)
    found = [one.words for one in problems(plan, side, is_cloud=True) if one.stops]
    assert bool(found) == bool(words)
    assert words in " ".join(found).replace(" there is", "")
