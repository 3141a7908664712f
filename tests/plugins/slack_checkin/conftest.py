"""A workspace of Slack for the plugin's tests, and a look at everything that is sent there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract import slack_calls, slack_opinions
from tests.contract.slack_calls import CallsSeen
from tests.fakes.slack import Slack, running_slack


@pytest.fixture
def slack() -> Iterator[Slack]:
    """An empty workspace, with the app in it, on a port of this machine. See `tests/fakes/slack/__init__.py`.

    All that is shown in it is shown to the second opinions on blocks as well.
    """
    said: list[str] = []

    def inspect(kind: str, content: Any) -> None:
        said.extend(slack_opinions.on_blocks(content) if kind == "message" else slack_opinions.on_view(content))

    with running_slack() as workspace:
        workspace.world.inspect = inspect
        yield workspace
    assert said == []


@pytest.fixture(autouse=True)
def calls_seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[CallsSeen]:
    """Every call of the Web API is held against the description of its methods, where that is there."""
    seen = CallsSeen()
    if not slack_calls.ABSENT:
        seen.watch(monkeypatch)
    yield seen
    assert seen.problems == []
