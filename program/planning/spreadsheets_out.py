"""The checklist as a file: CSV that Excel opens with two clicks, or a real spreadsheet with dates and filters.

A file holds what the list shows, with the same filters and order, over all its pages. Rows are read a few hundred at a
time and written as they come, so that ten thousand need no more memory than one page. Text that a spreadsheet would
take for a formula is kept as text: in CSV by a leading apostrophe, in XLSX by the cell's type.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import IO, Any

from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.people.models import Person
from program.planning.item_filters import ItemFilter
from program.planning.item_lists import CHUNK, Place, chunks, ordered_ids, tags_of
from program.planning.item_words import CHANNEL_WORDS, KIND_WORDS, PRIORITY_WORDS, STATUS_WORDS, role_words
from program.planning.models import WorkItem
from program.planning.sheet_columns import ALL, COLUMNS, SHOWN

__all__ = ["ALL", "MEDIA_TYPES", "SHOWN", "write_csv", "write_xlsx"]

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Excel in Polish expects semicolons: the comma is its decimal mark.
SEPARATORS = {"pl": ";", "en": ","}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Cell = str | date | None


def write_csv(filter_: ItemFilter, place: Place, columns: Sequence[str], locale: str) -> IO[bytes]:
    """The list as CSV in UTF-8 with a byte order mark, which tells Excel the encoding. The file stands at its start."""
    return csv_file(_headings(columns), rows_of(filter_, place, columns), SEPARATORS.get(locale, ","))


def write_xlsx(filter_: ItemFilter, place: Place, columns: Sequence[str], locale: str) -> IO[bytes]:
    """The list as XLSX: real dates, a heading that stays, filters on it. The file stands at its start."""
    widths = [COLUMNS[name].width for name in columns]
    return xlsx_file(_("Checklist"), _headings(columns), widths, rows_of(filter_, place, columns))


def csv_file(headings: Sequence[str], rows: Iterator[list[Cell]], separator: str) -> IO[bytes]:
    """Headings and rows as CSV."""
    file = io.BytesIO()
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow([as_csv_text(heading) for heading in headings])
    for row in rows:
        writer.writerow([as_csv_text(cell) for cell in row])
    text.flush()
    text.detach()
    file.seek(0)
    return file


def xlsx_file(name: str, headings: Sequence[str], widths: Sequence[int], rows: Iterator[list[Cell]]) -> IO[bytes]:
    """Headings and rows as a workbook with one sheet of that name."""
    # Heavy, and only an export needs it.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    for index, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width

    def cell(value: Cell) -> Any:
        if isinstance(value, date):
            made = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]
            made.number_format = "yyyy-mm-dd"
            return made
        if value is None or value == "":
            return None
        made = WriteOnlyCell(sheet, value=_without_controls(value))
        # Said outright: left to itself the library takes '=...' for a formula and '#N/A' for an error.
        made.data_type = "s"
        return made

    # People name columns too, those of roles for one.
    head = [cell(heading) for heading in headings]
    for made in head:
        made.font = Font(bold=True)
    sheet.append(head)
    count = 1
    for row in rows:
        sheet.append([cell(value) for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{count}"
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def as_csv_text(cell: Cell) -> str:
    """A cell as CSV holds it; the apostrophe keeps spreadsheets from computing what people wrote."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    # Apostrophes before a formula get one more, so that taking one off gives back exactly what was there.
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA_STARTS) else cell


def rows_of(filter_: ItemFilter, place: Place, columns: Sequence[str]) -> Iterator[list[Cell]]:
    """The list's rows over all pages, in its order, a few hundred read at a time."""
    ids = [item_id for item_id, _group in ordered_ids(filter_, place)]
    words = _Words(place)
    for part in chunks(ids, CHUNK):
        rows = {row.id: row for row in db.session.execute(select(*_needed(columns)).where(WorkItem.id.in_(part)))}
        tags = tags_of(part) if "tags" in columns else {}
        words.learn({row.owner_id for row in rows.values()})
        for item_id in part:
            # An item may be gone since the order was read; then there is nothing to write.
            if item_id in rows:
                yield [words.cell(name, rows[item_id], tags) for name in columns]


def _needed(columns: Sequence[str]) -> list[Any]:
    stored: dict[str, Any] = {"phase": WorkItem.phase_id, "owner": WorkItem.owner_id, "tags": WorkItem.id}
    needed: dict[str, Any] = {WorkItem.id.key: WorkItem.id, "owner_id": WorkItem.owner_id}
    for name in columns:
        column = stored[name] if name in stored else getattr(WorkItem, name)
        needed[column.key] = column
    return list(needed.values())


class _Words:
    """What rows say, in the reader's language; looked up once for the whole file."""

    def __init__(self, place: Place) -> None:
        self.key, self.phases, self.people = place.key, dict(place.phases), {}  # type: ignore[var-annotated]
        self.yes, self.no = _("yes"), _("no")
        self.choices: dict[str, dict[Any, str]] = {
            "status": {key: str(word) for key, word in STATUS_WORDS.items()},
            "priority": {key: str(word) for key, word in PRIORITY_WORDS.items()},
            "kind": {key: str(word) for key, word in KIND_WORDS.items()},
            "channel": {key: str(word) for key, word in CHANNEL_WORDS.items()},
            "role": role_words(),
        }

    def learn(self, ids: set[int | None]) -> None:
        """Look up the names of owners not met before."""
        unknown = ids - self.people.keys() - {None}
        if unknown:
            found = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(unknown)))
            self.people.update((row.id, row.name) for row in found)

    def cell(self, name: str, row: Any, tags: dict[int, list[str]]) -> Cell:
        """One cell of a row."""
        if name == "number":
            return f"{self.key}-{row.number}"
        if name == "phase":
            return self.phases.get(row.phase_id, "")
        if name == "owner":
            return self.people.get(row.owner_id, "")
        if name == "tags":
            return ", ".join(tags.get(row.id, ()))
        value = getattr(row, name)
        if name == "required":
            return self.yes if value else self.no
        choice = self.choices.get(name)
        return value if choice is None else choice.get(value, value)


def _headings(columns: Sequence[str]) -> list[str]:
    return [str(COLUMNS[name].heading) for name in columns]


def _without_controls(text: str) -> str:
    # XML cannot hold control characters; nobody can have typed one, but an import or a plugin might bring it.
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")
