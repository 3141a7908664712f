"""How KPIs, channels and figures are written for the reader."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from program.ground import formats
from program.kpis.catalogue import entries
from program.kpis.judging import Aim, State
from program.kpis.limits import Unusual
from program.kpis.models import OVERALL, Better, Confidence, Every, NoteKind, OverallBy, TargetKind, Unit, Way
from program.planning.item_words import CHANNEL_WORDS

ALL_CHANNELS = _l("All channels")
UNIT_WORDS: dict[str, Any] = {
    Unit.PERCENT: _l("Percent"),
    Unit.NUMBER: _l("Number"),
    Unit.MONEY: _l("Money"),
    Unit.SECONDS: _l("Seconds"),
    Unit.MINUTES: _l("Minutes"),
    Unit.POINTS: _l("Points"),
}
BETTER_WORDS: dict[str, Any] = {
    Better.UP: _l("The higher, the better"),
    Better.DOWN: _l("The lower, the better"),
    Better.INSIDE: _l("Within a range"),
}
EVERY_WORDS: dict[str, Any] = {
    Every.WEEK: _l("Every week"),
    Every.MONTH: _l("Every month"),
    Every.QUARTER: _l("Every quarter"),
}
OVERALL_WORDS: dict[str, Any] = {
    OverallBy.ENTERED: _l("Entered like every other figure"),
    OverallBy.WEIGHTED: _l("The mean of the channels, weighted by a volume"),
}
TARGET_WORDS: dict[str, Any] = {
    TargetKind.AT_LEAST: _l("At least"),
    TargetKind.AT_MOST: _l("At most"),
    TargetKind.RISE_BY: _l("Rise by, in percent of the baseline"),
    TargetKind.FALL_BY: _l("Fall by, in percent of the baseline"),
    TargetKind.BETWEEN: _l("Between"),
}
NOTE_WORDS: dict[str, Any] = {
    NoteKind.NOTE.value: _l("Note"),
    NoteKind.CAUSE.value: _l("Cause"),
    NoteKind.DECISION.value: _l("Decision"),
}
STATE_WORDS: dict[str, Any] = {
    State.ON_TRACK: _l("On track"),
    State.AT_RISK: _l("At risk"),
    State.OFF_TRACK: _l("Off track"),
    State.NO_TARGET: _l("No target"),
    State.NO_BASELINE: _l("No baseline"),
    State.STALE: _l("Out of date"),
    State.NO_DATA: _l("No data"),
}
CONFIDENCE_WORDS: dict[str, Any] = {
    Confidence.HIGH: _l("Sure"),
    Confidence.MEDIUM: _l("Fairly sure"),
    Confidence.LOW: _l("Unsure"),
}
WAY_WORDS: dict[str, Any] = {
    Way.FORM: _l("Form"),
    Way.GRID: _l("Weekly table"),
    Way.IMPORT: _l("File"),
    Way.API: _l("Another system"),
    Way.SLACK: _l("Slack"),
    Way.PLUGIN: _l("Plugin"),
    Way.WEIGHTED: _l("Worked out from the channels"),
}
UNUSUAL_WORDS: dict[str, Any] = {
    Unusual.OUTSIDE: _l("More than the usual ups and downs"),
    Unusual.SHIFT: _l("Eight in a row on one side of the mean"),
}


class Named(Protocol):
    """What a KPI's name is made of."""

    @property
    def name(self) -> Any:
        """Its own name, or ''."""

    @property
    def catalogue(self) -> Any:
        """Its code in the catalogue, or ''."""

    @property
    def code(self) -> Any:
        """Its code in the program."""


class Measured(Protocol):
    """What a figure is written by."""

    @property
    def unit(self) -> Any:
        """What it counts."""

    @property
    def unit_name(self) -> Any:
        """More about the unit ('PLN'), or ''."""

    @property
    def decimals(self) -> Any:
        """Places behind the point."""


def kpi_name(kpi: Named) -> str:
    """The KPI's own name, else the catalogue's in the reader's language, else its code."""
    return str(kpi.name) or _of_catalogue(kpi, "name") or str(kpi.code)


def meaning(kpi: Any) -> str:
    """What it means: own words, else the catalogue's; '' for none."""
    return str(kpi.meaning) or _of_catalogue(kpi, "meaning")


def formula(kpi: Any) -> str:
    """How it is worked out, in words: own ones, else the catalogue's; '' for none."""
    return str(kpi.formula) or _of_catalogue(kpi, "formula")


def advice(kpi: Any) -> str:
    """Its usual target and source as the catalogue says; '' for an own KPI."""
    return _of_catalogue(kpi, "advice")


def _of_catalogue(kpi: Any, what: str) -> str:
    entry = entries().get(kpi.catalogue)
    return str(getattr(entry, what).in_(formats.current_locale())) if entry else ""


def channel_name(key: str, own_name: str = "") -> str:
    """A channel as people call it: its own name, else the handbook's word; all channels together for ''."""
    if key == OVERALL:
        return str(ALL_CHANNELS)
    return own_name or str(CHANNEL_WORDS.get(key, key))


_SIGNS = {Unit.PERCENT.value: "%", Unit.SECONDS.value: "s", Unit.MINUTES.value: "min"}


def unit_sign(kpi: Measured) -> str:
    """What stands behind a figure: '%', 's', 'PLN'; '' for a plain number."""
    if kpi.unit_name:
        return str(kpi.unit_name)
    return _("pts") if kpi.unit == Unit.POINTS else _SIGNS.get(kpi.unit, "")


def figure(value: Decimal | None, kpi: Measured, *, sign: bool = True) -> str:
    """'78.4 %' in the reader's way of writing; an em dash for none. The gap does not break."""
    if value is None:
        return "—"
    number, unit = formats.exact(value, kpi.decimals), unit_sign(kpi) if sign else ""
    return f"{number}\N{NO-BREAK SPACE}{unit}" if unit else number


def difference(value: Decimal | None, kpi: Measured) -> str:
    """'+1.2' or '−0.4': a change, always with its sign; of a percentage in percentage points. '' for none."""
    if value is None:
        return ""
    number = _signed(value, kpi.decimals, formats.current_locale())
    unit = _("pp") if kpi.unit == Unit.PERCENT else unit_sign(kpi)
    return f"{number}\N{NO-BREAK SPACE}{unit}" if unit else number


@lru_cache(maxsize=4096)
def _signed(value: Decimal, places: int, locale: str) -> str:
    number = formats.exact_in(locale, abs(value), places)
    shown = value.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")
    mark = "+" if shown > 0 else "\N{MINUS SIGN}" if shown < 0 else "±"
    return f"{mark}{number}"


def aim_in_words(aim: Aim | None, kpi: Measured) -> str:
    """'at least 80 %'; '' for none."""
    if aim is None:
        return ""
    if aim.low is not None and aim.high is not None:
        return _("%(low)s to %(high)s", low=figure(aim.low, kpi, sign=False), high=figure(aim.high, kpi))
    if aim.low is not None:
        return _("at least %(figure)s", figure=figure(aim.low, kpi))
    return _("at most %(figure)s", figure=figure(aim.high, kpi))
