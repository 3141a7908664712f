"""How Slack looks at what it is sent: every object against the fields it may have, each complaint with its place.

A shape is a dictionary from a field's name to a check. A check takes the finder, the place ('/blocks/0/text') and the
value, and complains to the finder. Fields that a shape does not name are refused, as Slack does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[["Finder", str, Any], None]


@dataclass
class Finder:
    """What was found wrong, and what has to be unique or counted across the whole."""

    problems: list[str] = field(default_factory=list)
    # Characters of all texts in the blocks.
    characters: int = 0
    focused: int = 0
    # Ids of files that image blocks may point at; None to take any.
    images: frozenset[str] | None = None

    def complain(self, what: str, place: str) -> None:
        """Note it in the words Slack answers in."""
        self.problems.append(f"[ERROR] {what} [json-pointer:{place}]")


def check_object(finder: Finder, place: str, value: Any, shape: Mapping[str, Check], required: tuple[str, ...]) -> bool:
    """Check an object's fields; says whether it was an object at all."""
    if not isinstance(value, dict):
        finder.complain("must be an object", place)
        return False
    for name in required:
        if value.get(name) is None:
            finder.complain(f"missing required field: {name}", place)
    for name, content in value.items():
        check = shape.get(name)
        if check is None:
            finder.complain(f"invalid additional property: {name}", place)
        elif content is not None:
            check(finder, f"{place}/{name}", content)
    return True


def length(text: str) -> int:
    """How long a text is: in UTF-16 units, the stricter of the ways in which Slack may count."""
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def string(longest: int, shortest: int = 1) -> Check:
    """A string of so many characters."""

    def check(finder: Finder, place: str, value: Any) -> None:
        if not isinstance(value, str):
            finder.complain("must be a string", place)
        elif length(value) > longest:
            finder.complain(f"must be less than {longest + 1} characters", place)
        elif len(value) < shortest:
            finder.complain(f"must be more than {shortest - 1} characters", place)

    return check


def one_of(*values: Any) -> Check:
    """One of these values."""

    def check(finder: Finder, place: str, value: Any) -> None:
        if value not in values:
            finder.complain(f"must be one of {', '.join(map(str, values))}", place)

    return check


def boolean(finder: Finder, place: str, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        finder.complain("must be a boolean", place)


def integer(lowest: int, highest: int) -> Check:
    """A whole number of that range."""

    def check(finder: Finder, place: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            finder.complain("must be an integer", place)
        elif not lowest <= value <= highest:
            finder.complain(f"must be between {lowest} and {highest}", place)

    return check


def anything(_finder: Finder, _place: str, _value: Any) -> None:
    """Not looked into."""


def list_of(item: Check, most: int, fewest: int = 1) -> Check:
    """A list of so many items."""

    def check(finder: Finder, place: str, value: Any) -> None:
        if not isinstance(value, list):
            finder.complain("must be an array", place)
            return
        if len(value) > most:
            finder.complain(f"no more than {most} items allowed", place)
        if len(value) < fewest:
            finder.complain(f"no fewer than {fewest} items allowed", place)
        for number, content in enumerate(value):
            item(finder, f"{place}/{number}", content)

    return check


def web_address(finder: Finder, place: str, value: Any) -> None:
    """A whole address, up to 3,000 characters."""
    string(3000)(finder, place, value)
    if isinstance(value, str) and not value.startswith(("http://", "https://", "mailto:", "slack://")):
        finder.complain("invalid url", place)
