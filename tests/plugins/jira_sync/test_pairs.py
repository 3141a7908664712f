"""One item and its issue: left out and taken in again, merged when created twice, and how fresh all of it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from plugins.jira_sync import freshness
from plugins.jira_sync.book import TWIN
from program.ground import formats
from program.ground.now import held_at, utc_now
from program.planning.history_text import history_of
from program.plugin_api import core
from program.plugin_host import mirrors, panels, syncing
from program.plugin_host.host import host
from tests.plugins.jira_sync.conftest import Wired


@pytest.fixture
def face() -> str:
    return "cloud"


def browse(step: Wired, who: Any) -> Any:
    browser = step.app.test_client()
    browser.sign_in(who)  # type: ignore[attr-defined]
    return browser


def look(step: Wired, minutes: int) -> None:
    with step.later(timedelta(minutes=minutes)):
        step.sync()


def test_an_item_is_left_out_and_taken_in_again_with_nothing_lost(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    look(step, 0)
    manager = browse(step, step.cast.manager)
    page = f"/plugins/jira_sync/{step.connection.id}/items/{step.item(number).id}"
    assert "In step." in manager.get(page).text
    assert manager.post(f"{page}/aside", data={"value": "1"}).status_code == 303
    step.change(number, due_on=utc_now().date())
    step.jira.world.edit(step.issue(number), summary="Theirs")
    look(step, 6)
    assert step.item(number).title == "Connect the CRM"
    assert step.issue(number).fields["duedate"] is None
    shown = manager.get(f"/p/ALFA/items/{number}")
    assert "left out" in shown.text
    assert page in shown.text
    assert "Left out" in manager.get(page).text
    assert "Left out" in manager.get(f"/plugins/jira_sync/{step.connection.id}").text
    manager.post(f"{page}/aside", data={"value": "0"})
    look(step, 7)
    assert (step.item(number).title, step.issue(number).fields["duedate"]) == ("Theirs", str(utc_now().date()))


@pytest.mark.parametrize(("who", "status"), [("contributor", 403), ("stranger", 404)])
def test_only_managers_leave_items_out(step: Wired, who: str, status: int) -> None:
    (number,) = step.add("Connect the CRM")
    look(step, 0)
    browser = browse(step, getattr(step.cast, who))
    page = f"/plugins/jira_sync/{step.connection.id}/items/{step.item(number).id}"
    assert page not in browser.get(f"/p/ALFA/items/{number}").text
    assert browser.get(page).status_code == status
    assert browser.post(f"{page}/aside", data={"value": "1"}).status_code == status


def test_what_was_sent_and_taken_stands_in_the_history_with_a_way_there(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    look(step, 0)
    step.change(number, title="Ours", tags=["crm"])
    look(step, 1)
    step.jira.world.edit(step.issue(number), duedate="2027-01-15", labels=["milepost-alfa-1", "theirs"])
    look(step, 7)
    with formats.reading_as("en", "UTC"):
        lines = history_of("item", step.item(number).id)
    there = f"{step.jira.url}/browse/{step.issue(number).key}"
    told = {line.title: line for line in lines if any(one.url == there for one in line.details)}
    assert len(told) == 4
    sent = next(line for line in lines if "written to another system" in line.title)
    assert [(one.label, one.before, one.after) for one in sent.details] == [
        ("Where", None, step.issue(number).key),
        ("What", None, "Tags, Title"),
    ]
    page = browse(step, step.cast.manager).get(f"/p/ALFA/items/{number}?history=all").text
    assert page.count(f'href="{there}"') >= 4
    assert "All of it" in page


def test_a_second_issue_is_merged_by_a_button_and_stays_in_jira(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    look(step, 0)
    first = step.issue(number)
    double = step.jira.world.create({"summary": "Connect the CRM", "labels": [f"milepost-alfa-{number}", "crm"]})
    look(step, 6)
    manager = browse(step, step.cast.manager)
    page = f"/plugins/jira_sync/{step.connection.id}"
    merge = f"{page}/twins/{double.id}/merge"
    assert merge in manager.get(page).text
    assert first.key in manager.get(merge).text
    assert core.list_links(step.connection, TWIN)[1] == 1
    step.jira.faults.lose_reply("POST", "/comment")
    assert manager.post(merge).status_code == 303
    look(step, 7)
    assert core.list_links(step.connection, TWIN)[1] == 0
    assert double.fields["labels"] == ["crm"]
    assert first.key in double.comments[0]["body"]
    look(step, 13)
    assert core.list_links(step.connection, TWIN)[1] == 0
    assert manager.get(merge).status_code == 404


def said(step: Wired) -> str:
    with formats.reading_as("en", "UTC"):
        (panel,) = freshness.panels(step.connection.program)  # type: ignore[arg-type]
        return f"{panel.text} {dict(panel.facts)}"


def test_how_fresh_jiras_side_is_is_said_without_asking_it(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    assert said(step).startswith("The first look is under way.")
    look(step, 0)
    asked = len(step.jira.requests)
    assert said(step).startswith("Jira was last asked ")
    assert said(step).endswith("{'In step': '1'}")
    with held_at(step.started + timedelta(minutes=3)):
        (mirror,) = mirrors.of_item(step.item(number).id, manages=False)
        with formats.reading_as("en", "UTC"):
            assert (mirror.state, mirror.page, formats.ago(mirror.as_of)) == ("done", "", "3 minutes ago")  # type: ignore[arg-type]
    assert len(step.jira.requests) == asked
    step.jira.faults.answer(503, times=9)
    with step.later(timedelta(minutes=6)):
        assert not syncing.sync(host().plugins["jira_sync"], step.connection.id)
    assert said(step).startswith("Cannot reach Jira since ")
    (mirror,) = mirrors.of_item(step.item(number).id, manages=False)
    assert (mirror.state, "503" in mirror.trouble) == ("away", True)
    browse(step, step.cast.manager).post(f"/plugins/jira_sync/{step.connection.id}/pause")
    look(step, 7)
    assert said(step).startswith("Paused since ")
    assert mirrors.of_item(step.item(number).id, manages=False)[0].state == "rests"
    panels.fetch_due()
    shown = browse(step, step.cast.viewer).get("/p/ALFA/panels").text
    assert "Jira: SHOP" in shown
    assert "Paused since" in shown
