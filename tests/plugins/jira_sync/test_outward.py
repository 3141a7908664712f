"""What follows the issues: the way back to each item, a few at a time, behind everything else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugins.jira_sync import outward
from program.plugin_api import core
from tests.plugins.jira_sync.conftest import Wired


@pytest.fixture
def face() -> str:
    return "cloud"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer in a look, so that a test needs fewer items; pages are shorter than what is asked for, too."""
    monkeypatch.setattr(outward, "SOME", 3)
    monkeypatch.setattr(outward, "PAGE", 4)


def pointed(step: Wired) -> int:
    return sum(bool(issue.remote_links) for issue in step.jira.world.issues.values())


def shown(step: Wired) -> str:
    browser = step.app.test_client()
    browser.sign_in(step.cast.manager)  # type: ignore[attr-defined]
    return str(browser.get(f"/plugins/jira_sync/{step.connection.id}").text)


@pytest.mark.usefixtures("few")
def test_ways_back_follow_look_by_look_and_nothing_waits_for_them(step: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    soon: list[object] = []
    monkeypatch.setattr(core, "sync_soon", soon.append)
    step.add(*(f"Item {number}" for number in range(8)))
    step.sync()
    # All of them are over and in step; the ways back have begun, and the page says so.
    assert len(step.jira.world.issues) == 8
    assert (pointed(step), len(soon)) == (3, 1)
    assert "8 items are in step." in shown(step)
    assert "being set, a few at a time" in shown(step)
    # What comes up meanwhile goes first.
    (late,) = step.add("Urgent")
    step.jira.requests.clear()
    step.sync()
    paths = [path for method, path, *_rest in step.jira.requests if method == "POST"]
    assert [path.rpartition("/")[2] for path in paths] == ["bulk", "bulkfetch", *["remotelink"] * 3]
    step.sync()
    assert (pointed(step), len(soon)) == (9, 2)
    step.sync()
    assert len(soon) == 2
    assert "being set" not in shown(step)
    assert step.issue(late).remote_links
    # And then there is nothing to go through any more.
    step.jira.requests.clear()
    step.sync(2)
    assert step.jira.requests == []


@pytest.mark.usefixtures("few")
def test_what_jira_refuses_now_it_is_asked_again_by_night_only(step: Wired) -> None:
    step.add(*(f"Item {number}" for number in range(3)))
    step.jira.faults.answer(403, "POST", "/remotelink")
    step.sync()
    # An account that may not link is not asked to link the next one.
    assert step.jira.count("POST", "/remotelink") == 1
    step.add("Another")
    with step.later(timedelta(minutes=1)):
        step.sync()
    assert (step.jira.count("POST", "/remotelink"), pointed(step)) == (2, 1)
    with step.later(timedelta(hours=30)):
        step.sync(2)
    assert pointed(step) == 4


def test_an_item_with_another_issue_than_before_gets_its_way_back_there(step: Wired) -> None:
    first, _second = step.add("First", "Second")
    step.sync()
    gone = step.issue(first)
    step.jira.world.delete(gone)
    step.change(first, title="First of all")
    step.sync()
    core.forget_link(step.connection, "item", object_id=step.item(first).id)
    step.sync()
    assert step.issue(first).id != gone.id
    assert step.issue(first).remote_links
