"""The frozen data about figures that passes between Milepost and its plugins: KPIs, readings, weekly reviews.

Figures are exact: decimals here, and text where they come from outside. Plugins import it from `contract.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class KpiChannel:
    """A channel of a KPI in one period ('' for all channels together), named for its reader; figures are exact.

    `value` is what is there (None for nothing yet, then `revision` is 0), `before` the newest one of earlier periods.
    `written` is the figure as its reader would type it, `before_words` the one before with its unit and period.
    """

    key: str
    name: str
    value: Decimal | None
    revision: int
    before: Decimal | None
    before_period: date | None
    written: str = ""
    before_words: str = ""


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI in one period, with the channels in which that person may enter its figure.

    `every` is 'week', 'month' or 'quarter', `period` its first day and `period_name` its name; a `is_closed` one is
    corrected by a manager only. `program` is the program's key, `unit` stands behind a figure, `url` opens the table.
    `measure` ('percent', 'seconds', 'points' and the like) and the ends of its scale are for `wrong_figure`.
    """

    id: int
    program_id: int
    program: str
    code: str
    name: str
    unit: str
    decimals: int
    every: str
    period: date
    period_name: str
    is_closed: bool
    channels: tuple[KpiChannel, ...]
    url: str
    measure: str = ""
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def missing(self) -> int:
        """How many of its figures have not come in."""
        return sum(channel.value is None for channel in self.channels)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording figures came to: so many were new, said something else before, or said the same."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A KPI in a weekly review: how it stood, and all of it in one line of text; `matters` to look at it first."""

    kpi_id: int
    code: str
    name: str
    state: str
    text: str
    matters: bool


@dataclass(frozen=True, slots=True)
class Review:
    """A weekly review of KPIs, what needs somebody first, in words of its reader's language.

    `state` is 'collecting', 'ready', 'held' or 'closed'; `week` is the Monday of the week it looks at. `may_write` and
    `may_hold` say what the reader may do to it now, `may_close` too; `url` opens it. `noted` are notes, causes and
    decisions, `agreed` actions, each a line of text; `summary` is what was written when it was closed.
    """

    id: int
    program_id: int
    program: str
    number: int
    week: date
    week_name: str
    state: str
    meets_at: datetime
    headline: str
    lines: tuple[ReviewLine, ...]
    may_write: bool
    may_hold: bool
    url: str
    may_close: bool = False
    noted: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as a PNG, with a title and what it shows in words, for those who do not see it."""

    png: bytes = field(repr=False)
    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class KpiToRead:
    """A KPI as a system that measures it has to know it: what to send for which periods and channels.

    `every` is 'week', 'month' or 'quarter'; `channels` are pairs of key and name. Where `takes_overall` is False, the
    value of all channels together is worked out here. `open_from` is the first day whose figures can still be written.
    """

    code: str
    name: str
    unit: str
    decimals: int
    every: str
    channels: tuple[tuple[str, str], ...]
    takes_overall: bool
    open_from: date | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure from another system. `program` is the program's key, `value` an exact decimal as text: '78.25'.

    `period` is a day in it or text as '2026-W23'; `channel` a key or name, '' for all channels together. `source_key`
    is what the source calls this row of figures, at most 200 letters: with the period it names the figure for good, so
    that one sent again as it was changes nothing, not even what a person has corrected here since.
    """

    program: str
    code: str
    period: date | str
    value: str
    source_key: str
    channel: str = ""
