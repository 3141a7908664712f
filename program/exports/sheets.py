"""The spreadsheet: a sheet for each subject, with real numbers and dates that can be computed with.

What people wrote is always text, whatever it begins with. Each sheet prints on A4 with its name, the day and its pages.
"""

from __future__ import annotations

import io
import re
from typing import Any

from flask_babel import gettext as _

from program.exports.told import Cell, On, Table, Told
from program.ground import formats

# What the name of a sheet may not hold, and how long it may be.
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDEST, _NARROWEST = 60, 9
_HEAD, _RULE, _SOFT = "F2F4F8", "E2E5EA", "525866"


def write_sheets(told: Told) -> bytes:
    """The workbook as XLSX."""
    # Heavy, and only an export needs it.
    from openpyxl import Workbook

    book = Workbook()
    # It begins with a sheet that nobody asked for.
    book.remove(book.worksheets[0])
    about = book.properties
    about.title, about.subject = _plain(told.title), _plain(told.subtitle)
    about.creator = _plain(told.author) or "Milepost"
    about.language = told.locale
    about.created = about.modified = told.made_at.replace(tzinfo=None, microsecond=0)
    with formats.reading_as(told.locale, "UTC"):
        names = _Names()
        _front(book.create_sheet(names.free_one(_("Summary"))), told)
        for part in told.parts:
            for table in part.tables:
                title = part.title if len(part.tables) == 1 else table.title
                sheet = book.create_sheet(names.free_one(title))
                _fill(sheet, told, table.on(On.SHEET))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


class _Names:
    """Names of sheets: short, plain, and each only once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free_one(self, wanted: str) -> str:
        """The wanted name as far as it can be had."""
        plain = _NOT_IN_NAMES.sub(" ", _plain(wanted)).strip()[:_LONGEST_NAME].strip() or "Sheet"
        found, number = plain, 1
        while found.lower() in self._taken:
            number += 1
            found = f"{plain[: _LONGEST_NAME - 4]} {number}"
        self._taken.add(found.lower())
        return found


def _front(sheet: Any, told: Told) -> None:
    """The first sheet: what the file is, the state with its reasons, and each subject's sentence."""
    from openpyxl.styles import Alignment, Font

    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 100
    rows: list[tuple[str, str, bool]] = [
        (told.title, "", True),
        (told.subtitle, "", False),
        (told.made, "", False),
        ("", "", False),
    ]
    for part in told.parts:
        said = [part.figure, *(cell.text for cell in part.lead)]
        lines = [line for line in said if line]
        if part.key == "state":
            lines.insert(0, told.state.text)
        for number, line in enumerate([*lines, *part.points, *part.notes]):
            rows.append((part.title if number == 0 else "", line, False))
    for number, (name, line, is_title) in enumerate(rows, start=1):
        left, right = _put(sheet, number, 1, Cell(name)), _put(sheet, number, 2, Cell(line))
        left.font = Font(bold=True, size=16 if is_title else 11)
        left.alignment = Alignment(vertical="top")
        right.alignment = Alignment(vertical="top", wrap_text=True)
    _print_setup(sheet, told)


def _fill(sheet: Any, told: Told, table: Table) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    line = Side(style="thin", color=_RULE)
    for number, column in enumerate(table.columns, start=1):
        cell = _put(sheet, 1, number, Cell(column.heading))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_HEAD)
        cell.border = Border(bottom=Side(style="medium", color=_SOFT))
        cell.alignment = Alignment(horizontal="right" if column.is_figure else "left", vertical="top", wrap_text=True)
    rows = [*table.rows, *((table.total,) if table.total else ())]
    for place, row in enumerate(rows, start=2):
        for number, (column, told_cell) in enumerate(zip(table.columns, row, strict=True), start=1):
            cell = _put(sheet, place, number, told_cell)
            cell.border = Border(bottom=line)
            cell.alignment = Alignment(
                horizontal="right" if column.is_figure else "left", vertical="top", wrap_text=not column.is_figure
            )
            if table.total and place == len(rows) + 1:
                cell.font = Font(bold=True)
    for number, column in enumerate(table.columns, start=1):
        longest = max((len(row[number - 1].text) for row in rows), default=0)
        width = min(_WIDEST, max(_NARROWEST, longest + 2, len(column.heading) // 2 + 4))
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "B2" if len(table.columns) > 3 else "A2"
    sheet.print_title_rows = "1:1"
    if not table.total:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(rows) + 1}"
    _print_setup(sheet, told)


def _put(sheet: Any, row: int, column: int, told: Cell) -> Any:
    """Write a cell: its value where there is one to compute with, else its text, never a formula."""
    cell = sheet.cell(row, column)
    if told.value is None or isinstance(told.value, str):
        words = _plain(told.text)
        if words:
            cell.value = words
            # Said outright: left to itself the library takes '=...' for a formula and '#N/A' for an error.
            cell.data_type = "s"
        return cell
    cell.value = told.value
    if told.form:
        cell.number_format = told.form
    return cell


def _print_setup(sheet: Any, told: Told) -> None:
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    # An ampersand begins a code there.
    sheet.oddHeader.left.text = _plain(told.title)[:100].replace("&", "&&")
    sheet.oddHeader.right.text = _plain(told.subtitle).replace("&", "&&")
    sheet.oddFooter.left.text = _plain(told.made)[:100].replace("&", "&&")
    page = told.words["page"].replace("&", "&&")
    sheet.oddFooter.right.text = page.replace("{page}", "&P").replace("{pages}", "&N")


def _plain(text: str) -> str:
    """The text without the controls that XML cannot hold."""
    return _CONTROLS.sub("", text)
