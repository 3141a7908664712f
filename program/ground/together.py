"""Several statements asked as one: each keeps its own columns, and gets its own rows back.

A page that needs a few rows of many kinds would otherwise pay for a statement each. The parts stand side by side in one
UNION ALL, each with its own plan and indexes. A column takes the next free place of its type; the places that a part
does not fill are nothing of that type, for PostgreSQL wants to know what kind of nothing it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, String, cast, literal_column, null, union_all
from sqlalchemy.types import NullType, TypeEngine

from program.ground.database import read

# Some pages put their parts together in many ways (so many gates, so many phases); most in one.
_KEPT = 256


def read_together(statements: Mapping[str, Select[Any]], values: Mapping[str, Any]) -> dict[str, list[Sequence[Any]]]:
    """The rows of each statement by its name, in one statement for all. Their order is not told: sort what needs it.

    The statements have at least two columns each, neither ORDER BY nor LIMIT, and are put together once by whoever
    gives them: a new one every time would be compiled every time. They share the names of `values`.
    """
    if not statements:
        return {}
    found: dict[str, list[Sequence[Any]]] = {name: [] for name in statements}
    united, taken = _united(tuple(statements.values()))
    add = [(rows.append, take) for rows, take in zip(found.values(), taken, strict=True)]
    for row in read(united, values).all():
        keep, take = add[row[0]]
        keep(take(row))
    return found


@lru_cache(maxsize=_KEPT)
def _united(statements: tuple[Select[Any], ...]) -> tuple[Any, list[Callable[[Any], Sequence[Any]]]]:
    """The union, and for each part what takes its own columns out of a row."""
    places: dict[tuple[Any, int], int] = {}
    kinds: list[TypeEngine[Any]] = []
    filled: list[dict[int, Any]] = []
    for statement in statements:
        used: dict[Any, int] = {}
        columns: dict[int, Any] = {}
        for column in statement.selected_columns:
            sort = _sort_of(column)
            used[sort] = used.get(sort, 0) + 1
            place = places.setdefault((sort, used[sort]), len(kinds))
            if place == len(kinds):
                kinds.append(String() if sort is String else column.type)
            columns[place] = column
        filled.append(columns)
    parts = [
        statement.with_only_columns(
            literal_column(str(number)).label("part"),
            *(columns.get(place, cast(null(), kind)).label(f"c{place}") for place, kind in enumerate(kinds)),
        )
        for number, (statement, columns) in enumerate(zip(statements, filled, strict=True))
    ]
    # The first value of a row is the part it belongs to.
    taken: list[Callable[[Any], Sequence[Any]]] = [itemgetter(*(place + 1 for place in columns)) for columns in filled]
    return (union_all(*parts) if len(parts) > 1 else parts[0]), taken


def _sort_of(column: Any) -> Any:
    """What columns must have in common to share a place: whatever makes a value of what the database gives."""
    if isinstance(column.type, NullType):
        raise TypeError(f"{column}: give it a type, for the other parts of the union need to know it.")
    sort = type(column.type)
    # Texts of any length are one sort.
    return String if issubclass(sort, String) and column.type.python_type is str else sort
