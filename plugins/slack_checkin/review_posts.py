"""The message of a KPI review in its channel: where it stands, and that it shows the review as it is.

Where it is stands in a link (`review`, the review's id). A tick alone draws it anew, so that no older drawing comes
after a newer one. The picture joins it there as well: the text has gone out long before, whatever becomes of an upload.
Slack works on an upload for a while before a message may show it, so that is tried a few times, a minute apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import reviews
from plugins.slack_checkin.client import call
from plugins.slack_checkin.errors import PAUSE, Refusal
from plugins.slack_checkin.redrawing import GONE
from plugins.slack_checkin.settings import PLUGIN, Setup, own_setup
from program.plugin_api import core
from program.plugin_api.contract import (
    Connection,
    GiveUp,
    Link,
    LinkState,
    Misconfigured,
    NotFound,
    OutgoingMessage,
    Part,
    Retry,
    Tick,
)

REVIEW = "review"
# How often an upload, or showing it, is tried; seconds that taking the picture's bytes may last.
MOST_TRIES, UPLOAD_SECONDS = 3, 10.0
# A review that nobody closes is looked after for so long.
LONGEST = timedelta(days=35)
_INSTANCE = Connection(PLUGIN)


def posted(part: Part, message: OutgoingMessage, channel: str, ts: str) -> None:
    """The message of a review stands in its channel now."""
    review_id = int(part.data.get("review") or 0)
    if message.recipient is not None or part.kind != reviews.READY or not review_id:
        return
    base = {"place": message.channel, "channel": channel, "ts": ts, "tries": 0, "at": core.utc_now().isoformat()}
    core.keep_link(_INSTANCE, Link(REVIEW, review_id, f"{channel}:{ts}", base=base), new=True)


def draw(message: OutgoingMessage, part: Part) -> list[b.Block] | None:
    """A review's message to its channel; None for one to a person, which has the plain face."""
    review_id = int(part.data.get("review") or 0)
    if message.recipient is not None or not review_id:
        return None
    review = core.review_in_channel(review_id)
    with core.speaking_to_channel(review):
        return reviews.draw_closed(review) if part.kind == reviews.CLOSED else reviews.draw(review)


def thread_of(message: OutgoingMessage) -> str:
    """The thread that a message to a channel belongs into; '' for one that stands alone."""
    if message.recipient is not None or message.parts[0].kind != reviews.CLOSED:
        return ""
    link = core.find_link(_INSTANCE, REVIEW, object_id=int(message.parts[0].data.get("review") or 0))
    return str(link.base["ts"]) if link is not None and link.base.get("place") == message.channel else ""


def review_at(channel: str, thread_ts: str) -> int | None:
    """The review whose message begins that thread."""
    link = core.find_link(_INSTANCE, REVIEW, external_id=f"{channel}:{thread_ts}")
    return link.object_id if link is not None else None


def is_review_channel(channel: str) -> bool:
    """Whether reviews are told in that channel."""
    found, _total = core.list_links(_INSTANCE, REVIEW, limit=100)
    return any(link.base.get("channel") == channel for link in found)


def tick() -> Tick:
    """The work of this module, for the clock."""
    label = _l("Messages of KPI reviews in Slack show how they stand")
    return Tick("review_messages", label, timedelta(minutes=1), look_after)


def look_after() -> int:
    """Bring the messages of open reviews up to date. Says how many were drawn anew."""
    due = core.due_links(_INSTANCE, REVIEW)
    setup, drawn = own_setup(), 0
    for link in due if setup.bot_token else ():
        try:
            drawn += _look_after(setup, link)
        except Refusal as refusal:
            if isinstance(refusal.fate, Retry):
                core.keep_link(_INSTANCE, replace(link, try_at=core.utc_now() + (refusal.fate.after or PAUSE)))
                return drawn
            raise refusal.fate from None
    return drawn


def _look_after(setup: Setup, link: Link) -> int:
    try:
        review = core.review_in_channel(link.object_id)
    except NotFound:
        core.forget_link(_INSTANCE, REVIEW, object_id=link.object_id)
        return 0
    base = dict(link.base)
    with core.speaking_to_channel(review):
        _upload(setup, review.id, base)
        blocks = reviews.draw(review, _picture(base, review.id))
        digest = hashlib.sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()[:32]
        is_new = digest != base.get("shown")
        if is_new:
            try:
                call(
                    *(setup, "chat.update"),
                    channel=base["channel"],
                    ts=base["ts"],
                    blocks=blocks,
                    text=reviews.read_aloud(review),
                )
            except Refusal as refusal:
                if refusal.code in GONE:
                    core.keep_link(_INSTANCE, replace(link, state=LinkState.DONE))
                    return 0
                if refusal.code != "invalid_blocks" or not base.get("file"):
                    raise
                # Slack still works on the upload, or will not show it; then the text has to do.
                base["tries"] = int(base.get("tries") or 0) + 1
                base |= {"file": ""} if base["tries"] >= MOST_TRIES else {}
                digest = ""
    is_old = (core.utc_now() - review.meets_at) > LONGEST
    # The last drawing has been made where the review is closed and its picture settled.
    is_done = is_old or (review.state == "closed" and bool(digest) and not _may_try(base))
    base["shown"] = digest
    core.keep_link(
        _INSTANCE, replace(link, base=base, state=LinkState.DONE if is_done else LinkState.WAITING, try_at=None)
    )
    return int(is_new and bool(digest))


def _may_try(base: Mapping[str, Any]) -> bool:
    """Whether a picture is still to be uploaded."""
    return "file" not in base and int(base.get("tries") or 0) < MOST_TRIES


def _upload(setup: Setup, review_id: int, base: dict[str, Any]) -> None:
    """Upload the picture, once; `base` then holds its file. What goes wrong leaves the text as it is."""
    if not _may_try(base):
        return
    picture = core.review_picture(review_id)
    if picture is None:
        base["file"] = ""
        return
    alt = b.cut(picture.alt, b.ALT)
    try:
        ticket = call(
            setup, "files.getUploadURLExternal", filename="review.png", length=len(picture.png), alt_txt=alt
        ).data
        answer = core.send("POST", str(ticket["upload_url"]), body=picture.png, timeout=UPLOAD_SECONDS)
        if answer.status != 200:
            base["tries"] = int(base.get("tries") or 0) + 1
            return
        file_id = str(ticket["file_id"])
        call(setup, "files.completeUploadExternal", files=[{"id": file_id, "title": picture.title}])
    except (Refusal, core.Refused, core.Unreachable) as error:
        fate = error.fate if isinstance(error, Refusal) else None
        never = isinstance(fate, GiveUp | Misconfigured) or isinstance(error, core.Refused)
        base["tries"] = MOST_TRIES if never else int(base.get("tries") or 0) + 1
        return
    base |= {"file": file_id, "alt": alt, "title": picture.title, "tries": 0}


def _picture(base: Mapping[str, Any], review_id: int) -> b.Block | None:
    if not base.get("file"):
        return None
    return b.image(str(base["file"]), str(base["alt"]), f"review:{review_id}:picture", str(base["title"]))
