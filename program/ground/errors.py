"""Errors that a person can do something about. Each carries a sentence in the reader's language and a status code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class MilepostError(Exception):
    """Base of the errors that pages and commands show as they are; `sentence` is translatable text."""

    status = 400

    def __init__(self, sentence: Any = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class NotFound(MilepostError):
    """There is no such thing, or the asker may not know that there is."""

    status = 404


class Forbidden(MilepostError):
    """The asker may see the thing but not do this to it."""

    status = 403


class Conflict(MilepostError):
    """Somebody else was first: the row moved on since the asker read it, or the occurrence is already recorded.

    `current_revision` lets the page offer to save over the newer state; None when that makes no sense.
    `object_type` and `object_id` name the row, so that the page can say who changed it and when.
    """

    status = 409

    def __init__(
        self,
        sentence: Any,
        *,
        current_revision: int | None = None,
        object_type: str | None = None,
        object_id: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.current_revision = current_revision
        self.object_type = object_type
        self.object_id = object_id


class Invalid(MilepostError):
    """What was given cannot be used; `fields` maps a field's name to what is wrong with it."""

    status = 422

    def __init__(self, sentence: Any = "", fields: Mapping[str, Any] | None = None, rows: Sequence[Any] = ()) -> None:
        super().__init__(sentence)
        self.fields = dict(fields or {})
        self.rows = tuple(rows)


class TooMany(MilepostError):
    """Asked too often; `wait_seconds` says when it is worth trying again."""

    status = 429

    def __init__(self, sentence: Any, wait_seconds: int) -> None:
        super().__init__(sentence)
        self.wait_seconds = wait_seconds
