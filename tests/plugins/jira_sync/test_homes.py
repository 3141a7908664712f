"""Where issues lie in Jira: under the epic of their phase, or as sub-tasks of the issue that stands for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from plugins.jira_sync.fitting import problems
from plugins.jira_sync.plan import Plan
from plugins.jira_sync.side import IssueType, Side
from program.ground import database
from program.ground.now import utc_now
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


@pytest.mark.parametrize("face", ["cloud"])
def test_an_item_that_moves_to_another_phase_moves_in_jira(step: Wired, phases: list[int]) -> None:
    (number,) = step.add("Connect the CRM", phase_id=phases[0])
    look(step, 0)
    assert parent(step, number) == "Pilot"
    step.change(number, phase_id=phases[1])
    step.jira.faults.lose_reply("PUT", "/issue/")
    look(step, 1)
    look(step, 2)
    assert parent(step, number) == "Wave 1"
    assert step.link(number).error == ""
    step.change(number, phase_id=None)
    look(step, 3)
    assert step.issue(number).fields["parent"] is None
    asked = len(step.jira.requests)
    look(step, 4)
    assert len(step.jira.requests) == asked


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
