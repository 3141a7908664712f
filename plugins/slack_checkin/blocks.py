"""Blocks of Slack's, each cut to what Slack takes: a text that is too long is shortened, never refused.

Limits are those of Slack's reference for Block Kit. Characters are counted as Slack counts them, in UTF-16 units, of
which an emoji takes two. What people wrote goes through `plain` or `marked`, where Slack's own marks have no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

Block = dict[str, Any]
SECTION, CONTEXT, HEADER, BUTTON, LABEL, TITLE, INPUT, PLACEHOLDER = 3000, 2000, 150, 75, 2000, 24, 3000, 150
MESSAGE_BLOCKS, VIEW_BLOCKS, BUTTONS = 50, 100, 25
MESSAGE_TEXT, METADATA = 4000, 3000
# An upload takes a thousand characters of alternative text, an image block twice as many.
ALT, TITLE_OF_IMAGE = 1000, 2000
_MORE = "…"


def size(text: str) -> int:
    """How long Slack says that a text is."""
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def cut(text: str, most: int) -> str:
    """The text, or its beginning with an ellipsis, in at most so many of Slack's characters; never half an emoji."""
    if size(text) <= most:
        return text
    kept, room = [], most - size(_MORE)
    for letter in text:
        room -= size(letter)
        if room < 0:
            break
        kept.append(letter)
    # What joins or modifies the next letter makes no sense without it.
    while kept and kept[-1] in "\u200d\ufe0f\u0020":
        kept.pop()
    return "".join(kept) + _MORE


def escaped(text: str) -> str:
    """What people wrote, for a place where Slack looks for links and mentions. A star in it may make bold: no harm."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, most: int) -> Block:
    """Plain text; Slack does not take an empty one."""
    return {"type": "plain_text", "text": cut(str(text), most) or "–", "emoji": False}


def marked(text: str, most: int) -> Block:
    """Text with Slack's marks, put together from what `escaped` gave and marks of our own."""
    return {"type": "mrkdwn", "text": _whole(cut(str(text), most)) or "–", "verbatim": True}


def section(text: str, block_id: str = "", accessory: Block | None = None) -> Block:
    """A paragraph, with a button beside it perhaps."""
    return _named({"type": "section", "text": marked(text, SECTION)}, block_id) | (
        {"accessory": accessory} if accessory else {}
    )


def context(text: str, block_id: str = "") -> Block:
    """A small grey paragraph."""
    return _named({"type": "context", "elements": [marked(text, CONTEXT)]}, block_id)


def header(text: str, block_id: str = "") -> Block:
    """A heading."""
    return _named({"type": "header", "text": plain(text, HEADER)}, block_id)


def divider(block_id: str = "") -> Block:
    """A line."""
    return _named({"type": "divider"}, block_id)


def actions(buttons: Sequence[Block], block_id: str) -> Block:
    """A row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(buttons[:BUTTONS])}


def button(label: str, action_id: str, value: str = "", *, style: str = "", said: str = "", url: str = "") -> Block:
    """A button. `said` is what a screen reader says in place of its label; `style` '', 'primary' or 'danger'."""
    made: Block = {"type": "button", "text": plain(label, BUTTON), "action_id": action_id}
    if value:
        made["value"] = value
    if style:
        made["style"] = style
    if said:
        made["accessibility_label"] = cut(said, BUTTON)
    if url:
        made["url"] = url
    return made


def text_input(
    label: str,
    block_id: str,
    action_id: str,
    *,
    most: int,
    least: int = 0,
    value: str = "",
    many_lines: bool = False,
    optional: bool = False,
    placeholder: str = "",
    hint: str = "",
) -> Block:
    """A field to write into; Slack itself holds people to `least` and `most` characters."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": action_id,
        "max_length": min(most, INPUT),
        "multiline": many_lines,
    }
    if least:
        element["min_length"] = least
    if value:
        element["initial_value"] = cut(value, min(most, INPUT))
    if placeholder:
        element["placeholder"] = plain(placeholder, PLACEHOLDER)
    made = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, LABEL),
        "element": element,
        "optional": optional,
    }
    return made | ({"hint": plain(hint, LABEL)} if hint else {})


def select_input(label: str, block_id: str, action_id: str, options: Iterable[tuple[str, str]]) -> Block:
    """A menu of (value, label); the first one is chosen."""
    listed = [{"text": plain(text, BUTTON), "value": value} for value, text in options]
    element = {
        "type": "static_select",
        "action_id": action_id,
        "options": listed[:100],
        "initial_option": listed[0],
    }
    return {"type": "input", "block_id": block_id, "label": plain(label, LABEL), "element": element}


def users_input(label: str, block_id: str, action_id: str, first: str) -> Block:
    """A menu of the people of the workspace; `first` is the member ID that is chosen."""
    element = {"type": "users_select", "action_id": action_id, "initial_user": first}
    return {"type": "input", "block_id": block_id, "label": plain(label, LABEL), "element": element}


def day_input(label: str, block_id: str, action_id: str, first: date) -> Block:
    """A calendar; that day is chosen."""
    element = {"type": "datepicker", "action_id": action_id, "initial_date": first.isoformat()}
    return {"type": "input", "block_id": block_id, "label": plain(label, LABEL), "element": element}


def image(file_id: str, alt: str, block_id: str, title: str = "") -> Block:
    """A picture that was uploaded to Slack, with what it shows in words."""
    made: Block = {"type": "image", "slack_file": {"id": file_id}, "alt_text": cut(alt, ALT) or "–"}
    return _named(made, block_id) | ({"title": plain(title, TITLE_OF_IMAGE)} if title else {})


def modal(callback_id: str, title: str, submit: str, close: str, blocks: Sequence[Block], metadata: str = "") -> Block:
    """A window that asks for something; one without `submit` only tells."""
    made: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, TITLE),
        "close": plain(close, TITLE),
        "blocks": list(blocks[:VIEW_BLOCKS]),
    }
    made |= {"submit": plain(submit, TITLE)} if submit else {}
    return made | ({"private_metadata": metadata} if metadata else {})


def replaced(shown: Sequence[Block], prefix: str, new: Sequence[Block]) -> list[Block] | None:
    """A message's blocks with those replaced whose ids begin so; None when there are none."""
    places = [number for number, block in enumerate(shown) if str(block.get("block_id", "")).startswith(prefix)]
    if not places:
        return None
    return [*shown[: places[0]], *new, *shown[places[-1] + 1 :]][:MESSAGE_BLOCKS]


def _named(block: Block, block_id: str) -> Block:
    return block | ({"block_id": block_id} if block_id else {})


def _whole(text: str) -> str:
    """Cutting may have left half of '&amp;'."""
    start = text.rfind("&", max(0, len(text) - 6))
    if start >= 0 and ";" not in text[start:] and text.endswith(_MORE):
        text = text[:start] + _MORE
    return text
