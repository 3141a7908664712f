"""Cells of the kinds that files hold: each with the page's own way of writing it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext

from program.exports.told import Cell
from program.ground import formats

# As spreadsheets write formats: they show separators as their reader's own settings say.
WHOLE, MONEY, DAY = "#,##0", "#,##0", "yyyy-mm-dd"
NONE = "—"
STATES: dict[str, Any] = {
    "on_track": _l("On track"),
    "at_risk": _l("At risk"),
    "off_track": _l("Off track"),
    "open": _l("Awaiting decision"),
    "ready": _l("Ready to decide"),
    "go": _l("Go"),
    "conditional_go": _l("Conditional go"),
    "reopened": _l("Reopened"),
    "hold": _l("Hold"),
    "no_go": _l("No-go"),
    "running": _l("Running"),
    "next": _l("Ahead"),
}
# The colours of states, and of what got better or worse.
TONES = {
    **dict.fromkeys(("on_track", "go", "conditional_go", "ready", "ended", "better"), "good"),
    **dict.fromkeys(("at_risk", "hold", "reopened", "worse"), "warn"),
    **dict.fromkeys(("off_track", "no_go", "late"), "bad"),
    **dict.fromkeys(("running",), "accent"),
}


def text(words: str) -> Cell:
    """Words."""
    return Cell(words)


def whole(number: int) -> Cell:
    """A count."""
    return Cell(formats.number(number), number, WHOLE)


def money(sum_: Decimal) -> Cell:
    """An amount, shown without its small change, as on the page."""
    return Cell(formats.exact(sum_), sum_, MONEY)


def decimal(value: Decimal | float | None, places: int, sign: str = "") -> Cell:
    """A figure with so many places and what stands behind it; a dash for none."""
    if value is None:
        return Cell(NONE)
    # Each as the page rounds it: measured means as numbers, what people entered exactly.
    if isinstance(value, float):
        # What a spreadsheet would round in another way is rounded already.
        written, value = formats.number(value, places), round(Decimal(repr(value)), places)
    else:
        written = formats.exact(value, places)
    return Cell(f"{written}\N{NO-BREAK SPACE}{sign}" if sign else written, value, form_of(places, sign))


def form_of(places: int, sign: str = "") -> str:
    """The format of such a figure."""
    # Within quotes nothing has a meaning to a spreadsheet but the quote itself.
    said = sign.replace('"', "").replace("\\", "")
    return "#,##0" + ("." + "0" * places if places else "") + (f'"\N{NO-BREAK SPACE}{said}"' if said else "")


def day(value: date, *, is_short: bool = False) -> Cell:
    """A day, with its weekday unless `is_short`."""
    return Cell(formats.short_day(value) if is_short else formats.day(value), value, DAY)


def day_or_none(value: date | None, *, is_short: bool = False) -> Cell:
    """A day, or a dash."""
    return Cell(NONE) if value is None else day(value, is_short=is_short)


def state(name: str) -> Cell:
    """A state in its word."""
    word = pgettext("phase", "Ended") if name == "ended" else str(STATES.get(name, _l("No data")))
    return Cell(word, tone=name)


def changed(written: str, way: int, value: Decimal | None = None, form: str = "") -> Cell:
    """A change with its word: `way` is 1 for better, -1 for worse, 0 for neither."""
    if not way:
        return Cell(written, value, form)
    tone, word = ("better", _("better")) if way > 0 else ("worse", _("worse"))
    return Cell(f"{written} ({word})", value, form, tone)
