"""The board: every KPI as it stands, what needs somebody first, and the sentence that says what matters.

Rows hold what the page writes, in the reader's words, so that sixty of them cost little. They hold nothing else: what
a template was given lives on until the collector comes by, and readings behind the rows would be most of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from program.charts.sparkline import sparkline
from program.ground.records import record
from program.kpis import index, periods
from program.kpis.judging import URGENCY, State
from program.kpis.limits import Unusual
from program.kpis.standings import DRAWN, Standing
from program.kpis.words import UNUSUAL_WORDS, aim_in_words, difference, figure

# So many are named in a sentence; the rest are counted.
_NAMED = 3
SILENT = (State.STALE, State.NO_DATA)


@record
class BoardRow:
    """A KPI in a row. `way` is 1 for better than before, -1 for worse, 0 for neither."""

    code: str
    name: str
    value: str
    change: str
    way: int
    aim: str
    against_baseline: str
    baseline_way: int
    state: str
    # Of which period the figure is, and how many are missing since ('' for none).
    age: str
    missed: str
    owner: str
    unusual: str
    line: Markup


@record
class IndexLine:
    """The Experience Index as the board shows it."""

    value: Decimal | None
    change: Decimal | None
    week: date
    line: Markup
    # How many of its parts were missing, and how many carried forward from an earlier week.
    missing: int
    carried: int


def rows_of(found: Sequence[Standing]) -> list[BoardRow]:
    """The rows of standings, in their order."""
    ages: dict[tuple[str, date | None, int], tuple[str, str]] = {}
    # As plain text: a lazy one would be looked up for every row.
    unusual = {kind: str(words) for kind, words in UNUSUAL_WORDS.items()}
    rows = []
    for one in found:
        latest = one.latest
        key = (one.kpi.every, latest.period if latest else None, one.missed)
        if key not in ages:
            ages[key] = age_of(one)
        rows.append(
            BoardRow(
                code=one.kpi.code,
                name=one.kpi.label,
                value=figure(one.value, one.kpi),
                change=difference(one.change, one.kpi),
                way=one.trend,
                aim=aim_in_words(one.aim, one.kpi),
                against_baseline=difference(one.value - one.baseline.value, one.kpi)
                if one.baseline and one.value is not None
                else "",
                baseline_way=one.is_good_since_baseline,
                state=one.state.value,
                age=ages[key][0],
                missed=ages[key][1],
                owner=one.kpi.owner,
                unusual=unusual[one.unusual] if one.unusual else "",
                line=sparkline(tuple(value for _period, value in one.recent)),
            )
        )
    return rows


def age_of(one: Standing) -> tuple[str, str]:
    """Of which period the newest figure is, and how many are missing since ('' for none): 'week 23', '2 missing'."""
    if one.latest is None:
        return _("never read"), ""
    missed = ngettext("%(num)s missing since", "%(num)s missing since", one.missed) if one.missed else ""
    return periods.label_of(one.kpi, one.latest.period), missed


def counts_of(found: Sequence[Standing]) -> list[tuple[str, int]]:
    """How many stand how: states with their numbers, what needs somebody first."""
    counted = Counter(one.state for one in found)
    return [(state.value, counted[state]) for state in URGENCY if counted[state]]


class Coded(Protocol):
    """What is named by its code."""

    @property
    def code(self) -> str:
        """As people say it: CSAT."""


class Judged(Protocol):
    """A KPI as it stands, or as it stood when a review looked at it."""

    @property
    def kpi(self) -> Coded:
        """Which one it is."""

    @property
    def state(self) -> State:
        """How it stands."""

    @property
    def unusual(self) -> Unusual | None:
        """Whether it moved by more than noise."""


def headline(found: Sequence[Judged]) -> str:
    """What the board says, in two or three sentences."""
    if not found:
        return ""
    by_state: dict[State, list[str]] = {state: [] for state in State}
    for one in found:
        by_state[one.state].append(one.kpi.code)
    off, risk, good = by_state[State.OFF_TRACK], by_state[State.AT_RISK], by_state[State.ON_TRACK]
    sentences = []
    if off:
        sentences.append(ngettext("%(names)s is off track.", "%(names)s are off track.", len(off), names=_names(off)))
    elif risk:
        sentences.append(
            ngettext(
                "Nothing is off track; %(names)s is at risk.",
                "Nothing is off track; %(names)s are at risk.",
                len(risk),
                names=_names(risk),
            )
        )
    elif good:
        sentences.append(_("Nothing is off track or at risk."))
    silent = [*by_state[State.STALE], *by_state[State.NO_DATA]]
    if silent:
        sentences.append(
            ngettext(
                "%(names)s has no fresh figure.", "%(names)s have no fresh figure.", len(silent), names=_names(silent)
            )
        )
    unasked = len(by_state[State.NO_TARGET]) + len(by_state[State.NO_BASELINE])
    if unasked and not off:
        sentences.append(
            ngettext(
                "%(num)s cannot be judged: it has no target or no baseline.",
                "%(num)s cannot be judged: they have no target or no baseline.",
                unasked,
            )
        )
    odd = [one.kpi.code for one in found if one.unusual and one.state not in SILENT]
    if odd:
        sentences.append(
            ngettext(
                "%(names)s moved by more than its usual ups and downs.",
                "%(names)s moved by more than their usual ups and downs.",
                len(odd),
                names=_names(odd),
            )
        )
    return " ".join(sentences)


def index_line(program_id: int) -> IndexLine | None:
    """The Experience Index of the last weeks; None where there is none. One statement."""
    points = index.series(program_id, DRAWN)
    if not points:
        return None
    values = [point.value for point in points]
    known = [value for value in values[:-1] if value is not None]
    change = values[-1] - known[-1] if known and values[-1] is not None else None
    words = _("The Experience Index of the last %(num)s weeks", num=len(values))
    line = sparkline(tuple(values), words, 160, 40)
    newest = points[-1]
    return IndexLine(newest.value, change, newest.week, line, len(newest.missing), len(newest.carried))


def _names(codes: Sequence[str]) -> str:
    shown = list(codes[:_NAMED])
    rest = len(codes) - len(shown)
    if rest:
        return ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", rest, names=", ".join(shown))
    return shown[0] if len(shown) == 1 else _("%(names)s and %(last)s", names=", ".join(shown[:-1]), last=shown[-1])
