"""The stand-in for Slack is as strict as Slack: what the plugin's tests rest on."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from tests.fakes.slack import (
    APP_TOKEN,
    BOT_TOKEN,
    DROP,
    ERROR,
    HTML,
    LOSE_REPLY,
    SIGNING_SECRET,
    STATUS,
    Slack,
    check_message,
    check_view,
)
from tests.fakes.slack.world import TRIGGER_SECONDS

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "4"}, "action_id": "score:4", "value": "4"}
ROW = {"type": "actions", "block_id": "question", "elements": [BUTTON]}


@pytest.fixture
def client(slack: Slack) -> WebClient:
    """The app's client, which never tries anything twice by itself."""
    return WebClient(BOT_TOKEN, base_url=slack.url, retry_handlers=[], timeout=5)


def refusal(call: Any, **arguments: Any) -> str:
    """The error code that a call is answered with."""
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def words(text: str, kind: str = "plain_text") -> dict[str, str]:
    return {"type": kind, "text": text}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": words("Comment"), "blocks": list(blocks), **more}


INPUT = {
    "type": "input",
    "block_id": "comment",
    "label": words("What got in the way?"),
    "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
}


def test_a_message_reaches_a_person_and_its_metadata_is_found_again(slack: Slack, client: WebClient) -> None:
    ania = slack.user("Ania Nowak")
    metadata = {"event_type": "milepost", "event_payload": {"message": "17"}}
    posted = client.chat_postMessage(channel=ania.id, text="Hello", blocks=[ROW], metadata=metadata)
    assert posted["channel"].startswith("D")
    assert "4" in ania.last.words
    found = client.conversations_history(channel=posted["channel"], include_all_metadata=True, limit=10)
    assert found["messages"][0]["metadata"] == metadata
    assert "metadata" not in client.conversations_history(channel=posted["channel"])["messages"][0]
    assert client.conversations_open(users=ania.id)["channel"]["id"] == posted["channel"]


def test_it_says_no_in_slacks_words(slack: Slack, client: WebClient) -> None:
    ania, piotr = slack.user("Ania Nowak"), slack.user("Piotr Lis")
    outside = slack.channel("shops", ania, with_app=False)
    slack.deactivate(piotr)
    assert refusal(client.conversations_open, users=piotr.id) == "user_disabled"
    assert refusal(client.users_lookupByEmail, email=piotr.email) == "users_not_found"
    assert refusal(client.chat_postMessage, channel=outside.id, text="x") == "not_in_channel"
    assert refusal(client.chat_postMessage, channel="C404", text="x") == "channel_not_found"
    assert refusal(client.api_call, api_method="chat.postMessage", params={"channel": ania.id}) == "no_text"
    assert refusal(client.chat_postMessage, channel=ania.id, text="x", blocks=[ROW, ROW]) == "invalid_blocks"
    long = [{"type": "section", "text": words("x" * 2800)} for _ in range(5)]
    assert refusal(client.chat_postMessage, channel=ania.id, text="x", blocks=long) == "msg_blocks_too_long"
    nested = {"event_type": "x", "event_payload": {"a": {"b": {"c": 1}}}}
    assert refusal(client.chat_postMessage, channel=ania.id, text="x", metadata=nested) == "invalid_metadata_schema"
    slack.token.scopes -= {"chat:write"}
    assert refusal(client.chat_postMessage, channel=ania.id, text="x") == "missing_scope"
    slack.token.state = "token_revoked"
    assert refusal(client.auth_test) == "token_revoked"
    assert refusal(WebClient("xoxb-other", base_url=slack.url).auth_test) == "invalid_auth"
    assert refusal(client.apps_connections_open, app_token=BOT_TOKEN) == "token_revoked"
    assert [call.error for call in slack.calls("conversations.open")] == ["user_disabled"]


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ({"type": "section", "text": words("x" * 3001, "mrkdwn")}, "less than 3001"),
        ({"type": "section", "fields": [words("x" * 2001)]}, "less than 2001"),
        ({"type": "section"}, "either text or fields"),
        ({"type": "header", "text": words("x" * 151)}, "less than 151"),
        ({"type": "header", "text": words("x", "mrkdwn")}, "plain_text"),
        ({"type": "actions", "elements": [{**BUTTON, "text": words("x", "mrkdwn")}]}, "plain_text"),
        ({"type": "actions", "elements": [{**BUTTON, "text": words("x" * 76)}]}, "less than 76"),
        ({"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]}, "less than 2001"),
        ({"type": "actions", "elements": [BUTTON, BUTTON]}, "already exists"),
        ({"type": "actions", "elements": [{**BUTTON, "action_id": str(n)} for n in range(26)]}, "no more than 25"),
        ({"type": "actions", "elements": [{**BUTTON, "colour": "red"}]}, "additional property"),
        ({"type": "context", "elements": [words("x")] * 11}, "no more than 10"),
        ({"type": "divider", "block_id": "x" * 256}, "less than 256"),
        ({"type": "image", "image_url": "https://alfa.example/a.png"}, "alt_text"),
        ({"type": "image", "alt_text": "Trend", "image_url": "http://127.0.0.1/a.png"}, "downloading"),
        ({"type": "image", "alt_text": "Trend", "slack_file": {"id": "F404"}}, "invalid slack file"),
        ({"type": "section", "text": words("")}, "more than 0"),
        ({"type": "carousel"}, "unsupported block"),
    ],
)
def test_blocks_are_refused_as_slack_refuses_them(block: dict[str, Any], complaint: str) -> None:
    problems, _characters = check_message([block], frozenset())
    assert len(problems) == 1
    assert complaint in problems[0]


def test_views_are_refused_as_slack_refuses_them() -> None:
    assert not check_view(modal(INPUT, submit=words("Send")), "modal")
    assert "submit" in check_view(modal(INPUT), "modal")[0]
    assert "less than 25" in check_view(modal(ROW, title=words("x" * 25)), "modal")[0]
    assert "less than 3001" in check_view(modal(ROW, private_metadata="x" * 3001), "modal")[0]
    assert "100 items" in check_view(modal(*[{"type": "divider"}] * 101), "modal")[0]
    assert check_view({"type": "home", "blocks": [ROW], "title": words("x")}, "home")
    options = [{"text": words(str(n)), "value": str(n)} for n in range(101)]
    menu = {"type": "static_select", "action_id": "m", "options": options}
    assert "100 items" in check_view(modal({**INPUT, "element": menu}, submit=words("Send")), "modal")[0]
    menu["options"] = [{"text": words("x" * 76), "value": "v" * 151}]
    assert len(check_view(modal({**INPUT, "element": menu}, submit=words("Send")), "modal")) == 2


def test_a_tap_a_modal_and_an_answer_go_round(slack: Slack, client: WebClient) -> None:
    ania = slack.user("Ania Nowak")
    client.chat_postMessage(channel=ania.id, text="Hello", blocks=[ROW])
    seen: list[dict[str, Any]] = []
    verifier = SignatureVerifier(SIGNING_SECRET)

    def app(body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        assert verifier.is_valid_request(body, headers)
        seen.append(json.loads(dict(urllib.parse.parse_qsl(body.decode()))["payload"]))
        last = seen[-1]
        if last["type"] == "block_actions":
            view = modal(INPUT, submit=words("Send"), callback_id="comment")
            client.views_open(trigger_id=last["trigger_id"], view=view)
            assert refusal(client.views_open, trigger_id=last["trigger_id"], view=view) == "exchanged_trigger_id"
            answer = {"replace_original": True, "text": "Saved", "blocks": [ROW]}
            request = urllib.request.Request(
                last["response_url"], json.dumps(answer).encode(), {"Content-Type": "application/json"}
            )
            urllib.request.urlopen(request).close()
            return 200, b""
        if last["view"]["state"]["values"]["comment"]["text"]["value"] == "x":
            return 200, json.dumps({"response_action": "errors", "errors": {"comment": "Say more."}}).encode()
        return 200, b""

    slack.knock_with(app)
    assert ania.press(ania.last, "score:4").ok
    assert (ania.last.text, ania.last.edited) == ("Saved", 1)
    assert ania.modal is not None
    assert ania.modal.title == "Comment"
    with pytest.raises(AssertionError, match="must be filled in"):
        ania.submit()
    ania.submit({"text": "x"})
    assert ania.errors == {"comment": "Say more."}
    ania.submit({"text": "The tools are slow."})
    assert ania.modal is None
    assert seen[0]["actions"][0]["value"] == "4"
    assert slack.troubles == []
    slack.world.triggers["late"] = slack.world.triggers[slack.world.new_trigger(ania.id)]
    slack.move_on(TRIGGER_SECONDS + 1)
    late = {"trigger_id": "late", "view": modal(INPUT, submit=words("Send"))}
    assert refusal(client.views_open, **late) == "expired_trigger_id"


def test_a_view_that_changed_meanwhile_is_not_overwritten(slack: Slack, client: WebClient) -> None:
    ania = slack.user("Ania Nowak")
    first = client.views_publish(user_id=ania.id, view={"type": "home", "blocks": [ROW]})["view"]
    client.views_publish(user_id=ania.id, view={"type": "home", "blocks": [ROW]}, hash=first["hash"])
    old = {"user_id": ania.id, "view": {"type": "home", "blocks": [ROW]}, "hash": first["hash"]}
    assert refusal(client.views_publish, **old) == "hash_conflict"
    assert ania.home is not None


def test_limits_ask_for_patience_and_forget_with_time(slack: Slack, client: WebClient) -> None:
    ania, piotr = slack.user("Ania Nowak"), slack.user("Piotr Lis")
    slack.limits.on = True
    slack.stand_still()
    client.chat_postMessage(channel=ania.id, text="1")
    client.chat_postMessage(channel=piotr.id, text="1")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=ania.id, text="2")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["retry-after"] == "1"
    slack.move_on(1)
    client.chat_postMessage(channel=ania.id, text="2")
    for _ in range(50):
        client.team_info()
    assert refusal(client.team_info) == "ratelimited"
    assert len(ania.messages) == 2


def test_what_can_go_wrong_on_the_way_goes_wrong(slack: Slack, client: WebClient) -> None:
    ania = slack.user("Ania Nowak")
    slack.faults.add("chat.postMessage", DROP)
    slack.faults.add("chat.postMessage", LOSE_REPLY)
    for count in (0, 1):
        with pytest.raises(OSError, match=r".*"):
            client.chat_postMessage(channel=ania.id, text="x")
        assert len(ania.messages) == count
    slack.faults.add("*", STATUS, detail=(429, "7"))
    slack.faults.add("*", STATUS, detail=503)
    slack.faults.add("*", HTML)
    slack.faults.add("*", ERROR, detail="fatal_error")
    assert refusal(client.auth_test) == "ratelimited"
    for _ in range(2):
        with pytest.raises(SlackApiError):
            client.auth_test()
    assert refusal(client.auth_test) == "fatal_error"
    assert client.auth_test()["ok"]


def test_files_go_up_in_three_steps_and_then_into_images(slack: Slack, client: WebClient) -> None:
    ania = slack.user("Ania Nowak")
    uploaded = client.files_upload_v2(filename="trend.png", content=b"\x89PNG...", alt_txt="Rising from 3.1 to 3.6")
    image = {"type": "image", "alt_text": "Trend", "slack_file": {"id": uploaded["file"]["id"]}}
    client.chat_postMessage(channel=ania.id, text="Trend", blocks=[image])
    assert ania.last.blocks[0]["slack_file"]["id"] in slack.world.files
    assert slack.world.files[uploaded["file"]["id"]].content == b"\x89PNG..."


def test_the_same_goes_over_a_socket(slack: Slack, client: WebClient) -> None:
    ania = slack.user("Ania Nowak")
    client.chat_postMessage(channel=ania.id, text="Hello", blocks=[ROW])
    seen: list[str] = []
    socket = SocketModeClient(app_token=APP_TOKEN, web_client=client, auto_reconnect_enabled=False)

    def listen(inner: Any, request: SocketModeRequest) -> None:
        seen.append(request.type)
        said = {"text": "All is well."} if request.type == "slash_commands" else None
        inner.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=said))

    socket.socket_mode_request_listeners.append(listen)
    socket.connect()
    try:
        slack.wait_for_socket()
        slack.use_socket()
        assert ania.press(ania.last, "score:4").ok
        assert ania.command("/milepost", "status").ok
        assert ania.open_home().ok
    finally:
        # Hung up first, the client does not wait for its time-out; closing while it notices is more than it can take.
        slack.server.hang_up()
        while socket.is_connected():
            time.sleep(0.01)
        socket.close()
    assert seen == ["interactive", "slash_commands", "events_api"]
    assert ania.last.words == "All is well."
    assert slack.troubles == []
