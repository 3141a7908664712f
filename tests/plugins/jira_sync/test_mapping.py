"""Choosing what maps to what from what the project really has, and what is refused with words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from plugins.jira_sync import mapping, side
from plugins.jira_sync.book import PERSON
from plugins.jira_sync.fitting import problems
from plugins.jira_sync.merging import Direction
from plugins.jira_sync.plan import FIELDS, Plan, plan_of
from plugins.jira_sync.side import Demanded, IssueType, Side
from plugins.jira_sync.statuses import RemoteStatus
from program.extensions import db
from program.plugin_api import core
from program.plugin_api.contract import LinkState
from tests.fakes.jira.world import DONE, GOING, Status
from tests.plugins.jira_sync.conftest import Wired

NEW, BUSY, OVER = RemoteStatus("To Do", "new"), RemoteStatus("Busy", "indeterminate"), RemoteStatus("Over", "done")
TASK = IssueType("1", "Task", level=0, statuses=(NEW, BUSY, OVER))
EPIC = IssueType("2", "Epic", level=1, statuses=(NEW, OVER))
ALLOWED = dict.fromkeys(
    ("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "ASSIGN_ISSUES", "LINK_ISSUES"), True
)
PLAN = Plan(directions=dict.fromkeys(FIELDS, Direction.BOTH))
GOOD = Side(
    core.utc_now(), "", "SHOP", "Shop", allowed=ALLOWED, types=(TASK, EPIC), priorities=("Low", "Medium", "High")
)


@pytest.fixture
def face() -> str:
    return "cloud"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("plan", "seen", "words"),
    [
        (PLAN, replace(GOOD, is_cloud=False), "choose Cloud or Data Center anew"),
        (PLAN, replace(GOOD, is_archived=True), "The project is archived"),
        (PLAN, replace(GOOD, allowed={**ALLOWED, "CREATE_ISSUES": False}), "CREATE_ISSUES"),
        (replace(PLAN, item_type="Chore"), GOOD, "no issue type “Chore”. It has: Task, Epic."),
        (PLAN, replace(GOOD, types=(replace(TASK, is_part=True), EPIC)), "a type of sub-tasks"),
        (PLAN, replace(GOOD, types=(TASK,)), "no issue type for epics"),
        (replace(PLAN, epic_type="Task"), GOOD, "No issue can lie under “Task”. For phases there is: Epic."),
        (
            PLAN,
            replace(GOOD, types=(replace(TASK, demanded=(Demanded("customfield_1", "Region"),)), EPIC)),
            "Jira demands fields of “Task” that have no value here: Region (customfield_1).",
        ),
        (PLAN, replace(GOOD, types=(replace(TASK, statuses=(NEW, BUSY)), EPIC)), "means “done”"),
        (PLAN, replace(GOOD, steps={"Task": {"To Do": ("Busy",), "Busy": ("To Do",)}}), "no step to anything"),
        (
            replace(PLAN, start_field="customfield_9"),
            replace(GOOD, types=(replace(TASK, dates={"customfield_8": "Start"}), EPIC)),
            "not on the screen",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_words(app: Any, plan: Plan, seen: Side, words: str) -> None:
    with app.test_request_context():
        assert not [one for one in problems(PLAN, GOOD, is_cloud=True) if one.stops]
        found = [one.words for one in problems(plan, seen, is_cloud=True) if one.stops]
    assert [one for one in found if words in one], found


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("plan", "seen", "words"),
    [
        (replace(PLAN, statuses={"In review": "doing"}), GOOD, "Were they renamed?"),
        # Nobody has seen what can be done in 'Busy'.
        (PLAN, replace(GOOD, steps={"Task": {"To Do": ("Busy",)}}), "no step to anything"),
        (PLAN, GOOD, "Jira has no priority “Highest”"),
        (PLAN, replace(GOOD, allowed={**ALLOWED, "ASSIGN_ISSUES": False}), "owners stay in the program"),
        (
            replace(PLAN, phase_as="version"),
            replace(GOOD, allowed={**ALLOWED, "ADMINISTER_PROJECTS": False}),
            "named as the phases",
        ),
    ],
)
def test_what_works_otherwise_than_one_might_think_is_said(app: Any, plan: Plan, seen: Side, words: str) -> None:
    with app.test_request_context():
        found = {one.words: one.stops for one in problems(plan, seen, is_cloud=True)}
    assert [one for one, stops in found.items() if words in one and not stops], found


def page(step: Wired) -> str:
    return f"/plugins/jira_sync/{step.connection.id}/mapping"


def browse(step: Wired) -> Any:
    browser = step.app.test_client()
    browser.sign_in(step.cast.manager)
    return browser


def sent(step: Wired, **values: str) -> dict[str, str]:
    """The form as it stands, with these values changed; statuses by their name."""
    seen = side.kept(step.connection)
    assert seen is not None
    form = mapping.build(seen, plan_of(step.connection))
    found = {one.name: "y" if one.data is True else str(one.data) for one in form if one.data not in (None, False)}
    names = {one.name: mapping.status_name(one) for one in seen.statuses()}
    return {**found, "revision": str(step.connection.revision)} | {names.get(n, n): v for n, v in values.items()}


def test_the_page_offers_what_the_project_has_and_a_change_waits_for_a_look_at_the_preview(step: Wired) -> None:
    world, manager = step.jira.world, browse(step)
    assert "The project was not read yet" in manager.get(page(step)).text
    assert step.jira.requests == []
    world.statuses["In review"] = Status("7", "In review", GOING)
    world.statuses["Shipped"] = Status("8", "Shipped", DONE)
    manager.post(f"/plugins/jira_sync/{step.connection.id}/read")
    assert "is being read" in manager.get(page(step)).text
    step.sync()
    shown = manager.get(page(step)).text
    assert all(words in shown for words in ("In review", "Shipped", "Task", "Epic", "customfield_10015", "Highest"))
    assert "Sub-task" not in shown.split("Statuses")[0]
    (number,) = step.add("Connect the CRM")
    step.sync()
    answer = manager.post(page(step), data=sent(step, **{"In review": "blocked"}, start_field="customfield_10015"))
    assert answer.status_code == 303, answer.text
    assert plan_of(step.connection).statuses == {"In review": "blocked"}
    # What changes meanwhile waits.
    step.change(number, title="Connect it twice")
    step.sync()
    assert step.issue(number).fields["summary"] == "Connect the CRM"
    assert step.connection.memory["preview"]["counts"]["to_jira"] == 1
    step.sync()
    assert step.issue(number).fields["summary"] == "Connect the CRM"
    assert "1 issue would be changed." in manager.get(f"/plugins/jira_sync/{step.connection.id}").text
    manager.post(f"/plugins/jira_sync/{step.connection.id}/start")
    step.sync()
    assert step.issue(number).fields["summary"] == "Connect it twice"
    world.edit(step.issue(number), status="In review")
    step.change(number, priority=4)
    step.sync()
    assert step.item(number).status == "blocked"


def test_what_jira_demands_is_asked_for_and_given(step: Wired) -> None:
    world, manager = step.jira.world, browse(step)
    world.required["customfield_10050"] = {
        "name": "Region",
        "type": "Task",
        "values": [{"id": "7", "value": "North"}, {"id": "8", "value": "South"}],
    }
    step.sync()
    refused = manager.post(page(step), data=sent(step))
    assert refused.status_code == 422
    assert "Region (customfield_10050)" in refused.text
    manager.post(page(step), data=sent(step, default_customfield_10050='{"id": "8"}'))
    assert plan_of(step.connection).defaults == {"customfield_10050": {"id": "8"}}
    core.note(step.connection, {"wants_preview": True})
    step.sync()
    manager.post(f"/plugins/jira_sync/{step.connection.id}/start")
    (number,) = step.add("Connect the CRM")
    step.sync()
    assert step.issue(number).fields["customfield_10050"] == {"id": "8"}


def test_a_choice_that_cannot_work_is_not_kept(step: Wired) -> None:
    del step.jira.world.types["10002"]
    core.note(step.connection, {"wants_side": True})
    step.sync()
    before = step.connection.revision
    refused = browse(step).post(page(step), data=sent(step))
    assert (refused.status_code, step.connection.revision) == (422, before)
    assert "no issue type for epics" in refused.text
    kept = browse(step).post(page(step), data=sent(step, phase_as="label"))
    assert (kept.status_code, step.connection.revision) == (303, before + 1)
    # Somebody else had the page open all the while.
    late = browse(step).post(page(step), data=sent(step, phase_as="none", revision=str(before)))
    assert late.status_code == 409
    assert plan_of(step.connection).phase_as == "label"


def test_the_place_can_be_saved_without_losing_the_mapping(step: Wired) -> None:
    step.sync()
    manager = browse(step)
    manager.post(page(step), data=sent(step, phase_as="label"))
    address = f"/p/ALFA/settings/plugins/jira_sync/{step.connection.id}"
    values = {"set-url": step.jira.url, "set-face": "cloud", "set-project": "SHOP", "set-user": "bot@jira.example"}
    saved = manager.post(address, data={"name": "Shop", "revision": str(step.connection.revision), **values})
    assert saved.status_code == 303, saved.text
    assert plan_of(step.connection).phase_as == "label"
    assert step.connection.values["token"]


def test_people_are_chosen_from_those_whom_jira_knows(step: Wired) -> None:
    step.jira.world.person("Ola N.", "other@jira.example")
    core.note(step.connection, {"wants_side": True})
    step.sync()
    manager, owner = browse(step), step.cast.contributor
    address = f"/plugins/jira_sync/{step.connection.id}/people"
    refused = manager.post(f"{address}/{owner.id}", data={"account": "Nobody at all"}, follow_redirects=True)
    assert "nobody called “Nobody at all”" in refused.text
    manager.post(f"{address}/{owner.id}", data={"account": "ola n."})
    link = core.find_link(step.connection, PERSON, object_id=owner.id)
    assert link is not None
    assert (link.external_key, link.state) == ("Ola N.", LinkState.DONE)
    taken = manager.post(f"{address}/{step.cast.manager.id}", data={"account": "Ola N."}, follow_redirects=True)
    assert "belongs to somebody else" in taken.text


def test_pages_cost_few_statements(step: Wired) -> None:
    step.add(*(f"Item {number}" for number in range(5)))
    step.sync()
    ran: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _u, statement, *_rest: ran.append(statement))
    manager = browse(step)
    for address in (page(step), f"/plugins/jira_sync/{step.connection.id}"):
        ran.clear()
        assert manager.get(address).status_code == 200
        assert len(ran) <= 12, ran
