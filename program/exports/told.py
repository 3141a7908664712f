"""What a file says, before it is a PDF, slides or a spreadsheet: parts with sentences, tables and trends.

A cell knows both how the page writes it and what a spreadsheet computes with, so the two cannot differ by more than
rounding.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from program.ground.records import record

Value = str | int | float | Decimal | date | None


class On(StrEnum):
    """Where a column stands: everywhere, only where people read, or only where they compute."""

    EVERYWHERE = "everywhere"
    PAPER = "paper"
    SHEET = "sheet"


@record
class Cell:
    """`text` as the page writes it; `value` for computing, None where the text is all there is.

    `form` is the value's format as spreadsheets write one ('0.0" %"'). `tone` is a state or '': how it is coloured,
    always beside its word.
    """

    text: str
    value: Value = None
    form: str = ""
    tone: str = ""


@record
class Column:
    """A column's heading; `share` is how wide it is beside the others."""

    heading: str
    share: float = 1.0
    is_figure: bool = False
    on: On = On.EVERYWHERE


@record
class Table:
    """Rows under headings; `total` is the row that sums up, or None. `place` says where the whole table stands."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    place: On = On.EVERYWHERE

    def on(self, place: On) -> Table:
        """The same with only the columns that stand there; on paper none that is empty."""
        chosen = [number for number, column in enumerate(self.columns) if column.on in (On.EVERYWHERE, place)]
        if place is On.PAPER:
            chosen = [number for number in chosen if any(row[number].text for row in self.rows)]

        def pick(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
            return tuple(row[number] for number in chosen)

        columns = tuple(self.columns[number] for number in chosen)
        total = pick(self.total) if self.total else None
        return replace(self, columns=columns, rows=tuple(pick(row) for row in self.rows), total=total)


@record
class Line:
    """A named row of figures; None for a gap."""

    name: str
    values: tuple[Decimal | None, ...]


@record
class Trend:
    """Figures to be drawn: over weeks as lines, or (`are_bars`) beside one another.

    `alt` says in a sentence what is to be seen; `form` is the figures' format as spreadsheets write one. `low` and
    `high` are the ends of the scale, None where it follows the figures.
    """

    title: str
    alt: str
    categories: tuple[str, ...]
    lines: tuple[Line, ...]
    form: str = "0.0"
    weeks: tuple[date, ...] = ()
    low: float | None = None
    high: float | None = None
    are_bars: bool = False


@record
class Part:
    """A subject of its own heading.

    `lead` answers 'so what?' in a sentence or two; `figure` is the one number to remember, or ''; `points` are a list,
    `notes` come last and small. `source` says where the figures are from.
    """

    key: str
    title: str
    lead: tuple[Cell, ...]
    figure: str = ""
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    trends: tuple[Trend, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""


# From one day to another.
Days = tuple[date, date]


@record
class PhaseDays:
    """The days that a phase's bars stand for; `open` goes from where `real` ends."""

    planned: Days
    baseline: Days | None
    real: Days | None
    open: Days | None

    @property
    def every(self) -> tuple[Days, ...]:
        """Those there are."""
        return tuple(one for one in (self.planned, self.baseline, self.real, self.open) if one is not None)


@record
class Bars:
    """A phase on the axis of days, each bar as (left, width) in percent, None where there is none.

    `said` tells the bars' days to those who do not see them.
    """

    name: str
    planned: tuple[float, float]
    baseline: tuple[float, float] | None
    real: tuple[float, float] | None
    open: tuple[float, float] | None
    days: PhaseDays
    said: str


@record
class Told:
    """All that a file says. `made` tells who made it and when; `words` are those that only the layout needs."""

    key: str
    title: str
    subtitle: str
    locale: str
    day: date
    state: Cell
    headline: str
    made: str
    author: str
    made_at: datetime
    parts: tuple[Part, ...]
    bars: tuple[Bars, ...] = ()
    # Where the day lies on the axis of the bars, in percent.
    today: float | None = None
    words: dict[str, str] = field(default_factory=dict, hash=False)

    def part(self, key: str) -> Part | None:
        """The part of that section, or None where it is not shown."""
        return next((one for one in self.parts if one.key == key), None)

    @property
    def rows(self) -> int:
        """How much there is to lay out, in rows of tables."""
        return sum(len(table.rows) for part in self.parts for table in part.tables)
