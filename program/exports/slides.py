"""The slides: a title, then a slide for each subject that begins with its sentence. Charts and tables can be edited.

What does not fit goes on to a further slide; what is too long for a cell stands whole in the notes.
"""

from __future__ import annotations

from flask_babel import gettext as _

from program.exports.deck import INCH, Box, Company, Deck
from program.exports.slide_figures import put_chart, put_table
from program.exports.slide_phases import PHASES_A_SLIDE, put_phases
from program.exports.told import On, Part, Table, Told
from program.ground import formats
from program.steering.progress_parts import Section

# Trends beside and under one another.
_TRENDS_A_SLIDE = 4
_FURTHER = 20


def write_slides(told: Told, company: Company | None = None) -> bytes:
    """The presentation as PPTX, on the company's template or on ours."""
    with formats.reading_as(told.locale, "UTC"):
        deck = Deck(told, company)
        deck.front()
        empty = [part for part in told.parts if not (part.tables or part.points or part.figure)]
        for part in told.parts:
            if part.key == "state":
                _state(deck, part)
            elif part not in empty:
                _part(deck, part)
        if empty:
            slide = deck.page(_("Nothing to show yet"), [])
            deck.text(slide, deck.box, [f"{one.title}: {cell.text}" for one in empty for cell in one.lead], 16)
        return deck.finished()


def _state(deck: Deck, part: Part) -> None:
    told = deck.told
    rules = [f"{row[0].text}: {row[1].text}" for table in part.tables for row in table.rows]
    slide = deck.page(f"{part.title}: {told.state.text}", [*part.points, "", *rules])
    box = deck.box
    used = deck.text(slide, box, [told.headline], 20)
    deck.band(slide, box, used, told.state.tone)
    box = box.below(used + INCH // 5)
    said = [cell.text for cell in part.lead[1:]]
    if said:
        box = box.below(deck.text(slide, box, said, 14) + INCH // 5)
    if part.points:
        box = box.below(deck.text(slide, box, [told.words["why"]], 14, bold=True) + INCH // 20)
        deck.text(slide, box, list(part.points), 14, bullets=True)


def _part(deck: Deck, part: Part) -> None:
    notes = [part.source, *part.notes] if part.source else list(part.notes)
    slide = deck.page(part.title, notes)
    box = deck.box
    lead = [cell.text for cell in part.lead]
    if lead and not part.figure:
        box = box.below(deck.text(slide, box, [" · ".join(lead)], 16) + INCH * 15 // 100)
    tables = [table for one in part.tables if one.place is not On.SHEET for table in [one.on(On.PAPER)]]
    if part.figure:
        left, box = box.beside(0.5)
        used = deck.text(slide, left, [part.figure], 40, bold=True)
        used += deck.text(slide, left.below(used), [" · ".join(lead)], 14) + INCH // 10
        if part.trends:
            put_chart(slide, left.below(used), part.trends[0])
    elif any(one.are_bars for one in part.trends):
        left, box = box.beside(0.5)
        put_chart(slide, left, part.trends[0])
    elif part.points:
        left, box = box.beside(0.34) if tables else (box, box)
        deck.text(slide, left, list(part.points), 14, bullets=True)
    _tables(deck, part, slide, box, tables)
    if part.key == Section.KPIS:
        _trends(deck, part)
    if part.key == Section.PHASES:
        _phases(deck, part)


def _phases(deck: Deck, part: Part) -> None:
    """The phases' bars, a few phases to a slide."""
    told = deck.told
    for first in range(0, len(told.bars), PHASES_A_SLIDE):
        some = told.bars[first : first + PHASES_A_SLIDE]
        slide = deck.page(told.words["axis"], [part.source, *(one.said for one in some)])
        put_phases(slide, deck.box, told, some)


def _tables(deck: Deck, part: Part, slide: object, box: Box, tables: list[Table]) -> None:
    """The tables under one another; what does not fit stands on further slides."""
    for number, table in enumerate(tables):
        first, further = 0, 0
        # A table that would begin at the very bottom begins on a slide of its own.
        if number and box.height < INCH * 3 // 2:
            slide, box = _further(deck, part), deck.box
        while first < len(table.rows) + (1 if table.total else 0) and further < _FURTHER:
            if first:
                slide, box, further = _further(deck, part), deck.box, further + 1
            if number and not first:
                box = box.below(deck.text(slide, box, [table.title], 14, bold=True) + INCH // 20)
            first, used, cut = put_table(slide, box, table, first)
            box = box.below(used + INCH // 4)
            if cut:
                frame = slide.notes_slide.notes_text_frame  # type: ignore[attr-defined]
                frame.text = "\n\n".join([frame.text, *cut])


def _further(deck: Deck, part: Part) -> object:
    return deck.page(_("%(title)s (continued)", title=part.title), [part.source] if part.source else [])


def _trends(deck: Deck, part: Part) -> None:
    """The KPIs' own trends, four to a slide."""
    rest = part.trends[1:]
    for first in range(0, len(rest), _TRENDS_A_SLIDE):
        slide = deck.page(_("KPI trends"), [part.source, *(one.alt for one in rest[first : first + _TRENDS_A_SLIDE])])
        left, right = deck.box.beside(0.5)
        half = deck.box.height // 2 - INCH // 20
        for number, one in enumerate(rest[first : first + _TRENDS_A_SLIDE]):
            side = (left, right)[number % 2]
            top = side.top + (half + INCH // 10) * (number // 2)
            put_chart(slide, Box(side.left, top, side.width, half), one)
