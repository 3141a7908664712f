"""Taking in what other rooms sent along with a program: read against the tables, then written in their order.

A row that cannot be without a person who has no account here, or without a row that did not arrive, is left out and
counted. Everything else that does not fit is a problem with its place, and then nothing is written at all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, Boolean, Column, Date, Integer, String, Text, insert, update
from sqlalchemy.exc import DataError, IntegrityError

from program.extensions import db
from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.folding import fold
from program.ground.model import UtcDateTime
from program.ground.text import clean_line, clean_text
from program.people.models import Person
from program.planning.portable_rooms import Carried, rewritten, rooms, target_of

MOST_ROWS, MOST_TEXT, MOST_DEEP = 500_000, 100_000, 12
_PERSON = Person.__tablename__
Tell = Callable[[str, str], None]
Read = Callable[[Any], Any]


def read(document: Any, tell: Tell) -> dict[str, list[dict[str, Any]]]:
    """The rows of every room by table, their values read; what could not be is told."""
    if not isinstance(document, dict):
        tell("rooms", _("This must be an object."))
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    known = {room.name: room for room in rooms()}
    for name in sorted(set(document) - set(known)):
        tell(f"rooms.{name}"[:200], _("This key is not known."))
    for name, room in known.items():
        sections = document.get(name, {})
        if not isinstance(sections, dict):
            tell(f"rooms.{name}", _("This must be an object."))
            continue
        for section in sorted(set(sections) - {one.name for one in room.carried}):
            tell(f"rooms.{name}.{section}"[:200], _("This key is not known."))
        for carried in room.carried:
            where = f"rooms.{name}.{carried.name}"
            found[carried.name] = list(_section(carried, sections.get(carried.name, []), where, tell))
    return found


def check_refs(found: Mapping[str, list[dict[str, Any]]], of_planning: Mapping[str, set[int]], tell: Tell) -> None:
    """Tell of every ref that names no row of the file. `of_planning` are the refs of planning's rows by table."""
    present: dict[str, Any] = dict(of_planning)
    present |= {one.name: {row["ref"] for row in found.get(one.name, ())} for one in _all() if "ref" in one.keys}
    for room in rooms():
        for carried in room.carried:
            for key, column in carried.keys.items():
                target = target_of(column)
                if target in ("", _PERSON):
                    continue
                for index, row in enumerate(found.get(carried.name, ())):
                    if row[key] is not None and row[key] not in present[target]:
                        where = f"rooms.{room.name}.{carried.name}[{index}].{key}"
                        tell(where, _("There is no such row in “%(section)s”.", section=target))


def emails_in(found: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """Every e-mail that the rows name."""
    emails: set[str] = set()

    def note(kind: str, one: Any) -> Any:
        if kind == _PERSON and isinstance(one, str):
            emails.add(one)
        return one

    for carried in _all():
        keys = [key for key, column in carried.keys.items() if target_of(column) == _PERSON]
        for row in found.get(carried.name, ()):
            emails |= {row[key] for key in keys if row[key]}
            for column, kinds in carried.inside.items():
                if _PERSON in kinds.values():
                    rewritten(row[column], kinds, note)
    return emails


def _all() -> Iterator[Carried]:
    for room in rooms():
        yield from room.carried


def _section(carried: Carried, rows: Any, where: str, tell: Tell) -> Iterator[dict[str, Any]]:
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        tell(where, _("This must be a list of up to %(most)s rows.", most=MOST_ROWS))
        return
    readers = {key: _reader(carried, column) for key, column in carried.keys.items()}
    refs: set[Any] = set()
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            tell(f"{where}[{index}]", _("This must be an object."))
            continue
        for name in sorted(set(row) - set(readers)):
            tell(f"{where}[{index}].{name}"[:200], _("This key is not known."))
        values: dict[str, Any] = {}
        for key, one in readers.items():
            values[key] = None if row.get(key) is None else one(row[key])
            if values[key] is None and (row.get(key) is not None or not carried.keys[key].nullable):
                tell(f"{where}[{index}].{key}", _("This value does not fit here."))
        if "ref" in readers:
            if values["ref"] in refs:
                tell(f"{where}[{index}].ref", _("This stands in the file twice."))
            refs.add(values["ref"])
        yield values


def _reader(carried: Carried, column: Column[Any]) -> Read:
    if target_of(column) == _PERSON:
        return _email
    for kind, make in _READERS.items():
        if isinstance(column.type, kind):
            return make(carried, column)
    raise LookupError(f"{column}: nobody has said how its type is read from a file")


def _email(raw: Any) -> Any:
    return clean_line(raw).lower() if isinstance(raw, str) and "@" in raw and len(raw) <= 254 else None


def _line(carried: Carried, column: Column[Any]) -> Read:
    length, words = column.type.length or MOST_TEXT, carried.words_of(column)  # type: ignore[attr-defined]

    def read_one(raw: Any) -> Any:
        found = clean_line(raw) if isinstance(raw, str) else None
        fits = found is not None and len(found) <= length and (words is None or found in words)
        return found if fits else None

    return read_one


def _text(raw: Any) -> Any:
    return found if isinstance(raw, str) and len(found := clean_text(raw)) <= MOST_TEXT else None


def _whole(raw: Any) -> Any:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 2**31 else None


def _flag(raw: Any) -> Any:
    return raw if isinstance(raw, bool) else None


def _day(raw: Any) -> Any:
    try:
        day = date.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    return day if day and FIRST_DAY <= day <= LAST_DAY else None


def _moment(raw: Any) -> Any:
    try:
        moment = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and FIRST_DAY <= moment.date() <= LAST_DAY else None


def _inside(carried: Carried, column: Column[Any]) -> Read:
    shape, check = carried.shape_of(column), carried.checks.get(column.name)

    def read_one(raw: Any) -> Any:
        if not isinstance(raw, shape) or _depth(raw) > MOST_DEEP:
            return None
        try:
            if check is not None and raw:
                check(raw)
        except (ValueError, KeyError, TypeError):
            return None
        return raw

    return read_one


def _depth(value: Any) -> int:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(one) for one in below), default=0)


# The narrower types before those they are kinds of.
_READERS: dict[type[Any], Callable[[Carried, Column[Any]], Read]] = {
    UtcDateTime: lambda _carried, _column: _moment,
    Date: lambda _carried, _column: _day,
    Boolean: lambda _carried, _column: _flag,
    Integer: lambda _carried, _column: _whole,
    Text: lambda _carried, _column: _text,
    String: _line,
    JSON: _inside,
}


def reads(kind: type[Any], one: Read) -> None:
    """Say how a value of a room's own column type is read from a file: the value, or None for what does not fit."""
    _READERS[kind] = lambda _carried, _column: one


@dataclass
class Arrival:
    """Writes rows that were read. `ids` holds, by table, which ref became which id; planning's are there already."""

    program_id: int
    people: Mapping[str, int]
    ids: dict[str, dict[int, int]]
    # How many rows of each table did not arrive, as somebody or something they need is not here.
    left_out: Counter[str] = field(default_factory=Counter)
    # Rows that are in the file for the record, and those that hang on them, by table and ref.
    _for_record: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def write(self, found: Mapping[str, list[dict[str, Any]]], tell: Tell) -> None:
        """All tables of all rooms. What a table refuses is told; then the caller must undo everything."""
        for room in rooms():
            for carried in room.carried:
                where = f"rooms.{room.name}.{carried.name}"
                if not self._table(carried, found.get(carried.name, []), where, tell):
                    return
            if room.settle is not None:
                room.settle(self.program_id)

    def _table(self, carried: Carried, rows: list[dict[str, Any]], where: str, tell: Tell) -> bool:
        self.ids.setdefault(carried.name, {})
        places: list[int] = []
        ready: list[dict[str, Any]] = []
        for index, row in enumerate(rows):
            if self._is_for_record(carried, row):
                self._for_record[carried.name].add(row.get("ref", 0))
            elif (values := self._values(carried, row)) is None:
                self.left_out[carried.name] += 1
            else:
                places.append(index)
                ready.append(values)
        if not ready:
            return True
        try:
            with db.session.begin_nested():
                made = self._insert(carried, ready)
        except (IntegrityError, DataError):
            self._find(carried, places, ready, where, tell)
            return False
        refs = [rows[place].get("ref") for place in places]
        self.ids[carried.name] = dict(zip(refs, made, strict=True)) if made else {}  # type: ignore[arg-type]
        self._own(carried, [rows[place] for place in places])
        return True

    def _is_for_record(self, carried: Carried, row: Mapping[str, Any]) -> bool:
        return not carried.comes_in(row) or any(
            row[key] in self._for_record[target]
            for key, column in carried.keys.items()
            if (target := target_of(column)) not in ("", _PERSON) and not column.nullable
        )

    def _insert(self, carried: Carried, ready: list[dict[str, Any]]) -> list[int]:
        if "ref" not in carried.keys:
            db.session.execute(insert(carried.table), ready)
            return []
        table = carried.table
        made = db.session.execute(insert(table).returning(table.columns.id, sort_by_parameter_order=True), ready)
        return list(made.scalars())

    def _find(self, carried: Carried, places: list[int], ready: list[dict[str, Any]], where: str, tell: Tell) -> None:
        """Which of the rows it is that the table refuses: one after the other, as the table says no more."""
        for place, values in zip(places, ready, strict=True):
            try:
                with db.session.begin_nested():
                    db.session.execute(insert(carried.table), [values])
            except (IntegrityError, DataError):
                tell(f"{where}[{place}]", _("This row contradicts another one, or breaks a rule of its kind."))
                return

    def _values(self, carried: Carried, row: Mapping[str, Any]) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        for key, column in carried.keys.items():
            if key == "ref":
                continue
            value = row[key]
            if column.foreign_keys and value is not None:
                value = None if target_of(column) == carried.name else self._id(target_of(column), value)
                if value is None and not column.nullable:
                    return None
            elif column.name in carried.inside:
                value = rewritten(value, carried.inside[column.name], self._id)
            values[column.name] = value
        for column in carried.table.columns:
            if column.name.endswith("_folded"):
                values[column.name] = fold(values[column.name.removesuffix("_folded")])
        if "program_id" in carried.table.columns:
            values["program_id"] = self.program_id
        return {**values, **carried.becomes}

    def _id(self, kind: str, ref: Any) -> int | None:
        if kind == _PERSON:
            return self.people.get(ref)
        return self.ids.get(kind, {}).get(ref)

    def _own(self, carried: Carried, rows: list[dict[str, Any]]) -> None:
        """Rows that name another row of their own table: once all of them have their ids."""
        ids = self.ids[carried.name]
        for key, column in carried.keys.items():
            if target_of(column) != carried.name:
                continue
            for row in rows:
                if row[key] in ids:
                    db.session.execute(
                        update(carried.table)
                        .where(carried.table.columns.id == ids[row["ref"]])
                        .values({column.name: ids[row[key]]})
                    )
