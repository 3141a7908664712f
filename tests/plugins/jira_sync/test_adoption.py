"""Taking over what is in Jira already, with its past; and linking an item with an issue by its key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugins.jira_sync import adopting
from plugins.jira_sync.book import ITEM, STAGE
from program.extensions import db
from program.ground import database
from program.ground.audit import AuditEntry
from program.planning import phases
from program.planning.models import WorkItem
from program.plugin_api import core
from program.plugin_api.contract import LinkState, Retry
from tests.fakes.jira import Issue
from tests.plugins.jira_sync.conftest import Wired

LONG_AGO = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def resting(step: Wired) -> Wired:
    """Connected, and nothing begun yet."""
    core.note(step.connection, {"started": None})
    with database.transaction():
        actor = step.cast.manager.actor
        first = phases.add_phase(actor, step.cast.program_id, phases.PhaseDraft("Discovery", weeks=4))
        phases.add_phase(actor, step.cast.program_id, phases.PhaseDraft("Pilot", weeks=8, after_id=first.id))
    return step


def browse(step: Wired) -> Any:
    browser = step.app.test_client()
    browser.sign_in(step.cast.manager)
    return browser


def page(step: Wired, rest: str = "adoption") -> str:
    return f"/plugins/jira_sync/{step.connection.id}/{rest}"


def old_issue(step: Wired, title: str, **fields: Any) -> Issue:
    """An issue of long ago that was begun a week later and done another week later."""
    world, now = step.jira.world, step.jira.world.now
    world.now = lambda: LONG_AGO
    issue = world.create({"summary": title, **fields})
    for week, status in ((1, "In Progress"), (2, "Done")):
        moment = LONG_AGO + timedelta(weeks=week)
        world.now = lambda moment=moment: moment  # type: ignore[misc]
        world.move(issue, status)
    world.now = now
    return issue


def items(step: Wired) -> list[WorkItem]:
    with database.looking():
        found = list(db.session.scalars(select(WorkItem).order_by(WorkItem.number)))
        db.session.expunge_all()
        return found


def told_of(item_id: int) -> list[AuditEntry]:
    with database.looking():
        mine = (AuditEntry.object_type == "item", AuditEntry.object_id == item_id)
        found = list(db.session.scalars(select(AuditEntry).where(*mine).order_by(AuditEntry.at, AuditEntry.id)))
        db.session.expunge_all()
        return found


def test_issues_are_looked_at_then_taken_over_with_their_past_and_only_once(resting: Wired) -> None:
    step, manager = resting, browse(resting)
    world = step.jira.world
    phase = core.stages(step.connection)[0]
    epic = world.create({"summary": phase.name, "issuetype": {"name": "Epic"}})
    done = old_issue(step, "Name the owners", **world.under(epic))
    world.create({"summary": "Connect the CRM", "labels": ["pilot"], "duedate": "2026-12-03"})
    manager.post(page(step), data={"jql": "ORDER BY rank", "phase": ""})
    assert "It is looked for" in manager.get(page(step)).text
    step.sync()
    shown = manager.get(page(step)).text
    assert "2 issues become items." in shown
    assert "1 epic stands for a phase" in shown
    assert all(words in shown for words in ("Name the owners", "Connect the CRM", phase.name, f"{phase.name}: 1"))
    assert items(step) == []
    manager.post(page(step, "adoption/take"))
    step.sync()
    first, second = items(step)
    assert (first.title, first.status, first.phase_id) == ("Name the owners", "done", phase.id)
    assert (first.started_at, first.done_at) == (LONG_AGO + timedelta(weeks=1), LONG_AGO + timedelta(weeks=2))
    assert (second.title, second.status, str(second.due_on)) == ("Connect the CRM", "todo", "2026-12-03")
    entries = told_of(first.id)
    assert [(one.verb, one.origin) for one in entries] == [("item.was", "jira")] * 3 + [("item.created", "jira")]
    assert [one.changes["said"] for one in entries[:3]] == [
        [None, "To Do"],
        ["To Do", "In Progress"],
        ["In Progress", "Done"],
    ]
    assert entries[2].at == LONG_AGO + timedelta(weeks=2)
    history = manager.get(f"/p/ALFA/items/{first.number}?history=all").text
    assert "before it was taken over" in history
    # The same again: every issue has its item.
    manager.post(page(step), data={"jql": "", "phase": ""})
    step.sync()
    assert "2 issues have their items already." in manager.get(page(step)).text
    # And once it begins neither side has anything to say: no issue is made for them, none is changed.
    core.note(step.connection, {"started": True})
    written = len([one for one in step.jira.requests if one[0] in ("PUT", "POST") and "search" not in one[1]])
    step.sync()
    changes = [one[:2] for one in step.jira.requests if one[0] in ("PUT", "POST") and "search" not in one[1]][written:]
    assert not [one for one in changes if not one[1].endswith(("/remotelink", "/bulkfetch"))], changes
    assert len(items(step)) == 2
    assert len(world.issues) == 3
    link = core.find_link(step.connection, STAGE, object_id=phase.id)
    assert link is not None
    assert link.external_key == epic.key
    world.edit(done, summary="Name all owners")
    with step.later(timedelta(minutes=6)):
        step.sync()
    assert step.item(first.number).title == "Name all owners"


def test_an_adoption_that_is_broken_off_goes_on_where_it_stood(resting: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    step, manager = resting, browse(resting)
    for number in range(5):
        step.jira.world.create({"summary": f"Issue {number}"})
    manager.post(page(step), data={"jql": 'labels not in ("x")', "phase": str(core.stages(step.connection)[1].id)})
    step.sync()
    manager.post(page(step, "adoption/take"))
    monkeypatch.setattr(adopting, "STEP", 2)
    step.jira.faults.drop("GET", "/changelog" if step.jira.world.face == "cloud" else "expand=changelog")
    with pytest.raises(Exception, match="broke off"):
        step.sync()
    assert len(items(step)) == 0
    calls = iter([True, False])
    monkeypatch.setattr("plugins.jira_sync.book.Book.has_time", lambda _book: next(calls, True))
    step.sync()
    assert len(items(step)) == 2
    assert "2 of 5 issues were looked at" in manager.get(page(step)).text
    step.sync()
    assert [item.title for item in items(step)] == [f"Issue {number}" for number in range(5)]
    assert {item.phase_id for item in items(step)} == {core.stages(step.connection)[1].id}
    assert len({link.external_id for link in core.list_links(step.connection, ITEM)[0]}) == 5


def test_a_search_that_jira_does_not_take_is_said(resting: Wired) -> None:
    manager = browse(resting)
    manager.post(page(resting), data={"jql": "colour = green"})
    resting.sync()
    assert "Jira does not take this search" in manager.get(page(resting)).text
    refused = manager.post(page(resting, "adoption/take"), follow_redirects=True)
    assert "Look first what there is." in refused.text


def test_one_item_is_linked_with_one_issue_by_its_key(step: Wired) -> None:
    manager, world = browse(step), step.jira.world
    core.note(step.connection, {"started": None})
    there = world.create({"summary": "Connect the CRM", "description": "As agreed"})
    one, two = step.add("Connect the CRM", "Name the owners")

    def link(number: int, key: str) -> str:
        data = {"item": f"ALFA-{number}", "key": key}
        return str(manager.post(page(step, "link"), data=data, follow_redirects=True).text)

    assert "A key reads like SHOP-12" in link(one, "the first")
    assert "no item with this number" in link(99, there.key)
    link(one, f"https://jira.example/browse/{there.key}")
    link(two, there.key)
    core.note(step.connection, {"started": True})
    step.sync()
    assert step.link(one).external_id == str(there.id)
    assert step.item(one).description == "As agreed"
    assert len([issue for issue in world.issues.values() if issue.type == "Task"]) == 1
    refused = step.link(two)
    assert (refused.state, refused.external_id) == (LinkState.FAILED, None)
    assert f"belongs to ALFA-{one} already" in refused.error
    assert "is linked with" in link(one, "SHOP-99")
    # Another key, which is not there either; then an issue of its own.
    link(two, "SHOP-99")
    step.sync()
    assert "There is no issue SHOP-99" in step.link(two).error
    manager.post(page(step, f"items/{step.item(two).id}/again"), data={"anew": "1"})
    step.sync()
    assert step.issue(two).fields["summary"] == "Name the owners"


def test_an_item_that_is_linked_by_key_is_told_its_issues_past_once(step: Wired) -> None:
    manager = browse(step)
    issue = old_issue(step, "Connect the CRM")
    (number,) = step.add("Connect the CRM")
    step.change(number, status="doing")
    manager.post(page(step, "link"), data={"item": f"ALFA-{number}", "key": issue.key})
    # The status has come over and the past has not, when Jira breaks off: it is still owed at the next look.
    is_cloud = step.jira.world.face == "cloud"
    step.jira.faults.drop("GET", "/changelog" if is_cloud else "expand=changelog")
    with pytest.raises(Retry):
        step.sync()
    assert step.item(number).status == "done"
    step.sync()
    item = step.item(number)
    assert (item.started_at, item.done_at) == (LONG_AGO + timedelta(weeks=1), LONG_AGO + timedelta(weeks=2))
    told = [[None, "To Do"], ["To Do", "In Progress"], ["In Progress", "Done"]]
    was = [one for one in told_of(item.id) if one.verb == "item.was"]
    assert [one.changes["said"] for one in was] == told
    assert [one.at for one in was] == [LONG_AGO + timedelta(weeks=week) for week in range(3)]
    assert (step.link(number).state, step.link(number).error) == (LinkState.DONE, "")
    # The issue is gone for a while and linked anew: what is told is not told again.
    issue.is_hidden = True
    core.keep_link(step.connection, replace(step.link(number), synced_revision=0))
    step.sync()
    issue.is_hidden = False
    manager.post(page(step, "link"), data={"item": f"ALFA-{number}", "key": issue.key})
    step.sync(2)
    assert step.link(number).state is LinkState.DONE
    assert [one.changes["said"] for one in told_of(item.id) if one.verb == "item.was"] == told
