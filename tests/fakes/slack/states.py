"""What people typed and chose in a view or a message, as Slack keeps it: by block and element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.slack.world import Json, elements_of

_TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
_ONE = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
}
_OPTION = ("static_select", "external_select", "radio_buttons", "overflow")
_OPTIONS = ("checkboxes", "multi_static_select", "multi_external_select")


@dataclass(frozen=True)
class Place:
    """An element and the block that it is in."""

    block: Json
    element: Json

    @property
    def label(self) -> str:
        """What stands on it or before it."""
        text = self.element.get("text") or self.block.get("label") or self.element.get("placeholder") or {}
        return str(text.get("text", ""))

    @property
    def action_id(self) -> str:
        """The element's action_id."""
        return str(self.element.get("action_id", ""))

    @property
    def block_id(self) -> str:
        """The block's id."""
        return str(self.block.get("block_id", ""))

    @property
    def value(self) -> str:
        """A button's value."""
        return str(self.element.get("value", ""))

    @property
    def is_chosen(self) -> bool:
        """Whether a button is shown as the chosen one."""
        return self.element.get("style") == "primary"


def places(blocks: list[Json]) -> list[Place]:
    """Every interactive element, in order."""
    return [
        Place(block, element) for block in blocks for element in elements_of(block) if element.get("type") != "image"
    ]


def find(blocks: list[Json], **wanted: str | None) -> Place:
    """The one element with that action_id, label, value, block_id (those that are given). Fails if it is not one."""
    found = [
        place
        for place in places(blocks)
        if all(getattr(place, name) == value for name, value in wanted.items() if value is not None)
    ]
    there = [(place.action_id, place.label, place.value, place.block_id) for place in places(blocks)]
    assert len(found) == 1, f"{len(found)} elements are {wanted}; there are {there}"
    return found[0]


def choose(element: Json, value: Any) -> Json:
    """The state of the element once that was typed or chosen; options by their values. Fails if it cannot be."""
    kind = element["type"]
    if kind in _TYPED:
        return {"type": kind, "value": _typed(element, value)}
    if kind in _ONE:
        return {"type": kind, _ONE[kind][0]: value}
    if kind in _OPTION:
        return {"type": kind, "selected_option": _option(element, value) if value is not None else None}
    if kind in _OPTIONS:
        return {"type": kind, "selected_options": [_option(element, one) for one in value or []]}
    if kind == "multi_users_select":
        return {"type": kind, "selected_users": list(value or [])}
    raise AssertionError(f"nobody can type or choose in a {kind}")


def at_first(blocks: list[Json]) -> dict[str, Json]:
    """The state before anybody touched anything."""
    state: dict[str, Json] = {}
    for place in places(blocks):
        element = place.element
        kind = element["type"]
        if kind in ("button", "overflow", "file_input"):
            continue
        if kind in _ONE:
            given = {"type": kind, _ONE[kind][0]: element.get(_ONE[kind][1])}
        elif kind in _OPTIONS:
            given = {"type": kind, "selected_options": element.get("initial_options") or []}
        elif kind in _OPTION:
            given = {"type": kind, "selected_option": element.get("initial_option")}
        elif kind == "multi_users_select":
            given = {"type": kind, "selected_users": element.get("initial_users") or []}
        else:
            given = {"type": kind, "value": element.get("initial_value") or None}
        state.setdefault(place.block_id, {})[place.action_id] = given
    return state


def missing(blocks: list[Json], state: dict[str, Json]) -> list[str]:
    """Labels of inputs that must be filled in and are not: Slack does not send such a modal."""
    return [
        place.label
        for place in places(blocks)
        if place.block["type"] == "input"
        and not place.block.get("optional")
        and not any(
            value for name, value in state.get(place.block_id, {}).get(place.action_id, {}).items() if name != "type"
        )
    ]


def _typed(element: Json, value: Any) -> str | None:
    text = "" if value is None else str(value)
    most, fewest = element.get("max_length", 3000), element.get("min_length", 0)
    assert not text or fewest <= len(text) <= most, f"Slack lets nobody send {len(text)} characters here"
    return text or None


def _option(element: Json, value: Any) -> Json:
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group["options"]
    if element["type"] in ("external_select", "multi_external_select") and isinstance(value, dict):
        return dict(value)
    found = [one for one in options if one["value"] == value]
    assert found, f"there is no option {value!r}, only {[one['value'] for one in options]}"
    return dict(found[0])
