"""Records: small things that hold values and never change; frozen dataclasses with slots, for a program of hundreds.

The standard library writes and compiles six methods for each of them while the program loads: for our five hundred that
was about a fifth of a start, and three megabytes a process. Here only `__init__` is written, when the first one is
made; the other five are the same few lines for all. For the rest a record is a dataclass: `fields`, `replace`, `asdict`
and `match` take it as one, and type checkers know it as one.

What plugins are given (`program/plugin_api`) stays with the standard library's own: strangers know those, and may build
theirs on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, Never, TypeVar, dataclass_transform

Made = TypeVar("Made")


class _FromFactory:
    """Stands in a signature for a value that a factory makes anew for each record."""

    def __repr__(self) -> str:
        return "<factory>"


_FROM_FACTORY = _FromFactory()


@dataclass_transform(frozen_default=True, field_specifiers=(field, Field))
def record(cls: type[Made]) -> type[Made]:
    """The class as a record: like `dataclass(frozen=True, slots=True)`. What it defines itself is kept."""
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    own = vars(made)
    compared = _reader([part.name for part in fields(made) if part.compare])
    hashed = _reader([part.name for part in fields(made) if (part.compare if part.hash is None else part.hash)])

    def init(self: Any, *values: Any, **named: Any) -> None:
        made.__init__ = _written_init(made)
        made.__init__(self, *values, **named)

    def eq(self: Any, other: object) -> Any:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    methods: dict[str, Callable[..., Any]] = {"__init__": init, "__repr__": _repr, "__eq__": eq}
    methods |= {"__setattr__": _refuse_change, "__delattr__": _refuse_deletion}
    methods |= {"__getstate__": _getstate, "__setstate__": _setstate}
    for name, method in methods.items():
        if name not in own:
            setattr(made, name, method)
    # A class that says what is equal has a hash of None unless it says that too.
    if own.get("__hash__") is None:
        made.__hash__ = lambda self: hash(hashed(self))
    return made


def _reader(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads these fields of a record, as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda made: tuple(getattr(made, name) for name in names)


def _written_init(cls: Any) -> Any:
    """Puts what a record is given into its fields; written as text, since a general one would take thrice the time."""
    scope: dict[str, Any] = {"__from_factory": _FROM_FACTORY}
    given, named, lines = ["self"], list[str](), list[str]()
    for part in fields(cls):
        name, value = part.name, part.name
        # The slot itself, since assigning is refused.
        scope[f"__set_{name}"] = getattr(cls, name).__set__
        if part.default_factory is not MISSING:
            scope[f"__make_{name}"] = part.default_factory
            value = f"__make_{name}() if {name} is __from_factory else {name}"
            parameter = f"{name}=__from_factory"
        elif part.default is not MISSING:
            scope[f"__default_{name}"] = part.default
            parameter = f"{name}=__default_{name}"
        else:
            parameter = name
        (named if part.kw_only else given).append(parameter)
        lines.append(f"    __set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    if named:
        given += ["*", *named]
    exec("\n".join([f"def __init__({', '.join(given)}):", *lines, "    return"]), scope)  # noqa: S102 - our own text
    init = scope["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _repr(self: Any) -> str:
    shown = ", ".join(f"{part.name}={getattr(self, part.name)!r}" for part in fields(self) if part.repr)
    return f"{type(self).__qualname__}({shown})"


def _refuse_change(_self: Any, name: str, _value: Any) -> Never:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deletion(_self: Any, name: str) -> Never:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


# What is copied or pickled is given its values past the refusal.
def _getstate(self: Any) -> list[Any]:
    return [getattr(self, part.name) for part in fields(self)]


def _setstate(self: Any, values: list[Any]) -> None:
    for part, value in zip(fields(self), values, strict=True):
        object.__setattr__(self, part.name, value)
