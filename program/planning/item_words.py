"""The words people read for what an item is: kind, status, priority, channel, role; in lists, forms and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from program.ground.formats import current_locale
from program.planning.models.items import Channel, Kind, Priority, Status
from program.playbooks.roles import roles

STATUS_WORDS: dict[str, Any] = {
    Status.TODO.value: _l("To do"),
    Status.DOING.value: _l("Doing"),
    Status.BLOCKED.value: _l("Blocked"),
    Status.DONE.value: _l("Done"),
    Status.DROPPED.value: _l("Dropped"),
}
KIND_WORDS: dict[str, Any] = {
    Kind.ITEM.value: _l("Checklist item"),
    Kind.TASK.value: _l("Task"),
    Kind.MILESTONE.value: _l("Milestone"),
    Kind.CONDITION.value: _l("Condition of a gate"),
    Kind.CHANGE.value: _l("Change task"),
    Kind.ACTION.value: _l("Action"),
}
PRIORITY_WORDS: dict[int, Any] = {
    Priority.LOW.value: _l("Low"),
    Priority.NORMAL.value: _l("Normal"),
    Priority.HIGH.value: _l("High"),
    Priority.URGENT.value: _l("Urgent"),
}
# As they stand in addresses and style classes.
PRIORITY_NAMES: dict[int, str] = {level.value: level.name.lower() for level in Priority}
CHANNEL_WORDS: dict[str, Any] = {
    Channel.WEB.value: _l("Web"),
    Channel.APP.value: _l("App"),
    Channel.CHAT.value: _l("Chat"),
    Channel.EMAIL.value: _l("E-mail"),
    Channel.PHONE.value: _l("Phone"),
    Channel.SOCIAL.value: _l("Social media"),
    Channel.SHOP.value: _l("Shop"),
}


def role_words() -> dict[str, str]:
    """The names of the roles in the catalogue, in the reader's language, by key."""
    locale = current_locale()
    return {key: role.name.in_(locale) for key, role in roles().items()}


# The team room, which stands above this one, says here which roles of its own a program has.
_own_roles: list[Callable[[int], Mapping[str, str]]] = []


def know_own_roles(source: Callable[[int], Mapping[str, str]]) -> None:
    """Take in who knows the roles that programs have beside or instead of the catalogue's: names by key, by program."""
    if source not in _own_roles:
        _own_roles.append(source)


def role_words_of(program_id: int) -> dict[str, str]:
    """The names of the roles that items of the program may name, by key: the catalogue's, and the program's own words.

    One statement for each source; for forms, and for what the catalogue does not know.
    """
    return {key: name for source in (_catalogue, *_own_roles) for key, name in source(program_id).items()}


def _catalogue(_program_id: int) -> Mapping[str, str]:
    return role_words()
