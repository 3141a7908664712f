"""The stand-in for Slack keeps to Slack's own description, and the second opinions on blocks see what they should."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.contract import slack_calls, slack_opinions
from tests.fakes.slack import api, check_message, check_view, limits
from tests.fakes.slack.faults import Faults

described = pytest.mark.skipif(slack_calls.ABSENT, reason=slack_calls.WHY_ABSENT)
FAKE = Path(api.__file__).parent
# What the description does not list but Slack answers: to bots, of the bot itself.
_UNLISTED = {"cannot_dm_bot", "bot_not_found", "msg_too_long", "used_url", "too_many_users"}


def words(text: str, kind: str = "plain_text") -> dict[str, str]:
    return {"type": kind, "text": text}


BUTTON: dict[str, Any] = {"type": "button", "text": words("4"), "action_id": "score", "value": "4"}
INPUT: dict[str, Any] = {
    "type": "input",
    "label": words("Why?"),
    "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
}


@described
def test_the_stand_in_has_methods_scopes_and_limits_of_the_description() -> None:
    for name, method in api.METHODS.items():
        if name == "bots.info":
            continue
        assert name in slack_calls.methods()
        if method.token == "bot":
            assert set(method.scopes) == set(slack_calls.scopes_of(name)), name
    for name, tier in limits.METHODS.items():
        assert slack_calls.methods()[name]["rate_limit"]["label"].startswith(f"Tier {tier}"), name


@described
def test_the_stand_in_says_no_only_in_words_of_the_description() -> None:
    listed = set().union(*(slack_calls.errors_of(name) for name in slack_calls.methods())) | _UNLISTED
    said = set()
    for path in FAKE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "SlackError":
                said |= {one.value for one in node.args if isinstance(one, ast.Constant)}
    assert len(said) > 30
    assert said <= listed


@described
def test_a_call_is_held_against_the_description() -> None:
    assert slack_calls.wrong_with("chat.postMessage", {"channel": "D1", "text": "x", "token": "t"}) == []
    assert slack_calls.wrong_with("chat.postMessage", {"txt": "x"}) == [
        "chat.postMessage takes no txt",
        "chat.postMessage needs channel",
    ]
    assert slack_calls.wrong_with("chat.shout", {}) == ["there is no method chat.shout"]
    assert slack_calls.wrong_with("views.publish", {"user_id": "U1", "view": None}) == ["views.publish needs view"]


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "section", "text": words("x" * 3001, "mrkdwn")}],
        [{"type": "section", "fields": [words("x" * 2001)]}],
        [{"type": "divider"}] * 51,
        [{"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}],
        [{"type": "actions", "elements": [{**BUTTON, "action_id": str(n)} for n in range(26)]}],
        [{"type": "actions", "elements": [{**BUTTON, "colour": "red"}]}],
        [{"type": "header", "text": words("x" * 151)}],
    ],
)
def test_three_pairs_of_eyes_agree_on_what_is_wrong(blocks: list[dict[str, Any]]) -> None:
    assert check_message(blocks)[0]
    assert slack_opinions.on_blocks(blocks)


def test_second_opinions_let_pass_what_is_right() -> None:
    section = {"type": "section", "block_id": "s", "text": words("*x*", "mrkdwn"), "accessory": BUTTON}
    context = {"type": "context", "elements": [words("x")]}
    row = {"type": "actions", "block_id": "row", "elements": [BUTTON]}
    blocks: list[dict[str, Any]] = [{"type": "header", "text": words("x")}, section, row, context, {"type": "divider"}]
    assert check_message(blocks)[0] == []
    assert slack_opinions.on_blocks(blocks) == []
    options = [{"text": words("A"), "value": "a"}, {"text": words("B"), "value": "b"}]
    menu = {"type": "static_select", "action_id": "m", "options": options, "initial_option": options[0]}
    inputs = [INPUT, {"type": "input", "label": words("Which?"), "element": menu, "optional": True}]
    modal = {"type": "modal", "title": words("Idea"), "submit": words("Send"), "blocks": [*blocks, *inputs]}
    assert check_view(modal, "modal") == []
    assert slack_opinions.on_view(modal) == []
    assert slack_opinions.on_view({"type": "home", "blocks": blocks}) == []
    assert slack_opinions.on_view({**modal, "title": words("x" * 25)})
    assert slack_opinions.on_view({"type": "modal", "title": words("Idea"), "blocks": inputs})


def test_faults_come_in_their_turn() -> None:
    faults = Faults()
    faults.add("a", "first", after=1)
    faults.add("*", "second", times=2)
    met = [faults.meet("a", {}) for _ in range(4)]
    assert [one.kind if one else "" for one in met] == ["second", "first", "second", ""]
    faults.add("a", "for ever", times=None, where=lambda arguments: arguments.get("x") == 1)
    assert faults.meet("a", {"x": 2}) is None
    assert faults.meet("a", {"x": 1}) is not None
    faults.clear()
    assert faults.meet("a", {"x": 1}) is None
