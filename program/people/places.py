"""What this room must know of programs to speak of them: their key and name. Planning tells; people lies below it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from flask import Flask, current_app

from program.ground.records import record

_NAME = "milepost.places"


@record
class Place:
    """A program, as one names it to somebody who is in it."""

    id: int
    key: str
    name: str


@dataclass(slots=True)
class Places:
    """Set by planning while the app is put together; without planning there are no programs."""

    look_up: Callable[[Collection[int]], Mapping[int, Place]] = field(default=lambda ids: {})


def tell(app: Flask, look_up: Callable[[Collection[int]], Mapping[int, Place]]) -> None:
    """Let this room look programs up by id, in one statement."""
    app.extensions[_NAME] = Places(look_up)


def look_up(program_ids: Collection[int]) -> Mapping[int, Place]:
    """The programs with those ids."""
    places: Places = current_app.extensions.get(_NAME) or Places()
    return places.look_up(program_ids) if program_ids else {}
