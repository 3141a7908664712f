"""The phases on slides: each as in the last baseline, as planned and as it goes, on an axis of days.

A chart that can be edited, with days in its workbook: bars of days stand behind one another, the first of them unseen.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from program.exports.deck import INCH, INDENT, LETTER, POINT, Box, plain
from program.exports.told import Bars, Days, Told
from program.ground.records import record

# So that three bars of a phase stay as high as they are read from the back of a room.
PHASES_A_SLIDE = 6
# Day 0 of spreadsheets.
_ZERO = date(1899, 12, 30)
# Where the bars stand within the chart, as shares of it: left of them the phases, above them the days.
_LEFT, _TOP, _WIDE, _HIGH = 0.2, 0.07, 0.78, 0.8
# Days between two marks of the axis; the first that gives few enough.
_STEPS, _MARKS = (7, 14, 28, 56, 91, 182, 364), 11
_DAYS = {"pl": "[$-415]d\\ mmm\\ yy", "en": "[$-809]d\\ mmm\\ yy"}


@record
class Row:
    """A bar: from that day on, so many days of each of the four kinds. `name` is the phase, on its middle row alone."""

    name: str
    kind: str = ""
    begins: date | None = None
    lengths: tuple[int | None, int | None, int | None, int | None] = (None, None, None, None)


def rows_of_phases(told: Told, some: Sequence[Bars]) -> list[Row]:
    """Three rows for each phase, in the order in which the page draws them, and an empty one between two phases."""
    words = told.words
    found: list[Row] = []
    for one in some:
        days = one.days
        found += [
            *([Row("")] if found else []),
            Row("", words["last_baseline"], _first(days.baseline), (_length(days.baseline), None, None, None)),
            Row(one.name, words["planned"], _first(days.planned), (None, _length(days.planned), None, None)),
            Row("", words["goes"], _first(days.real), (None, None, _length(days.real), _length(days.open))),
        ]
    return found


def put_phases(slide: Any, box: Box, told: Told, some: Sequence[Bars]) -> None:
    """The chart of these phases there, and a line at the day that is told of."""
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Emu, Pt

    rows = rows_of_phases(told, some)
    series = _series(told, rows)
    data = CategoryChartData(number_format="0")
    data.categories = [plain(row.name) for row in rows]
    for name, values in series:
        data.add_series(plain(name), values)
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_STACKED, Emu(box.left), Emu(box.top), Emu(box.width), Emu(box.height), data
    )
    about = frame._element.nvGraphicFramePr.cNvPr
    about.set("name", plain(told.words["axis"])[:100])
    about.set("descr", plain(" ".join(one.said for one in some))[:1000])
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(rows, series))
    chart.font.size = Pt(10)
    chart.has_title = False
    # What pushes the bars to their day is not a kind of bar: the key is written below instead.
    chart.has_legend = False
    plot = chart.plots[0]
    plot.gap_width, plot.overlap = 25, 100
    for one, look in zip(plot.series, (None, *_looks()), strict=True):
        if look is None:
            one.format.fill.background()
        else:
            _paint(one.format.fill, look)
    first, last = _ends(told)
    _lay_out(chart, told.locale, first, last)
    _put_key(slide, box, [name for name, _values in series[1:]])
    if first <= told.day <= last:
        _mark(slide, box, told, (told.day - first) / (last - first))


def _looks() -> tuple[Any, ...]:
    """Colours of the theme, and how light: baseline, plan, what is done or expected, the forecast's open end."""
    from pptx.enum.dml import MSO_THEME_COLOR

    ink, accent = MSO_THEME_COLOR.TEXT_1, MSO_THEME_COLOR.ACCENT_1
    return (ink, 0.65), (ink, 0.35), (accent, 0.0), (accent, 0.55)


def _paint(fill: Any, look: Any) -> None:
    fill.solid()
    fill.fore_color.theme_color, fill.fore_color.brightness = look


def _put_key(slide: Any, box: Box, names: Sequence[str]) -> None:
    """What each colour is, in a line at the bottom."""
    from pptx.enum.shapes import MSO_SHAPE
    from pptx.util import Emu

    high, mark, gap = int(16 * POINT), INCH // 5, INCH // 5
    top, left = box.top + box.height - high, box.left + INDENT
    room = box.width - len(names) * (mark + gap + 2 * INDENT)
    size = min(11.0, room / (sum(len(name) for name in names) * LETTER * POINT))
    for name, look in zip(names, _looks(), strict=True):
        shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Emu(left), Emu(top + high // 3), Emu(mark), Emu(high // 3))
        _paint(shape.fill, look)
        shape.line.fill.background()
        shape.shadow.inherit = False
        shape._element.nvSpPr.cNvPr.set("descr", plain(name))
        left += mark + INDENT
        wide = int(len(name) * size * LETTER * POINT) + INDENT
        _label(slide, Box(left, top, wide, high), name, size)
        left += wide + gap


def _label(slide: Any, box: Box, words: str, size: float) -> Any:
    """A line of text there; gives its paragraph's only run."""
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Emu, Pt

    frame = slide.shapes.add_textbox(Emu(box.left), Emu(box.top), Emu(box.width), Emu(box.height)).text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor, frame.word_wrap = MSO_ANCHOR.MIDDLE, False
    run = frame.paragraphs[0].add_run()
    run.text, run.font.size = plain(words), Pt(size)
    return run


def _first(pair: Days | None) -> date | None:
    return pair[0] if pair else None


def _length(pair: Days | None) -> int | None:
    return (pair[1] - pair[0]).days if pair else None


def _series(told: Told, rows: Sequence[Row]) -> list[tuple[str, list[int | None]]]:
    words = told.words
    names = (words["last_baseline"], words["planned"], words["expected"], words["open"])
    begins = [(row.begins - _ZERO).days if row.begins else None for row in rows]
    return [(words["starts"], begins), *((name, [row.lengths[at] for row in rows]) for at, name in enumerate(names))]


def _ends(told: Told) -> tuple[date, date]:
    """The days at both ends of the axis: Mondays around those of all phases, so that every slide has the same."""
    found = told.bars
    days = [day for one in found for pair in one.days.every for day in pair]
    first = min(days) - timedelta(days=min(days).weekday())
    return first, max(days) + timedelta(days=7 - max(days).weekday())


def _lay_out(chart: Any, locale: str, first: date, last: date) -> None:
    from pptx.enum.chart import XL_TICK_LABEL_POSITION, XL_TICK_MARK
    from pptx.enum.dml import MSO_THEME_COLOR
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls
    from pptx.util import Pt

    values, categories = chart.value_axis, chart.category_axis
    values.minimum_scale, values.maximum_scale = (first - _ZERO).days, (last - _ZERO).days
    length = (last - first).days
    values.major_unit = next((step for step in _STEPS if length / step <= _MARKS), length)
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = _DAYS[locale], False
    values.has_major_gridlines = True
    grid = values.major_gridlines.format.line
    grid.color.theme_color, grid.color.brightness, grid.width = MSO_THEME_COLOR.TEXT_1, 0.8, Pt(0.5)
    values.format.line.fill.background()
    # The first phase on top, and with it the days.
    categories.reverse_order = True
    categories.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    categories.has_major_gridlines = False
    categories.major_tick_mark = XL_TICK_MARK.NONE
    categories.tick_labels.font.size = Pt(12)
    area = chart._chartSpace.chart.plotArea
    old = area.find(f"{_C}layout")
    if old is not None:
        area.remove(old)
    places = zip(("x", "y", "w", "h"), (_LEFT, _TOP, _WIDE, _HIGH), strict=True)
    area.insert(
        0,
        parse_xml(
            f'<c:layout {nsdecls("c")}><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/>'
            f'<c:yMode val="edge"/>{"".join(f"<c:{name} val={chr(34)}{value}{chr(34)}/>" for name, value in places)}'
            "</c:manualLayout></c:layout>"
        ),
    )
    skip = parse_xml(f'<c:tickLblSkip {nsdecls("c")} val="1"/>')
    categories._element.find(f"{_C}noMultiLvlLbl").addprevious(skip)


_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def _mark(slide: Any, box: Box, told: Told, place: float) -> None:
    """A line at that share of the axis, with its day below."""
    from pptx.dml.color import RGBColor
    from pptx.enum.dml import MSO_LINE
    from pptx.enum.shapes import MSO_CONNECTOR
    from pptx.util import Emu, Pt

    from program.charts.look import LIGHT

    red = RGBColor.from_string(LIGHT["bad"].lstrip("#").upper())
    left = int(box.left + box.width * (_LEFT + _WIDE * place))
    top, bottom = (int(box.top + box.height * share) for share in (_TOP, _TOP + _HIGH))
    line = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, Emu(left), Emu(top), Emu(left), Emu(bottom))
    line.line.color.rgb, line.line.width, line.line.dash_style = red, Pt(1.25), MSO_LINE.DASH
    words = told.words["today"]
    line._element.nvCxnSpPr.cNvPr.set("descr", plain(words))
    run = _label(slide, Box(left - INCH // 3, bottom, INCH * 2 // 3, int(14 * POINT)), words, 10.0)
    run.font.bold, run.font.color.rgb = True, red


def _workbook(rows: Sequence[Row], series: Sequence[tuple[str, list[int | None]]]) -> bytes:
    """As the chart's editor expects it: phases down, then a column for each series."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Sheet1"
    last = len(series) + 2
    for place, row in enumerate(rows, start=2):
        _put(sheet.cell(place, 1), row.name)
        # Beside the chart's own columns, for those who change them.
        _put(sheet.cell(place, last), row.kind)
    for column, (name, values) in enumerate(series, start=2):
        _put(sheet.cell(1, column), name)
        for place, value in enumerate(values, start=2):
            if value is not None:
                sheet.cell(place, column, value).number_format = "yyyy-mm-dd" if column == 2 else "0"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _put(cell: Any, words: str) -> None:
    cell.value = plain(words)
    cell.data_type = "s"
