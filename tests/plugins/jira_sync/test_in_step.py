"""Items and issues in step: created once, changed on either side, changed on both."""

from __future__ import annotations

import os
from datetime import date, timedelta

from plugins.jira_sync.book import CONFLICT
from program.plugin_api import core
from program.plugin_api.contract import LinkState
from tests.plugins.jira_sync.conftest import Wired

SOON = timedelta(minutes=6)
# A thousand, by MILEPOST_JIRA_ITEMS=1000, when there is time; what is counted is the same.
MANY = int(os.environ.get("MILEPOST_JIRA_ITEMS", "60"))


def test_an_item_becomes_one_issue_with_all_it_says(step: Wired) -> None:
    (number,) = step.add(
        "Connect the CRM", description="**Both** ways\n\n- a\n- b", due_on=date(2026, 12, 3), priority=3
    )
    step.sync(3)
    assert len([one for one in step.jira.world.issues.values() if one.type == "Task"]) == 1
    issue = step.issue(number)
    assert issue.fields["summary"] == "Connect the CRM"
    assert issue.fields["description"].replace("\r\n", "\n") == "*Both* ways\n\n* a\n* b"
    assert (issue.fields["duedate"], issue.fields["priority"]) == ("2026-12-03", "High")
    link = step.link(number)
    assert (link.state, link.external_key, link.error) == (LinkState.DONE, issue.key, "")
    assert link.url == f"{step.jira.url}/browse/{issue.key}"
    assert list(issue.remote_links) == [f"milepost=ALFA-{number}"]


def test_a_change_on_one_side_comes_over_to_the_other(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    step.sync()
    step.change(number, title="Connect the CRM twice", status="doing", tags=["two words", "crm"])
    step.sync()
    issue = step.issue(number)
    assert (issue.fields["summary"], issue.status) == ("Connect the CRM twice", "In Progress")
    assert set(issue.fields["labels"]) >= {"two-words", "crm"}
    step.jira.world.edit(issue, summary="Three times", duedate="2027-01-15", status="Done")
    with step.later(SOON):
        step.sync()
    item = step.item(number)
    assert (item.title, item.due_on, item.status) == ("Three times", date(2027, 1, 15), "done")
    with step.later(2 * SOON):
        asked = len(step.jira.requests)
        step.sync()
        # A steady look with nothing new is one request.
        assert len(step.jira.requests) == asked + 1


def test_different_fields_merge_and_the_same_field_is_a_conflict(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    step.sync()
    issue = step.issue(number)
    step.change(number, title="Ours", due_on=date(2026, 12, 1))
    step.jira.world.edit(issue, summary="Theirs", priority={"name": "High"})
    with step.later(SOON):
        step.sync()
    item = step.item(number)
    assert (item.title, item.priority) == ("Theirs", 3)
    assert (issue.fields["duedate"], issue.fields["summary"]) == ("2026-12-01", "Theirs")
    ((conflict,), total) = core.list_links(step.connection, CONFLICT)
    assert total == 1
    assert {name: conflict.base[name] for name in ("field", "here", "there", "winner")} == {
        "field": "title",
        "here": "Ours",
        "there": "Theirs",
        "winner": "jira",
    }


def test_a_lost_answer_makes_no_second_issue(step: Wired) -> None:
    step.add("Connect the CRM")
    step.sync()
    (second,) = step.add("Name the owners")
    step.jira.faults.lose_reply("POST", "/issue/bulk")
    step.jira.world.lag = timedelta(seconds=45)
    for minute in range(6):
        with step.later(timedelta(minutes=minute)):
            step.sync()
    assert len([one for one in step.jira.world.issues.values() if one.type == "Task"]) == 2
    assert step.issue(second).fields["summary"] == "Name the owners"


def test_a_request_that_never_arrived_is_made_again(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    step.jira.faults.drop("POST", "/issue/bulk", times=1)
    for minute in range(8):
        with step.later(timedelta(minutes=minute)):
            step.sync()
    assert len([one for one in step.jira.world.issues.values() if one.type == "Task"]) == 1
    assert step.link(number).state is LinkState.DONE


def test_an_issue_that_is_gone_is_said_to_be_and_the_item_stays(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    step.sync()
    step.jira.world.delete(step.issue(number))
    step.change(number, title="Still here")
    step.sync()
    link = step.link(number)
    assert link.state is LinkState.FAILED
    assert "gone" in link.error
    assert step.item(number).title == "Still here"


def test_many_items_go_over_in_few_requests(step: Wired) -> None:
    # The project is read first, once.
    step.sync()
    step.jira.requests.clear()
    step.add(*(f"Item {number}" for number in range(MANY)))
    # One look takes forty seconds at most; what is left is due at once.
    step.sync(1 + MANY // 200)
    tasks = [one for one in step.jira.world.issues.values() if one.type == "Task"]
    assert len(tasks) == MANY
    # Fifty in a create, a hundred in a read, one poll; the links back follow a few at a time.
    carried = len(step.jira.requests) - step.jira.count("POST", "/remotelink")
    assert carried <= 4 + 2 * -(-MANY // 50)
