"""A deck of slides on somebody's template: where titles stand, how much room is below them, what each slide carries.

Colours and fonts are the template's own, so that slides look as the company's do.
"""

from __future__ import annotations

import io
import re
from typing import Any

from program.charts.look import LIGHT
from program.exports.cells import TONES
from program.exports.told import Told
from program.ground.records import record

# English Metric Units, as the format counts: so many to an inch.
INCH = 914400
INDENT = INCH * 8 // 100
POINT = 12700
# How wide a letter is beside its height, on the safe side.
LETTER = 0.55
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_LANGUAGES = {"pl": "pl-PL", "en": "en-GB"}
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
# Placeholders that python-pptx does not carry over from the layout to the slide.
_FOOT = {"ftr": "Footer", "sldNum": "Slide number"}


@record
class Company:
    """The company's template: the file, and which of its layouts (counted from 0) titles and pages use."""

    content: bytes
    title_layout: int
    page_layout: int


@record
class Box:
    """A place on a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int

    def beside(self, share: float, gap: int = INCH * 3 // 10) -> tuple[Box, Box]:
        """Two boxes side by side, the left one with that share of the width."""
        left = int((self.width - gap) * share)
        right = self.width - gap - left
        return (
            Box(self.left, self.top, left, self.height),
            Box(self.left + left + gap, self.top, right, self.height),
        )

    def below(self, used: int) -> Box:
        """What is left of it under something of that height."""
        return Box(self.left, self.top + used, self.width, max(0, self.height - used))


def plain(text: str) -> str:
    """The text without the controls that XML cannot hold."""
    return _CONTROLS.sub("", text)


class Deck:
    """Slides being put together."""

    def __init__(self, told: Told, company: Company | None) -> None:
        # Heavy, and only slides need it.
        from pptx import Presentation

        from program.exports.default_deck import default_deck

        self.told = told
        if company is None:
            self.file, title, page = default_deck(), 0, 5
        else:
            self.file = Presentation(io.BytesIO(company.content))
            title, page = company.title_layout, company.page_layout
            drop_slides(self.file)
        self._is_ours = company is None
        layouts = list(self.file.slide_layouts)
        self._title, self._page = (layouts[min(number, len(layouts) - 1)] for number in (title, page))
        self.box = _room(self._page, self.file.slide_width, self.file.slide_height)

    def front(self) -> None:
        """The slide that says what all this is."""
        slide = self.file.slides.add_slide(self._title)
        self._say_title(slide, self.told.title)
        rest = [one for one in slide.placeholders if one.placeholder_format.idx != 0]
        lines = f"{self.told.subtitle}\n{self.told.made}"
        if rest and rest[0].has_text_frame:
            rest[0].text_frame.text = plain(lines)
            rest = rest[1:]
        else:
            self.text(slide, Box(self.box.left, self.box.top, self.box.width, INCH), [lines], 18)
        for one in rest:
            one.element.getparent().remove(one.element)
        self._note(slide, [])

    def page(self, title: str, notes: list[str]) -> Any:
        """A slide with a title, its number, and notes for whoever speaks."""
        slide = self.file.slides.add_slide(self._page)
        self._say_title(slide, title)
        for one in list(slide.placeholders):
            if one.placeholder_format.idx != 0:
                one.element.getparent().remove(one.element)
        self._say_foot(slide)
        self._note(slide, notes)
        return slide

    def text(
        self, slide: Any, box: Box, lines: list[str], size: float, *, bold: bool = False, bullets: bool = False
    ) -> int:
        """Lines of text at that place; gives about how high they are, in EMU."""
        from pptx.util import Emu, Pt

        shape = slide.shapes.add_textbox(Emu(box.left), Emu(box.top), Emu(box.width), Emu(box.height))
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        # As the title is, whose text stands a little inside of its box.
        frame.margin_left = INDENT
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text = plain(("• " if bullets else "") + line)
            run.font.size, run.font.bold = Pt(size), bold
            paragraph.space_after = Pt(size / 3)
        high = sum(rows_of(line, box.width, size) for line in lines) * size * 1.2 + len(lines) * size / 3
        shape.height = min(box.height, int(high * POINT)) or box.height
        return int(high * POINT)

    def band(self, slide: Any, box: Box, height: int, tone: str) -> None:
        """A bar in the colour of a state, left of what says it in words."""
        from pptx.dml.color import RGBColor
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.util import Emu

        width = INCH * 6 // 100
        left = max(0, box.left - 2 * width)
        bar = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Emu(left), Emu(box.top), Emu(width), Emu(height))
        bar.fill.solid()
        bar.fill.fore_color.rgb = RGBColor.from_string(LIGHT[TONES.get(tone, "soft")].lstrip("#").upper())
        bar.line.fill.background()
        bar.shadow.inherit = False
        bar._element.nvSpPr.cNvPr.set("descr", self.told.state.text)

    def finished(self) -> bytes:
        """The file."""
        about = self.file.core_properties
        about.title, about.subject = plain(self.told.title)[:255], plain(self.told.subtitle)
        about.author = about.last_modified_by = plain(self.told.author)[:255] or "Milepost"
        about.language, about.keywords, about.comments = _LANGUAGES[self.told.locale], "", plain(self.told.made)[:255]
        about.created = about.modified = self.told.made_at.replace(tzinfo=None, microsecond=0)
        about.revision = 1
        for slide in self.file.slides:
            _speak(slide.element, self.told.locale)
            _speak(slide.notes_slide.element, self.told.locale)
            for shape in slide.shapes:
                if shape.has_chart:
                    _speak(shape.chart._chartSpace, self.told.locale)
                    _speak_in_chart(shape.chart._chartSpace, self.told.locale)
        file = io.BytesIO()
        self.file.save(file)
        return file.getvalue()

    def _say_title(self, slide: Any, title: str) -> None:
        from pptx.util import Pt

        if slide.shapes.title is not None:
            slide.shapes.title.text_frame.text = plain(title)
            return
        box = Box(self.box.left, INCH * 4 // 10, self.box.width, INCH * 7 // 10)
        self.text(slide, box, [title], Pt(26).pt, bold=True)

    def _say_foot(self, slide: Any) -> None:
        """The slide's number and what the file is, where the layout has places for them, or at the bottom."""
        found = {
            shape.element.find(f".//{_P}ph").get("type"): shape.element.find(f".//{_P}ph").get("idx")
            for shape in slide.slide_layout.placeholders
        }
        words = plain(f"{self.told.title} · {self.told.subtitle}")
        for kind, name in _FOOT.items():
            if kind in found:
                place = _add_placeholder(slide, kind, found[kind], name, "‹#›" if kind == "sldNum" else words)
                if self._is_ours and kind == "ftr":
                    # Some programs do not take a foot's look from the layout.
                    place.find(f".//{_A}rPr").set("sz", "1000")
            elif kind == "sldNum":
                _add_number(slide, self.file.slide_width, self.file.slide_height, len(self.file.slides))

    def _note(self, slide: Any, notes: list[str]) -> None:
        slide.notes_slide.notes_text_frame.text = plain("\n".join([*notes, f"{self.told.subtitle}. {self.told.made}."]))


def rows_of(text: str, width: int, size: float) -> int:
    """About how many lines a text takes in that width (EMU) at that size (points)."""
    fit = max(1, int(width / (size * LETTER * POINT)))
    return sum(max(1, -(-len(line) // fit)) for line in text.split("\n"))


def drop_slides(file: Any) -> None:
    """Leave out the slides that come with a template: they are examples."""
    slides = file.slides._sldIdLst
    for one in list(slides):
        file.part.drop_rel(one.rId)
        slides.remove(one)


def _room(layout: Any, width: int, height: int) -> Box:
    """Where the layout leaves room: below its title, above its foot."""
    margin = INCH // 2
    left, right, top, bottom = margin, width - margin, INCH * 13 // 10, height - margin
    for shape in layout.placeholders:
        kind = shape.element.find(f".//{_P}ph").get("type")
        if shape.left is None or shape.width is None:
            continue
        if kind in ("title", "ctrTitle") and shape.top + shape.height < height // 2 and shape.width > width // 2:
            left, right, top = shape.left, shape.left + shape.width, shape.top + shape.height + INCH // 10
        elif kind in ("dt", "ftr", "sldNum") and shape.top > height * 3 // 4:
            bottom = min(bottom, shape.top - INCH // 10)
    return Box(left, top, right - left, bottom - top)


def _add_placeholder(slide: Any, kind: str, number: str | None, name: str, words: str) -> Any:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    place = f' idx="{int(number)}"' if number else ""
    shape = parse_xml(
        f'<p:sp {nsdecls("p", "a")}><p:nvSpPr><p:cNvPr id="{_next_id(slide)}" name="{name}"/>'
        f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="{kind}" sz="quarter"{place}/></p:nvPr>'
        "</p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody></p:sp>"
    )
    slide.shapes._spTree.append(shape)
    paragraph = shape.find(f".//{_A}p")
    _fill(paragraph, words, is_number=kind == "sldNum")
    return shape


def _add_number(slide: Any, width: int, height: int, number: int) -> None:
    from pptx.util import Emu, Pt

    box = slide.shapes.add_textbox(Emu(width - INCH), Emu(height - INCH // 2), Emu(INCH * 6 // 10), Emu(INCH * 3 // 10))
    paragraph = box.text_frame.paragraphs[0]
    paragraph.font.size = Pt(10)
    _fill(paragraph._p, str(number), is_number=True)


def _fill(paragraph: Any, words: str, *, is_number: bool) -> None:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    if is_number:
        run = parse_xml(
            f'<a:fld {nsdecls("a")} id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum"><a:rPr/><a:t/>'
            "</a:fld>"
        )
    else:
        run = parse_xml(f"<a:r {nsdecls('a')}><a:rPr/><a:t/></a:r>")
    run.find(f"{_A}t").text = words
    paragraph.append(run)


def _next_id(slide: Any) -> int:
    return max(int(one.get("id", 0)) for one in slide.shapes._spTree.iter(f"{_P}cNvPr")) + 1


def _speak(element: Any, locale: str) -> None:
    """Say of every text which language it is in: screen readers and spelling ask."""
    language = _LANGUAGES[locale]
    for run in element.iter(f"{_A}r", f"{_A}fld"):
        properties = run.find(f"{_A}rPr")
        if properties is None:
            properties = run.makeelement(f"{_A}rPr", {})
            run.insert(0, properties)
        properties.set("lang", language)
    for properties in element.iter(f"{_A}endParaRPr", f"{_A}defRPr"):
        properties.set("lang", language)


def _speak_in_chart(chart: Any, locale: str) -> None:
    """A chart has a language of its own; it stands behind the calendar's setting."""
    found = chart.find(f"{_C}lang")
    if found is None:
        found = chart.makeelement(f"{_C}lang", {})
        chart.insert(1 if chart.find(f"{_C}date1904") is not None else 0, found)
    found.set("val", _LANGUAGES[locale])
