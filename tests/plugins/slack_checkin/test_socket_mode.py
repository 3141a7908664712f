"""Socket Mode: the same listeners without any address that Slack could reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from plugins.slack_checkin import receiving, socket_mode
from program.clock import due
from program.ground import ticks
from program.plugin_api.contract import Misconfigured, Retry
from tests.cast import Cast
from tests.fakes.slack import ERROR, STATUS, Slack


@pytest.fixture
def by_socket(slack_app: Flask, slack: Slack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    for name, value in slack.environment(with_socket=True).items():
        monkeypatch.setenv(name, value)
    slack.use_socket()
    yield slack_app
    # Hung up at this end first, the library does not wait for its time-out.
    slack.server.hang_up()
    with slack_app.app_context():
        socket_mode.line().hang_up()


def keep(app: Flask) -> int:
    with app.app_context():
        return socket_mode.keep_line()


def test_what_comes_down_the_line_is_answered_and_has_one_effect(by_socket: Flask, slack: Slack, cast: Cast):
    tomek = slack.user(cast.contributor.name, cast.contributor.email)
    assert keep(by_socket) == 1
    slack.wait_for_socket()
    assert keep(by_socket) == 0
    assert tomek.command("/milepost", "help").ok
    assert tomek.open_home().ok
    assert slack.tell({"type": "team_join"}).ok
    with by_socket.app_context():
        assert receiving.receiver().workers.finish()
    assert tomek.home is not None
    assert len(tomek.messages) == 1
    tomek.command("/milepost", "idea")
    with by_socket.app_context():
        assert receiving.receiver().workers.finish()
    # What is wrong with a window is answered down the same line.
    tomek.choose(tomek.modal, "words", " ", block_id="title")  # type: ignore[arg-type]
    tomek.submit({})
    assert tomek.errors == {"title": "Write your idea in a line first."}
    assert slack.troubles == []


def test_without_the_token_or_a_lease_the_line_is_hung_up(
    by_socket: Flask, slack: Slack, monkeypatch: pytest.MonkeyPatch
):
    keep(by_socket)
    slack.wait_for_socket()
    monkeypatch.delenv("MILEPOST_SLACK_APP_TOKEN")
    assert keep(by_socket) == 0
    slack.wait_for_socket(0)
    monkeypatch.setenv("MILEPOST_SLACK_APP_TOKEN", slack.environment(with_socket=True)["MILEPOST_SLACK_APP_TOKEN"])
    monkeypatch.setattr(socket_mode, "LEASE", timedelta(milliseconds=50))
    assert keep(by_socket) == 1
    # Nobody renews it.
    slack.wait_for_socket(0)


def test_a_refused_token_is_a_matter_of_settings_and_an_outage_is_not(by_socket: Flask, slack: Slack):
    slack.faults.add("apps.connections.open", ERROR, detail="invalid_auth")
    with pytest.raises(Misconfigured, match="connections:write"):
        keep(by_socket)
    slack.faults.add("apps.connections.open", ERROR, detail="fatal_error")
    with pytest.raises(Retry, match="fatal_error"):
        keep(by_socket)
    slack.faults.add("apps.connections.open", STATUS, detail=503)
    with pytest.raises(Retry):
        keep(by_socket)
    assert keep(by_socket) == 1


def test_only_a_clock_that_goes_on_keeps_a_line(by_socket: Flask, slack: Slack):
    name = "plugin_slack_checkin.socket_mode"
    with by_socket.app_context():
        (mine,) = (tick for tick in ticks.all_of(by_socket) if tick.name == name)
        assert mine.everywhere
        assert name not in {outcome.tick.name for outcome in due.run_all(by_socket)}
        # A check may have asked whether a line could be had; nobody holds one.
        assert not slack.server.links


def test_both_ends_may_hang_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library closes a socket that is gone already, and stops half-way; its threads must not stay behind."""
    closed: list[str] = []

    class Client:
        def close(self) -> None:
            closed.append("tried")
            if len(closed) == 1:
                raise AttributeError("'NoneType' object has no attribute 'close'")

    monkeypatch.setattr(line := socket_mode.Line(), "_client", Client())
    line.hang_up()
    assert len(closed) == 2
