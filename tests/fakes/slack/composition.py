"""Composition objects of Block Kit: texts, options, confirmations."""

from __future__ import annotations

from typing import Any

from tests.fakes.slack.checking import (
    Check,
    Finder,
    boolean,
    check_object,
    length,
    list_of,
    one_of,
    string,
    web_address,
)

FIELDS_OF_TEXT: dict[str, Check] = {
    "type": one_of("plain_text", "mrkdwn"),
    "text": string(3000),
    "emoji": boolean,
    "verbatim": boolean,
}


def text(longest: int = 3000, *, plain: bool = False) -> Check:
    """A text object; with `plain` only plain_text."""

    def check(finder: Finder, place: str, value: Any) -> None:
        if not check_object(finder, place, value, {**FIELDS_OF_TEXT, "text": string(longest)}, ("type", "text")):
            return
        if plain and value.get("type") != "plain_text":
            finder.complain("must be a plain_text object", place)
        if value.get("type") == "mrkdwn" and "emoji" in value:
            finder.complain("invalid additional property: emoji", place)
        if value.get("type") == "plain_text" and "verbatim" in value:
            finder.complain("invalid additional property: verbatim", place)
        if isinstance(value.get("text"), str):
            finder.characters += length(value["text"])

    return check


plain = text(plain=True)


def option(*, markdown: bool = False, with_url: bool = False) -> Check:
    """An option of a menu; radio buttons and checkboxes may use markdown, overflow menus an address."""
    shape: dict[str, Check] = {
        "text": text(75, plain=not markdown),
        "value": string(150),
        "description": text(75, plain=not markdown),
    }
    if with_url:
        shape["url"] = web_address

    def check(finder: Finder, place: str, value: Any) -> None:
        check_object(finder, place, value, shape, ("text", "value"))

    return check


def _group(finder: Finder, place: str, value: Any) -> None:
    shape = {"label": text(75, plain=True), "options": list_of(option(), 100)}
    check_object(finder, place, value, shape, ("label", "options"))


option_groups = list_of(_group, 100)


def confirm(finder: Finder, place: str, value: Any) -> None:
    """A dialog that asks whether one is sure."""
    shape: dict[str, Check] = {
        "title": text(100, plain=True),
        "text": text(300),
        "confirm": text(30, plain=True),
        "deny": text(30, plain=True),
        "style": one_of("primary", "danger"),
    }
    check_object(finder, place, value, shape, ("title", "text", "confirm", "deny"))


def slack_file(finder: Finder, place: str, value: Any) -> None:
    """A file that was uploaded to the workspace: by id, or by address."""
    shape: dict[str, Check] = {"id": string(255), "url": web_address}
    if not check_object(finder, place, value, shape, ()):
        return
    if ("id" in value) == ("url" in value):
        finder.complain("either id or url must be given", place)
    if finder.images is not None and "id" in value and value["id"] not in finder.images:
        finder.complain("invalid slack file", place)
