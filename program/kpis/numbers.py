"""Reading a figure as people write it, in Polish or English, and writing it so that it can be read again.

Pure functions on exact decimals, never on floats. What can be read two ways ('1,234') is decided by what is declared:
by the file, or by the language of the page. Where nothing is, it is refused with a reason: a wrong figure looks like a
right one. Periods are read in `written_periods.py`.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import gettext as _

from program.ground.errors import Invalid
from program.ground.records import record
from program.kpis.exact import LARGEST, PLACES
from program.kpis.models import Unit

COMMA, POINT = ",", "."
MAX_LENGTH = 60
_UNIT = Decimal(1).scaleb(-PLACES)
# Every dash that means 'less than zero', and every blank and apostrophe that parts thousands.
_DASHES = "-−–—‐‑‒﹣－"
_BLANKS = " \t\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_TIDY = {
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _BLANKS), " "),
    **dict.fromkeys(map(ord, "’‘ʼ´`′"), "'"),
    # Marks of writing direction and joining, which copied text brings along unseen.
    **dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff"), None),
}
_CURRENCIES = ("zł", "zl", "pln", "eur", "€", "usd", "$", "gbp", "£", "chf", "czk", "kč")
_POINTS = ("pkt", "pts", "points", "punkty", "punktów", "p.p", "pp")
_COUNTS = ("szt", "pcs")
# Seconds in one of each word for a time.
_TIMES = {
    **dict.fromkeys(("h", "hr", "hrs", "godz", "g"), 3600),
    **dict.fromkeys(("min", "mins", "minut", "minuty", "minuta", "minutes", "minute", "m"), 60),
    **dict.fromkeys(("s", "sek", "sec", "secs", "sekund", "sekundy", "sekunda", "seconds", "second"), 1),
}
_SCALES = {"tys": 10**3, "k": 10**3, "mln": 10**6, "mld": 10**9}
_CLOCK = re.compile(r"(?:([0-9]{1,6}):)?([0-9]{1,6}):([0-9]{2})([.,][0-9]+)?")
_SPELT = re.compile(r"([0-9][0-9.,]*) ?([^\W\d]+)\.?")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]{1,2}")
_BODY = re.compile(r"[0-9]+(?:[.,' ][0-9]+)*|[.,][0-9]+")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:[ '][0-9]{3})+")


@record
class Writing:
    """How figures are written somewhere. `decimal` is ',' or '.', or '' where nobody has said.

    `other_groups` tells whether the other mark parts thousands there ('1.234' for 1234 in a German export); with
    `strict` a figure that can only be meant the other way round ('12.5' in a file with commas) is refused as a slip.
    """

    decimal: str = ""
    other_groups: bool = True
    strict: bool = True
    # Shares are written as parts of one (0.85 for 85 %), as cells formatted in percent come out of a spreadsheet.
    shares: bool = False


UNDECLARED = Writing()
# In Polish thousands are parted by blanks, so a lone point is more likely a slip than a group; in English '1,234' is
# how it is written.
OF_LANGUAGE = {"pl": Writing(COMMA, other_groups=False, strict=False), "en": Writing(POINT, strict=False)}


def of_language(locale: str) -> Writing:
    """How people write figures on a page in that language."""
    return OF_LANGUAGE.get(locale, UNDECLARED)


def read_figure(text: str, unit: str = Unit.NUMBER, writing: Writing = UNDECLARED) -> Decimal:
    """The figure, in the KPI's unit, with at most six places. Raises Invalid with the reason.

    A time is also read as 4:35 or 1:04:35, or with its words (4 min 35 s), and turned into the KPI's unit.
    """
    body = text.translate(_TIDY).strip()
    if not body:
        raise Invalid(_("Write a figure."))
    if len(body) > MAX_LENGTH:
        raise Invalid(_("This is too long for a figure."))
    body, negative = _without_sign(body)
    body = _without_currency_in_front(body, unit)
    if not negative:
        # The sign may stand on either side of a currency: '-€5', '€-5'.
        body, negative = _without_sign(body)
    value = _as_time(body, unit, writing) if unit in (Unit.SECONDS, Unit.MINUTES) else None
    if value is None:
        body, factor = _without_unit(body, unit)
        value = _plain(body, writing) * factor
        if writing.shares and unit == Unit.PERCENT and "%" not in text:
            value *= 100
    if value > LARGEST:
        raise Invalid(_("This figure is too large."))
    value = value.quantize(_UNIT, rounding=ROUND_HALF_UP)
    # Without a sign before nothing: -0 would be shown as such.
    return -value if negative and value else value


def write_figure(value: Decimal, decimal: str = POINT) -> str:
    """The figure as plain digits, without groups or needless zeros, for fields and files."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace(".", decimal)


def decimal_marks(texts: list[str]) -> str:
    """The decimal mark of a column of figures: ',' or '.'; '' when it does not tell, 'both' when it uses both."""
    said = set()
    for text in texts:
        body = text.translate(_TIDY).strip().strip("+-%() ")
        marks = [letter for letter in body if letter in ",."]
        if not marks or not body[:1].isdigit():
            continue
        last, lone = marks[-1], len(marks) == 1
        behind = re.split(r"[.,]", body)[-1]
        digits = re.match(r"[0-9]*", behind)
        three = digits is not None and len(digits[0]) == 3
        if marks.count(last) > 1:
            said.add(POINT if last == COMMA else COMMA)
        elif len(set(marks)) == 2 or (lone and (not three or body.startswith("0") or " " in body)):
            said.add(last)
    return "both" if len(said) > 1 else said.pop() if said else ""


def _without_sign(body: str) -> tuple[str, bool]:
    """The figure without its sign, and whether it was below zero: '-5', '5-' (SAP), '(5)' (book-keepers)."""
    if body.startswith("(") and body.endswith(")"):
        return body[1:-1].strip(), True
    if body.startswith("-"):
        return body[1:].strip(), True
    if body.endswith("-"):
        return body[:-1].strip(), True
    return body.removeprefix("+").strip(), False


def _without_currency_in_front(body: str, unit: str) -> str:
    if unit == Unit.MONEY:
        low = body.casefold()
        for word in _CURRENCIES:
            if low.startswith(word):
                return body[len(word) :].strip()
    return body


def _without_unit(body: str, unit: str) -> tuple[str, int]:
    """The digits, and by what the word behind them multiplies. Raises Invalid for a unit that the KPI has not."""
    found = re.fullmatch(r"(.*?[0-9])\s*([^0-9]*)", body)
    if found is None or not found[2]:
        return body, 1
    factor, known = 1, _words_of(unit)
    for written in found[2].casefold().replace("%", " % ").split():
        word = written.strip(".")
        if word in _SCALES and factor == 1:
            factor = _SCALES[word]
        elif word == "%" and unit != Unit.PERCENT:
            raise Invalid(_("This KPI is not counted in percent."))
        elif word not in known:
            raise Invalid(_("“%(text)s” does not belong to the unit of this KPI.", text=word[:20] or found[2][:20]))
    return found[1], factor


def _words_of(unit: str) -> tuple[str, ...]:
    words = {Unit.PERCENT: ("%", "proc", "procent", "percent", "pct"), Unit.MONEY: _CURRENCIES, Unit.POINTS: _POINTS}
    return words.get(Unit(unit), _COUNTS)


def _as_time(body: str, unit: str, writing: Writing) -> Decimal | None:
    """The time in the KPI's unit, if it is written as one; None for a plain number, which is in that unit already."""
    seconds = _seconds(body, writing)
    if seconds is None:
        return None
    return seconds if unit == Unit.SECONDS else seconds / 60


def _seconds(body: str, writing: Writing) -> Decimal | None:
    if ":" in body:
        found = _CLOCK.fullmatch(body)
        if found is None or int(found[3]) > 59 or (found[1] is not None and int(found[2]) > 59):
            raise Invalid(_("Write a time as 4:35 or 1:04:35."))
        hours, minutes, seconds = int(found[1] or 0), int(found[2]), int(found[3])
        part = Decimal("0" + found[4].replace(",", ".")) if found[4] else Decimal(0)
        return hours * 3600 + minutes * 60 + seconds + part
    if not any(letter.isalpha() for letter in body):
        return None
    total, place, last = Decimal(0), 0, 10**9
    while place < len(body):
        found = _SPELT.match(body, place)
        factor = _TIMES.get(found[2].casefold()) if found else None
        if found is None or factor is None or factor >= last:
            raise Invalid(_("Write a time as 4:35, or as 4 min 35 s."))
        total += _plain(found[1], writing) * factor
        place, last = found.end(), factor
        while body[place : place + 1] == " ":
            place += 1
    return total


def _plain(body: str, writing: Writing) -> Decimal:
    """Digits with marks, without sign and unit. Raises Invalid."""
    if _SCIENTIFIC.fullmatch(body):
        return Decimal(body.replace(",", "."))
    if not _BODY.fullmatch(body):
        raise Invalid(_("This is not a figure."))
    whole, mark, part = _parted(body, writing)
    if any(letter in whole for letter in " '"):
        if not _GROUPED.fullmatch(whole) or (" " in whole and "'" in whole):
            raise Invalid(_("Thousands are parted into groups of three digits."))
        whole = whole.replace(" ", "").replace("'", "")
    if mark and not part.isdigit():
        raise Invalid(_("This is not a figure."))
    return Decimal(f"{whole or '0'}.{part or '0'}")


def _parted(body: str, writing: Writing) -> tuple[str, str, str]:
    """What stands before the decimal mark, the mark, and what stands behind it. Raises Invalid."""
    commas, points = body.count(COMMA), body.count(POINT)
    if not commas and not points:
        return body, "", ""
    if commas and points:
        decimal = COMMA if body.rfind(COMMA) > body.rfind(POINT) else POINT
    elif commas + points > 1:
        decimal = POINT if commas else COMMA
    else:
        decimal = _mark_of_one(body, COMMA if commas else POINT, writing)
    if writing.strict and writing.decimal and decimal != writing.decimal:
        raise Invalid(_decimal_is(writing.decimal))
    other = POINT if decimal == COMMA else COMMA
    if body.count(decimal) > 1:
        raise Invalid(_("This is not a figure."))
    whole, mark, part = body.partition(decimal)
    if other in part or (other in whole and not re.fullmatch(rf"[1-9][0-9]{{0,2}}(?:\{other}[0-9]{{3}})+", whole)):
        raise Invalid(_("Thousands are parted into groups of three digits."))
    return whole.replace(other, ""), mark, part


def _mark_of_one(body: str, mark: str, writing: Writing) -> str:
    """The decimal mark of a figure with a single comma or point: that one, or the other when it parts thousands."""
    other = POINT if mark == COMMA else COMMA
    could_group = re.fullmatch(rf"[1-9][0-9]{{0,2}}\{mark}[0-9]{{3}}", body) is not None
    if not could_group:
        return mark
    if not writing.decimal or (writing.decimal == other and not writing.other_groups):
        whole, _mark, part = body.partition(mark)
        raise Invalid(
            _(
                "Nobody can tell whether the mark in %(text)s parts thousands (%(one)s) or decimals (%(other)s).",
                text=body,
                one=f"{whole}{part}",
                other=f"{body}0",
            )
        )
    return writing.decimal


def _decimal_is(mark: str) -> str:
    return _("The decimal mark here is a comma.") if mark == COMMA else _("The decimal mark here is a point.")
