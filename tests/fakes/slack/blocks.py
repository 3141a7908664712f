"""Block Kit as Slack takes it: which blocks go where, their limits, and what must be unique.

`check_message(blocks)` and `check_view(view)` answer with Slack's complaints; an empty list is a valid one. Limits are
those of Slack's reference: 50 blocks a message, 100 a view, and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.fakes.slack.checking import Check, Finder, anything, boolean, check_object, list_of, one_of, string
from tests.fakes.slack.composition import text
from tests.fakes.slack.elements import IMAGE, IN_ACTIONS, IN_INPUT, IN_SECTION, check_picture, context_element, element

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_CHARACTERS = 13_000
_BLOCK: dict[str, Check] = {"type": anything, "block_id": string(255)}
BLOCKS: dict[str, tuple[Mapping[str, Check], tuple[str, ...]]] = {
    "actions": ({"elements": list_of(element(IN_ACTIONS), 25)}, ("elements",)),
    "context": ({"elements": list_of(context_element, 10)}, ("elements",)),
    "divider": ({}, ()),
    "header": ({"text": text(150, plain=True)}, ("text",)),
    "image": ({**IMAGE, "title": text(2000, plain=True)}, ("alt_text",)),
    "input": (
        {
            "label": text(2000, plain=True),
            "element": element(IN_INPUT),
            "dispatch_action": boolean,
            "hint": text(2000, plain=True),
            "optional": boolean,
        },
        ("label", "element"),
    ),
    "section": (
        {
            "text": text(3000),
            "fields": list_of(text(2000), 10),
            "accessory": element(IN_SECTION),
            "expand": boolean,
        },
        (),
    ),
    "rich_text": ({"elements": anything}, ("elements",)),
    "markdown": ({"text": string(12_000)}, ("text",)),
}
IN_MESSAGES = frozenset(BLOCKS)
IN_VIEWS = frozenset(BLOCKS) - {"markdown"}
_MODAL: dict[str, Check] = {
    "type": one_of("modal", "home"),
    "title": text(24, plain=True),
    "blocks": anything,
    "close": text(24, plain=True),
    "submit": text(24, plain=True),
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "external_id": string(255, 0),
    "submit_disabled": boolean,
}


def check_message(blocks: Any, images: frozenset[str] | None = None) -> tuple[list[str], int]:
    """What is wrong with a message's blocks, and how many characters they hold."""
    finder = Finder(images=images)
    _check_blocks(finder, "/blocks", blocks, MESSAGE_BLOCKS, IN_MESSAGES)
    return finder.problems, finder.characters


def check_view(view: Any, kind: str, images: frozenset[str] | None = None) -> list[str]:
    """What is wrong with a view that is to be a 'modal' or a 'home'."""
    finder = Finder(images=images)
    required = ("type", "title", "blocks") if kind == "modal" else ("type", "blocks")
    if not check_object(finder, "/view", view, _MODAL, required):
        return finder.problems
    if view.get("type") != kind:
        finder.complain(f"must be a view of type {kind}", "/view/type")
    if kind == "home":
        for name in ("title", "close", "submit", "notify_on_close", "clear_on_close"):
            if view.get(name):
                finder.complain(f"a home view has no {name}", "/view")
    blocks = view.get("blocks")
    _check_blocks(finder, "/view/blocks", blocks, VIEW_BLOCKS, IN_VIEWS)
    has_input = isinstance(blocks, list) and any(isinstance(one, dict) and one.get("type") == "input" for one in blocks)
    if kind == "modal" and has_input and not view.get("submit"):
        finder.complain("missing required field: submit (the view has input blocks)", "/view")
    if finder.focused > 1:
        finder.complain("only one element may have focus_on_load", "/view")
    return finder.problems


def _check_blocks(finder: Finder, place: str, blocks: Any, most: int, allowed: frozenset[str]) -> None:
    def check_block(_finder: Finder, where: str, value: Any) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in allowed or kind not in BLOCKS:
            finder.complain(f"unsupported block: {kind}", where)
            return
        shape, required = BLOCKS[kind]
        check_object(finder, where, value, {**_BLOCK, **shape}, required)
        _check_whole(finder, where, kind, value)

    list_of(check_block, most)(finder, place, blocks)
    given = [one["block_id"] for one in blocks or [] if isinstance(one, dict) and one.get("block_id")]
    for name in _twins(given):
        finder.complain(f'block_id "{name}" already exists', place)


def _check_whole(finder: Finder, place: str, kind: str, block: dict[str, Any]) -> None:
    if kind == "section" and not block.get("text") and not block.get("fields"):
        finder.complain("either text or fields must be given", place)
    if kind == "image":
        check_picture(finder, place, block)
    if kind == "actions" and isinstance(block.get("elements"), list):
        given = [one["action_id"] for one in block["elements"] if isinstance(one, dict) and one.get("action_id")]
        for name in _twins(given):
            finder.complain(f'action_id "{name}" already exists', place)


def _twins(names: list[Any]) -> list[str]:
    return [str(name) for name, count in Counter(map(str, names)).items() if count > 1]
