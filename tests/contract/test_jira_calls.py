"""The look at Jira's calls sees what is wrong: a test that could not fail would prove nothing."""

from __future__ import annotations

import pytest
import requests

from tests.contract.jira_calls import ABSENT, FILE, JiraCallsSeen
from tests.fakes.jira import running_jira
from tests.fakes.jira.server import TOKEN, USER

pytestmark = pytest.mark.skipif(ABSENT, reason=f"{FILE} is not there")


@pytest.mark.parametrize(
    ("path", "body", "good"),
    [
        ("search/jql", {"jql": "project = SHOP", "maxResults": 10}, True),
        ("search/jql", {"jql": "project = SHOP", "maxResults": "ten"}, False),
        ("search/jql", {"jql": "project = SHOP", "startAt": 3}, False),
        ("nowhere", {}, False),
        ("issue/bulkfetch", {"issueIdsOrKeys": "10000"}, False),
    ],
)
def test_what_the_description_does_not_know_is_a_problem(
    path: str, body: dict[str, object], good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = JiraCallsSeen()
    with running_jira() as jira:
        seen.watch(monkeypatch, jira.url)
        requests.post(f"{jira.url}/rest/api/2/{path}", json=body, auth=(USER, TOKEN), timeout=5)
    assert seen.count == 1
    assert (seen.problems == []) is good
