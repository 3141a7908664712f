"""A workspace of Slack for the plugin's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.slack import Slack, running_slack


@pytest.fixture
def slack() -> Iterator[Slack]:
    """An empty workspace, with the app in it, on a port of this machine. See `tests/fakes/slack/__init__.py`."""
    with running_slack() as workspace:
        yield workspace
