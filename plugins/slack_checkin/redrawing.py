"""Drawing a part of a message anew. What else is in the message is read from Slack, and stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.client import call
from plugins.slack_checkin.errors import Refusal
from plugins.slack_checkin.settings import Setup
from program.plugin_api.contract import GiveUp

# Slack's ways to say that there is no such message any more, or nobody who would read it.
GONE = frozenset(
    (
        *("message_not_found", "channel_not_found", "cant_update_message", "is_archived"),
        *("edit_window_closed", "is_inactive", "user_disabled", "no_permission", "not_in_channel"),
    )
)


def shown(setup: Setup, channel: str, ts: str) -> Mapping[str, Any]:
    """The message as it stands in Slack; {} where it is gone. Raises Refusal."""
    found = call(setup, "conversations.history", channel=channel, latest=ts, oldest=ts, inclusive=True, limit=1)
    return (found.data.get("messages") or [{}])[0]


def redraw(setup: Setup, channel: str, ts: str, prefix: str, new: Sequence[b.Block], text: str) -> bool:
    """Put blocks in the place of those whose ids begin so. False where the message is gone. Raises Refusal."""
    try:
        blocks = b.replaced(shown(setup, channel, ts).get("blocks") or [], prefix, new)
        if blocks is None:
            return False
        call(setup, "chat.update", channel=channel, ts=ts, text=text, blocks=blocks)
    except Refusal as refusal:
        if refusal.code in GONE or isinstance(refusal.fate, GiveUp):
            return False
        raise
    return True
