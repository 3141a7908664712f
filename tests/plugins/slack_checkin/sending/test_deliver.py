"""Messages in Slack: one arrives once, whatever happens to the answer; who is not there is reached another way."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from plugins.slack_checkin import blocks, deliver, faces, people
from program.ground import database
from program.outbox.messages import tell_channel
from program.outbox.models import State
from program.plugin_api import core
from program.plugin_api.contract import Connection, LinkState
from tests.fakes.slack import BOT_TOKEN, DROP, ERROR, HTML, LOSE_REPLY, SLOW, STATUS
from tests.outbox.conftest import DIGEST, DIRECT, MONDAY
from tests.plugins.slack_checkin.sending.conftest import Office

SOON, TOMORROW = MONDAY + timedelta(minutes=2), MONDAY + timedelta(days=1)


def test_a_message_arrives_with_text_button_and_mark(office: Office):
    office.tell(1, path="/p/ALFA/items/12")
    office.work()
    assert (office.row().state, office.row().transport) == (State.SENT, "slack_checkin")
    message = office.ania.last
    assert message.text == "Done 1\nText 1\nhttps://milepost.firma.example/p/ALFA/items/12"
    (button,) = office.ania.buttons(message)
    assert (button.label, button.action_id) == ("Look", "open:0")
    assert office.row().reference == f"{message.channel}:{message.ts}"
    assert message.metadata == {
        "event_type": "milepost_message",
        "event_payload": {"mark": message.metadata["event_payload"]["mark"]},
    }
    assert "test.direct" not in str(message.metadata)


def test_the_second_message_asks_slack_nothing_but_to_post(office: Office):
    office.tell(1)
    office.work()
    office.slack.forget_calls()
    office.tell(2)
    office.work()
    assert [call.method for call in office.slack.calls()] == ["chat.postMessage"]
    assert office.slack.calls()[0].args["channel"] == office.ania.last.channel


@pytest.mark.parametrize(
    ("kind", "detail"), [(LOSE_REPLY, None), (HTML, 502), (STATUS, 503), (ERROR, "internal_error")]
)
def test_a_lost_answer_is_resolved_before_any_second_try(office: Office, kind: str, detail: Any):
    office.slack.faults.add("chat.postMessage", kind, detail=detail)
    office.tell(1)
    office.work()
    assert office.row().state == State.UNCERTAIN
    arrived = len(office.ania.messages)
    assert office.work(SOON) == 0
    assert office.find_out(SOON) == 1
    office.work(SOON)
    assert office.row().state == State.SENT
    assert len(office.ania.messages) == 1
    assert len(office.slack.calls("chat.postMessage")) == 2 - arrived


def test_a_lost_answer_is_found_behind_hundreds_of_newer_messages(office: Office):
    office.slack.faults.add("chat.postMessage", LOSE_REPLY)
    office.tell(1)
    office.work()
    channel = office.slack.world.open_dm(office.ania.id)
    lost = channel.messages[0]
    for _n in range(450):
        office.slack.world.channels[channel.id].messages.append(
            lost.__class__(office.slack.world.new_ts(), channel.id, "U1", "hi")
        )
    office.find_out(SOON)
    assert office.row().state == State.SENT
    assert len(office.slack.calls("conversations.history")) == 3


def test_while_slack_cannot_be_asked_nothing_is_sent_again(office: Office):
    office.slack.faults.add("chat.postMessage", LOSE_REPLY)
    office.slack.faults.add("conversations.history", STATUS, detail=503)
    office.tell(1)
    office.work()
    office.find_out(SOON)
    assert office.row().state == State.UNCERTAIN
    office.find_out(TOMORROW)
    assert office.row().state == State.SENT
    assert len(office.ania.messages) == 1


def test_a_dropped_post_is_not_sent_twice_by_the_library(office: Office):
    office.slack.faults.add("chat.postMessage", DROP, times=None)
    office.tell(1)
    office.work()
    assert len(office.slack.calls("chat.postMessage")) == 1
    assert office.row().state == State.UNCERTAIN


def test_a_pause_that_slack_asks_for_is_kept_and_counts_for_all(office: Office):
    office.tell(1)
    office.work()
    office.slack.forget_calls()
    office.slack.faults.add("chat.postMessage", STATUS, detail=(429, "90"))
    office.tell(2, 3)
    office.work()
    assert len(office.slack.calls("chat.postMessage")) == 1
    waiting = office.rows()[1:]
    assert all(row.due_at >= MONDAY + timedelta(seconds=90) for row in waiting)
    assert sorted(row.attempts for row in waiting) == [0, 1]


def test_who_is_not_in_slack_is_reached_another_way_from_then_on(office: Office):
    office.tell(1, to=office.cast.contributor)
    office.work()
    row = office.row()
    assert (row.tried, row.state) == (["slack_checkin"], State.FAILED)
    assert row.reason == "Nobody in Slack has this e-mail address."
    office.slack.forget_calls()
    office.tell(2, to=office.cast.contributor)
    office.work()
    assert (office.rows()[1].state, office.rows()[1].why) == (State.SENT, "no_way")
    assert office.slack.calls() == []


def test_somebody_who_left_the_workspace_is_not_written_to(office: Office):
    office.tell(1)
    office.work()
    office.slack.deactivate(office.ania)
    with office.app.app_context():
        link = people.known(office.cast.manager.id)
        assert link is not None
        people.look_up(_setup(office), core.find_people([link.object_id])[link.object_id], link)
    office.tell(2)
    office.work()
    assert len(office.ania.messages) == 1
    assert office.rows()[1].why == "no_way"


def test_a_conversation_that_is_gone_is_opened_anew(office: Office):
    office.tell(1)
    office.work()
    office.slack.world.channels.clear()
    office.tell(2)
    office.work()
    assert office.rows()[1].state == State.SENT
    assert office.ania.last.text.startswith("Done 2")


@pytest.mark.parametrize(
    ("code", "state", "why", "words"),
    [
        ("token_revoked", State.WAITING, "settings", "Install the app again"),
        ("missing_scope", State.WAITING, "settings", "Bring its manifest up to date"),
        ("messages_tab_disabled", State.WAITING, "settings", "Messages tab"),
        ("invalid_blocks", State.FAILED, "given_up", "report this kind of message"),
        ("service_unavailable", State.WAITING, "retry", "out of service"),
        ("something_new", State.WAITING, "retry", "“something_new”, which is not documented"),
    ],
)
def test_each_refusal_has_its_consequence_and_its_words(office: Office, code: str, state: State, why: str, words: str):
    office.tell(1)
    office.work()
    office.slack.faults.add("chat.postMessage", ERROR, detail=code)
    office.tell(2)
    office.work()
    row = office.rows()[1]
    if state == State.FAILED:
        office.work()
        row = office.rows()[1]
    assert (row.state, row.why) == (state, why)
    assert words in row.reason


def test_a_channel_takes_a_message_and_a_lost_answer_there_waits_for_a_person(office: Office):
    channel = office.slack.channel("transformation")
    with office.app.app_context(), database.transaction():
        tell_channel("slack_checkin", channel.id, DIRECT, {"n": 1}, key="a", program_id=office.cast.program_id)
        tell_channel("slack_checkin", channel.id, DIRECT, {"n": 2}, key="b", program_id=office.cast.program_id)
    office.slack.faults.add("chat.postMessage", LOSE_REPLY, after=1)
    office.work(core.utc_now())
    assert [message.text.split("\n")[0] for message in channel.messages] == ["Done 1", "Done 2"]
    office.find_out(core.utc_now() + timedelta(minutes=1))
    assert [(row.state, row.why) for row in office.rows()] == [(State.SENT, ""), (State.UNCERTAIN, "cannot_tell")]


def test_a_channel_without_the_app_says_how_to_invite_it(office: Office):
    channel = office.slack.channel("others", with_app=False)
    with office.app.app_context(), database.transaction():
        tell_channel("slack_checkin", channel.id, DIRECT, {"n": 1}, key="a")
    office.work(core.utc_now())
    assert "/invite @Milepost" in office.row().reason


def test_a_morning_s_things_come_as_one_message(office: Office):
    office.tell(1, 2, kind=DIGEST, path="/p/ALFA/items/1")
    office.work(TOMORROW)
    assert office.ania.last.words.startswith("2 things for you")
    assert [button.action_id for button in office.ania.buttons(office.ania.last)] == ["open:0", "open:1"]


def test_a_morning_with_more_than_slack_takes_ends_in_a_list(office: Office):
    office.tell(*range(50), kind=DIGEST, path="/p/ALFA/items/1")
    office.work(TOMORROW)
    message = office.ania.last
    assert len(message.blocks) <= 50
    assert all(f"Done {n}" in message.words for n in range(50))


def test_no_token_and_nothing_of_a_message_reaches_the_log(office: Office, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    for kind, detail in ((SLOW, 0), (LOSE_REPLY, None), (ERROR, "invalid_blocks"), (HTML, None)):
        office.slack.faults.add("chat.postMessage", kind, detail=detail)
    office.tell(1, 2, 3, 4)
    office.work()
    assert BOT_TOKEN not in caplog.text
    assert "Text 2" not in caplog.text
    assert all(BOT_TOKEN not in row.reason for row in office.rows())


def test_without_a_token_the_other_ways_are_taken(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MILEPOST_SLACK_BOT_TOKEN")
    office.tell(1)
    office.work()
    assert (office.row().state, office.row().why) == (State.SENT, "no_way")


def test_an_address_inside_the_own_network_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MILEPOST_SLACK_API_URL", "http://10.0.0.1/api/")
    with office.app.app_context(), pytest.raises(Exception, match="own network"):
        deliver.setup_of(Connection("slack_checkin"))


def test_slack_that_hangs_leaves_an_uncertain_message(office: Office, monkeypatch: pytest.MonkeyPatch):
    # With the second message Slack is asked nothing but to post it: no other answer can be late.
    office.tell(1)
    office.work()
    monkeypatch.setattr("plugins.slack_checkin.client.TIMEOUT", 0.2)
    monkeypatch.setattr(deliver.call, "__kwdefaults__", {"timeout": 0.2})
    office.slack.faults.add("chat.postMessage", SLOW, detail=0.6)
    office.tell(2)
    office.work()
    assert [row.state for row in office.rows()] == [State.SENT, State.UNCERTAIN]


def _setup(office: Office) -> Any:
    return deliver.setup_of(Connection("slack_checkin"))


def test_who_asks_is_told_where_a_message_stands_even_if_its_answer_was_lost(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(deliver, "_posted", {"test.direct": lambda part, message, dm, ts: told.append((dm, ts))})
    office.tell(1)
    office.work()
    office.slack.faults.add("chat.postMessage", LOSE_REPLY)
    office.tell(2)
    office.work()
    office.find_out(SOON)
    assert told == [(message.channel, message.ts) for message in office.ania.messages]


def test_what_goes_wrong_after_posting_costs_the_message_nothing(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deliver, "_posted", {"test.direct": lambda *_all: 1 / 0})
    office.tell(1)
    office.work()
    assert office.row().state == State.SENT


@pytest.mark.parametrize("drawn", [None, []])
def test_a_kind_may_have_a_face_of_its_own(office: Office, monkeypatch: pytest.MonkeyPatch, drawn: Any):
    monkeypatch.setattr(faces, "_faces", {"test.direct": lambda message, part: [blocks.header(part.subject)]})
    office.tell(1)
    office.work()
    assert office.ania.last.blocks[0]["type"] == "header"
    for other in (lambda message, part: drawn, lambda message, part: 1 / 0):
        monkeypatch.setattr(faces, "_faces", {"test.direct": other})
        office.tell(len(office.rows()) + 1)
        office.work()
        assert office.ania.last.blocks[0]["type"] == "section"


def test_two_people_never_share_an_account(office: Office):
    with office.app.app_context():
        setup = _setup(office)
        manager, contributor = (
            core.find_people([one.id])[one.id] for one in (office.cast.manager, office.cast.contributor)
        )
        people.look_up(setup, manager, None)
        people.match_by_hand(contributor, office.ania.id)
        found = people.look_up(setup, contributor, people.known(contributor.id))
    assert (found.state, found.error) == (LinkState.FAILED, "Somebody else here has this account in Slack already.")
