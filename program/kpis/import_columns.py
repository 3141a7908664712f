"""Which column of a file is what, and how its figures and days are written: guessed, shown, and changed by people.

A file is long (each row one figure) or wide (a column for each week, channel or KPI, whose heading names it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, field
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from program.ground.errors import Invalid
from program.ground.folding import fold
from program.ground.records import record
from program.kpis.models import Every
from program.kpis.numbers import COMMA, POINT, Writing, decimal_marks
from program.kpis.reading_words import COLUMNS, Words
from program.kpis.written_periods import Calendar, read_period
from program.planning.sheet_columns import in_all_languages
from program.planning.spreadsheets_in import slash_order

# A column of figures whose heading says the rest, and what it says.
WIDE = {"by_period": "period", "by_channel": "channel", "by_code": "code"}
CHOICES: dict[str, Any] = {
    "": _l("Left out"),
    **{name: column.heading for name, column in COLUMNS.items()},
    "by_period": _l("Values; the heading is the period"),
    "by_channel": _l("Values; the heading is the channel"),
    "by_code": _l("Values; the heading is the KPI"),
}
# Rows that are looked at for guessing.
LOOKED_AT = 200


@record
class Layout:
    """What each column is, in the order of the file; what holds for all rows; and how figures and days are written.

    `kpi`, `channel` and `period` are what all rows have in common where no column says it. `decimal` is ',' or '.' or
    '' for undeclared; `days` is 'day' or 'month' for what comes first in 3/12/2026, or '' for undeclared.
    """

    columns: tuple[str, ...]
    kpi: str = ""
    channel: str = ""
    period: str = ""
    decimal: str = ""
    days: str = ""
    shares: bool = False
    places: dict[str, int] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self.places.update((name, place) for place, name in enumerate(self.columns) if name and name not in WIDE)

    @property
    def wide(self) -> tuple[int, ...]:
        """The columns whose heading says something of their figures."""
        return tuple(place for place, name in enumerate(self.columns) if name in WIDE)

    @property
    def heading_says(self) -> str:
        """What the headings of a wide file say: 'period', 'channel' or 'code'; '' for a long one."""
        return next((WIDE[name] for name in self.columns if name in WIDE), "")

    @property
    def writing(self) -> Writing:
        """How figures are written."""
        return Writing(self.decimal, shares=self.shares)

    @property
    def calendar(self) -> Calendar:
        """How days are written."""
        return Calendar(None if not self.days else self.days == "day")

    def to_data(self) -> dict[str, Any]:
        """The layout in JSON terms."""
        data = asdict(self)
        del data["places"]
        return {**data, "columns": list(self.columns)}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Layout:
        """The layout that `to_data` wrote."""
        return cls(**{**data, "columns": tuple(data["columns"])})


def check(layout: Layout) -> None:
    """Raises Invalid, naming columns ('column-3') and fields, when no figure could be read that way."""
    wrong: dict[str, Any] = {}
    seen: set[str] = set()
    wide = {name for name in layout.columns if name in WIDE}
    for place, name in enumerate(layout.columns):
        if name not in CHOICES:
            wrong[f"column-{place}"] = _("Choose one from the list.")
        elif name and name in seen and name not in WIDE:
            wrong[f"column-{place}"] = _("Two columns of the file cannot both be this one.")
        elif name in WIDE and (len(wide) > 1 or WIDE[name] in layout.columns or "value" in layout.columns):
            wrong[f"column-{place}"] = _("This does not go together with the other columns.")
        seen.add(name)
    says = {*layout.places, layout.heading_says}
    if "value" not in says and not wide:
        wrong.setdefault("column-0", _("Say which column holds the values."))
    if "code" not in says and not layout.kpi:
        wrong["kpi"] = _("Say which KPI these figures are of, or which column says it.")
    if "period" not in says and not layout.period:
        wrong["period"] = _("Say of which period these figures are, or which column says it.")
    if layout.decimal not in ("", COMMA, POINT) or layout.days not in ("", "day", "month"):
        wrong["decimal"] = _("Choose one from the list.")
    if wrong:
        raise Invalid(_("Something is not right yet."), wrong)


def guess(headings: Sequence[str], rows: Sequence[Sequence[str]], words: Words) -> Layout:
    """How the file seems to be meant, from its headings and its first rows."""
    named = _by_heading(headings)
    columns = named if "value" in named else _wide(headings, named, words)
    figures = [
        row[place]
        for row in rows
        for place, name in enumerate(columns)
        if (name == "value" or name in WIDE) and place < len(row) and row[place]
    ]
    days = [row[place] for row in rows for place, name in enumerate(columns) if name == "period" and place < len(row)]
    days += [headings[place] for place, name in enumerate(columns) if name == "by_period"]
    mark, order = decimal_marks(figures), slash_order(days)
    return Layout(
        tuple(columns), decimal=mark if mark in (COMMA, POINT) else "", days=order if order in ("day", "month") else ""
    )


def _by_heading(headings: Sequence[str]) -> list[str]:
    taken: set[str] = set()
    found = []
    for heading in headings:
        name = _known().get(fold(heading), "")
        found.append("" if name in taken else name)
        taken.add(name)
    return found


def _wide(headings: Sequence[str], named: Sequence[str], words: Words) -> list[str]:
    """A file without a column of values: its figures may stand under weeks, channels or KPIs."""
    best: list[str] = list(named)
    for wide, known in (("by_period", _is_period), ("by_channel", words.channels), ("by_code", words.kpis)):
        if WIDE[wide] in named:
            continue
        found = [
            wide
            if not name and heading.strip() and (known(heading) if callable(known) else fold(heading) in known)
            else name
            for name, heading in zip(named, headings, strict=True)
        ]
        if found.count(wide) > sum(name in WIDE for name in best):
            best = found
    return best


def _is_period(text: str) -> bool:
    for every in Every:
        for calendar in (Calendar(True), Calendar(False)):
            try:
                read_period(text, every, calendar)
            except Invalid:
                continue
            return True
    return False


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for column in COLUMNS.values():
        for heading in (*in_all_languages(column.heading), *map(fold, column.also)):
            found.setdefault(heading, column.name)
    return found
