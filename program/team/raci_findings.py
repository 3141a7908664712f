"""What is wrong with a row of the responsibility matrix: nobody answers for it, or several do.

The rule of the matrix: exactly one role is accountable for each phase and each deliverable (A); any number may do the
work (R), be asked (C) or be told (I). Pure functions: rows and letters in, findings out.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from program.ground.records import record
from program.team.models import ACCOUNTABLE_LETTERS, Letter


class Finding(StrEnum):
    """What is wrong with a row."""

    GAP = "gap"  # nobody is accountable
    DOUBLE = "double"  # more than one role is


@record
class Tally:
    """How a matrix stands: how many rows it has, and how many of them have which fault."""

    rows: int
    gaps: int
    doubles: int

    @property
    def is_clear(self) -> bool:
        """True when there are rows, and each has exactly one accountable role."""
        return self.rows > 0 and not self.gaps and not self.doubles


def accountable(letters: Iterable[str]) -> int:
    """How many of those letters make a role accountable."""
    return sum(1 for letter in letters if letter in ACCOUNTABLE_LETTERS)


def finding(count: int) -> Finding | None:
    """What a row with so many accountable roles has; None for exactly one."""
    if count == 1:
        return None
    return Finding.DOUBLE if count > 1 else Finding.GAP


def tally(counts: Iterable[int]) -> Tally:
    """How a matrix stands, from the number of accountable roles in each of its rows."""
    rows = gaps = doubles = 0
    for count in counts:
        found = finding(count)
        rows += 1
        gaps += found is Finding.GAP
        doubles += found is Finding.DOUBLE
    return Tally(rows, gaps, doubles)


def is_letter(text: str) -> bool:
    """True for what a cell may hold; an empty cell holds ''."""
    return text == "" or text in tuple(Letter)
