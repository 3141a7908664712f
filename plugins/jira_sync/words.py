"""What either side says, as people read it on pages: a day in words, a name instead of a number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from plugins.jira_sync.mapping import STATUSES, URGENCIES
from program.plugin_api import core


def here(name: str, value: Any, people: Mapping[int, str]) -> str:
    """A field's value in the program; `people` are names by id. '' for nothing."""
    if value is None:
        return ""
    match name:
        case "status":
            return str(STATUSES.get(value, value))
        case "priority":
            return str(URGENCIES.get(value, value))
        case "owner":
            return people.get(value, "")
    return _plain(name, value)


def there(name: str, value: Any, accounts: Mapping[str, str]) -> str:
    """A field's value in Jira, as Jira says it; `accounts` are names by account. '' for nothing."""
    if value is None:
        return ""
    match name:
        case "status":
            status, _category, resolution = value
            return f"{status} · {resolution}" if resolution and resolution != status else str(status)
        case "owner":
            return accounts.get(value, str(value))
    return _plain(name, value)


def _plain(name: str, value: Any) -> str:
    if name in ("due_on", "start_on"):
        return core.day_in_words(date.fromisoformat(str(value)))
    if isinstance(value, list):
        return ", ".join(str(one) for one in value if one)
    return str(value)
