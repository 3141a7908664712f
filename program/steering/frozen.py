"""Frozen data to JSON and back, exactly: what was kept is equal to what is read, down to the type of every field.

For dataclasses of dataclasses, tuples, days, moments, decimals and plain values; a field may be None where its type
says so. Fields that a later version adds need a default: older data is then read as if they had been left out.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """The value in JSON terms. Raises TypeError for a kind that could not be read back."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_json(one) for one in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} cannot be kept")


def from_json(kind: type[T], kept: Any) -> T:
    """The value of that type again. Raises KeyError, TypeError or ValueError for data of another shape."""
    found: T = _read(kind, kept)
    return found


def _read(kind: Any, kept: Any) -> Any:
    if kept is None:
        return None
    if get_origin(kind) in (Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not type(None))
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], one) for one in kept)
    if isinstance(kind, type) and is_dataclass(kind):
        make: Any = kind
        hints = _hints(kind)
        return make(**{name: _read(hints[name], one) for name, one in kept.items() if name in hints})
    if kind in (date, datetime):
        return kind.fromisoformat(kept)
    return Decimal(kept) if kind is Decimal else kept


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
