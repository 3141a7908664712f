"""From the thread of a review into the review: replies marked with 📝, or picked out by the message shortcut.

Each reply becomes one note, however often and by whomever it is marked; taking the mark away does nothing. The note is
that of whoever marked it, and says whose words they are and where they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import review_posts, reviews, shortcuts
from plugins.slack_checkin.people import PERSON
from plugins.slack_checkin.settings import PLUGIN
from plugins.slack_checkin.told import Told
from program.plugin_api import core
from program.plugin_api.contract import Connection

# The message shortcut.
PICK = "review.pick"


def concerns(told: Told) -> bool:
    """Whether a reaction may mark a reply to a review: the right sign, on a message of a channel with reviews."""
    event, item = _event(told)
    if event.get("reaction") not in reviews.MARKS or item.get("type") != "message":
        return False
    return review_posts.is_review_channel(str(item.get("channel") or ""))


def marked(told: Told) -> None:
    """Somebody marked a message."""
    _event_of, item = _event(told)
    channel, ts = str(item.get("channel") or ""), str(item.get("ts") or "")
    found = told.client.conversations_replies(channel=channel, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=2)
    message: Mapping[str, Any] = next((one for one in found.get("messages") or () if one.get("ts") == ts), {})
    review_id = _review_of(channel, message)
    if review_id is None:
        return
    text = shortcuts.words(str(message.get("text") or ""))
    if not text:
        words = _("There are no words in this reply that could go into the review.")
    else:
        tail = _tail(told, channel, message)
        core.patiently(
            lambda: core.add_review_note(
                told.person,
                review_id,
                "note",
                b.cut(text, reviews.MAX_TEXT - b.size(tail)) + tail,
                remote_key=_key(channel, ts),
            )
        )
        words = _("✓ It stands in the review as a note.")
    told.client.chat_postEphemeral(channel=channel, user=told.user_id, thread_ts=str(message["thread_ts"]), text=words)


def pick(told: Told) -> None:
    """The message shortcut: a window with the reply's words, to say what they are."""
    message: Mapping[str, Any] = told.body.get("message") or {}
    channel = str((told.body.get("channel") or {}).get("id") or "")
    review_id = _review_of(channel, message)
    if review_id is None:
        told.say(_("This works on replies in the thread of a KPI review."))
        return
    review = core.review(told.person, review_id)
    if not review.may_write:
        told.say(
            _("This review is closed: nothing in it changes any more.")
            if review.state == "closed"
            else _("You may read this review. Writing in it takes somebody who works on the program.")
        )
        return
    kept = told.keeping(
        review=review_id,
        channel=channel,
        key=_key(channel, str(message.get("ts") or "")),
        tail=_tail(told, channel, message),
    )
    text = b.cut(shortcuts.words(str(message.get("text") or "")), reviews.MAX_TEXT)
    view = reviews.text_window(review, reviews.NOTE, kept, text=text)
    told.client.views_open(trigger_id=told.trigger_id, view=view)


def _event(told: Told) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    event = told.body.get("event")
    event = event if isinstance(event, Mapping) else {}
    item = event.get("item")
    return event, item if isinstance(item, Mapping) else {}


def _review_of(channel: str, message: Mapping[str, Any]) -> int | None:
    """The review in whose thread that reply stands; None for anything else, its first message included."""
    thread_ts = str(message.get("thread_ts") or "")
    if not thread_ts or thread_ts == message.get("ts"):
        return None
    return review_posts.review_at(channel, thread_ts)


def _key(channel: str, ts: str) -> str:
    return f"slack:{channel}:{ts}"


def _tail(told: Told, channel: str, message: Mapping[str, Any]) -> str:
    """Whose words they are, unless the marker's own, and where they stand."""
    parts = []
    author = str(message.get("user") or "")
    if author and author != told.user_id and (name := _name(told, author)):
        parts.append(name)
    found = told.client.chat_getPermalink(channel=channel, message_ts=str(message.get("ts") or ""))
    if link := str(found.get("permalink") or ""):
        parts.append(link)
    return f"\n— {', '.join(parts)}" if parts else ""


def _name(told: Told, user_id: str) -> str:
    link = core.find_link(Connection(PLUGIN), PERSON, external_id=user_id)
    known = core.find_people([link.object_id]) if link is not None else {}
    if link is not None and link.object_id in known:
        return known[link.object_id].name
    user: Mapping[str, Any] = told.client.users_info(user=user_id).get("user") or {}
    return str(user.get("real_name") or "")
