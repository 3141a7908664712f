"""The file format of a whole program: what stands in each section, and what makes a file unusable.

One JSON object: "format" and "version", then "program" (an object) and the sections below (lists of objects), and
"rooms" with what other rooms carry along (`portable_rooms.py`). Rows name each other by `ref`, a number that means
something only inside the file; people are named by e-mail. Days are ISO dates, moments ISO date-times with an offset.
Keys that are not listed are refused, so that a slip does not lose anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from program.ground.calendar import COUNTRIES, FIRST_DAY, LAST_DAY
from program.ground.now import zone_names
from program.ground.records import record
from program.ground.text import clean_line, clean_text
from program.planning import portable_arrival
from program.planning.models.items import Channel, Kind, Priority, Status
from program.planning.programs import LOCALES

# Version 1 held planning alone; its files are read as before.
FORMAT, VERSION, READABLE = "milepost-program", 2, (1, 2)
MAX_BYTES = 200 * 1024 * 1024
MAX_ROWS, MAX_PROBLEMS, MAX_WHOLE = 100_000, 100, 2**31 - 1


@record
class Value:
    """What a key holds: line, text, whole, flag, day, moment, email, ref or words; `most` letters; one of `words`."""

    kind: str
    most: int = 200
    optional: bool = False
    words: tuple[Any, ...] = ()


def _line(most: int) -> Value:
    return Value("line", most)


def _maybe(kind: str) -> Value:
    return Value(kind, optional=True)


_REF, _WHOLE, _DAY, _MOMENT, _FLAG = (Value(kind) for kind in ("ref", "whole", "day", "moment", "flag"))
_WHO = Value("email", 254, optional=True)
PROGRAM: dict[str, Value] = {
    "name": _line(120),
    "purpose": Value("text", 10_000),
    "locale": Value("line", words=LOCALES),
    "timezone": Value("line", words=zone_names()),
    "country": Value("line", words=COUNTRIES),
    "starts_on": _DAY,
    "closed_on": _maybe("day"),
    "playbook_key": Value("line", 60, optional=True),
}
SECTIONS: dict[str, dict[str, Value]] = {
    "phases": {
        "ref": _REF,
        "position": _WHOLE,
        "key": _line(60),
        "name": _line(120),
        "purpose": Value("text", 10_000),
        "planned_start": _DAY,
        "planned_end": _DAY,
        "actual_start": _maybe("day"),
        "actual_end": _maybe("day"),
    },
    "blocks": {
        "ref": _REF,
        "phase": _REF,
        "position": _WHOLE,
        "key": _line(60),
        "name": _line(120),
        "starts_on": _DAY,
        "ends_on": _DAY,
    },
    "gates": {
        "ref": _REF,
        "phase": _REF,
        "key": _line(60),
        "name": _line(120),
        "planned_on": _DAY,
        "kpis": Value("words", 20),
    },
    "criteria": {
        "ref": _maybe("ref"),
        "gate": _REF,
        "position": _WHOLE,
        "kind": _line(30),
        "text": _line(300),
        "ticked_at": _maybe("moment"),
        "ticked_by": _WHO,
        "note": Value("text", 500),
    },
    "items": {
        "ref": _REF,
        "number": _WHOLE,
        "phase": _maybe("ref"),
        "block": _maybe("ref"),
        "position": _WHOLE,
        "kind": Value("line", words=tuple(Kind)),
        "key": _line(60),
        "title": _line(200),
        "description": Value("text", 50_000),
        "status": Value("line", words=tuple(Status)),
        "status_reason": Value("text", 500),
        "required": _FLAG,
        "owner": _WHO,
        "role": _line(40),
        "priority": Value("whole", words=tuple(Priority)),
        "channel": Value("line", words=("", *Channel)),
        "start_on": _maybe("day"),
        "due_on": _maybe("day"),
        "started_at": _maybe("moment"),
        "done_at": _maybe("moment"),
        "created_at": _MOMENT,
        "created_by": _WHO,
        "tags": Value("words", 40),
    },
    "dependencies": {"predecessor": _REF, "successor": _REF},
    "evidence": {"item": _REF, "url": _line(2000), "label": _line(200), "added_by": _WHO, "added_at": _MOMENT},
    "comments": {
        "item": _REF,
        "author": _WHO,
        "body": Value("text", 50_000),
        "created_at": _MOMENT,
        "edited_at": _maybe("moment"),
    },
    # For the record: decisions belong to the chain of the program that took them and are not taken over.
    "decisions": {
        "gate": _REF,
        "sequence": _WHOLE,
        "outcome": _line(20),
        "reason": Value("text", 1_000_000),
        "decided_at": _MOMENT,
        "recorded_by": _WHO,
        "record": Value("text", 10_000_000),
        "previous_hash": _line(64),
        "hash": _line(64),
    },
}
NEEDS_TEXT = frozenset({"name", "title", "body", "url"})


class Reader:
    """Reads a file's text into rows of Python values and gathers what is wrong, up to MAX_PROBLEMS."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def read(self, source: bytes) -> dict[str, Any]:
        """The document with its values read; what could not be is told in `problems`, and may be missing here."""
        document = self._document(source)
        if document is None:
            return {}
        known = {"format", "version", "program", "rooms", *SECTIONS}
        for name in sorted(set(document) - known):
            self.add(name, _("This key is not known."))
        found: dict[str, Any] = {"program": self._row("program", document.get("program"), PROGRAM)}
        for section, keys in SECTIONS.items():
            rows = document.get(section, [])
            if not isinstance(rows, list) or len(rows) > MAX_ROWS:
                self.add(section, _("This must be a list of up to %(most)s rows.", most=MAX_ROWS))
                rows = []
            found[section] = [self._row(f"{section}[{index}]", row, keys) for index, row in enumerate(rows)]
        found["rooms"] = portable_arrival.read(document.get("rooms", {}), self.add)
        return found

    def add(self, where: str, reason: str) -> None:
        """Note a problem."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(f"{where}: {reason}")

    def _document(self, source: bytes) -> dict[str, Any] | None:
        if len(source) > MAX_BYTES:
            self.add("file", _("The file is larger than %(most)s MB.", most=MAX_BYTES // 1024 // 1024))
            return None
        try:
            document = json.loads(source.decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add("file", _("The file is not saved as UTF-8."))
            return None
        except (ValueError, RecursionError) as error:
            self.add("file", _("This is not valid JSON: %(detail)s.", detail=str(error)[:200]))
            return None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            self.add("format", _("This is not a program that was exported from Milepost."))
            return None
        if document.get("version") not in READABLE:
            self.add("version", _("Only versions up to %(version)s can be read.", version=VERSION))
            return None
        return document

    def _row(self, where: str, row: Any, keys: Mapping[str, Value]) -> dict[str, Any]:
        if not isinstance(row, dict):
            self.add(where, _("This must be an object."))
            row = {}
        else:
            for name in sorted(set(row) - set(keys)):
                self.add(f"{where}.{name}"[:200], _("This key is not known."))
        return {name: self._value(f"{where}.{name}", row.get(name), name, value) for name, value in keys.items()}

    def _value(self, where: str, raw: Any, name: str, value: Value) -> Any:
        if raw is None and value.optional:
            return None
        found = _READERS[value.kind](raw, value.most)
        if found is None:
            self.add(where, _EXPECTED[value.kind]())
        elif isinstance(found, str) and len(found) > value.most:
            self.add(where, _("Up to %(most)s letters.", most=value.most))
        elif found == "" and name in NEEDS_TEXT:
            self.add(where, _("This is empty."))
        elif value.words and found not in value.words:
            known = ", ".join(str(word) for word in value.words[:20])
            self.add(where, _("This must be one of: %(known)s.", known=known))
        return found


def _read_line(raw: Any, _most: int) -> str | None:
    return clean_line(raw) if isinstance(raw, str) else None


def _read_text(raw: Any, _most: int) -> str | None:
    return clean_text(raw) if isinstance(raw, str) else None


def _read_email(raw: Any, _most: int) -> str | None:
    return clean_line(raw).lower() if isinstance(raw, str) and "@" in raw else None


def _read_whole(raw: Any, _most: int) -> int | None:
    is_whole = isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= MAX_WHOLE
    return raw if is_whole else None


def _read_flag(raw: Any, _most: int) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _read_day(raw: Any, _most: int) -> date | None:
    try:
        day = date.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    return day if day and FIRST_DAY <= day <= LAST_DAY else None


def _read_moment(raw: Any, _most: int) -> datetime | None:
    try:
        moment = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and FIRST_DAY <= moment.date() <= LAST_DAY else None


def _read_words(raw: Any, most: int) -> list[str] | None:
    if not isinstance(raw, list) or len(raw) > 100:
        return None
    words = [clean_line(word) if isinstance(word, str) else "" for word in raw]
    return words if all(word and len(word) <= most for word in words) else None


_READERS: dict[str, Any] = {
    "line": _read_line,
    "text": _read_text,
    "email": _read_email,
    "ref": _read_whole,
    "whole": _read_whole,
    "flag": _read_flag,
    "day": _read_day,
    "moment": _read_moment,
    "words": _read_words,
}
_EXPECTED: dict[str, Any] = {
    "line": lambda: _("This must be a text."),
    "text": lambda: _("This must be a text."),
    "email": lambda: _("This must be an e-mail address."),
    "ref": lambda: _("This must be the ref of a row."),
    "whole": lambda: _("This must be a whole number from 0 on."),
    "flag": lambda: _("This must be true or false."),
    "day": lambda: _("This must be a day between 2000 and 2099, such as 2026-03-12."),
    "moment": lambda: _("This must be a moment with its offset, such as 2026-03-12T14:05:00+00:00."),
    "words": lambda: _("This must be a list of short texts."),
}


def emails_in(document: Mapping[str, Any]) -> set[str]:
    """Every e-mail that the rows of a read document name."""
    found: set[str] = set()
    for section, keys in SECTIONS.items():
        names = [name for name, value in keys.items() if value.kind == "email"]
        rows: Iterable[Mapping[str, Any]] = document[section]
        found |= {row[name] for row in rows for name in names if row[name]}
    return found | portable_arrival.emails_in(document["rooms"])
