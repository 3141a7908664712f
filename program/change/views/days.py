"""The day of a moment where the program is, for pages that speak of days and not of hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from program.ground import formats
from program.ground.now import zone


def day_of(moment: datetime, timezone: str) -> date:
    """The calendar day of a moment in that zone."""
    return moment.astimezone(zone(timezone)).date()


def day_words(timezone: str) -> Callable[[datetime], str]:
    """A function for templates that says a moment's day: 'Thu 12 Mar'."""
    return lambda moment: formats.day(day_of(moment, timezone))
