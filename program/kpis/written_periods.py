"""Reading a week, a month or a quarter as people and systems write it; the answer is the period's first day.

Pure functions. A day stands for the period it lies in; a month for a KPI of weeks is refused, since no week can be told
from it. Days with slashes are read only the way round that is declared, as nobody can tell March from December.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale
from flask_babel import gettext as _

from program.ground.errors import Invalid
from program.ground.folding import fold
from program.ground.records import record
from program.kpis.models import Every
from program.kpis.periods import first_day
from program.planning.spreadsheets_in import parse_day

MAX_LENGTH = 40
_WEEK = r"(?:w|wk|week|t|tydz|tydzien|tygodnia)\.? ?"
_QUARTER = r"(?:q|quarter|kw|kwartal|kwartalu)\.? ?"
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_SLASHED = re.compile(r"([0-9]{1,2})/\s?([0-9]{1,2})/\s?([0-9]{4})")


@record
class Calendar:
    """How days are written somewhere, and near which day a week without a year is meant.

    `day_first` is how 3/12/2026 is meant: True for 3 December, False for 12 March, None where nobody has said.
    """

    day_first: bool | None = None
    near: date | None = None
    # The month the company's year begins with.
    fiscal_from: int = 1


UNDECLARED = Calendar()


def read_period(text: str, every: str, calendar: Calendar = UNDECLARED) -> date:
    """The first day of the period. Raises Invalid with the reason.

    Weeks: 2026-W11, 11/2026, tydz. 11, week 11 2026. Months: 2026-11, 11.2026, Nov 2026. Quarters: Q1 2026, 2026-Q1;
    where the company's year does not begin in January, Q1 2026/27.
    """
    body = " ".join(text.replace("\u00a0", " ").split())
    if not body:
        raise Invalid(_("Say which period."))
    if len(body) > MAX_LENGTH:
        raise Invalid(_("This is too long for a period."))
    try:
        for kind, read in _READERS:
            found = read(fold(body), every, calendar)
            if found is None:
                continue
            if kind != every:
                raise Invalid(_other(every))
            # As far as plans reach: 2000 to 2099.
            parse_day(found.isoformat())
            return found
    except (ValueError, OverflowError) as error:
        raise Invalid(_("There is no such period.")) from error
    return first_day(every, _day(body, calendar))


def write_period(period: date, every: str) -> str:
    """The period as files keep it: 2026-W11, 2026-11 or 2026-Q1."""
    if every == Every.WEEK:
        year, week, _weekday = period.isocalendar()
        return f"{year}-W{week:02}"
    if every == Every.MONTH:
        return f"{period.year}-{period.month:02}"
    return f"{period.year}-Q{(period.month + 2) // 3}"


def _day(body: str, calendar: Calendar) -> date:
    slashed = _SLASHED.fullmatch(body)
    unclear = slashed and calendar.day_first is None and int(slashed[1]) <= 12 and int(slashed[2]) <= 12
    if slashed and unclear and slashed[1] != slashed[2]:
        raise Invalid(_("Nobody can tell which comes first in %(text)s, the day or the month.", text=body))
    day_first = calendar.day_first
    if slashed and day_first is None:
        day_first = int(slashed[2]) <= 12
    try:
        return parse_day(body, day_first is not False)
    except Invalid as error:
        if any(letter.isdigit() for letter in body) and re.fullmatch(r"[0-9./ -]+", body) is None:
            raise Invalid(_("Write the period as 2026-W11, 2026-11, 2026-Q1 or as a day.")) from error
        raise


def _week(body: str, every: str, calendar: Calendar) -> date | None:
    if found := re.fullmatch(r"([0-9]{4})[- ]?w([0-9]{1,2})(?:-[1-7])?", body):
        return _iso(int(found[1]), int(found[2]))
    if found := re.fullmatch(rf"{_WEEK}([0-9]{{1,2}})(?:(?: ?/ ?|, | )([0-9]{{4}}))?", body):
        number = int(found[1])
        return _iso(int(found[2]), number) if found[2] else _nearest(number, calendar)
    if found := re.fullmatch(rf"([0-9]{{4}})[ /,]+{_WEEK}([0-9]{{1,2}})", body):
        return _iso(int(found[1]), int(found[2]))
    if every == Every.WEEK and (found := re.fullmatch(r"([0-9]{1,2}) ?/ ?([0-9]{4})", body)):
        return _iso(int(found[2]), int(found[1]))
    return None


def _month(body: str, _every: str, _calendar: Calendar) -> date | None:
    if found := re.fullmatch(r"([0-9]{4})[-./ ]([0-9]{1,2})", body):
        return date(int(found[1]), int(found[2]), 1)
    if found := re.fullmatch(r"([0-9]{1,2})[-./ ]([0-9]{4})", body):
        return date(int(found[2]), int(found[1]), 1)
    if found := re.fullmatch(r"([^\W\d]+)\.?,? ?'?([0-9]{4})", body):
        month = _months().get(found[1])
        return date(int(found[2]), month, 1) if month else None
    return None


def _quarter(body: str, _every: str, calendar: Calendar) -> date | None:
    number = r"([1-9][0-9]?|i{1,3}|iv)"
    if found := re.fullmatch(rf"{_QUARTER}{number}[ ,/-]*([0-9]{{4}}) ?/ ?(?:[0-9]{{2}})?([0-9]{{2}})", body):
        return _fiscal_quarter(_which(found[1]), int(found[2]), int(found[3]), calendar.fiscal_from)
    for pattern, quarter, year in (
        (rf"{_QUARTER}{number}(?: ?/ ?|, | |-)([0-9]{{4}})", 1, 2),
        (rf"{number} ?{_QUARTER}(?:/ ?|, )?([0-9]{{4}})", 1, 2),
        (rf"([0-9]{{4}})[-/ ]*{_QUARTER}{number}", 2, 1),
        (rf"([0-9]{{4}})[-/ ]*{number} ?(?:kw|kwartal)\.?", 2, 1),
    ):
        if found := re.fullmatch(pattern, body):
            if year == 2 and calendar.fiscal_from != 1:
                # As people write it, and nobody can tell by which year; 2026-Q1, as files write it, is the calendar's.
                raise Invalid(_("Write a quarter with both years, as Q1 2026/27, or as a day in it."))
            return date(int(found[year]), _which(found[quarter]) * 3 - 2, 1)
    return None


def _which(number: str) -> int:
    which = _ROMAN.get(number) or int(number)
    if which > 4:
        raise ValueError(which)
    return which


def _fiscal_quarter(which: int, year: int, end: int, fiscal_from: int) -> date:
    """The first day of that quarter of a year that begins in one calendar year and ends in the next."""
    if fiscal_from == 1:
        raise Invalid(_("The year begins in January here: write a quarter as Q1 2026."))
    if end != (year + 1) % 100:
        raise ValueError(end)
    month = fiscal_from - 1 + (which - 1) * 3
    return date(year + month // 12, month % 12 + 1, 1)


# Quarters and weeks by their letters first: '11/2026' is a week only to a KPI of weeks, otherwise a month.
_Reader = Callable[[str, str, Calendar], date | None]
_READERS: tuple[tuple[Every, _Reader], ...] = (
    (Every.WEEK, _week),
    (Every.QUARTER, _quarter),
    (Every.MONTH, _month),
)


def _iso(year: int, week: int) -> date:
    return date.fromisocalendar(year, week, 1)


def _nearest(number: int, calendar: Calendar) -> date:
    """The last such week that had begun by then: who writes 'week 50' in January means the one that was."""
    if calendar.near is None:
        raise Invalid(_("Say of which year this week is."))
    year = calendar.near.isocalendar().year
    # Week 53 comes every five or six years.
    for each in range(year, year - 7, -1):
        try:
            found = _iso(each, number)
        except ValueError:
            continue
        if found <= calendar.near + timedelta(days=6):
            return found
    raise ValueError(number)


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Months by every word for them, in both languages: nominative, genitive and short."""
    found: dict[str, int] = {}
    for locale in ("en", "pl"):
        names: Any = Locale.parse(locale).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in names[context][width].items():
                    found.setdefault(fold(name).strip("."), number)
    return found


def _other(every: str) -> str:
    return {
        Every.WEEK: _("This KPI is read by the week: write 2026-W11 or a day of the week."),
        Every.MONTH: _("This KPI is read by the month: write 2026-11 or a day of the month."),
        Every.QUARTER: _("This KPI is read by the quarter: write 2026-Q1 or a day of the quarter."),
    }[Every(every)]
