"""A review in its channel on days that are not as planned: who may not, two at once, and what Slack refuses."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from program.extensions import db
from program.ground import database
from program.kpis.models import ReviewNote
from program.outbox.models import Message as Row
from program.planning.models import WorkItem
from tests.fakes.slack import ERROR, Message
from tests.fakes.slack.world import BOT_USER
from tests.plugins.slack_checkin.meetings import Meetings

MONDAY = date(2026, 3, 9)
WEDNESDAY = MONDAY + timedelta(days=2)


@pytest.fixture
def post(meetings: Meetings) -> Message:
    """A review that is ready, and its message in the channel."""
    meetings.tick_at(MONDAY, time(7, 1))
    meetings.becomes_ready(MONDAY)
    (found,) = meetings.posts()
    return found


def notes(meetings: Meetings) -> list[str]:
    with meetings.app.app_context(), database.looking():
        return list(db.session.scalars(select(ReviewNote.text).order_by(ReviewNote.id)))


def test_who_may_not_write_is_told_so_and_who_is_unknown_too(meetings: Meetings, post: Message) -> None:
    wanda = meetings.hands["Wanda"]
    stranger = meetings.slack.user("Jan Obcy", "jan@elsewhere.example")
    meetings.room.members.append(stranger.id)
    for who, words in ((wanda, "You may read this review"), (stranger, "does not know yet who you are")):
        meetings.done(who.press(post, "review.cause"))
        assert who.modal is None
        assert words in who.read(meetings.room)[-1].words
    meetings.done(wanda.press(post, "review.hold"))
    assert "manager" in wanda.read(meetings.room)[-1].words
    # Her mark brings nothing in, and she hears why.
    reply = wanda.say("It was the strike.", meetings.room, below=post)
    meetings.done(wanda.react(reply, "memo"))
    assert notes(meetings) == []
    assert wanda.messages[-1].words


def test_only_marked_replies_to_a_review_are_kept_and_once(meetings: Meetings, post: Message) -> None:
    ania, bob = meetings.ania, meetings.bob
    elsewhere = meetings.slack.channel("general", ania, bob)
    outside = bob.say("Lunch?", elsewhere)
    plain = bob.say("Not in the thread.", meetings.room)
    reply = bob.say("The vendor changed the menu.", meetings.room, below=post)
    meetings.slack.forget_calls()
    meetings.done(ania.react(outside, "memo"))
    meetings.done(ania.react(reply, "thumbsup"))
    # What does not concern a review is not even read.
    assert meetings.slack.calls("conversations.replies") == []
    for message in (plain, post, reply, reply):
        meetings.done(ania.react(message, "memo"))
    meetings.done(bob.shortcut("review.pick", reply))
    meetings.done(bob.submit())
    (kept,) = notes(meetings)
    assert kept.startswith("The vendor changed the menu.\n— Bob Nowak, https://")
    meetings.done(bob.shortcut("review.pick", plain))
    assert bob.modal is None or "✓" in bob.modal.words
    assert "thread of a KPI review" in bob.read(meetings.room)[-1].words


def test_the_same_window_twice_is_one_action_and_two_who_hold_are_one(meetings: Meetings, post: Message) -> None:
    ania, maria = meetings.ania, meetings.maria
    meetings.done(ania.press(post, "review.action"))
    view = ania.modal
    assert view is not None
    shown = view.body, dict(view.state)
    meetings.done(ania.submit({"words": "Train the chat team"}))
    again = ania.modal
    assert again is not None
    again.body = shown[0]
    meetings.done(ania.submit({"words": "Train the chat team"}))
    with meetings.app.app_context(), database.looking():
        (item,) = db.session.scalars(select(WorkItem))
        assert item.title == "Train the chat team"
    ania.close()
    behind = post.snapshot()
    meetings.done(maria.press(post, "review.hold"))
    meetings.done(maria.submit())
    maria.close()
    meetings.done(maria.press(behind, "review.hold"))
    assert "held already" in maria.read(meetings.room)[-1].words
    assert meetings.states() == ["held"]


def test_a_window_that_comes_too_late_shows_what_was_typed(meetings: Meetings, post: Message) -> None:
    ania, maria = meetings.ania, meetings.maria
    meetings.done(ania.press(post, "review.cause"))
    for action_id in ("review.hold", "review.close"):
        meetings.done(maria.press(post, action_id))
        meetings.done(maria.submit())
        maria.close()
        meetings.tick()
    meetings.done(ania.submit({"words": "Typed for nothing?"}))
    assert ania.modal is not None
    assert "Typed for nothing?" in ania.modal.words
    assert notes(meetings) == []


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_without_a_picture_the_text_goes_all_the_same(meetings: Meetings, method: str) -> None:
    meetings.slack.faults.add(method, ERROR, times=None, detail="file_type_not_allowed")
    meetings.enter_for(MONDAY)
    meetings.tick_at(MONDAY, time(7, 1))
    meetings.becomes_ready(MONDAY)
    meetings.tick()
    (post,) = meetings.posts()
    assert "Experience Index" in post.words
    assert not [block for block in post.blocks if block["type"] == "image"]
    assert len(meetings.slack.calls(method)) == 1


def test_a_picture_slack_still_works_on_is_shown_a_minute_later(meetings: Meetings) -> None:
    meetings.enter_for(MONDAY)
    meetings.slack.faults.add("chat.update", ERROR, times=2, detail="invalid_blocks")
    meetings.tick_at(MONDAY, time(7, 1))
    meetings.becomes_ready(MONDAY)
    (post,) = meetings.posts()
    assert not [block for block in post.blocks if block["type"] == "image"]
    meetings.tick()
    (image,) = [block for block in post.blocks if block["type"] == "image"]
    assert "Experience Index" in image["alt_text"]
    assert len(meetings.slack.calls("files.getUploadURLExternal")) == 1


def test_a_channel_without_the_app_tells_the_manager_what_to_do_and_goes_out_later(meetings: Meetings) -> None:
    meetings.room.members.remove(BOT_USER)
    meetings.tick_at(MONDAY, time(7, 1))
    meetings.becomes_ready(MONDAY)
    meetings.tick_at(WEDNESDAY, time(9))
    assert meetings.posts() == []
    (told,) = [one for one in meetings.maria.messages if "could not be told" in one.words]
    assert "/invite @Milepost" in told.words
    with meetings.app.app_context(), database.looking():
        rows = db.session.scalars(select(Row).where(Row.kind == "kpis.unposted")).all()
        assert [row.person_id for row in rows] == [meetings.cast.manager.id]
    meetings.room.members.append(BOT_USER)
    meetings.tick_at(WEDNESDAY, time(12))
    assert len(meetings.posts()) == 1
