"""What a list of items shows: filters, order, grouping and page size, as they stand in the list's address.

A filter is read from the address and written back to it, so that a view can be sent to a colleague, kept under a name
(`saved_views.py`), exported or changed as a whole. What cannot be read is left out and named, never an error: addresses
get cut in e-mails. `item_lists.py` turns a filter into SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.records import record
from program.planning.item_words import PRIORITY_NAMES
from program.planning.models.items import FINISHED_STATUSES, OPEN_STATUSES, Channel, Kind, Status

SIZES = (25, 50, 100)
DEFAULT_SIZE = 50
MAX_QUERY, MAX_WORD, MAX_VALUES, MAX_ID = 200, 60, 50, 2**31 - 1
NONE, ME = "none", "me"
DUE = ("overdue", "week", "fortnight", NONE)
SORTS = (
    "plan",
    "number",
    "title",
    "status",
    "owner",
    "due",
    "start",
    "priority",
    "phase",
    "kind",
    "required",
    "updated",
)
GROUPS = ("phase", "owner", "status", "week", NONE)
# Words for several statuses at once.
STATUS_SHORTCUTS: dict[str, tuple[str, ...]] = {
    "open": tuple(status.value for status in OPEN_STATUSES),
    "finished": tuple(status.value for status in FINISHED_STATUSES),
}
_LEVELS = {name: level for level, name in PRIORITY_NAMES.items()}
_STATUSES = tuple(status.value for status in Status)

# Weeks and ordinal days are ISO dates too, and nobody means them here.
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

T = TypeVar("T")


@record
class ItemFilter:
    """What to show and how. An empty tuple asks nothing of its column; several values mean 'one of them'."""

    text: str = ""
    # Ids of phases; 0 for items outside any phase.
    phases: tuple[int, ...] = ()
    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    # 'me' (whoever reads), 'none' (nobody), or a person's id as text.
    owners: tuple[str, ...] = ()
    # One of DUE, or ''; a range of days can be asked for beside it.
    due: str = ""
    due_from: date | None = None
    due_to: date | None = None
    required: bool | None = None
    priorities: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    # '' among them stands for 'none given'.
    channels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    # Items that cannot begin because something they depend on is not finished.
    waiting: bool = False
    updated_since: date | None = None
    sort: str = "plan"
    descending: bool = False
    group: str = "phase"
    size: int = DEFAULT_SIZE

    def arguments(self) -> list[tuple[str, str]]:
        """The address's arguments, in a fixed order; what is as usual is left out."""
        found: list[tuple[str, str]] = []
        for name, column in _ARGUMENTS.items():
            value = getattr(self, column)
            if value != _USUAL[column]:
                found += [(name, text) for text in _written(name, value)]
        if self.sort != "plan" or self.descending:
            found.append(("sort", ("-" if self.descending else "") + self.sort))
        if self.group != "phase":
            found.append(("group", self.group))
        if self.size != DEFAULT_SIZE:
            found.append(("size", str(self.size)))
        return found

    def query(self, **extra: object) -> str:
        """The address after its question mark, with further arguments."""
        return urlencode([*self.arguments(), *((name, str(value)) for name, value in extra.items())])

    @property
    def is_narrowed(self) -> bool:
        """True when some items may be left out."""
        return any(getattr(self, column) != _USUAL[column] for column in _ARGUMENTS.values())

    def without(self, column: str, value: object = None) -> ItemFilter:
        """The same list with that filter, or that one value of it, taken off."""
        present = getattr(self, column)
        if isinstance(present, tuple) and value is not None:
            left: Any = tuple(each for each in present if each != value)
            return replace(self, **{column: left})
        return replace(self, **{column: _USUAL[column]})

    def sorted_by(self, column: str) -> ItemFilter:
        """The same list sorted by that column; sorted by it already, the other way round."""
        return replace(self, sort=column, descending=self.sort == column and not self.descending)

    def widened(self) -> ItemFilter:
        """Order and grouping kept, every filter taken off."""
        return replace(self, **{column: _USUAL[column] for column in _ARGUMENTS.values()})


@dataclass(slots=True)
class _Reading:
    """One pass over an address; names of arguments that could not be read gather in `garbled`."""

    arguments: MultiDict[str, str]
    garbled: list[str] = field(default_factory=list)

    def many(self, name: str, parse: Callable[[str], T | None]) -> tuple[T, ...]:
        found: dict[T, None] = {}
        for raw in self.arguments.getlist(name)[:MAX_VALUES]:
            if not raw.strip():
                continue
            value = parse(raw.strip())
            if value is None:
                self._note(name)
            else:
                found[value] = None
        return tuple(found)

    def one(self, name: str, parse: Callable[[str], T | None], usual: T) -> T:
        raw = self.arguments.get(name, "").strip()
        if not raw:
            return usual
        value = parse(raw)
        if value is None:
            self._note(name)
            return usual
        return value

    def _note(self, name: str) -> None:
        if name not in self.garbled:
            self.garbled.append(name)


def read_filter(arguments: MultiDict[str, str]) -> tuple[ItemFilter, tuple[str, ...]]:
    """The filter an address asks for, and the names of arguments that were left out because they make no sense."""
    reading = _Reading(arguments)
    statuses: list[str] = []
    for group in reading.many(
        "status", lambda raw: STATUS_SHORTCUTS.get(raw) or ((raw,) if raw in _STATUSES else None)
    ):
        statuses += group
    sort = reading.one("sort", lambda raw: raw if raw.removeprefix("-") in SORTS else None, "plan")
    found = ItemFilter(
        text=" ".join(_clean(reading.arguments.get("q", ""))[:MAX_QUERY].split()),
        phases=reading.many("phase", lambda raw: 0 if raw == NONE else _id(raw)),
        statuses=_in_order(statuses, _STATUSES),
        kinds=_in_order(reading.many("kind", _one_of(tuple(Kind))), [kind.value for kind in Kind]),
        owners=reading.many("owner", lambda raw: raw if raw in (ME, NONE) else _id_text(raw)),
        due=reading.one("due", _one_of(DUE), ""),
        due_from=reading.one("due_from", _day, None),
        due_to=reading.one("due_to", _day, None),
        required=reading.one("required", {"1": True, "0": False}.get, None),
        priorities=tuple(sorted(reading.many("priority", _LEVELS.get))),
        tags=reading.many("tag", lambda raw: " ".join(_clean(raw).lower().split())[:MAX_WORD].strip() or None),
        channels=reading.many("channel", lambda raw: "" if raw == NONE else _one_of(tuple(Channel))(raw)),
        roles=reading.many("role", lambda raw: "" if raw == NONE else _clean(raw)[:MAX_WORD].strip() or None),
        waiting=reading.one("waiting", {"1": True, "0": False}.get, False),
        updated_since=reading.one("updated", _day, None),
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        group=reading.one("group", _one_of(GROUPS), "phase"),
        size=reading.one("size", lambda raw: int(raw) if raw in map(str, SIZES) else None, DEFAULT_SIZE),
    )
    return found, tuple(reading.garbled)


# Arguments of the address and the columns of ItemFilter they set, in the address's order.
_ARGUMENTS = {
    "q": "text",
    "phase": "phases",
    "status": "statuses",
    "kind": "kinds",
    "owner": "owners",
    "due": "due",
    "due_from": "due_from",
    "due_to": "due_to",
    "required": "required",
    "priority": "priorities",
    "tag": "tags",
    "channel": "channels",
    "role": "roles",
    "waiting": "waiting",
    "updated": "updated_since",
}
_USUAL: dict[str, Any] = {each.name: each.default for each in fields(ItemFilter)}


def _written(name: str, value: Any) -> Iterable[str]:
    if name == "status":
        return (
            [next((word for word, meant in STATUS_SHORTCUTS.items() if meant == value), "")]
            if (value in STATUS_SHORTCUTS.values())
            else value
        )
    if name == "priority":
        return [PRIORITY_NAMES[level] for level in value]
    if isinstance(value, bool):
        return ["1" if value else "0"]
    if isinstance(value, date):
        return [value.isoformat()]
    if isinstance(value, tuple):
        # Nothing is written as a word: an empty argument is what an untouched field of the form sends.
        return [str(each) if each else NONE for each in value]
    return [value]


def _clean(raw: str) -> str:
    """Text without what no database keeps (PostgreSQL refuses NUL) and no person types."""
    return (
        "".join(letter for letter in raw if letter.isprintable() or letter in " \t").encode("utf-8", "ignore").decode()
    )


def _id(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 10 and 0 < int(raw) <= MAX_ID else None


def _id_text(raw: str) -> str | None:
    found = _id(raw)
    return None if found is None else str(found)


def _day(raw: str) -> date | None:
    try:
        found = date.fromisoformat(raw) if _ISO_DAY.fullmatch(raw) else None
    except ValueError:
        return None
    return found if found and FIRST_DAY <= found <= LAST_DAY else None


def _one_of(choices: Iterable[str]) -> Callable[[str], str | None]:
    values = {str(choice) for choice in choices}
    return lambda raw: raw if raw in values else None


def _in_order(values: Iterable[str], order: Iterable[str]) -> tuple[str, ...]:
    present = set(values)
    return tuple(value for value in order if value in present)
