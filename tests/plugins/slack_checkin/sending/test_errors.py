"""Every error code of Slack's reference has its own consequence and its own words; the rest is taken with care."""

from __future__ import annotations

import http.client
import socket
import ssl
from datetime import timedelta
from urllib.error import URLError

import pytest
from flask import Flask

from plugins.slack_checkin.client import METHODS
from plugins.slack_checkin.errors import no_answer, refusal
from plugins.slack_checkin.meanings import COMMON, OF_METHODS, Meaning
from program.plugin_api.contract import Fate, GiveUp, Misconfigured, ReplyLost, Retry
from tests.contract import slack_calls

# The database is asked for the language of sentences only.
pytestmark = pytest.mark.one_database

POST, ASK = "chat.postMessage", "users.info"


@pytest.fixture(autouse=True)
def words(context: None) -> None:
    """Sentences need a language."""


@pytest.mark.skipif(slack_calls.ABSENT, reason=slack_calls.WHY_ABSENT)
@pytest.mark.parametrize("method", METHODS)
def test_every_code_that_slack_documents_is_handled(method: str):
    known = {**COMMON, **OF_METHODS.get(method, {})}
    assert slack_calls.errors_of(method) - set(known) == set()


@pytest.mark.skipif(slack_calls.ABSENT, reason=slack_calls.WHY_ABSENT)
@pytest.mark.parametrize("method", METHODS)
def test_the_scopes_are_those_of_the_reference(method: str):
    if documented := slack_calls.scopes_of(method):
        assert documented & set(METHODS[method].scopes)


def test_no_two_codes_of_a_method_say_the_same():
    for method in METHODS:
        own: dict[str, Meaning] = dict(OF_METHODS.get(method, {}))
        for code in ("rate_limited", "team_not_found"):
            own.pop(code, None)
        sentences = [str(meaning.words) for meaning in own.values()]
        assert len(sentences) == len(set(sentences)), method
    assert len({str(meaning.words) for code, meaning in COMMON.items() if code != "rate_limited"}) == len(COMMON) - 1


@pytest.mark.parametrize(
    ("method", "status", "code", "kind"),
    [
        (POST, 200, "is_archived", GiveUp),
        (POST, 200, "not_in_channel", Misconfigured),
        (POST, 200, "token_expired", Misconfigured),
        (POST, 200, "internal_error", ReplyLost),
        (ASK, 200, "internal_error", Retry),
        (POST, 200, "never heard of!", ReplyLost),
        (POST, 200, "never_heard_of", Retry),
        (POST, 503, "", ReplyLost),
        (ASK, 503, "", Retry),
        (POST, 404, "", ReplyLost),
    ],
)
def test_what_follows_from_an_answer(method: str, status: int, code: str, kind: type[Fate]):
    assert type(refusal(method, status, code, {}).fate) is kind


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": ["12"]}, 12),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30),
        ({"Retry-After": "nan"}, 30),
        ({"Retry-After": "-3"}, 30),
        ({"Retry-After": "999999"}, 3600),
        ({}, 30),
    ],
)
def test_a_pause_is_kept_as_far_as_it_makes_sense(headers: dict[str, str], pause: float):
    fate = refusal(POST, 429, "ratelimited", headers).fate
    assert isinstance(fate, Retry)
    assert fate.after == timedelta(seconds=pause)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (URLError(ConnectionRefusedError()), Retry),
        (URLError(socket.gaierror()), Retry),
        (URLError(ssl.SSLCertVerificationError("no")), Misconfigured),
        (URLError(ssl.SSLError("handshake")), Retry),
        # From here on something may have left.
        (URLError(BrokenPipeError()), ReplyLost),
        (URLError(TimeoutError()), ReplyLost),
        (TimeoutError(), ReplyLost),
        (ConnectionResetError(), ReplyLost),
        (http.client.RemoteDisconnected(), ReplyLost),
        (http.client.IncompleteRead(b""), ReplyLost),
    ],
)
def test_what_follows_from_no_answer(error: Exception, kind: type[Fate]):
    assert type(no_answer(POST, error).fate) is kind
    asked = no_answer(ASK, error).fate
    assert type(asked) is (kind if kind is not ReplyLost else Retry)


def test_a_missing_right_is_named(app: Flask):
    assert "Missing: im:write." in refusal("conversations.open", 200, "missing_scope", {}, "im:write").fate.reason
