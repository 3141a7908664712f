"""Figures of KPIs in Slack: what is asked for, what has come in, and the window in which figures are entered.

All channels of a KPI stand in one window, and as many KPIs as Slack takes; the rest follow on further pages. Each
field's id holds the KPI, the channel and the revision that was shown. `entering.py` does what people do with it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from plugins.slack_checkin import blocks as b
from plugins.slack_checkin.blocks import Block
from program.plugin_api.contract import Kpi

ENTER, SEND = "figures.enter", "figures.send"
FIELD, MAX_FIGURE = "figure", 60
# KPIs that are listed in a message; the window has them all.
MOST_LISTED = 25
# Fields and headings of one page: a view takes a hundred blocks, some of which say what is wrong.
_PAGE_BLOCKS, _PAGE_KPIS = 60, 20
_KPI_ID = 9
# Slack keeps three thousand characters with a window; the rules of a page's figures take a third of them.
_LONGEST = 1_500


@dataclass(frozen=True, slots=True)
class Asked:
    """What a button asks for: a review (0 for what is owed now, in no review) and KPIs; `page` is the window's."""

    review_id: int
    kpi_ids: tuple[int, ...]
    page: int = 0

    def __str__(self) -> str:
        """As a button's value."""
        return f"{self.review_id}:{self.page}:{','.join(map(str, self.kpi_ids))}"


def read_asked(value: Any) -> Asked | None:
    """What `Asked` wrote into a button or a window; None for what we did not write."""
    parts = str(value or "").split(":")
    numbers = [*parts[:2], *parts[2].split(",")] if len(parts) == 3 else []
    if not numbers or not all(one.isascii() and one.isdecimal() and len(one) <= _KPI_ID for one in numbers):
        return None
    review_id, page, *kpi_ids = map(int, numbers)
    return Asked(review_id, tuple(kpi_ids), page)


def asked_of(review_id: int, kpi_ids: Collection[int]) -> Asked:
    """What to ask for, as far as it fits into a button's value."""
    kept: list[int] = []
    for one in kpi_ids:
        if len(str(Asked(review_id, (*kept, one)))) > _LONGEST:
            break
        kept.append(one)
    return Asked(review_id, tuple(kept))


def prefix(review_id: int) -> str:
    """What the ids of all blocks begin with that show how the figures stand."""
    return f"figures:{review_id}:state"


def told_id(review_id: int) -> str:
    """The id of a block that names the KPIs already; then they are not listed once more."""
    return f"figures:{review_id}:told"


def counted(kpis: Sequence[Kpi]) -> tuple[int, int]:
    """How many figures are in, and how many there are in all."""
    places = sum(len(kpi.channels) for kpi in kpis)
    return places - sum(kpi.missing for kpi in kpis), places


def draw(asked: Asked, kpis: Sequence[Kpi], *, listed: bool = True) -> list[Block]:
    """How the figures stand, and the button to enter them, in the language that is spoken."""
    at = prefix(asked.review_id)
    if not kpis:
        return [b.section(b.escaped(_("There is nothing for you to enter here any more.")), at)]
    said: list[Block] = []
    if listed:
        lines = [_line(kpi) for kpi in kpis[:MOST_LISTED]]
        rest = len(kpis) - MOST_LISTED
        if rest > 0:
            lines.append(b.escaped(ngettext("and %(num)s more KPI", "and %(num)s more KPIs", rest)))
        said.append(b.section("\n".join(lines), f"{at}:list"))
    entered, places = counted(kpis)
    is_done = entered == places
    label = _("Change the figures") if is_done else _label(kpis)
    enter = b.button(
        label, f"{ENTER}:{asked.review_id}", str(asked), style="" if is_done else "primary", said=_said(label, kpis)
    )
    opening = b.button(_("Open the table"), f"open:figures:{asked.review_id}", url=kpis[0].url)
    said.append(b.actions([enter, opening], f"{at}:row"))
    words = _("All figures are in, thank you.") if is_done else state_words(kpis)
    said.append(b.context(b.escaped(words), f"{at}:count"))
    return said


def state_words(kpis: Sequence[Kpi]) -> str:
    """How many figures are in."""
    entered, places = counted(kpis)
    return _("Saved: %(entered)s of %(places)s figures.", entered=entered, places=places)


def draw_waiting(kpis: Sequence[Kpi]) -> list[Block]:
    """The figures that somebody owes, for the app's home; [] where none is missing."""
    missing = [kpi for kpi in kpis if kpi.missing and not kpi.is_closed]
    if not missing:
        return []
    return [
        b.header(_("Figures that wait for you"), "figures"),
        *draw(asked_of(0, [kpi.id for kpi in missing]), missing),
    ]


def pages(kpis: Sequence[Kpi]) -> list[list[Kpi]]:
    """The KPIs in pages of one window each."""
    found: list[list[Kpi]] = []
    used = 0
    for kpi in kpis:
        size = 1 + len(kpi.channels)
        if not found or used + size > _PAGE_BLOCKS or len(found[-1]) == _PAGE_KPIS:
            found.append([])
            used = 0
        found[-1].append(kpi)
        used += size
    return found


def window(
    asked: Asked,
    kpis: Sequence[Kpi],
    kept: Mapping[str, Any],
    *,
    note: str = "",
    typed: Mapping[int, Mapping[str, str]] | None = None,
    wrong: Mapping[int, Mapping[str, str]] | None = None,
) -> Block:
    """The window for one page of KPIs. `typed` and `wrong` are by KPI and channel, where it is shown once more.

    `kept` comes back with what is sent; the rules of each figure are added, so that it can be looked at without a
    database.
    """
    all_pages = pages(kpis)
    number = min(asked.page, len(all_pages) - 1)
    shown = all_pages[number]
    if wrong:
        # What was saved need not be looked at again.
        shown = [kpi for kpi in kpis if kpi.id in wrong] or shown
    said = [b.section(b.escaped(note), "note")] if note else []
    rules: dict[str, list[str]] = {}
    for kpi in shown:
        rules[str(kpi.id)] = [kpi.measure, _plain(kpi.low), _plain(kpi.high), kpi.period.isoformat()]
        mine = (wrong or {}).get(kpi.id, {})
        said.append(_heading(kpi, [words for key, words in mine.items() if key not in {c.key for c in kpi.channels}]))
        for channel in kpi.channels:
            if len(said) >= b.VIEW_BLOCKS - 2:
                break
            value = (typed or {}).get(kpi.id, {}).get(channel.key, channel.written)
            said.append(_field(kpi, channel.key, channel.name, channel.revision, value, channel.before_words))
            if words := mine.get(channel.key):
                said.append(b.context(f"⚠ {b.escaped(words)}", f"wrong:{kpi.id}:{channel.key}"))
    more = number + 1 < len(all_pages)
    title = _("Figures")
    if len(all_pages) > 1:
        title = _("Figures, %(page)s of %(pages)s", page=number + 1, pages=len(all_pages))
    submit = _("Save, next page") if more else _("Save")
    here = Asked(asked.review_id, asked.kpi_ids, number)
    metadata = json.dumps({**kept, "asked": str(here), "rules": rules}, separators=(",", ":"))
    return b.modal(SEND, title, submit, _("Cancel"), said, metadata)


def telling(words: str) -> Block:
    """The window when there is nothing to fill in."""
    return b.modal(SEND, _("Figures"), "", _("Close"), [b.section(b.escaped(words), "words")])


def fields(view: Mapping[str, Any]) -> dict[str, tuple[int, str, int, str]]:
    """What was written, by block: the KPI, its channel, the revision that was shown, the text ('' for an empty one)."""
    found: dict[str, tuple[int, str, int, str]] = {}
    values = (view.get("state") or {}).get("values") or {}
    for block_id, elements in values.items():
        parts = str(block_id).split(":", 3)
        if len(parts) != 4 or parts[0] != FIELD or not (parts[1].isdecimal() and parts[2].isdecimal()):
            continue
        text = str(((elements or {}).get(FIELD) or {}).get("value") or "")
        found[block_id] = (int(parts[1]), parts[3], int(parts[2]), text)
    return found


def rules_of(kept: Mapping[str, Any], kpi_id: int) -> tuple[str, Decimal | None, Decimal | None, date] | None:
    """The measure, the ends of the scale and the period that a window was opened with for a KPI."""
    try:
        measure, low, high, period = kept["rules"][str(kpi_id)]
        return measure, Decimal(low) if low else None, Decimal(high) if high else None, date.fromisoformat(period)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None


def _line(kpi: Kpi) -> str:
    name = f"*{b.escaped(b.cut(kpi.name, 60))}*, {b.escaped(kpi.period_name)}"
    if len(kpi.channels) == 1:
        (only,) = kpi.channels
        if only.value is not None:
            return f"✓ {name}: {b.escaped(_with_unit(only.written, kpi.unit))}"
        last = _("last: %(figure)s", figure=only.before_words) if only.before_words else _("nothing yet")
        return f"{name}: {b.escaped(last)}"
    entered = len(kpi.channels) - kpi.missing
    words = _("%(entered)s of %(places)s channels", entered=entered, places=len(kpi.channels))
    last_ones = [f"{one.name} {one.before_words}" for one in kpi.channels if one.value is None and one.before_words]
    if last_ones and entered < len(kpi.channels):
        words += "; " + _("last: %(figure)s", figure=b.cut(", ".join(last_ones), 200))
    return f"{'✓ ' if not kpi.missing else ''}{name}: {b.escaped(words)}"


def _label(kpis: Sequence[Kpi]) -> str:
    if {kpi.every for kpi in kpis} == {"week"}:
        return _("Enter this week’s figures")
    return _("Enter the figures")


def _said(label: str, kpis: Sequence[Kpi]) -> str:
    return f"{label}: {', '.join(kpi.code for kpi in kpis)}"


def _heading(kpi: Kpi, troubles: Sequence[str]) -> Block:
    name = f"*{b.escaped(b.cut(kpi.name, 200))}* · {b.escaped(kpi.program)} · {b.escaped(kpi.period_name)}"
    if kpi.is_closed:
        name += "\n" + b.escaped(_("This period is closed. A manager of the program can correct it."))
    return b.section("\n".join([name, *(f"⚠ {b.escaped(words)}" for words in troubles)]), f"kpi:{kpi.id}")


def _field(kpi: Kpi, key: str, name: str, revision: int, value: str, before: str) -> Block:
    # The KPI is said with each channel: a screen reader lands on the field without the heading.
    label = _with_unit(f"{b.cut(kpi.name, 100)}, {name}", f"({kpi.unit})" if kpi.unit else "")
    hint = _("Last: %(figure)s", figure=before) if before else ""
    block_id = f"{FIELD}:{kpi.id}:{revision}:{key}"
    return b.text_input(label, block_id, FIELD, most=MAX_FIGURE, value=value, optional=True, hint=hint)


def _with_unit(figure: str, unit: str) -> str:
    return f"{figure}\N{NO-BREAK SPACE}{unit}" if unit else figure


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
