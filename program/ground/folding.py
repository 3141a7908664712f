"""Text folded for searching and sorting alike on every database: lower case, without accents ('Łódź' -> 'lodz')."""

from __future__ import annotations

import unicodedata

_UNDECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})


def fold(text: str) -> str:
    """The folded form, at most twice as long; the same text in another case or accent gives the same."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_UNDECOMPOSED))
    folded = " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
    # Some letters unfold into a whole phrase; the folded columns are twice as wide as what they fold.
    return folded[: 2 * len(text)]


def like(text: str) -> str:
    """A LIKE pattern (escape character backslash) that finds the folded text anywhere."""
    escaped = fold(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
