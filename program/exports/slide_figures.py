"""Tables and charts on slides: both native, so that whoever gets them can change them."""

from __future__ import annotations

import io
from typing import Any

from program.charts.look import LIGHT
from program.charts.scale import span_of
from program.exports.cells import TONES
from program.exports.deck import INDENT, LETTER, POINT, Box, plain, rows_of
from program.exports.told import Cell, Table, Trend

# Points, the largest that fits is taken.
SIZES = (16.0, 14.0, 12.0)
# Lines of a cell that are shown; the whole text then stands in the notes.
_MOST_LINES = 6
# As much as the text of a title stands inside of its box.
_PADDING = INDENT
_LINE = 1.3
# The format's own name for a table without any style.
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
# A state's mark is a shape of its own, beside its word.
_MARKS = {"good": "●", "warn": "▲", "bad": "■"}
_WAYS = ("better", "worse", "late")


def put_table(slide: Any, box: Box, table: Table, first: int = 0) -> tuple[int, int, list[str]]:
    """As many rows as fit there, from that one on.

    Gives the row that is next, the height that is taken in EMU, and texts that were too long to be shown whole.
    """
    from pptx.util import Emu

    widths = _widths(table, box.width)
    every = [*table.rows, *((table.total,) if table.total else ())]
    size = _size(table, every, widths, box.height) if first == 0 else SIZES[-1]
    rows: list[tuple[Cell, ...]] = []
    long: list[str] = []
    heights = [_height([column.heading for column in table.columns], widths, size)]
    for row in every[first:]:
        shown, cut = _cut(row, widths, size)
        height = _height([cell.text for cell in shown], widths, size)
        if rows and sum(heights) + height > box.height:
            break
        rows.append(shown)
        heights.append(height)
        long += cut
    frame = slide.shapes.add_table(
        len(rows) + 1, len(table.columns), Emu(box.left), Emu(box.top), Emu(box.width), Emu(sum(heights))
    )
    _describe(frame, table.title, table.title)
    made = frame.table
    made._tbl.tblPr.find(f"{_A}tableStyleId").text = _NO_STYLE
    made.horz_banding = False
    for number, width in enumerate(widths):
        made.columns[number].width = Emu(width)
    for number, height in enumerate(heights):
        made.rows[number].height = Emu(height)
    for number, column in enumerate(table.columns):
        _write(made.cell(0, number), Cell(column.heading), size - 1, column.is_figure, is_bold=True, line=12700)
    for place, row in enumerate(rows, start=1):
        is_total = table.total is not None and first + place == len(every)
        for number, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            _write(made.cell(place, number), cell, size, column.is_figure, is_bold=is_total, line=6350)
    return first + len(rows), sum(heights), long


_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def _widths(table: Table, width: int) -> list[int]:
    every = sum(column.share for column in table.columns)
    return [int(width * column.share / every) for column in table.columns]


def _height(texts: list[str], widths: list[int], size: float) -> int:
    lines = max(rows_of(text, width - 2 * _PADDING, size) for text, width in zip(texts, widths, strict=True))
    return int(lines * size * _LINE * POINT) + _PADDING


def _size(table: Table, every: list[tuple[Cell, ...]], widths: list[int], room: int) -> float:
    """The largest size in which the whole table fits there, or the smallest."""
    headings = [column.heading for column in table.columns]
    for size in SIZES:
        rows = [[cell.text for cell in _cut(row, widths, size)[0]] for row in every]
        fits = sum(_height(row, widths, size) for row in [headings, *rows]) <= room
        if fits and not any(_is_broken(row, widths, size) for row in [headings, *rows]):
            return size
    return SIZES[-1]


def _is_broken(texts: list[str], widths: list[int], size: float) -> bool:
    """Whether a word is wider than its column."""
    return any(
        len(word) * size * LETTER * POINT > width - 2 * _PADDING
        for text, width in zip(texts, widths, strict=True)
        for word in text.split()
    )


def _cut(row: tuple[Cell, ...], widths: list[int], size: float) -> tuple[tuple[Cell, ...], list[str]]:
    """The row with texts of a bearable length, and those that had to be cut."""
    shown, cut = [], []
    for cell, width in zip(row, widths, strict=True):
        text = plain(cell.text)
        if rows_of(text, width - 2 * _PADDING, size) > _MOST_LINES:
            fit = int((width - 2 * _PADDING) / (size * LETTER * POINT)) * (_MOST_LINES - 1)
            cut.append(text)
            text = " ".join(text.split())[:fit].rstrip() + "…"
        shown.append(Cell(text, cell.value, cell.form, cell.tone))
    return tuple(shown), cut


def _write(place: Any, cell: Cell, size: float, is_figure: bool, *, is_bold: bool, line: int) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls
    from pptx.util import Pt

    place.margin_left = place.margin_right = _PADDING
    place.margin_top = place.margin_bottom = _PADDING // 2
    place.vertical_anchor = MSO_ANCHOR.TOP
    frame = place.text_frame
    frame.word_wrap = True
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if is_figure else PP_ALIGN.LEFT
    tone = TONES.get(cell.tone, "")
    if tone in _MARKS and cell.tone not in _WAYS:
        mark = paragraph.add_run()
        mark.text, mark.font.size = f"{_MARKS[tone]} ", Pt(size)
        mark.font.color.rgb = RGBColor.from_string(LIGHT[tone].lstrip("#").upper())
    if cell.text:
        run = paragraph.add_run()
        run.text = plain(cell.text)
        run.font.size, run.font.bold = Pt(size), is_bold
    # An empty cell is as high as its end says, whatever stands in it.
    paragraph._p.append(parse_xml(f'<a:endParaRPr {nsdecls("a")} sz="{int(size * 100)}"/>'))
    properties = place._tc.get_or_add_tcPr()
    # A thin line below each row, in the text's own colour.
    properties.insert(
        0,
        parse_xml(
            f'<a:lnB {nsdecls("a")} w="{line}"><a:solidFill><a:schemeClr val="tx1"><a:lumMod val="50000"/>'
            '<a:lumOff val="50000"/></a:schemeClr></a:solidFill></a:lnB>'
        ),
    )


def put_chart(slide: Any, box: Box, trend: Trend, *, is_titled: bool = True) -> None:
    """A chart that can be edited where it stands, with its figures in a workbook of its own."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
    from pptx.enum.dml import MSO_THEME_COLOR
    from pptx.util import Emu, Pt

    data = CategoryChartData(number_format=trend.form)
    data.categories = [plain(one) for one in trend.categories]
    for line in trend.lines:
        data.add_series(plain(line.name), [None if one is None else float(one) for one in line.values])
    kind = XL_CHART_TYPE.BAR_CLUSTERED if trend.are_bars else XL_CHART_TYPE.LINE_MARKERS
    frame = slide.shapes.add_chart(kind, Emu(box.left), Emu(box.top), Emu(box.width), Emu(box.height), data)
    _describe(frame, trend.title, trend.alt)
    chart = frame.chart
    # The library's own workbook would take '=…' for a formula.
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(trend))
    chart.font.size = Pt(10)
    chart.has_title = is_titled
    if is_titled:
        chart.chart_title.include_in_layout = False
        run = chart.chart_title.text_frame.paragraphs[0].add_run()
        run.text = plain(trend.title)
        run.font.size, run.font.bold = Pt(11), True
    chart.has_legend = len(trend.lines) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    values, categories = chart.value_axis, chart.category_axis
    values.has_major_gridlines = True
    grid = values.major_gridlines.format.line
    grid.color.theme_color, grid.color.brightness, grid.width = MSO_THEME_COLOR.TEXT_1, 0.8, Pt(0.5)
    values.format.line.fill.background()
    if not trend.are_bars:
        # The ends as the page's own charts have them.
        known = [float(one) for line in trend.lines for one in line.values if one is not None]
        span = span_of(known, low=trend.low, high=trend.high)
        values.minimum_scale, values.maximum_scale = span.low, span.high
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = trend.form, False
    categories.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    categories.has_major_gridlines = False
    if trend.are_bars:
        # As in the table beside it: the first phase on top.
        categories.reverse_order = True
        chart.plots[0].gap_width, chart.plots[0].overlap = 60, -10
    colours = (MSO_THEME_COLOR.ACCENT_1, MSO_THEME_COLOR.ACCENT_2, MSO_THEME_COLOR.ACCENT_3)
    for number, series in enumerate(chart.plots[0].series):
        colour = colours[number % len(colours)]
        if trend.are_bars:
            series.format.fill.solid()
            series.format.fill.fore_color.theme_color = colour
        else:
            series.smooth = False
            series.format.line.color.theme_color, series.format.line.width = colour, Pt(2)
            series.marker.size = 5
            series.marker.format.fill.solid()
            series.marker.format.fill.fore_color.theme_color = colour
            series.marker.format.line.fill.background()


def _workbook(trend: Trend) -> bytes:
    """The chart's figures as its editor expects them: categories down, a column for each line."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Sheet1"
    for number, line in enumerate(trend.lines, start=2):
        _put(sheet.cell(1, number), line.name)
        for place, value in enumerate(line.values, start=2):
            if value is not None:
                cell = sheet.cell(place, number, value)
                cell.number_format = trend.form
    for place, name in enumerate(trend.categories, start=2):
        _put(sheet.cell(place, 1), name)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _put(cell: Any, words: str) -> None:
    cell.value = plain(words)
    cell.data_type = "s"


def _describe(frame: Any, name: str, alt: str) -> None:
    about = frame._element.nvGraphicFramePr.cNvPr
    about.set("name", plain(name)[:100])
    about.set("descr", plain(alt)[:1000])
