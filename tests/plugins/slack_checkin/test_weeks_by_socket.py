"""The same life without any address that Slack could reach: twelve weeks down the line that Milepost keeps open."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from slack_sdk.socket_mode.builtin import connection

from plugins.slack_checkin import socket_mode
from tests.plugins.slack_checkin.life import Life, weeks_from
from tests.plugins.slack_checkin.test_twelve_weeks import FIRST, WEEKS, Weeks


@pytest.fixture
def by_socket(life: Life, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """The clock keeps a line open, and Slack tells everything down it."""
    for name, value in life.slack.environment(with_socket=True).items():
        monkeypatch.setenv(name, value)
    # A line that has been silent for days is dead; days go by in moments here.
    monkeypatch.setattr(connection, "time", SimpleNamespace(time=time.monotonic, sleep=time.sleep))
    life.slack.use_socket()
    life.keeps_line = True
    yield life
    life.slack.server.hang_up()
    with life.app.app_context():
        socket_mode.line().hang_up()


@pytest.mark.one_database
def test_twelve_weeks_by_socket(by_socket: Life) -> None:
    weeks = Weeks(by_socket)
    for number, monday in enumerate(weeks_from(FIRST, WEEKS)):
        # A clock that comes by less often: it opens and closes, and reminds in the first week.
        weeks.live(number, monday, reminds=number == 0)
    # It was one line all the time.
    assert by_socket.slack.server.linked_so_far == 1
    assert by_socket.slack.troubles == []
