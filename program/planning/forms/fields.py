"""Form fields that several subjects share: a day with a kind refusal, whole numbers, and a hidden revision."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from program.playbooks.model import WEEKS_MAX


class DayField(DateField):
    """A day as browsers send it (2026-03-12). What is not a day is refused with a sentence, never guessed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day. Raises ValueError with what to write instead."""
        self.data: date | None = None
        text = " ".join(valuelist).strip()
        if not text:
            return
        try:
            self.data = date.fromisoformat(text) if len(text) == 10 else None
        except ValueError:
            self.data = None
        if self.data is None:
            raise ValueError(_l("Write a day that exists, as year-month-day: 2026-03-12."))


class NumberField(IntegerField):
    """A whole number; what is none, or has more digits than anybody needs, is refused with a sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number. Raises ValueError with what to write instead."""
        self.data: int | None = None
        text = " ".join(valuelist).strip()
        if not text:
            return
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
            raise ValueError(_l("Write a whole number."))
        self.data = int(text)


def line(label: Any, most: int, missing: Any | None = None, **options: Any) -> StringField:
    """A text of one line; needed when `missing` says what to tell those who leave it empty."""
    return StringField(label, _validators(most, missing), **options)


def paragraph(label: Any, most: int, **options: Any) -> TextAreaField:
    """A text of several lines that may stay empty."""
    return TextAreaField(label, _validators(most, None), **options)


def day(label: Any, missing: Any | None = None, **options: Any) -> DayField:
    """A day; needed when `missing` says what to tell those who leave it empty."""
    return DayField(label, [InputRequired(missing)] if missing else [], **options)


def weeks(label: Any, **options: Any) -> NumberField:
    """A number of working weeks."""
    told = _l("Give a number of weeks from 1 to %(most)s.", most=WEEKS_MAX)
    return NumberField(label, [InputRequired(told), NumberRange(1, WEEKS_MAX, told)], **options)


def number_or_none(text: str | None) -> int | None:
    """An id chosen in a list; '' is 'none of them'."""
    return int(text) if text else None


def select(label: Any, **options: Any) -> SelectField:
    """One of a list that the view fills; what is not in it is refused with a sentence."""
    return SelectField(label, validate_choice=False, **options)


def choice(value: Any, label: Any) -> SelectChoice:
    """One entry of a list."""
    return SelectChoice(str(value), label)


def _validators(most: int, missing: Any | None) -> list[Any]:
    found: list[Any] = [DataRequired(missing)] if missing else []
    return [*found, Length(max=most, message=_l("Up to %(most)s letters.", most=most))]
