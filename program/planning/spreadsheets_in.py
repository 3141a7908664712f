"""Reading a spreadsheet that somebody sends: CSV of any usual encoding and separator, or XLSX. Cells come out as text.

Files come from strangers' computers, so nothing is believed: sizes are checked before anything is unpacked, and
whatever is wrong becomes one sentence that says what to do. What cells mean is `imports.py`'s business.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from flask_babel import gettext as _

from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Invalid
from program.ground.records import record

MAX_BYTES, MAX_ROWS, MAX_COLUMNS, MAX_CELL = 10 * 1024 * 1024, 10_000, 60, 50_000
# A spreadsheet of ten thousand rows unpacks to some 30 MB; real ones shrink ten- to twentyfold.
MAX_UNPACKED, MAX_RATIO, MAX_MEMBERS = 100 * 1024 * 1024, 200, 1000
SEPARATORS = (";", ",", "\t", "|")
ENCODINGS = ("utf-8", "cp1250")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_JUNK = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_BY_PARTS = re.compile(r"(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})")
_SERIAL = re.compile(r"(\d{5})(?:\.0+)?")
# Day 0 of Excel's calendar, which believes in 29 February 1900.
_EXCEL_EPOCH = date(1899, 12, 30)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@record
class Most:
    """How much a file may hold; beyond it is refused."""

    rows: int = MAX_ROWS
    columns: int = MAX_COLUMNS


USUAL = Most()


@record
class SheetRow:
    """A row with its number in the file, as the sender's program shows it."""

    number: int
    cells: tuple[str, ...]


@record
class Sheet:
    """What a file holds: its headings, its rows without empty ones, and what was noticed about it."""

    headings: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    # Words for the preview: encoding, separator, the sheet's name.
    notes: dict[str, str] = field(default_factory=dict)


@record
class OpenSheet:
    """A file that is being read: its headings, its notes, and its rows as they come; iterate once."""

    headings: tuple[str, ...]
    rows: Iterator[SheetRow]
    notes: dict[str, str]


def read_spreadsheet(data: bytes) -> Sheet:
    """The first sheet of the file. Raises Invalid, and nothing else, for what cannot be read."""
    sheet = open_spreadsheet(data)
    return Sheet(sheet.headings, tuple(sheet.rows), sheet.notes)


def open_spreadsheet(data: bytes, most: Most = USUAL) -> OpenSheet:
    """The first sheet of the file, row by row: for files too long to be held at once.

    Raises Invalid, and nothing else, for what cannot be read; so does the iteration over its rows.
    """
    if not data.strip():
        raise Invalid(_("The file is empty."))
    if len(data) > MAX_BYTES:
        raise Invalid(_("The file is larger than 10 MB. Send it in parts."))
    if data.startswith(_ZIP):
        return _opened(*_read_xlsx(data, most), most)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Invalid(_("The file is protected by a password. Save it without one."))
        raise Invalid(_("This is a file of an old Excel (.xls). Save it as .xlsx or .csv."))
    return _opened(*_read_csv(data), most)


def parse_day(text: str, day_first: bool = True) -> date:
    """A day as people and spreadsheets write it: 2026-03-12, 12.03.2026, 12/03/2026, 46093. Raises Invalid."""
    text = text.strip()
    year = month = day = 0
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _BY_PARTS.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        # Only the slash is written both ways round; a dot always follows the day.
        day, month = (first, second) if day_first or found[2] != "/" else (second, first)
    elif found := _SERIAL.fullmatch(text):
        return _within(_EXCEL_EPOCH + timedelta(days=int(found[1])))
    else:
        raise Invalid(_("Write the day as 2026-03-12 or 12.03.2026."))
    try:
        return _within(date(year, month, day))
    except ValueError as error:
        raise Invalid(_("There is no such day.")) from error


def slash_order(values: Iterable[str]) -> str:
    """What days with slashes in a column say about themselves: 'day', 'month', 'either', 'both' or 'none'."""
    seen = set()
    for value in values:
        found = _BY_PARTS.fullmatch(value.strip())
        if found and found[2] == "/":
            first, second = int(found[1]), int(found[3])
            seen.add("day" if first > 12 else "month" if second > 12 else "either")
    decided = seen - {"either"}
    return "both" if len(decided) > 1 else decided.pop() if decided else "either" if seen else "none"


def from_csv_text(text: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from computing it (see `spreadsheets_out.as_csv_text`)."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_STARTS) else text


def _within(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid(_("Give a day between 2000 and 2099."))
    return day


def _opened(rows: Iterable[tuple[int, Sequence[str]]], notes: dict[str, str], most: Most) -> OpenSheet:
    """Rows as a sheet: the first one that is not empty holds the headings."""
    found = _within_limits(rows, most)
    headings = next(found, None)
    if headings is None:
        raise Invalid(_("The file is empty."))
    first = next(found, None)
    if first is None:
        raise Invalid(_("The file has headings but no rows below them."))
    return OpenSheet(headings.cells, chain((first,), found), notes)


def _within_limits(rows: Iterable[tuple[int, Sequence[str]]], most: Most) -> Iterator[SheetRow]:
    """The rows that are not empty. Raises Invalid beyond the limits."""
    # One more for the headings.
    left = most.rows + 1
    for number, raw in rows:
        cells = _without_tail(raw)
        if not cells:
            continue
        if len(cells) > most.columns:
            raise Invalid(_("Row %(row)s has more than %(most)s columns.", row=number, most=most.columns))
        if any(len(cell) > MAX_CELL for cell in cells):
            raise Invalid(_("Row %(row)s has a cell of more than %(most)s letters.", row=number, most=MAX_CELL))
        if not left:
            raise Invalid(_("The file has more than %(most)s rows. Send it in parts.", most=most.rows))
        left -= 1
        yield SheetRow(number, cells)


def _without_tail(cells: Sequence[str]) -> tuple[str, ...]:
    last = len(cells)
    while last and not cells[last - 1].strip():
        last -= 1
    return tuple(cells[:last])


def _read_csv(data: bytes) -> tuple[Iterator[tuple[int, Sequence[str]]], dict[str, str]]:
    text, encoding = _decoded(data)
    if _JUNK.search(text):
        raise Invalid(_("This is neither a CSV file nor a spreadsheet. Save it as .xlsx or .csv."))
    declared = re.match(r"sep=(.)\r?\n", text)
    separator = declared[1] if declared else _separator(text)
    notes = {"encoding": encoding, "separator": separator}
    return _csv_rows(text, separator, bool(declared)), notes


def _csv_rows(text: str, separator: str, skip_first: bool) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begins = 1
    try:
        for cells in reader:
            if not (skip_first and begins == 1):
                yield begins, [from_csv_text(cell) for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(
            _("Row %(row)s cannot be read: a quotation mark is opened there and never closed.", row=begins)
        ) from error


def _decoded(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding. Raises Invalid."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode(data, encoding), "UTF-8" if encoding == "utf-8-sig" else "UTF-16"
    half = max(1, len(data) // 2)
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        # Text of Latin letters in UTF-16 is every other byte zero.
        if data[offset::2].count(0) > half * 0.6:
            return _decode(data, encoding), "UTF-16"
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding), "UTF-8" if encoding == "utf-8" else "Windows-1250"
        except UnicodeDecodeError:
            continue
    raise Invalid(_("The letters of this file cannot be read. Save it as CSV in UTF-8, or as .xlsx."))


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(_("The letters of this file cannot be read. Save it as CSV in UTF-8, or as .xlsx.")) from error


def _separator(text: str) -> str:
    """The separator that cuts the first rows into the most columns, alike in every row."""
    sample = text[:20_000]
    best, best_score = ",", (0, 0)
    for separator in SEPARATORS:
        widths = []
        try:
            for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
                if any(cells):
                    widths.append(len(cells))
                if len(widths) == 20:
                    break
        except csv.Error:
            # A cell of the sample reaches beyond it; what was read until then decides.
            widths = widths or [1]
        if not widths or widths[0] < 2:
            continue
        score = (sum(width == widths[0] for width in widths), widths[0])
        if score > best_score:
            best, best_score = separator, score
    return best


def _read_xlsx(data: bytes, most: Most) -> tuple[Iterator[tuple[int, Sequence[str]]], dict[str, str]]:
    _check_zip(data)
    with _readable():
        title, is_only, has_formulas = _look_at_xlsx(data)
    return _readable_rows(_xlsx_rows(data, title, has_formulas, most)), {} if is_only else {"sheet": title}


@contextmanager
def _readable() -> Iterator[None]:
    """Within the block whatever goes wrong means that the file is damaged."""
    try:
        yield
    except Invalid:
        raise
    except Exception as error:
        raise Invalid(_("The spreadsheet is damaged and cannot be read. Open it and save it anew.")) from error


def _readable_rows(rows: Iterator[tuple[int, Sequence[str]]]) -> Iterator[tuple[int, Sequence[str]]]:
    while True:
        with _readable():
            row = next(rows, None)
        if row is None:
            return
        yield row


def _check_zip(data: bytes) -> None:
    """Refuse what would unpack to too much, before unpacking. The reader stops at the sizes that are declared here."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Invalid(_("The spreadsheet is damaged and cannot be read. Open it and save it anew.")) from error
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        raise Invalid(_("The file is protected by a password. Save it without one."))
    unpacked = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > 1024 * 1024 and member.file_size > MAX_RATIO * max(1, member.compress_size)
        for member in members
    )
    if unpacked > MAX_UNPACKED or swollen or len(members) > MAX_MEMBERS:
        raise Invalid(_("The file would unpack to far more than it says. It was not opened."))
    if "xl/vbaProject.bin" in names:
        raise Invalid(_("The file has macros. Save it as .xlsx without them."))
    if "xl/workbook.xml" not in names:
        raise Invalid(_("This is not an Excel file. Save it as .xlsx or .csv."))


def _look_at_xlsx(data: bytes) -> tuple[str, bool, bool]:
    """The first visible sheet's name, whether it is the only one, and whether it has formulas. Raises Invalid."""
    with _book(data, values=True) as book:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise Invalid(_("The file has no visible sheet."))
        raw = _raw_sheet(book, sheets[0])
        if merged := re.search(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z0-9:]+)"', raw):
            cells = merged[1].decode("ascii")
            raise Invalid(
                _("Cells %(cells)s are merged. Unmerge them, so that each row has its own values.", cells=cells)
            )
        return sheets[0].title, len(sheets) == 1, re.search(rb"<(?:\w+:)?f[ />]", raw) is not None


def _xlsx_rows(data: bytes, title: str, has_formulas: bool, most: Most) -> Iterator[tuple[int, Sequence[str]]]:
    with _book(data, values=True) as book:
        rows = ((number, [_text(cell) for cell in cells]) for number, cells in _values(book[title], most))
        yield from _with_results(data, title, rows, most) if has_formulas else rows


@contextmanager
def _book(data: bytes, *, values: bool) -> Iterator[Any]:
    """The workbook with the results of its formulas, or with the formulas themselves."""
    # Heavy, and only an import needs it. It reads XML through defusedxml, which refuses entity bombs.
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=values, keep_links=False)
    try:
        yield book
    finally:
        book.close()


def _raw_sheet(book: Any, sheet: Any) -> bytes:
    """The sheet's own XML; small enough, as `_check_zip` saw to."""
    with book._archive.open(sheet._worksheet_path) as file:
        return bytes(file.read(MAX_UNPACKED))


def _values(sheet: Any, most: Most) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows as they are, whatever size the file claims; one row and one column beyond the limits are read, to tell."""
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=2 * most.rows, max_col=most.columns + 1, values_only=True)
    yield from enumerate(rows, start=1)


def _with_results(
    data: bytes, title: str, rows: Iterator[tuple[int, Sequence[str]]], most: Most
) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows; refuses formulas whose result the file does not hold: the program that wrote it never computed them."""
    from openpyxl.utils import get_column_letter

    with _book(data, values=False) as book:
        for (number, cells), (_number, values) in zip(_values(book[title], most), rows, strict=False):
            for index, cell in enumerate(cells):
                if isinstance(cell, str) and cell.startswith("=") and not (values[index : index + 1] or [""])[0]:
                    place = f"{get_column_letter(index + 1)}{number}"
                    raise Invalid(
                        _(
                            "Cell %(cell)s in row %(row)s holds a formula without a result. Paste its value instead.",
                            cell=place,
                            row=number,
                        )
                    )
            yield number, values


def _text(value: Any) -> str:
    """A cell as text: days as 2026-03-12, whole numbers without decimals."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
