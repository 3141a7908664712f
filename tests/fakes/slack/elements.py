"""Interactive elements and images of Block Kit, each with the fields and limits of Slack's reference."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.slack.checking import (
    Check,
    Finder,
    anything,
    boolean,
    check_object,
    integer,
    list_of,
    one_of,
    string,
    web_address,
)
from tests.fakes.slack.composition import confirm, option, option_groups, plain, slack_file, text

_ID = string(255)
_PLACEHOLDER = text(150, plain=True)
_PICKER: dict[str, Check] = {"action_id": _ID, "confirm": confirm, "focus_on_load": boolean}
_INPUT: dict[str, Check] = {
    "action_id": _ID,
    "placeholder": _PLACEHOLDER,
    "focus_on_load": boolean,
    "dispatch_action_config": anything,
}
_SELECT: dict[str, Check] = {**_PICKER, "placeholder": _PLACEHOLDER}
_MULTI: dict[str, Check] = {**_SELECT, "max_selected_items": integer(1, 100)}
_CHOICES: dict[str, Check] = {"options": list_of(option(), 100), "option_groups": option_groups}
_SHORT: dict[str, Check] = {"options": list_of(option(markdown=True), 10)}


def image_address(finder: Finder, place: str, value: Any) -> None:
    """An address that Slack itself can fetch: one inside somebody's network it cannot."""
    web_address(finder, place, value)
    host = urlsplit(value).hostname or "" if isinstance(value, str) else ""
    if host == "localhost" or "." not in host or _is_private(host):
        finder.complain("downloading image failed", place)


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


IMAGE: dict[str, Check] = {"alt_text": string(2000), "image_url": image_address, "slack_file": slack_file}
# Fields, and those that must be there.
ELEMENTS: dict[str, tuple[Mapping[str, Check], tuple[str, ...]]] = {
    "button": (
        {
            "text": text(75, plain=True),
            "action_id": _ID,
            "url": web_address,
            "value": string(2000, 0),
            "style": one_of("primary", "danger"),
            "confirm": confirm,
            "accessibility_label": string(75),
        },
        ("text",),
    ),
    "checkboxes": ({**_PICKER, **_SHORT, "initial_options": list_of(option(markdown=True), 10)}, ("options",)),
    "radio_buttons": ({**_PICKER, **_SHORT, "initial_option": option(markdown=True)}, ("options",)),
    "datepicker": ({**_SELECT, "initial_date": string(10, 10)}, ()),
    "timepicker": ({**_SELECT, "initial_time": string(5, 5), "timezone": string(100)}, ()),
    "datetimepicker": ({**_PICKER, "initial_date_time": integer(10**9, 10**10 - 1)}, ()),
    "overflow": ({"action_id": _ID, "options": list_of(option(with_url=True), 5), "confirm": confirm}, ("options",)),
    "static_select": ({**_SELECT, **_CHOICES, "initial_option": option()}, ()),
    "external_select": ({**_SELECT, "initial_option": option(), "min_query_length": integer(0, 255)}, ()),
    "users_select": ({**_SELECT, "initial_user": string(20)}, ()),
    "conversations_select": (
        {
            **_SELECT,
            "initial_conversation": string(20),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": anything,
        },
        (),
    ),
    "channels_select": ({**_SELECT, "initial_channel": string(20), "response_url_enabled": boolean}, ()),
    "multi_static_select": ({**_MULTI, **_CHOICES, "initial_options": list_of(option(), 100)}, ()),
    "multi_users_select": ({**_MULTI, "initial_users": list_of(string(20), 100)}, ()),
    "multi_external_select": (
        {**_MULTI, "initial_options": list_of(option(), 100), "min_query_length": integer(0, 255)},
        (),
    ),
    "plain_text_input": (
        {
            **_INPUT,
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        (),
    ),
    "email_text_input": ({**_INPUT, "initial_value": string(3000, 0)}, ()),
    "url_text_input": ({**_INPUT, "initial_value": string(3000, 0)}, ()),
    "number_input": (
        {
            **_INPUT,
            "is_decimal_allowed": boolean,
            "initial_value": string(100, 0),
            "min_value": string(100),
            "max_value": string(100),
        },
        ("is_decimal_allowed",),
    ),
    "file_input": ({"action_id": _ID, "filetypes": list_of(string(20), 100), "max_files": integer(1, 10)}, ()),
    "image": (IMAGE, ("alt_text",)),
}
SELECTS = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
MULTI_SELECTS = ("multi_static_select", "multi_users_select", "multi_external_select")
_PICKERS = ("checkboxes", "radio_buttons", "datepicker", "timepicker", *SELECTS)
IN_ACTIONS = ("button", "overflow", "datetimepicker", *_PICKERS)
IN_SECTION = ("button", "overflow", "image", *_PICKERS, *MULTI_SELECTS)
IN_INPUT = (
    *("plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input", "datetimepicker"),
    *_PICKERS,
    *MULTI_SELECTS,
)


def element(allowed: tuple[str, ...]) -> Check:
    """One of these elements."""

    def check(finder: Finder, place: str, value: Any) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind not in allowed or kind not in ELEMENTS:
            finder.complain(f"unsupported type: {kind}", place)
            return
        shape, required = ELEMENTS[kind]
        check_object(finder, place, value, {**shape, "type": anything}, required)
        if kind == "image":
            check_picture(finder, place, value)
        if kind in ("static_select", "multi_static_select") and ("options" in value) == ("option_groups" in value):
            finder.complain("either options or option_groups must be given", place)
        if value.get("focus_on_load"):
            finder.focused += 1
        _check_initial(finder, place, value)

    return check


def check_picture(finder: Finder, place: str, value: dict[str, Any]) -> None:
    """A picture comes from one place."""
    if ("image_url" in value) == ("slack_file" in value):
        finder.complain("either image_url or slack_file must be given", place)


def context_element(finder: Finder, place: str, value: Any) -> None:
    """A text or a small image."""
    if isinstance(value, dict) and value.get("type") == "image":
        element(("image",))(finder, place, value)
    else:
        text()(finder, place, value)


def _check_initial(finder: Finder, place: str, value: dict[str, Any]) -> None:
    """What is chosen from the start must be one of the options, to the letter; and there are no twins."""
    options = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        options += group.get("options") or []
    initial = value.get("initial_options") or [one for one in [value.get("initial_option")] if one]
    if options and any(one not in options for one in initial):
        finder.complain("initial_option must match one of the options", place)
    values = [one.get("value") for one in options if isinstance(one, dict)]
    if len(set(values)) != len(values):
        finder.complain("option values must be unique", place)


__all__ = ["ELEMENTS", "IMAGE", "IN_ACTIONS", "IN_INPUT", "IN_SECTION", "context_element", "element", "plain"]
