"""What a spreadsheet's rows mean as items: words become values, and what cannot is told by row, column and reason.

A row with a number (ALFA-12) changes that item, a row without one adds an item. A column that the file does not have
stays as it is; so does an empty cell of a column that cannot be empty. `imports.py` is the act, this is the reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from program.ground.errors import Forbidden, Invalid
from program.ground.folding import fold
from program.ground.records import record
from program.planning.item_rules import Surroundings, check_manager, checked, clean_tags
from program.planning.item_words import CHANNEL_WORDS, KIND_WORDS, PRIORITY_WORDS, STATUS_WORDS
from program.planning.items import ItemDraft
from program.planning.models.items import Kind, Priority, Status
from program.planning.sheet_columns import COLUMNS, in_all_languages
from program.planning.spreadsheets_in import SheetRow, parse_day
from program.playbooks.roles import roles

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9]*)-([0-9]{1,9})")
_YES = frozenset(("yes", "y", "tak", "t", "x", "1", "true", "prawda", "v"))
_NO = frozenset(("no", "n", "nie", "0", "false", "falsz", "-"))
_MOST_SHOWN = 80


@record
class RowProblem:
    """Why a row cannot be taken over: its number in the file, the heading, the reason, and what stood there."""

    row: int
    column: str
    reason: str
    value: str


@dataclass(slots=True)
class ImportPlan:
    """What an import would do."""

    drafts: list[ItemDraft] = field(default_factory=list)
    # Values and tags by the item's number; tags None when the file says nothing of them.
    updates: dict[int, tuple[dict[str, Any], tuple[str, ...] | None]] = field(default_factory=dict)
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """True when there is nothing to do."""
        return not (self.drafts or self.updates or self.problems)


@dataclass(frozen=True)
class Around:
    """What rows may speak of: the program's key, its people and phases, and its items by number."""

    key: str
    is_manager: bool
    surroundings: Surroundings
    # Ids by folded name, and by e-mail; several people may have one name.
    people: Mapping[str, tuple[int, ...]]
    names: Mapping[int, str]
    phases: Mapping[str, tuple[int, ...]]
    phase_names: Mapping[int, str]
    items: Mapping[int, Any]
    tags: Mapping[int, Sequence[str]]


class _Wrong(Exception):
    """A cell that cannot be read; becomes a RowProblem."""


class RowReader:
    """Reads rows one after the other and gathers what they ask for."""

    def __init__(self, around: Around, mapping: Mapping[str, int], headings: Sequence[str], day_first: bool) -> None:
        self.around, self.mapping, self.headings, self.day_first = around, mapping, headings, day_first
        self.plan = ImportPlan()
        self._seen: dict[int, int] = {}
        words: dict[str, dict[Any, Any]] = {
            "status": STATUS_WORDS,
            "kind": KIND_WORDS,
            "priority": PRIORITY_WORDS,
            "channel": CHANNEL_WORDS,
        }
        # Each choice by its word in every language, and by its own name.
        self._choices: dict[str, dict[str, Any]] = {
            name: {known: key for key, word in choice.items() for known in (*in_all_languages(word), fold(str(key)))}
            for name, choice in words.items()
        }
        self._choices["role"] = {
            known: key for key, role in roles().items() for known in (fold(role.name.en), fold(role.name.pl), fold(key))
        }

    def read(self, row: SheetRow) -> None:
        """Take one row in: a draft, an update, nothing to do, or problems."""
        problems: list[RowProblem] = []
        before = self._item_of(row, problems)
        values: dict[str, Any] = {}
        readers: dict[str, Callable[[str, Any], Any]] = {
            "phase": self._phase,
            "owner": self._owner,
            "due_on": self._day,
            "start_on": self._day,
            "required": self._yes_or_no,
            "tags": lambda text, _before: clean_tags(text.split(",")),
        }
        for name in self.mapping:
            if name == "number":
                continue
            text = self._cell(row, name).strip()
            if not text and self._stays(name, before):
                continue
            reader = readers.get(name) or (self._choice(name) if name in self._choices else lambda text, _before: text)
            try:
                values[_TARGETS.get(name, name)] = reader(text, (before, name))
            except (Invalid, _Wrong) as error:
                reason = " ".join(str(each) for each in getattr(error, "fields", {}).values()) or str(error)
                problems.append(self._problem(row, name, reason))
        if problems:
            self.plan.problems += problems
        elif before is None:
            self._add(row, values)
        else:
            self._update(row, before, values)

    def _item_of(self, row: SheetRow, problems: list[RowProblem]) -> Any:
        """The item whose number stands in the row; None for a row without one, or with a wrong one."""
        text = self._cell(row, "number").strip()
        if not text:
            return None
        found = _KEY.fullmatch(text)
        if found is None or found[1].upper() != self.around.key:
            reason = _(
                "Write the item's number, such as %(key)s-12, or leave it empty for a new item.", key=self.around.key
            )
            problems.append(self._problem(row, "number", reason))
            return None
        number = int(found[2])
        if number not in self.around.items:
            problems.append(self._problem(row, "number", _("There is no such item. Leave it empty for a new one.")))
            return None
        if number in self._seen:
            reason = _("The same item stands in row %(row)s already.", row=self._seen[number])
            problems.append(self._problem(row, "number", reason))
            return None
        self._seen[number] = row.number
        return self.around.items[number]

    def _add(self, row: SheetRow, values: dict[str, Any]) -> None:
        tags = values.pop("tags", ())
        values.setdefault("title", "")
        values.setdefault("kind", Kind.TASK.value)
        try:
            if values.get("required") and not self.around.is_manager:
                raise Invalid(fields={"required": _("Only a manager of the program decides what is required.")})
            tidy = checked(dict(values), {}, self.around.surroundings)
        except Invalid as error:
            self._tell(row, error)
            return
        tidy["kind"] = Kind(tidy["kind"])
        for name, choice in (("status", Status), ("priority", Priority)):
            if name in tidy:
                tidy[name] = choice(tidy[name])
        self.plan.drafts.append(ItemDraft(**tidy, tags=tags))

    def _update(self, row: SheetRow, before: Any, values: dict[str, Any]) -> None:
        tags = values.pop("tags", None)
        present = {name: getattr(before, name) for name in COMPARED}
        try:
            tidy = checked(dict(values), present, self.around.surroundings)
            tidy = {name: value for name, value in tidy.items() if value != present[name]}
            check_manager(self.around.is_manager, before, tidy)
        except (Invalid, Forbidden) as error:
            self._tell(row, error)
            return
        if tags is not None and sorted(tags) == sorted(self.around.tags.get(before.id, ())):
            tags = None
        if tidy or tags is not None:
            self.plan.updates[before.number] = (tidy, tags)
        else:
            self.plan.unchanged += 1

    def _tell(self, row: SheetRow, error: Invalid | Forbidden) -> None:
        fields = getattr(error, "fields", {}) or {"number": str(error)}
        for name, reason in fields.items():
            column = next((column for column, target in _TARGETS.items() if target == name), name)
            self.plan.problems.append(self._problem(row, column, str(reason)))

    def _problem(self, row: SheetRow, name: str, reason: str) -> RowProblem:
        index = self.mapping.get(name)
        heading = self.headings[index] if index is not None and index < len(self.headings) else ""
        heading = heading or (str(COLUMNS[name].heading) if name in COLUMNS else "")
        value = self._cell(row, name)
        return RowProblem(row.number, heading, reason, value[:_MOST_SHOWN] + ("…" if len(value) > _MOST_SHOWN else ""))

    def _cell(self, row: SheetRow, name: str) -> str:
        index = self.mapping.get(name)
        return row.cells[index] if index is not None and index < len(row.cells) else ""

    def _stays(self, name: str, before: Any) -> bool:
        """True when an empty cell of that column means 'as it is' instead of 'none'."""
        return (
            before is None
            or name in ("status", "kind", "priority", "required")
            or (
                # The reason belongs to the status: without one in the file the old status keeps its reason.
                name == "status_reason" and "status" not in self.mapping
            )
        )

    def _choice(self, name: str) -> Callable[[str, Any], Any]:
        choices = self._choices[name]

        def read(text: str, about: Any) -> Any:
            if not text:
                return ""
            if fold(text) in choices:
                return choices[fold(text)]
            before = about[0]
            if before is not None and text == getattr(before, name):
                return text
            raise _Wrong(_("This word is not known here."))

        return read

    def _yes_or_no(self, text: str, _about: Any) -> bool:
        word = fold(text)
        if word in _YES | _NO:
            return word in _YES
        raise _Wrong(_("Write yes or no."))

    def _day(self, text: str, _about: Any) -> Any:
        return parse_day(text, self.day_first) if text else None

    def _phase(self, text: str, about: Any) -> int | None:
        return self._named(
            text,
            about[0],
            "phase_id",
            self.around.phases,
            self.around.phase_names,
            _("There is no such phase in this program."),
            _("Several phases have this name."),
        )

    def _owner(self, text: str, about: Any) -> int | None:
        return self._named(
            text,
            about[0],
            "owner_id",
            self.around.people,
            self.around.names,
            _("Nobody on the program's team has this name or e-mail."),
            _("Several people on the team have this name. Write the e-mail."),
        )

    def _named(
        self,
        text: str,
        before: Any,
        column: str,
        ids: Mapping[str, tuple[int, ...]],
        names: Mapping[int, str],
        unknown: str,
        ambiguous: str,
    ) -> int | None:
        """The id of what has that name; whatever the item has already stays, even if it could not be chosen today."""
        if not text:
            return None
        wanted = fold(text)
        present = getattr(before, column) if before is not None else None
        if present is not None and fold(names.get(present, "")) == wanted:
            return int(present)
        found = ids.get(wanted, ())
        if len(found) == 1:
            return found[0]
        raise _Wrong(ambiguous if found else unknown)


_TARGETS = {"phase": "phase_id", "owner": "owner_id"}
COMPARED = (
    "title",
    "description",
    "status",
    "status_reason",
    "required",
    "owner_id",
    "role",
    "priority",
    "channel",
    "start_on",
    "due_on",
    "phase_id",
    "block_id",
    "kind",
)
