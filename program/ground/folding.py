"""Text folded for searching and sorting alike on every database: lower case, without accents ('Łódź' -> 'lodz')."""

from __future__ import annotations

import unicodedata

_UNDECOMPOSED = str.maketrans(
    {"ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"}
)


def fold(text: str) -> str:
    """The folded form; the same text in another case or accent gives the same."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_UNDECOMPOSED).casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def like(text: str) -> str:
    """A LIKE pattern (escape character backslash) that finds the folded text anywhere."""
    escaped = fold(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
