"""What knocks at the door of events: only what Slack has signed comes in, is answered at once, and has one effect."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import text

from plugins.slack_checkin import receiving
from plugins.slack_checkin.doing import Workers
from program.extensions import db
from program.plugin_api import core
from program.plugin_api.models import PluginOnce
from tests.cast import Cast
from tests.conftest import BACKEND
from tests.fakes.slack import EVENTS, SIGNING_SECRET, Slack, sign

FORM = "application/x-www-form-urlencoded"
GOOD = urlencode({"command": "/milepost", "text": "help", "user_id": "U1", "trigger_id": "1.2"}).encode()


def knock(app: Flask, body: bytes, *, kind: str = FORM, **headers: str) -> int:
    stamp = headers.pop("stamp", str(int(time.time())))
    signature = headers.pop("signature", None)
    if signature is None:
        signature = sign(SIGNING_SECRET, body, stamp)
    given = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": kind}
    return app.test_client().post(EVENTS, data=body, headers=given | headers).status_code


def settle(app: Flask) -> None:
    with app.app_context():
        assert receiving.receiver().workers.finish()


@pytest.mark.parametrize(
    ("wrong", "body"),
    [
        ({"signature": "v0=" + "0" * 64}, GOOD),
        ({"signature": ""}, GOOD),
        ({"signature": "v0=żółw"}, GOOD),
        ({"stamp": ""}, GOOD),
        ({"stamp": "soon"}, GOOD),
        ({"stamp": "١٢٣"}, GOOD),
        ({"stamp": "9" * 30}, GOOD),
        ({"stamp": str(int(time.time()) - 400)}, GOOD),
        ({"stamp": str(int(time.time()) + 4000)}, GOOD),
        ({}, b"payload=\xff\xfe"),
    ],
)
def test_what_is_forged_or_stale_is_refused_and_not_looked_at(
    slack_app: Flask, slack: Slack, wrong: dict[str, str], body: bytes
):
    headers = {name: value.encode().decode("latin-1") for name, value in wrong.items()}
    assert knock(slack_app, body, **headers) == 401
    assert slack.calls() == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM),
        (b"nothing=here", FORM),
        (b"payload={", FORM),
        (b"payload=[1]", FORM),
        (b"payload=" + b"[" * 5000, FORM),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"type": 7}', "application/json"),
        (GOOD, "text/plain"),
    ],
)
def test_what_cannot_be_read_is_refused(slack_app: Flask, body: bytes, kind: str):
    assert knock(slack_app, body, kind=kind) == 400


def test_what_is_too_large_is_refused(slack_app: Flask):
    assert knock(slack_app, b"payload=" + b"x" * receiving.LARGEST) == 413


@pytest.mark.parametrize(
    "body",
    [
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event": {"type": "team_join"}, "event_id": "Ev1"}',
        b'{"type": "something_new"}',
        b'{"type": "app_rate_limited", "team_id": "T1"}',
    ],
)
def test_what_nobody_listens_to_is_answered_all_the_same(slack_app: Flask, body: bytes):
    assert knock(slack_app, body, kind="application/json") < 300
    settle(slack_app)


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "block_actions"},
        {"type": "block_actions", "user": {"id": "U1"}, "actions": []},
        {"type": "block_actions", "user": "U1", "actions": [{"action_id": "pulse.answer:1:1", "value": {}}]},
        {"type": "view_submission", "user": {"id": "U1"}, "view": {"callback_id": "pulse.comment"}},
        {"type": "view_submission", "user": {"id": "U1"}, "view": {"callback_id": "idea.hand_in", "state": 7}},
        {"type": "shortcut", "callback_id": None},
    ],
)
def test_payloads_of_an_odd_shape_are_no_error_of_ours(slack_app: Flask, payload: dict[str, Any]):
    assert knock(slack_app, urlencode({"payload": json.dumps(payload)}).encode()) < 500
    settle(slack_app)


def test_slack_s_own_questions_are_answered(slack_app: Flask):
    body = b'{"type": "url_verification", "challenge": "c4a11"}'
    stamp = str(int(time.time()))
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": sign(SIGNING_SECRET, body, stamp),
        "Content-Type": "application/json",
    }
    answer = slack_app.test_client().post(EVENTS, data=body, headers=headers)
    assert (answer.status_code, "c4a11" in answer.text) == (200, True)
    assert knock(slack_app, b"ssl_check=1&token=x") == 200


def test_a_plugin_that_is_switched_off_hears_nothing(slack_app: Flask):
    with slack_app.app_context():
        db.session.execute(text("UPDATE plugin_state SET enabled = false"))
        db.session.commit()
    assert knock(slack_app, GOOD) == 404


def test_the_same_request_again_has_one_effect(slack_app: Flask, slack: Slack, cast: Cast):
    tomek = slack.user(cast.contributor.name, cast.contributor.email)
    assert tomek.command("/milepost", "help").ok
    settle(slack_app)
    said = len(tomek.messages)
    assert said == 1
    assert slack.door.again().ok  # type: ignore[union-attr]
    settle(slack_app)
    assert len(tomek.messages) == said
    # Slack's own second try comes with another signature; it is told by the event's name.
    tomek.open_home()
    settle(slack_app)
    event = json.loads(slack.door.last[0])  # type: ignore[union-attr]
    assert slack.hand_in("events_api", event, (1, "http_timeout")).ok
    settle(slack_app)
    assert len(slack.calls("views.publish")) == 1


def test_too_much_waiting_is_said_so(slack_app: Flask, monkeypatch: pytest.MonkeyPatch):
    with slack_app.app_context():
        monkeypatch.setattr(receiving.receiver(), "workers", Workers(room=0))
    assert knock(slack_app, GOOD) == 503


@pytest.fixture
def locked(slack_app: Flask) -> Any:
    """A function that holds the database's write lock, or all rows of plugins, until it is called again."""
    with slack_app.app_context():
        engine = db.engine
    if BACKEND == "sqlite":
        held = sqlite3.connect(engine.url.database or "", isolation_level=None, check_same_thread=False)
        held.execute("BEGIN IMMEDIATE")
        free: Callable[[], Any] = held.close
    else:
        connection = engine.connect()
        connection.execute(text("LOCK TABLE plugin_state, plugin_once, external_link IN ACCESS EXCLUSIVE MODE"))
        free = connection.close
    done = threading.Event()

    def let_go() -> None:
        if not done.is_set():
            done.set()
            free()

    yield let_go
    let_go()


def test_slack_is_answered_while_the_database_is_locked(
    slack_app: Flask, slack: Slack, cast: Cast, request: Any, monkeypatch: pytest.MonkeyPatch
):
    tomek = slack.user(cast.contributor.name, cast.contributor.email)
    tomek.command("/milepost", "help")
    settle(slack_app)
    monkeypatch.setattr(core.last_known, "__defaults__", (0.3,))
    let_go = request.getfixturevalue("locked")
    # Nobody lets go before the answer is there.
    answer = tomek.command("/milepost", "help")
    assert answer.ok
    assert len(tomek.messages) == 1
    let_go()
    settle(slack_app)
    assert len(tomek.messages) == 2
    assert slack.troubles == []


def test_what_is_kept_of_a_request_says_nothing_of_who_or_when(slack_app: Flask, slack: Slack, cast: Cast):
    slack.user(cast.contributor.name, cast.contributor.email).command("/milepost", "help")
    settle(slack_app)
    with slack_app.app_context():
        (kept,) = db.session.scalars(db.select(PluginOnce)).all()
        assert kept.forget_at.second == kept.forget_at.minute % 15 == 0
