"""Reading spreadsheets from strangers' computers: every usual shape is read, everything else is one clear sentence."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from program.ground.calendar import FIRST_DAY, LAST_DAY
from program.ground.errors import Invalid
from program.planning import spreadsheets_in
from program.planning.spreadsheets_in import Sheet, from_csv_text, parse_day, read_spreadsheet, slash_order
from program.planning.spreadsheets_out import as_csv_text, csv_file, xlsx_file

# The database is asked for the language of sentences only.
pytestmark = pytest.mark.one_database

POLISH = "Tytuł;Właściciel;Termin\r\nPrzełączenie żółtych linii;Łoś;12.03.2026\r\n"
quiet = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(data: bytes) -> Sheet:
    return read_spreadsheet(data)


def refused(data: bytes) -> str:
    with pytest.raises(Invalid) as error:
        read(data)
    return str(error.value)


def outcome(work: Any) -> Any:
    """What the work gives, or the refusal; anything else raised is a failure of the test."""
    try:
        return work()
    except Invalid as refusal:
        return refusal


def xlsx(rows: list[list[Any]], change: Any = None) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if change:
        change(book, sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture(autouse=True)
def _words(context: None) -> None:
    """Sentences need a language."""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_usual_encoding_and_separator_is_found(encoding: str, separator: str) -> None:
    sheet = read(POLISH.replace(";", separator).encode(encoding))
    assert sheet.headings == ("Tytuł", "Właściciel", "Termin")
    assert sheet.rows[0].cells == ("Przełączenie żółtych linii", "Łoś", "12.03.2026")
    assert sheet.notes["separator"] == separator


def test_rows_keep_the_numbers_that_the_sender_sees() -> None:
    sheet = read(b'Title,Note\r\n\r\nfirst,"two\nlines"\r\nsecond,\r\n\r\n')
    assert [(row.number, row.cells) for row in sheet.rows] == [(3, ("first", "two\nlines")), (5, ("second",))]


def test_the_line_that_names_the_separator_is_obeyed() -> None:
    sheet = read(b"sep=|\r\nTitle|Owner, if any\r\nOne|Two\r\n")
    assert sheet.headings == ("Title", "Owner, if any")
    assert sheet.rows[0].number == 3


def test_a_file_of_one_column_is_read() -> None:
    assert read(b"Title\nFirst\nSecond\n").rows[1].cells == ("Second",)


def test_a_spreadsheet_gives_text_and_days() -> None:
    data = xlsx(
        [
            ["Title", "Due", "N"],
            ["Umowa", date(2026, 3, 12), 12],
            ["Ze", datetime(2026, 4, 1, 8), 1.5],
            [None, None, True],
        ]
    )
    sheet = read(data)
    assert [row.cells for row in sheet.rows] == [
        ("Umowa", "2026-03-12", "12"),
        ("Ze", "2026-04-01", "1.5"),
        ("", "", "1"),
    ]


def test_the_first_visible_sheet_counts() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.sheet_state = "hidden"
        for name in ("Plan", "Other"):
            book.create_sheet(name).append(["Title"])
            book[name].append([name])

    sheet = read(xlsx([["x"], ["y"]], change))
    assert (sheet.rows[0].cells, sheet.notes["sheet"]) == (("Plan",), "Plan")


def test_formulas_without_a_result_are_told_by_their_place() -> None:
    assert "B3 in row 3" in refused(xlsx([["Title", "Due"], ["a", "2026-01-01"], ["b", "=A1+1"]]))


def test_text_that_looks_like_a_formula_is_text() -> None:
    def change(_book: Any, sheet: Any) -> None:
        sheet["A2"].data_type = "s"

    assert read(xlsx([["Title"], ["=1+1"]], change)).rows[0].cells == ("=1+1",)


def test_merged_cells_are_named() -> None:
    assert "A2:B2" in refused(xlsx([["Title", "Due"], ["a"]], lambda _book, sheet: sheet.merge_cells("A2:B2")))


def zipped(members: dict[str, bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", level) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"Title,Due\r\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 32)) * 3, "neither a CSV"),
        (b"Title\n\x81\x8d\x8f\x90\n", "cannot be read"),
        (b"\xff\xfea", "cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 and nothing else", "damaged"),
        (zipped({"content.xml": b"<office/>"}), "not an Excel file"),
        (zipped({"xl/workbook.xml": b"<a/>", "xl/vbaProject.bin": b"x"}), "macros"),
        (zipped({"xl/workbook.xml": b"<not closed"}), "damaged"),
        (zipped({"xl/workbook.xml": b" " * 30_000_000}), "unpack"),
        (zipped({f"{n}.xml": b"" for n in range(1001)} | {"xl/workbook.xml": b""}), "unpack"),
        (b"Title\n" + b"x\n" * 10_001, "more than 10000 rows"),
        (b"Title" + b",c" * 60 + b"\nx\n", "more than 60 columns"),
        (b"Title\n" + b"x" * 50_001 + b"\n", "more than 50000 letters"),
        (b'Title,Due\n"never closed' + b"x\n" * 70_000, "never closed"),
        (b"x" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_cannot_be_read_is_one_clear_sentence(data: bytes, words: str) -> None:
    assert words in refused(data)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": bytes(50_000_000)})

    def unpack(*_arguments: Any) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", unpack)
    assert "unpack" in refused(bomb)


def test_entities_that_grow_are_refused() -> None:
    parts = zipfile.ZipFile(io.BytesIO(xlsx([["Title"], ["x"]])))
    members = {name: parts.read(name) for name in parts.namelist()}
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    members["xl/worksheets/sheet1.xml"] = laughs + members["xl/worksheets/sheet1.xml"]
    assert "damaged" in refused(zipped(members))


def test_a_sheet_that_claims_to_be_endless_is_read_as_it_is() -> None:
    parts = zipfile.ZipFile(io.BytesIO(xlsx([["Title"], ["x"]])))
    members = {name: parts.read(name) for name in parts.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = members[name].replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    assert read(zipped(members)).rows[0].cells == ("x",)


@quiet
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"Title;Due\n"]))
def test_random_bytes_are_refused_or_read_and_nothing_else(data: bytes, start: bytes) -> None:
    found = outcome(lambda: read(start + data))
    assert found.rows if isinstance(found, Sheet) else str(found)


WORKBOOK = xlsx([["Title", "Due"], ["One", date(2026, 3, 12)], ["Two", None]])


@quiet
@given(st.lists(st.tuples(st.integers(4, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=30))
def test_a_damaged_spreadsheet_never_breaks_the_reader(hits: list[tuple[int, int]]) -> None:
    data = bytearray(WORKBOOK)
    for place, byte in hits:
        data[place] = byte
    found = outcome(lambda: read(bytes(data)))
    assert found.rows if isinstance(found, Sheet) else str(found)


CELLS = st.text(st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("\n;,'\"=+-@"), max_size=20)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8)


def told(rows: list[list[str]]) -> list[tuple[str, ...]]:
    found = []
    for row in rows:
        cells = list(row)
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            found.append(tuple(cells))
    return found


@quiet
@given(TABLES, st.sampled_from([";", ","]))
def test_what_is_written_as_csv_reads_the_same(rows: list[list[str]], separator: str) -> None:
    with csv_file(["Title", "Status", "Owner"], iter(rows), separator) as file:
        data = file.read()
    expected = told(rows)
    if expected:
        assert [row.cells for row in read(data).rows] == expected


@quiet
@given(TABLES)
def test_what_is_written_as_xlsx_reads_the_same(rows: list[list[str]]) -> None:
    with xlsx_file("Sheet", ["Title", "Status", "Owner"], [10, 10, 10], iter(rows)) as file:
        data = file.read()
    expected = told(rows)
    if expected:
        assert [row.cells for row in read(data).rows] == expected


@given(st.text(max_size=30))
def test_neutralised_cells_come_back_as_they_were(text: str) -> None:
    written = as_csv_text(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert from_csv_text(written) == text


@quiet
@given(st.dates(FIRST_DAY, LAST_DAY))
def test_days_are_read_as_people_write_them(day: date) -> None:
    for text in (
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%d/%m/%Y}",
        f"{day} 00:00:00",
    ):
        assert parse_day(f" {text} ") == day
    assert parse_day(f"{day:%m/%d/%Y}", day_first=False) == day
    assert parse_day(str((day - date(1899, 12, 30)).days)) == day


@quiet
@given(st.text(max_size=12))
def test_what_is_no_day_is_said_so(text: str) -> None:
    found = outcome(lambda: parse_day(text))
    assert isinstance(found, date) or str(found)


@pytest.mark.parametrize(
    "text", ["2026-02-30", "31.04.2026", "9999-01-01", "1999-12-31", "12.03.26", "tomorrow", "2026-3", "99999"]
)
def test_impossible_days_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_day(text)


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["13/03/2026", "01/02/2026"], "day"),
        (["03/13/2026"], "month"),
        (["01/02/2026"], "either"),
        (["13/03/2026", "03/13/2026"], "both"),
        (["2026-03-12", "", "12.03.2026"], "none"),
    ],
)
def test_slashes_tell_their_order_where_they_can(values: list[str], order: str) -> None:
    assert slash_order(values) == order


def test_ten_thousand_rows_are_read() -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows(
        [["Title", "Due"], *([f"Item {n}", str(date(2026, 1, 1) + timedelta(days=n % 300))] for n in range(10_000))]
    )
    assert len(read(text.getvalue().encode()).rows) == spreadsheets_in.MAX_ROWS


def test_the_app_is_there(app: Flask) -> None:
    assert app.config["MAX_CONTENT_LENGTH"] == spreadsheets_in.MAX_BYTES
