"""What of the other rooms goes along when a program is carried to another instance: whole tables, row by row.

Each room says in its `portable.py` which of its tables come along (`carry`) and which stay, with the reason (`leave`);
a test holds that every table that hangs on a program is one or the other. The rows in the file follow from the tables:
a column is a key of the same name, a key to a row of the program is that row's `ref` (the `_id` falls off), a person is
named by e-mail. What is worked out from other columns does not stand in the file. Arriving is `portable_arrival.py`.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Integer, Table, select
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from program.extensions import db
from program.ground.records import record
from program.people.models import Person
from program.planning.models import Program

# Planning's own sections, whose rows others may name.
OF_PLANNING: Mapping[str, str] = {
    "phase": "phases",
    "phase_block": "blocks",
    "gate": "gates",
    "gate_criterion": "criteria",
    "work_item": "items",
}
_NEVER = frozenset({"revision", "program_id"})
_PERSON = Person.__tablename__


@dataclass(frozen=True)
class Carried:
    """One table that goes along.

    `stays` names columns that do not; `becomes` gives columns another value on arrival than the file's. `inside` says
    of which kind the ids within a JSON column are, by their key there ({'facts': {'kpi_id': 'kpi'}}), and `checks`
    raises ValueError or KeyError for a JSON value that its readers could not use. `words` names the values of a text
    column whose default does not say so already. `comes_in` tells of a row of the file whether it arrives at all, for
    those that are in the file for the record only.
    """

    model: type[Any]
    stays: frozenset[str] = frozenset()
    becomes: Mapping[str, Any] = field(default_factory=dict)
    inside: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    checks: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    comes_in: Callable[[Mapping[str, Any]], bool] = lambda _row: True
    words: Mapping[str, type[StrEnum]] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        """The table."""
        return typing.cast(Table, self.model.__table__)

    @property
    def name(self) -> str:
        """Its name, which is the section's too."""
        return self.table.name

    @cached_property
    def keys(self) -> Mapping[str, Column[Any]]:
        """The keys of a row in the file, with their columns."""
        return {_key(column): column for column in self.table.columns if self._goes(column)}

    def _goes(self, column: Column[Any]) -> bool:
        target = target_of(column)
        if column.name in _NEVER or column.name in self.stays or column.name.endswith("_folded"):
            return False
        if target in _LEFT:
            return False
        return not (column.name == "id" and isinstance(column.type, Integer) and not _named_by_others(self.name))

    def words_of(self, column: Column[Any]) -> frozenset[str] | None:
        """The only values a text column may have; None for any."""
        default = column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
        known = self.words.get(column.name) or (type(default) if isinstance(default, StrEnum) else None)
        return frozenset(one.value for one in known) if known else None

    def shape_of(self, column: Column[Any]) -> type:
        """Whether a JSON column holds an object or a list, as the model says."""
        said = typing.get_type_hints(self.model)[column.name]
        inner = typing.get_args(said)[0] if typing.get_origin(said) is Mapped else said
        return list if typing.get_origin(inner) is list else dict


@record
class Room:
    """A room's tables in the order they are written, and what it does with the new program's id once all is there."""

    name: str
    carried: tuple[Carried, ...]
    settle: Callable[[int], None] | None = None


_ROOMS: dict[str, Room] = {}
_LEFT: dict[str, str] = {}


def carry(room: str, *carried: Carried, settle: Callable[[int], None] | None = None) -> None:
    """Say which tables of a room go along; those that others name stand before them."""
    _ROOMS[room] = Room(room, carried, settle)


def leave(reasons: Mapping[type[Any], str]) -> None:
    """Say which tables stay with the program they were written in, each with the reason."""
    _LEFT.update({model.__tablename__: reason for model, reason in reasons.items()})


def rooms() -> list[Room]:
    """The rooms in the order they arrive in."""
    return [_ROOMS[name] for name in sorted(_ROOMS)]


def left() -> Mapping[str, str]:
    """Tables that stay, with the reason for each."""
    return _LEFT


def target_of(column: Column[Any]) -> str:
    """The table a column names a row of; '' for none."""
    return next((key.column.table.name for key in column.foreign_keys), "")


def rows_of(carried: Carried, program_id: int, emails: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    """The rows of a table in JSON terms, by their key."""
    table = carried.table
    query = select(*carried.keys.values()).where(_within(table, program_id)).order_by(*table.primary_key)
    for values in db.session.execute(query):
        row: dict[str, Any] = {}
        for (key, column), value in zip(carried.keys.items(), values, strict=True):
            if value is not None and target_of(column) == _PERSON:
                row[key] = emails[value]
            elif column.name in carried.inside:
                row[key] = rewritten(value, carried.inside[column.name], lambda kind, one: _out(kind, one, emails))
            else:
                row[key] = in_json(value)
        yield row


def _out(kind: str, one: int, emails: Mapping[int, str]) -> Any:
    return emails.get(one) if kind == _PERSON else one


def rewritten(value: Any, kinds: Mapping[str, str], change: Callable[[str, Any], Any]) -> Any:
    """A JSON value with the ids under those keys changed, at any depth."""
    if isinstance(value, dict):
        return {
            key: change(kinds[key], one) if key in kinds and one is not None else rewritten(one, kinds, change)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [rewritten(one, kinds, change) for one in value]
    return value


def in_json(value: Any) -> Any:
    """A column's value in JSON terms: moments with their offset, exact figures as text."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _key(column: Column[Any]) -> str:
    if column.name == "id" and isinstance(column.type, Integer):
        return "ref"
    return column.name.removesuffix("_id") if column.foreign_keys else column.name


def _named_by_others(name: str) -> bool:
    return any(
        target_of(column) == name for room in _ROOMS.values() for one in room.carried for column in one.table.columns
    )


def _within(table: Table, program_id: int) -> Any:
    if "program_id" in table.columns:
        return table.columns.program_id == program_id
    parent = next(column for column in table.columns if target_of(column) not in ("", _PERSON) and not column.nullable)
    above = next(iter(parent.foreign_keys)).column
    return parent.in_(select(above).where(_within(above.table, program_id)))


def unspoken_for(known: Iterable[Table]) -> list[str]:
    """Tables that hang on a program and of which no room says whether they go along."""
    spoken = {one.name for room in _ROOMS.values() for one in room.carried} | set(_LEFT)
    return sorted(table.name for table in known if table.name not in spoken and _hangs_on_a_program(table, frozenset()))


def _hangs_on_a_program(table: Table, seen: frozenset[str]) -> bool:
    if table.name == Program.__tablename__:
        return False
    targets = {target_of(column) for column in table.columns} - {"", table.name, *seen}
    return Program.__tablename__ in targets or any(
        _hangs_on_a_program(table.metadata.tables[name], seen | {table.name}) for name in targets
    )
