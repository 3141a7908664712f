"""Reading the rows of a spreadsheet whose columns are known by their headings, and telling what is wrong row by row.

Headings are known in every language of the product, in any order; a column nobody knows is left out and named. What the
cells mean is for the readers of groups and of people (`group_sheets.py`, `people_sheets.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from program.ground.folding import fold
from program.planning.import_rows import RowProblem
from program.planning.sheet_columns import Column, in_all_languages, places_of
from program.planning.spreadsheets_in import Sheet, SheetRow, from_csv_text

MOST_SHOWN = 80
_YES = frozenset(("yes", "y", "tak", "t", "x", "1", "true", "prawda", "v"))
_NO = frozenset(("no", "n", "nie", "0", "false", "falsz", "-"))


class Wrong(Exception):
    """A cell that cannot be read, with the reason."""


class Rows:
    """The rows of a sheet as cells by column, and the problems found on the way."""

    def __init__(self, sheet: Sheet, columns: Sequence[Column], needed: Sequence[str]) -> None:
        self.sheet = sheet
        self.problems: list[RowProblem] = []
        self._columns = {column.name: column for column in columns}
        self._places = places_of(sheet.headings, columns, needed)
        taken = set(self._places.values())
        self.left_out = [
            heading or _("Column %(number)s", number=place + 1)
            for place, heading in enumerate(sheet.headings)
            if place not in taken
        ]

    def has(self, name: str) -> bool:
        """Whether the file has that column."""
        return name in self._places

    def cell(self, row: SheetRow, name: str) -> str:
        """The text of a cell; '' where there is none."""
        place = self._places.get(name)
        return from_csv_text(row.cells[place].strip()) if place is not None and place < len(row.cells) else ""

    def column(self, name: str) -> list[str]:
        """All texts of a column that are not empty."""
        texts = (self.cell(row, name) for row in self.sheet.rows)
        return [text for text in texts if text]

    def refuse(self, row: SheetRow, name: str, reason: Any) -> None:
        """Say why a row cannot be taken over."""
        place = self._places.get(name)
        column = self._columns.get(name)
        heading = self.sheet.headings[place] if place is not None else str(column.heading) if column else ""
        text = self.cell(row, name)
        shown = text[:MOST_SHOWN] + ("…" if len(text) > MOST_SHOWN else "")
        self.problems.append(RowProblem(row.number, heading, str(reason), shown))


def yes_or_no(text: str) -> bool:
    """A yes or a no in either language. Raises Wrong."""
    word = fold(text)
    if word in _YES | _NO:
        return word in _YES
    raise Wrong(_("Write yes or no."))


def whole_number(text: str) -> int:
    """A whole number, with or without a percent sign. Raises Wrong."""
    digits = text.removesuffix("%").strip().replace("\u00a0", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise Wrong(_("Write a whole number."))
    return int(digits)


def words_known(words: Mapping[str, Any]) -> dict[str, str]:
    """The choices of a list by their word in every language and by their own name, folded."""
    return {known: key for key, word in words.items() for known in (*in_all_languages(word), fold(key))}
