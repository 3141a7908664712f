"""What stands on the page stands in each file, read back out of it: in both languages, whatever people are called."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, g
from openpyxl import load_workbook
from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE
from pypdf import PdfReader
from sqlalchemy import update

from program.exports.making import Means, laid_out, progress_on
from program.exports.telling import tell
from program.exports.told import Told
from program.extensions import db
from program.ground import database, formats
from program.ground.now import held_at, utc_now
from program.planning.models import Program
from program.planning.opening import find_program
from tests.cast import Cast
from tests.exports.conftest import DAY, INDEX, awkward
from tests.exports.reading import numbers, page_texts, pdf_text, sheet_texts, slide_texts, squashed

AT = "/p/ALFA/progress/files"
# What only the page says: words that unfold something, and what tables are called for those who do not see them; on
# slides they are called so too, but not in a text.
OF_THE_PAGE = {
    "en": {"How the forecast is made", "Budget by phase"},
    "pl": {"Jak powstaje prognoza", "Budżet według faz"},
}
NOT_ON_SLIDES = {
    "en": {"All gates"},
    "pl": {"Wszystkie bramki"},
}
BOTH = pytest.mark.parametrize("locale", ["en", "pl"])


@pytest.fixture
def read(app: Flask, kept: Cast, browser: Any) -> Any:
    """The page of the day that was kept, and a file of it, as a reader of that language gets them."""
    client = browser(kept.viewer)

    def fetch(kind: str, locale: str) -> tuple[list[str], bytes]:
        assert client.post("/language", data={"language": locale}).status_code == 303
        page = client.get(f"/p/ALFA/progress?on={DAY.isoformat()}")
        answer = client.post(AT, data={"kind": kind, "locale": locale, "on": DAY.isoformat()})
        file = client.get(answer.location)
        assert file.status_code == 200
        return page_texts(page.text), file.data

    return fetch


def not_in(page: list[str], found: str, figures: set[str]) -> set[str]:
    """Texts of the page that are not in a file; a text of several figures may stand in several places."""
    return {one for one in page if squashed(one) not in found and not (numbers(one) and numbers(one) <= figures)}


def told_of(locale: str) -> Told:
    return tell(awkward(locale), "Europe/Warsaw", utc_now(), "Wanda Łoś")


@BOTH
def test_the_pdf_says_all_that_the_page_says(read: Any, locale: str):
    page, content = read("pdf", locale)
    found = squashed(pdf_text(content))
    # No font that comes along has these letters; they are there as boxes.
    missing = not_in(page, found, numbers(pdf_text(content)))
    assert {one for one in missing if "日本" not in one} == OF_THE_PAGE[locale]
    assert len(page) > 80


@BOTH
def test_the_slides_say_all_that_the_page_says(read: Any, locale: str):
    page, content = read("pptx", locale)
    found = squashed("\n".join(slide_texts(content)))
    figures = {one for text in slide_texts(content) for one in numbers(text)}
    assert not_in(page, found, figures) == OF_THE_PAGE[locale] | NOT_ON_SLIDES[locale]


@BOTH
def test_the_spreadsheet_has_all_figures_of_the_page(app: Flask, read: Any, locale: str):
    page, content = read("xlsx", locale)
    with app.test_request_context(), formats.reading_as(locale, "Europe/Warsaw"):
        g.today = DAY
        cells = list(sheet_texts(content, locale))
    found = squashed("\n".join(cells))
    figures = {number for one in cells for number in numbers(one)}
    assert {one for one in not_in(page, found, figures) if numbers(one)} == set()


@BOTH
def test_the_bars_of_phases_are_the_same_days_on_the_page_on_slides_and_in_the_spreadsheet(
    kept: Cast, browser: Any, read: Any, locale: str
):
    page = browser(kept.viewer).get(f"/p/ALFA/progress?on={DAY.isoformat()}").text
    drawn = [
        [(kind, float(left), float(width)) for kind, left, width in re.findall(RECT, svg)]
        for svg in re.findall(r'<svg width="100%".*?</svg>', page, re.S)
    ]
    in_cells = [bars_of_row(row) for row in phase_rows(read("xlsx", locale)[1])]
    on_slides = bars_of_chart(read("pptx", locale)[1])
    assert len(drawn) == len(in_cells) == 2
    assert on_slides == in_cells
    days = [day for bars in in_cells for pair in bars.values() for day in pair]
    length = (max(days) - min(days)).days
    for rectangles, bars in zip(drawn, in_cells, strict=True):
        assert [kind for kind, _left, _width in rectangles] == list(bars)
        for (_kind, left, width), (first, last) in zip(rectangles, bars.values(), strict=True):
            assert left == pytest.approx(100 * (first - min(days)).days / length, abs=0.01)
            assert width == pytest.approx(100 * (last - first).days / length, abs=0.01)


RECT = r'<rect class="axis-(\w+)" x="([\d.]+)%" width="([\d.]+)%"'
KINDS = ("baseline", "planned", "real", "open")


def phase_rows(content: bytes) -> list[list[Any]]:
    """The spreadsheet's rows of phases: the only sheet of thirteen columns."""
    (sheet,) = (one for one in load_workbook(io.BytesIO(content)).worksheets if one.max_column == 13)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [row for row in rows if isinstance(row[4], datetime)]


def bars_of_row(row: list[Any]) -> dict[str, tuple[date, date]]:
    """The stretches of days that a row tells of, each as (first, last)."""
    planned, planned_end, baseline, baseline_end, starts, half, actual = (
        one.date() if isinstance(one, datetime) else None for one in row[4:11]
    )
    likely = row[12].date() if isinstance(row[12], datetime) else None
    ends = actual or half
    pairs = ((baseline, baseline_end), (planned, planned_end), (starts, ends), (ends, likely))
    return {kind: (first, last) for kind, (first, last) in zip(KINDS, pairs, strict=True) if first and last}


def bars_of_chart(content: bytes) -> list[dict[str, tuple[date, date]]]:
    """The same, read out of the chart of phases: how far each bar is pushed, and how long it is."""
    stacked = [
        shape.chart
        for slide in Presentation(io.BytesIO(content)).slides
        for shape in slide.shapes
        if shape.has_chart and shape.chart.chart_type == XL_CHART_TYPE.BAR_STACKED
    ]
    (chart,) = stacked
    begins, *lengths = ([*one.values] for one in chart.plots[0].series)
    found: list[dict[str, tuple[date, date]]] = [{}]
    for place, day in enumerate(begins):
        if day is None:
            found.append({})
            continue
        first = date(1899, 12, 30) + timedelta(days=day)
        for kind, values in zip(KINDS, lengths, strict=True):
            if values[place] is not None:
                found[-1][kind] = (first, first + timedelta(days=values[place]))
                first = found[-1][kind][1]
    return found


@BOTH
def test_a_past_day_is_as_it_was_in_files_too(app: Flask, kept: Cast, read: Any, locale: str):
    _page, before = read("pdf", locale)
    with app.app_context(), database.transaction():
        db.session.execute(update(Program).values(name="Another name altogether"))
    with held_at(utc_now() + timedelta(days=365)):
        _page, after = read("pdf", locale)
        # But for the moment that it was made at.
        made, again = (pdf_text(one).splitlines() for one in (before, after))
    differing = set(made) ^ set(again)
    assert all("Wanda" in line for line in differing), differing
    assert any("Zażółć" in line for line in again)
    with app.app_context():
        program = find_program(kept.viewer.actor, kept.key)
        assert progress_on(program, DAY, locale) == awkward(locale)


def test_figures_of_the_spreadsheet_can_be_computed_with(app: Flask):
    with app.test_request_context():
        content = laid_out("xlsx", told_of("pl"), Means(None))  # type: ignore[arg-type]
    assert content
    book = load_workbook(io.BytesIO(content))
    names = [sheet.title for sheet in book.worksheets]
    assert len(names) == len(set(names)) > 10
    every = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    # Nothing that people wrote became a formula, and nothing is an error.
    assert {cell.data_type for cell in every} <= {"s", "n", "d"}
    texts = {cell.value for cell in every if cell.data_type == "s"}
    assert {
        '=HYPERLINK("http://a.example","*Połączenia*")',
        "=SUM(A1:A9)",
        "-1",
        "@SUM(1+1)*cmd 'No interface'",
    } <= texts
    values = {cell.value: cell.number_format for cell in every if cell.data_type == "n"}
    assert values[1234567.89] == "#,##0"
    assert values[-250.5] == "#,##0"
    assert values[81.4] == '#,##0.0"\u00a0%"'
    assert values[-12345] == '#,##0"\u00a0PLN"'
    assert {float(one) for one in INDEX if one is not None} <= set(values)
    days = {cell.value.date() for cell in every if cell.data_type == "d"}
    assert {awkward("pl").gates[0].planned_on, awkward("pl").decisions[0].decide_by} <= days
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes
        assert sheet.print_title_rows == "$1:$1"
    for sheet in book.worksheets:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert "&P" in sheet.oddFooter.right.text
        assert "&&" in sheet.oddHeader.left.text


def test_the_pdf_is_tagged_named_and_in_its_language(app: Flask, tmp_path: Any):
    progress = awkward("pl")
    from dataclasses import replace

    # Letters that the fonts have: then it may call itself PDF/UA.
    plain = replace(progress, gates=progress.gates[:1], since=None)
    with app.test_request_context():
        told = tell(plain, "Europe/Warsaw", utc_now(), "Wanda Łoś")
        made = laid_out("pdf", told, Means(tmp_path))
    assert made
    reader = PdfReader(io.BytesIO(made))
    assert reader.trailer["/Root"]["/Lang"] == "pl-PL"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in reader.xmp_metadata.stream.get_data() if reader.xmp_metadata else False
    assert reader.metadata
    assert "Zażółć gęślą jaźń" in str(reader.metadata.title)
    assert reader.metadata.author == "Wanda Łoś"
    outline = [str(one.title) for one in reader.outline if not isinstance(one, list)]
    assert "Fazy" in outline
    assert "Największe ryzyka" in outline
    boxes = {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages}
    assert boxes == {(595, 842)}
    last = reader.pages[-1].extract_text().replace("\u00a0", " ")
    assert f"{len(reader.pages)} z {len(reader.pages)}" in last
    # A word of one letter is not left alone at a line's end.
    assert "wait w\u00a0domu" in pdf_text(made)
    # The picture says what it shows.
    assert "Indeks" in str(pictures_of(reader))


def pictures_of(reader: PdfReader) -> list[str]:
    """What the tags of pictures say."""
    found: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    return found


@BOTH
def test_charts_on_slides_are_native_and_hold_the_figures(app: Flask, locale: str):
    with app.test_request_context():
        content = laid_out("pptx", told_of(locale), Means(None))  # type: ignore[arg-type]
    assert content
    deck = Presentation(io.BytesIO(content))
    charts = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert len(charts) == 5
    index, fcr, loss, _phases, budget = (shape.chart.plots[0] for shape in charts)
    assert list(index.series[0].values) == [None if one is None else float(one) for one in INDEX]
    assert list(fcr.series[0].values)[-1] == 81.2
    assert set(loss.series[0].values) == {-12345.0}
    assert list(budget.categories)[1] == "=SUM(A1:A9)"
    assert [list(one.values) for one in budget.series] == [[1234567.89, 500], [-250.5, 612.4], [1300000, 700]]
    for shape in charts:
        about = shape._element.nvGraphicFramePr.cNvPr
        assert about.get("descr")
        book = load_workbook(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
        cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    language = {"en": "en-GB", "pl": "pl-PL"}[locale]
    numbered = 0
    for slide in deck.slides:
        tags = {
            one.get("lang") for one in slide.element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}rPr")
        }
        assert tags == {language}
        assert slide.notes_slide.notes_text_frame.text.strip()
        numbered += 'type="slidenum"' in str(slide.element.xml)
        for shape in slide.shapes:
            if shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
            assert shape.top + shape.height <= deck.slide_height
    assert numbered == len(deck.slides) - 1
    assert deck.core_properties.language == language
    assert Decimal(deck.slide_width) / Decimal(deck.slide_height) > Decimal("1.7")


def test_every_file_is_dated_and_says_who_made_it(app: Flask, tmp_path: Any):
    with app.test_request_context():
        told = told_of("en")
        made = {kind: laid_out(kind, told, Means(tmp_path)) or b"" for kind in ("pdf", "pptx", "xlsx")}
        texts = (
            pdf_text(made["pdf"]),
            "\n".join(slide_texts(made["pptx"])),
            "\n".join(sheet_texts(made["xlsx"], "en")),
        )
    for text in texts:
        assert "Progress on Tue 16 Jun 2026" in text
        assert "Made by Wanda Łoś on Wed 17 Jun 2026, 12:00" in text
