"""How dates, numbers and weeks are written for the reader: in their language, their zone, and no longer than needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from flask import Flask, g
from flask_babel import gettext as _
from flask_babel import ngettext, refresh

from program.ground.now import today_in, utc_now, zone

# What `g` stands for: a page asks hundreds of times, and each question through the proxy costs several of its own.
_here: Any = g._get_current_object


@lru_cache(maxsize=8)
def _locale(name: str) -> Locale:
    return Locale.parse(name)


def current_locale() -> str:
    """The reader's language: 'en' or 'pl'."""
    return _here().get("locale", "en")


@lru_cache(maxsize=4096)
def _day(day: date, this_year: int, locale: str, pattern: str = "EEE d MMM") -> str:
    return babel_dates.format_date(day, pattern if day.year == this_year else f"{pattern} y", locale=_locale(locale))


@lru_cache(maxsize=4096)
def _number(value: float | Decimal, places: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return babel_numbers.format_decimal(value, pattern, locale=_locale(locale))


@contextmanager
def reading_as(locale: str, timezone: str) -> Iterator[None]:
    """Within the block, texts and dates are made for a reader of that language and time zone.

    For Python only; a template is drawn in the language of its request.
    """
    names = ("locale", "timezone", "today", "remembered_for")
    before = {name: g.pop(name) for name in names if name in g}
    g.locale, g.timezone = locale, timezone
    refresh()
    try:
        yield
    finally:
        for name in names:
            g.pop(name, None)
        for name, value in before.items():
            setattr(g, name, value)
        refresh()


def today() -> date:
    """The reader's day, or the day of the program whose page this is."""
    here = _here()
    found: date | None = here.get("today")
    if found is None:
        found = here.today = today_in(here.get("timezone", "UTC"))
    return found


def day(value: date | None) -> str:
    """'Thu 12 Mar' (with the year only when it is another); an em dash for no date."""
    return "—" if value is None else _day(value, today().year, current_locale())


def short_day(value: date) -> str:
    """'12 Mar' (with the year only when it is another), for scales and narrow columns where weekdays say nothing."""
    return _day(value, today().year, current_locale(), "d MMM")


def day_and_month(value: date) -> str:
    """'12 Mar', whatever the year: for scales on which it follows from the neighbours."""
    return _day(value, value.year, current_locale(), "d MMM")


def long_day(value: date) -> str:
    """'Thursday, 12 March 2026'."""
    return babel_dates.format_date(value, "full", locale=_locale(current_locale()))


def moment(value: datetime | None) -> str:
    """'Thu 12 Mar, 14:05' in the reader's time zone; an em dash for none."""
    if value is None:
        return "—"
    local = value.astimezone(zone(g.get("timezone", "UTC")))
    return f"{day(local.date())}, {local:%H:%M}"


def local_day(value: datetime) -> date:
    """The day of that moment in the reader's time zone."""
    return value.astimezone(zone(g.get("timezone", "UTC"))).date()


def time_of_day(value: datetime) -> str:
    """'14:05' in the reader's time zone, for entries under a heading that gives the day."""
    return f"{value.astimezone(zone(g.get('timezone', 'UTC'))):%H:%M}"


def dated(value: date | None) -> str:
    """'Thu 12 Mar 2026', always with the year: for records and paper, which are read in other years."""
    return "—" if value is None else _day(value, 0, current_locale())


def dated_moment(value: datetime) -> str:
    """'Thu 12 Mar 2026, 14:05' in the reader's time zone, always with the year."""
    local = value.astimezone(zone(g.get("timezone", "UTC")))
    return f"{dated(local.date())}, {local:%H:%M}"


def week(value: date) -> str:
    """The week as people say it: 'week 11', 'tydz. 11' (ISO weeks)."""
    return _("week %(number)s", number=value.isocalendar().week)


def month(value: date) -> str:
    """'March', as it stands alone."""
    return babel_dates.format_date(value, "LLLL", locale=_locale(current_locale()))


def exact(value: Decimal, places: int = 0) -> str:
    """A decimal in the reader's way of writing, rounded half up to that many places."""
    return exact_in(current_locale(), value, places)


@lru_cache(maxsize=4096)
def exact_in(locale: str, value: Decimal, places: int = 0) -> str:
    """A decimal as that language writes it, rounded half up to that many places."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    # Minus zero is nobody's figure.
    return _number(rounded or abs(rounded), places, locale)


def number(value: float, places: int = 0) -> str:
    """A number in the reader's way of writing, with that many decimal places."""
    # Pages are full of small whole numbers, and these need no help in any language.
    if not places and type(value) is int and 0 <= value < 1000:
        return str(value)
    return _number(value, places, current_locale())


def percent(value: float) -> str:
    """A share from 0 to 1 as a whole percentage."""
    return babel_numbers.format_percent(value, "#,##0%", locale=_locale(current_locale()))


def relative_day(value: date) -> str:
    """How far a day is from today: 'today', 'in 3 days', '2 days ago'."""
    distance = (value - today()).days
    if distance == 0:
        return _("today")
    if distance == 1:
        return _("tomorrow")
    if distance == -1:
        return _("yesterday")
    if distance > 0:
        return ngettext("in %(num)s day", "in %(num)s days", distance)
    return ngettext("%(num)s day ago", "%(num)s days ago", -distance)


def ago(value: datetime) -> str:
    """How long ago a moment was: 'just now', '3 minutes ago', '2 hours ago'; older than a day, the moment itself."""
    minutes = int((utc_now() - value).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", minutes)
    if minutes < 24 * 60:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", minutes // 60)
    return moment(value)


def init_app(app: Flask) -> None:
    """Offer the formats to templates as filters."""
    for name, function in {
        "day": day,
        "short_day": short_day,
        "long_day": long_day,
        "dated": dated,
        "dated_moment": dated_moment,
        "moment": moment,
        "time_of_day": time_of_day,
        "week": week,
        "exact": exact,
        "number": number,
        "percent": percent,
        "relative_day": relative_day,
        "ago": ago,
    }.items():
        app.jinja_env.filters[name] = function
