"""What forms of the change room offer to choose from: customer channels, and people by their id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from program.planning.forms.fields import choice
from program.planning.item_words import CHANNEL_WORDS


def chosen_id(raw: Any) -> int | None:
    """A chosen id; None for nothing chosen; what cannot be one becomes an id that nobody has."""
    text = "" if raw is None else str(raw)
    if text in ("", "None"):
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def channel_choices() -> list[Any]:
    """The customer channels, with none of them first."""
    return [choice("", _("None in particular")), *(choice(key, word) for key, word in CHANNEL_WORDS.items())]


def people_choices(people: Mapping[int, str], present: tuple[int, str] | None = None) -> list[Any]:
    """People to choose from, nobody first. `present` is who is chosen now, and may have left the team since."""
    if present is not None and present[0] not in people:
        people = {present[0]: _("%(name)s (no longer in the team)", name=present[1]), **people}
    return [choice("", _("Nobody yet")), *(choice(key, name) for key, name in people.items())]
