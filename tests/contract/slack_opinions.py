"""Second opinions on blocks and views: what `slack_sdk.models` and `slackblocks` say to them.

Neither sees everything; what both miss is in `tests/fakes/slack/blocks.py`.
"""

from __future__ import annotations

from typing import Any

import slackblocks
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slackblocks.elements import Element
from slackblocks.errors import InvalidUsageError
from slackblocks.messages import BaseMessage
from slackblocks.objects import ConfirmationDialogue, Option, SlackFile, Text

Json = dict[str, Any]
_CLASSES: dict[str, Any] = {
    "button": slackblocks.Button,
    "checkboxes": slackblocks.CheckboxGroup,
    "datepicker": slackblocks.DatePicker,
    "image": slackblocks.Image,
    "multi_static_select": slackblocks.StaticMultiSelectMenu,
    "overflow": slackblocks.OverflowMenu,
    "plain_text_input": slackblocks.PlainTextInput,
    "radio_buttons": slackblocks.RadioButtonGroup,
    "static_select": slackblocks.StaticSelectMenu,
    "users_select": slackblocks.UserSelectMenu,
}


def on_blocks(blocks: list[Json]) -> list[str]:
    """What they say to the blocks of a message."""
    return [*_of_the_kit(blocks), *_of_the_library(lambda: _message(blocks))]


def on_view(view: Json) -> list[str]:
    """What they say to a view."""
    said = _of_the_kit(view["blocks"])
    try:
        View(**view).to_dict()
    except SlackObjectFormationError as error:
        said.append(f"slack_sdk: {error}")
    return [*said, *_of_the_library(lambda: _view(view))]


def _of_the_kit(blocks: list[Json]) -> list[str]:
    said = []
    for block in blocks:
        try:
            parsed = Block.parse(block)
            if parsed is None or parsed.to_dict() != block:
                said.append(f"slack_sdk: not understood: {block}")
        except SlackObjectFormationError as error:
            said.append(f"slack_sdk: {error} in {block}")
    return said


def _of_the_library(make: Any) -> list[str]:
    try:
        make()
    except (InvalidUsageError, TypeError, KeyError) as error:
        # The last two: a field or an element that it does not know.
        return [f"slackblocks: {error}"]
    return []


def _message(blocks: list[Json]) -> Any:
    return BaseMessage(channel="C0", text="text", blocks=[_block(one) for one in blocks])


def _view(view: Json) -> Any:
    more = {name: value for name, value in view.items() if name not in ("type", "blocks")}
    for name in ("title", "submit", "close"):
        if name in more:
            more[name] = Text.from_dict(more[name])
    kind = slackblocks.ModalView if view["type"] == "modal" else slackblocks.HomeTabView
    return kind(blocks=[_block(one) for one in view["blocks"]], **more)


def _block(block: Json) -> Any:
    kind, name = block["type"], block.get("block_id")
    if kind == "actions":
        return slackblocks.ActionsBlock([_element(one) for one in block["elements"]], block_id=name)
    if kind == "input":
        more = {key: value for key, value in block.items() if key in ("dispatch_action", "optional")}
        hint = Text.from_dict(block["hint"]) if block.get("hint") else None
        element = _element(block["element"])
        return slackblocks.InputBlock(Text.from_dict(block["label"]), element, hint=hint, block_id=name, **more)
    if kind == "section" and block.get("accessory"):
        text = Text.from_dict(block["text"]) if block.get("text") else None
        fields: Any = [Text.from_dict(one) for one in block.get("fields", [])] or None
        return slackblocks.SectionBlock(text, name, fields, _element(block["accessory"]))
    if kind == "context":
        parts: Any = [_element(one) if one["type"] == "image" else Text.from_dict(one) for one in block["elements"]]
        return slackblocks.ContextBlock(parts, block_id=name)
    return slackblocks.blocks.Block.from_dict(block)


def _element(element: Json) -> Element:
    made: Json = {}
    for name, value in element.items():
        if name in ("text", "placeholder"):
            made[name] = Text.from_dict(value)
        elif name in ("options", "initial_options"):
            made[name] = [Option.from_dict(one) for one in value]
        elif name == "initial_option":
            made[name] = Option.from_dict(value)
        elif name == "confirm":
            made[name] = ConfirmationDialogue.from_dict(value)
        elif name == "slack_file":
            made[name] = SlackFile.from_dict(value)
        elif name != "type":
            made[name] = value
    found: Element = _CLASSES[element["type"]](**made)
    return found
