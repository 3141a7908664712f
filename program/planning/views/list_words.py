"""The filters of the checklist in words: what is on, and what can be chosen."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask_babel import gettext as _

from program.ground import formats
from program.planning.item_filters import ME, NONE, STATUS_SHORTCUTS, ItemFilter
from program.planning.item_words import (
    CHANNEL_WORDS,
    KIND_WORDS,
    PRIORITY_NAMES,
    PRIORITY_WORDS,
    STATUS_WORDS,
    role_words,
)


def filter_labels(filter_: ItemFilter, phases: dict[int, str], people: dict[int, str]) -> list[tuple[str, ItemFilter]]:
    """Each filter that is on in words, with the same filter without it."""
    found: list[tuple[str, ItemFilter]] = []

    def add(column: str, label: str, value: object = None) -> None:
        found.append((label, filter_.without(column, value)))

    if filter_.text:
        add("text", _("“%(text)s”", text=filter_.text))
    for phase in filter_.phases:
        add("phases", phases.get(phase, _("A phase that is gone")) if phase else _("No phase"), phase)
    _add_statuses(filter_, add)
    for kind in filter_.kinds:
        add("kinds", str(KIND_WORDS[kind]), kind)
    for owner in filter_.owners:
        name = (
            _("Mine") if owner == ME else _("No owner") if owner == NONE else people.get(int(owner), _("Somebody else"))
        )
        add("owners", name, owner)
    _add_dates(filter_, add)
    if filter_.required is not None:
        add("required", _("Required") if filter_.required else _("Not required"))
    for level in filter_.priorities:
        add("priorities", _("Priority: %(word)s", word=PRIORITY_WORDS[level]), level)
    for tag in filter_.tags:
        add("tags", f"#{tag}", tag)
    _add_places(filter_, add)
    return found


def _add_places(filter_: ItemFilter, add: Any) -> None:
    for channel in filter_.channels:
        add("channels", str(CHANNEL_WORDS[channel]) if channel else _("No channel"), channel)
    roles = role_words() if filter_.roles else {}
    for role in filter_.roles:
        add("roles", roles.get(role, role) if role else _("No role"), role)
    if filter_.waiting:
        add("waiting", _("Waits for something"))


def _add_statuses(filter_: ItemFilter, add: Any) -> None:
    shortcut = next((word for word, meant in STATUS_SHORTCUTS.items() if meant == filter_.statuses), None)
    if shortcut:
        add("statuses", _("Open") if shortcut == "open" else _("Finished"))
        return
    for status in filter_.statuses:
        add("statuses", str(STATUS_WORDS[status]), status)


def _add_dates(filter_: ItemFilter, add: Any) -> None:
    if not (filter_.due or filter_.due_from or filter_.due_to or filter_.updated_since):
        return
    words = {
        "overdue": _("Overdue"),
        "week": _("Due this week"),
        "fortnight": _("Due in the next 2 weeks"),
        NONE: _("No date"),
    }
    if filter_.due:
        add("due", words[filter_.due])
    if filter_.due_from:
        add("due_from", _("Due from %(day)s", day=formats.day(filter_.due_from)))
    if filter_.due_to:
        add("due_to", _("Due until %(day)s", day=formats.day(filter_.due_to)))
    if filter_.updated_since:
        add("updated_since", _("Changed since %(day)s", day=formats.day(filter_.updated_since)))


Options = tuple[tuple[str, str], ...]


def filter_choices(phases: dict[int, str], team: dict[int, str], tags: list[str]) -> dict[str, Options]:
    """The options of the filter bar, by argument, and of the bar that changes many (`new_status`, `new_owner`)."""
    fixed = _fixed_choices(formats.current_locale())
    people = tuple((str(person_id), name) for person_id, name in team.items())
    return {
        **fixed,
        "phase": (*((str(phase_id), name) for phase_id, name in phases.items()), *fixed["phase"]),
        "owner": fixed["owner"] + people,
        "new_owner": fixed["new_owner"] + people,
        "tag": tuple((tag, tag) for tag in tags),
    }


@lru_cache(maxsize=8)
def _fixed_choices(_locale: str) -> dict[str, Options]:
    """Options that are the same for all programs, looked up once a language."""
    statuses = tuple((status, str(word)) for status, word in STATUS_WORDS.items())
    return {
        "status": (("open", _("Open")), ("finished", _("Finished")), *statuses),
        "new_status": (("", _("As it is")), *statuses),
        "phase": ((NONE, _("No phase")),),
        "owner": ((ME, _("Me")), (NONE, _("Nobody"))),
        "new_owner": (("", _("As it is")), (NONE, _("Nobody"))),
        "due": (
            ("", _("Any time")),
            ("overdue", _("Overdue")),
            ("week", _("This week")),
            ("fortnight", _("Next 2 weeks")),
            (NONE, _("No date")),
        ),
        "kind": tuple((k, str(v)) for k, v in KIND_WORDS.items()),
        "priority": tuple((PRIORITY_NAMES[k], str(v)) for k, v in reversed(PRIORITY_WORDS.items())),
        "required": (("1", _("Required")), ("0", _("Not required"))),
        "channel": (*((k, str(v)) for k, v in CHANNEL_WORDS.items()), (NONE, _("None"))),
        "role": (*role_words().items(), (NONE, _("None"))),
        "group": (
            ("phase", _("Phase")),
            ("owner", _("Owner")),
            ("status", _("Status")),
            ("week", _("Week due")),
            (NONE, _("No groups")),
        ),
    }
