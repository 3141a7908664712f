"""An idea from any message, or from the shortcuts' menu."""

from __future__ import annotations

import re

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin import ideas
from plugins.slack_checkin.told import Told

FROM_MESSAGE, NEW = "idea.from_message", "idea.new"
# Slack writes addresses and people as <https://…|words>, <@U1>, <!here>.
_MARK = re.compile(r"<(?:[@#!][^>|]*\|?|[^>|]+\|)?([^>]*)>")


def from_message(told: Told) -> None:
    """A message shortcut: its text becomes the idea's, its first line the title."""
    text = words(str((told.body.get("message") or {}).get("text") or ""))
    first, _line, rest = text.partition("\n")
    short = b.size(first) <= ideas.MAX_TITLE
    title = first if short else b.cut(first, ideas.MAX_TITLE)
    ideas.ask(told, title=title, detail=rest.strip() if short else b.cut(text, ideas.MAX_DETAIL))


def new(told: Told) -> None:
    """The shortcut without a message, and the button of the app's home."""
    ideas.ask(told)


def words(text: str) -> str:
    """A message's text without Slack's marks."""
    plain = _MARK.sub(r"\1", text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()
