"""A figure in a form, read and written as everywhere else: by `numbers.py`, in the way of the page's language."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from wtforms import StringField

from program.ground import formats
from program.ground.errors import Invalid
from program.kpis.models import Unit
from program.kpis.numbers import MAX_LENGTH, POINT, of_language, read_figure, write_figure


class ExactField(StringField):
    """A decimal that may be left empty; `data` is exact. What is no number, or could be two, is refused."""

    def __init__(self, label: Any = None, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, render_kw={"inputmode": "decimal", "maxlength": MAX_LENGTH}, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the figure. Raises ValueError with what to write instead."""
        self.data: Decimal | None = None
        text = " ".join(valuelist)
        if not text.strip():
            return
        try:
            # A percent sign may stand behind: many of these are shares.
            self.data = read_figure(text, Unit.PERCENT, of_language(formats.current_locale()))
        except Invalid as error:
            raise ValueError(str(error)) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else written(self.data)


def written(value: Decimal) -> str:
    """The figure as a field of a page in the reader's language shows it, so that it is read as the same again."""
    return write_figure(value, of_language(formats.current_locale()).decimal or POINT)


class Needed:
    """Marks a field as needed, for the page; what is missing is said by the verb, all in one go."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Let everything pass."""
