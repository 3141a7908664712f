"""The audit trail as people read it: what happened to what, with the values before and after.

Neighbours: `ground/audit.py` keeps the trail; `activity.py` filters and pages that of a program; the page of an item
shows its own with `history_of`. Sentences name the thing and not the person ('Phase “Pilot” moved'), so that they need
no gender in Polish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, Row, String, bindparam, literal_column, select, union_all

from program.ground import formats
from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.records import record
from program.people.models import Person
from program.planning.history_words import (
    ADDRESSES,
    COLUMN_WORDS,
    HIDDEN,
    LONG_TEXTS,
    ORIGIN_WORDS,
    SENT_WORDS,
    SHOWN_WHEN_CREATED,
    SHOWN_WHEN_REMOVED,
    STATUS_TITLES,
    TARGET_WORDS,
    TITLES,
    VALUE_WORDS,
)
from program.planning.item_words import role_words
from program.planning.models import Phase, PhaseBlock

COLUMNS = (
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.person_id,
    AuditEntry.origin,
    AuditEntry.verb,
    AuditEntry.object_type,
    AuditEntry.object_id,
    AuditEntry.name,
    AuditEntry.changes,
    AuditEntry.batch,
)
_OF_OBJECT = (
    select(*COLUMNS)
    .where(AuditEntry.object_type == bindparam("object_type"), AuditEntry.object_id == bindparam("object_id"))
    .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_NAMES = union_all(
    *(
        select(literal_column(f"'{of}'", String), model.id, model.name).where(
            model.id.in_(bindparam(of, expanding=True))
        )
        for of, model in (("people", Person), ("phases", Phase), ("blocks", PhaseBlock))
    )
)
_CHANGED = _l("“%(name)s” changed")
MAX_VALUE = 80
_PERSON_COLUMNS = frozenset(
    {"owner_id", "person_id", "ticked_by_id", "author_id", "sender_id", "representative_id", "deputy_id"}
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TARGET = re.compile(r"(\d{4}-\d\d-\d\d): ([a-z_]+) (.+)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


@record
class Detail:
    """One column that changed. `before` is None for something new; both are None where the text is too long to show."""

    label: str
    before: str | None
    after: str | None
    # Where `after` leads, '' for nowhere.
    url: str = ""


@record
class HistoryLine:
    """One entry of the trail, ready to be shown. `who` is None for the system itself."""

    id: int
    at: datetime
    who: str | None
    origin: str
    title: str
    details: tuple[Detail, ...]
    object_type: str
    object_id: int
    batch: str | None


@dataclass(slots=True)
class Names:
    """Names of what entries point to by id: people, phases, blocks. What is gone by now is 'somebody' or 'a phase'."""

    people: dict[int, str] = field(default_factory=dict)
    phases: dict[int, str] = field(default_factory=dict)
    blocks: dict[int, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    # Words of the tables of `history_words.py` in the reader's language, by the id of the constant they stand in.
    said: dict[int, str] = field(default_factory=dict)

    def say(self, words: Any) -> str:
        """Words of a constant, translated once for all entries: a page of them repeats the same dozen."""
        found = self.said.get(id(words))
        if found is None:
            found = self.said[id(words)] = str(words)
        return found

    @classmethod
    def of(cls, entries: Iterable[Row[Any]]) -> Names:
        """Look up what these entries point to: one statement, or none where they name nobody."""
        names = cls(roles=role_words())
        asked: dict[str, set[int]] = {"people": set(), "phases": set(), "blocks": set()}
        for entry in entries:
            if entry.person_id is not None:
                asked["people"].add(entry.person_id)
            for column, pair in (entry.changes or {}).items():
                ids = {value for value in _pair(pair) if isinstance(value, int)}
                if column in _PERSON_COLUMNS:
                    asked["people"] |= ids
                elif column == "phase_id":
                    asked["phases"] |= ids
                elif column == "block_id":
                    asked["blocks"] |= ids
        if any(asked.values()):
            for of, number, name in read(_NAMES, {of: list(ids) for of, ids in asked.items()}):
                getattr(names, of)[number] = name
        return names


def history_of(object_type: str, object_id: int, limit: int = 50) -> list[HistoryLine]:
    """What happened to one object, newest first. Who may read it is the caller's business."""
    values = {"object_type": object_type, "object_id": object_id, "limit": limit}
    return lines(read(_OF_OBJECT, values).all())


def lines(rows: Sequence[Row[Any]]) -> list[HistoryLine]:
    """Entries (rows of COLUMNS) as people read them, in their order."""
    names = Names.of(rows)
    somebody = _("somebody")
    return [
        HistoryLine(
            id=row.id,
            at=row.at,
            who=None if row.person_id is None else names.people.get(row.person_id, somebody),
            origin=names.say(ORIGIN_WORDS[row.origin]) if row.origin in ORIGIN_WORDS else row.origin,
            title=names.say(_sentence(row.verb, row.changes or {})) % {"name": _text(row.name)},
            details=details(row.verb, row.changes or {}, names),
            object_type=row.object_type,
            object_id=row.object_id,
            batch=row.batch,
        )
        for row in rows
    ]


def title(verb: str, name: str, changes: dict[str, Any]) -> str:
    """What happened, in one sentence. A verb that a later room brought falls back to 'changed'."""
    return str(_sentence(verb, changes)) % {"name": _text(name)}


def _sentence(verb: str, changes: dict[str, Any]) -> Any:
    """The constant that says what happened, with a place for the name."""
    sentence: Any = TITLES.get(verb)
    if verb == "item.changed" and "status" in changes:
        before, after = _pair(changes["status"])
        sentence = STATUS_TITLES.get(after, sentence)
        if after in ("todo", "doing") and before in ("done", "dropped"):
            sentence = STATUS_TITLES["reopened"]
    if sentence is None:
        sentence = TITLES.get(f"{verb.split('.', 1)[0]}.changed", _CHANGED)
    return sentence


def details(verb: str, changes: dict[str, Any], names: Names) -> tuple[Detail, ...]:
    """The columns that changed, in words. Of something new or gone only what tells most is shown."""
    noun, _dot, act = verb.partition(".")
    only = None
    if act in ("created", "added", "taken"):
        only = SHOWN_WHEN_CREATED
    elif act in ("removed", "deleted"):
        only = SHOWN_WHEN_REMOVED
    found = []
    for column, pair in changes.items():
        if column in HIDDEN or (only is not None and column not in only):
            continue
        before, after = _pair(pair)
        words = COLUMN_WORDS.get(f"{noun}.{column}", COLUMN_WORDS.get(column))
        label = column.replace("_", " ") if words is None else names.say(words)
        if column in ADDRESSES and str(after or "").startswith(("https://", "http://")):
            found.append(Detail(label, None, str(after).rstrip("/").rpartition("/")[2] or str(after), str(after)))
            continue
        if column in LONG_TEXTS and max(len(str(before or "")), len(str(after or ""))) > MAX_VALUE:
            found.append(Detail(label, None, None))
            continue
        was, now = _value(noun, column, before, names), _value(noun, column, after, names)
        if was != now:
            is_new = only is SHOWN_WHEN_CREATED or column == "fields"
            found.append(Detail(label, None if is_new else was, now))
    return tuple(found)


def _pair(pair: Any) -> tuple[Any, Any]:
    # Later rooms may keep something else than [before, after]; then it counts as the new value.
    if isinstance(pair, list | tuple) and len(pair) == 2:
        return pair[0], pair[1]
    return None, pair


def _value(noun: str, column: str, value: Any, names: Names) -> str:
    """One value in words; '—' for none."""
    if value is None or value in ("", []):
        return "—"
    known = VALUE_WORDS.get(f"{noun}.{column}", VALUE_WORDS.get(column))
    if known and isinstance(value, str | int):
        words = known.get(value)
        return str(value) if words is None else names.say(words)
    if column in _PERSON_COLUMNS:
        return names.people.get(value, _("somebody"))
    if column == "phase_id":
        return names.phases.get(value, _("a phase that is gone"))
    if column == "block_id":
        return names.blocks.get(value, _("a block that is gone"))
    if column == "role":
        return names.roles.get(value, str(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if column == "fields" and isinstance(value, list):
        return ", ".join(names.say(SENT_WORDS.get(one) or COLUMN_WORDS.get(one) or one) for one in value)
    if isinstance(value, list):
        return ", ".join(_target(str(one), names) for one in value)
    return _text(str(value))


def _target(text: str, names: Names) -> str:
    """One entry of a list; a target of a KPI in words."""
    found = _TARGET.fullmatch(text)
    if found is None or found[2] not in TARGET_WORDS:
        return text
    return names.say(TARGET_WORDS[found[2]]) % {"value": found[3], "day": formats.day(date.fromisoformat(found[1]))}


def _text(text: str) -> str:
    try:
        if _DATE.fullmatch(text):
            return formats.day(date.fromisoformat(text))
        if _MOMENT.match(text):
            return formats.moment(datetime.fromisoformat(text))
    except ValueError:
        # It only looks like a date: somebody's title, perhaps.
        return text
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
