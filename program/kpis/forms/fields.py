"""A figure in a form: with a comma or a point, spaces between thousands, and its sign or unit behind it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField

_FIGURE = re.compile(r"[+-]?[0-9]{1,13}(?:[.,][0-9]{1,6})?")
_SPACES = re.compile(r"[\s\u00a0\u2009\u202f']+")


def plain(value: Decimal) -> str:
    """The figure as digits, without needless zeros, as fields show it."""
    return f"{value.normalize():f}"


class ExactField(StringField):
    """A decimal that may be left empty; `data` is exact. What is no number is refused, never guessed."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, render_kw={"inputmode": "decimal", "maxlength": 40}, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the figure. Raises ValueError with what to write instead."""
        self.data: Decimal | None = None
        text = _SPACES.sub("", " ".join(valuelist)).replace("\N{MINUS SIGN}", "-").rstrip("%")
        if not text:
            return
        if not _FIGURE.fullmatch(text):
            raise ValueError(_l("Write a number: 1234.5"))
        self.data = Decimal(text.replace(",", "."))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else plain(self.data)
