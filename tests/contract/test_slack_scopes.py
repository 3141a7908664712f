"""The app's manifest asks for the scopes of the methods that are called: for all of them, and for no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.slack_checkin import manifest
from plugins.slack_checkin.client import METHODS
from tests.contract import slack_calls

PLUGIN = Path(manifest.__file__).parent
# As in `client.chat_postMessage(` and in `call(setup, "chat.postMessage", …)`.
_CALLED = re.compile(r"client\.([a-z]+(?:_[a-zA-Z]+)+)\b|\"([a-z]+(?:\.[a-zA-Z]+)+)\"")
pytestmark = pytest.mark.skipif(slack_calls.ABSENT, reason=slack_calls.WHY_ABSENT)


def called() -> Iterator[str]:
    """Every method that the plugin's code names outside of its own table of methods."""
    for path in PLUGIN.glob("*.py"):
        if path.name in ("client.py", "meanings.py"):
            continue
        for by_name, by_text in _CALLED.findall(path.read_text()):
            name = by_text or by_name.replace("_", ".", 1)
            if name in slack_calls.methods():
                yield name


def test_every_scope_is_needed_and_every_method_has_its_scope() -> None:
    methods = set(called())
    assert {"chat.postMessage", "views.publish", "users.lookupByEmail", "conversations.history"} <= methods
    asked = set(manifest.bot_scopes())
    for method in methods:
        allowed = slack_calls.scopes_of(method)
        assert not allowed or allowed & asked, method
    # `commands` is for the slash command and the shortcuts; Slack wants users:read beside users:read.email. And some of
    # what Slack tells of by itself takes a right.
    of_methods = {scope for method in methods for scope in slack_calls.scopes_of(method)}
    assert asked <= of_methods | {"commands", *manifest.TOLD_OF.values()}


def test_no_method_is_called_oftener_than_its_tier_allows() -> None:
    for name, method in METHODS.items():
        described = slack_calls.methods()[name]
        tier = re.match(r"Tier \d: (\d+)\+ per minute", described["rate_limit"]["label"])
        if tier:
            assert 0 < method.a_minute <= int(tier[1]), name
