"""What Jira asks for when it is asked too much, or is busy, or has trouble of its own."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from plugins.jira_sync import freshness
from plugins.jira_sync.wire import reset_in, retry_after
from program.ground import formats
from program.plugin_api import core
from program.plugin_api.contract import LinkState, Misconfigured, Retry
from tests.plugins.jira_sync.conftest import Wired


@pytest.fixture
def face() -> str:
    return "cloud"


def look(step: Wired, minutes: float) -> None:
    with step.later(timedelta(minutes=minutes)):
        step.sync()


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30", 30),
        ("1.5", 1.5),
        ("-3", 0),
        ("9" * 400, 86_400),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("Mon, 02 Mar 2026 09:00:10 GMT", 10),
        ("Monday, 02-Mar-26 09:00:10 GMT", 10),
        ("Mon, 02 Mar 2026 08:59:00 GMT", 0),
        ("2026-03-02T09:00:10Z", 10),
        ("2026-03-02T10:00:10+01:00", 10),
        ("2026-03-09T09:00:00Z", 86_400),
    ],
)
def test_how_long_to_wait_is_understood_in_every_spelling(
    monkeypatch: pytest.MonkeyPatch, written: str, seconds: float | None
) -> None:
    monkeypatch.setattr("program.plugin_api.core.utc_now", lambda: datetime(2026, 3, 2, 9, tzinfo=UTC))
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after({"Retry-After": written}) == expected
    if ":" in written:
        assert reset_in({"X-RateLimit-Reset": written}) == expected


def test_a_quota_that_is_used_up_leaves_jira_alone_until_it_is_filled(step: Wired) -> None:
    (number,) = step.add("Connect the CRM")
    look(step, 0)
    reset = (step.started + timedelta(hours=2)).isoformat()
    headers = {"RateLimit-Reason": "jira-quota-global-based", "X-RateLimit-Reset": reset, "Retry-After": "17"}
    step.jira.faults.answer(429, headers=headers)
    with pytest.raises(Retry, match="quota") as met:
        look(step, 6)
    assert met.value.after == timedelta(hours=2) - timedelta(minutes=6)
    step.change(number, title="Ours")
    asked = len(step.jira.requests)
    for minutes in (7, 60, 119):
        with pytest.raises(Retry, match="quota"):
            look(step, minutes)
    assert len(step.jira.requests) == asked
    with formats.reading_as("en", "UTC"):
        assert "Waits until " in freshness.sentence(step.connection)
    look(step, 121)
    assert step.issue(number).fields["summary"] == "Ours"
    with formats.reading_as("en", "UTC"):
        assert "Jira was last asked" in freshness.sentence(step.connection)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "5"}, 5), ({}, 30), ({"RateLimit-Reason": "jira-quota-tenant-based"}, 3600)],
)
def test_slowing_down_waits_as_long_as_jira_says(step: Wired, headers: dict[str, str], seconds: int) -> None:
    step.jira.faults.answer(429, headers=headers)
    with pytest.raises(Retry) as met:
        look(step, 0)
    assert met.value.after == timedelta(seconds=seconds)


@pytest.mark.parametrize(("method", "path"), [("PUT", "/issue/"), ("POST", "/transitions")])
def test_an_issue_that_is_being_changed_is_read_anew_before_it_is_written(step: Wired, method: str, path: str) -> None:
    (number,) = step.add("Connect the CRM")
    look(step, 0)
    step.change(number, title="Ours", status="doing")
    step.jira.faults.answer(409, method, path)
    look(step, 1)
    assert step.link(number).state is LinkState.WAITING
    step.jira.world.edit(step.issue(number), priority={"name": "High"})
    look(step, 2)
    issue = step.issue(number)
    assert (issue.fields["summary"], issue.status, step.item(number).priority) == ("Ours", "In Progress", 3)
    assert (step.link(number).state, step.link(number).error) == (LinkState.DONE, "")


@pytest.mark.parametrize("status", [502, 503])
def test_trouble_after_a_create_makes_no_second_issue(step: Wired, status: int) -> None:
    step.add("Connect the CRM")
    # Whoever answers stands before Jira, which has done it meanwhile.
    step.jira.faults.lose_reply("POST", "/issue/bulk")
    look(step, 0)
    step.add("Name the owners")
    step.jira.faults.answer(status, "POST", "/issue/bulk")
    for minutes in range(1, 6):
        with suppress(Retry):
            look(step, minutes)
    tasks = [one.fields["summary"] for one in step.jira.world.issues.values() if one.type == "Task"]
    assert sorted(tasks) == ["Connect the CRM", "Name the owners"]


def test_a_project_that_is_gone_is_said_in_words(step: Wired) -> None:
    step.add("Connect the CRM")
    look(step, 0)
    step.jira.world.permissions["BROWSE_PROJECTS"] = False
    step.jira.faults.answer(400, "POST", "/search", body='{"errorMessages": ["The value does not exist."]}')
    with pytest.raises(Misconfigured, match="sees no project SHOP"):
        look(step, 6)
    assert core.list_links(step.connection, "item")[1] == 1
