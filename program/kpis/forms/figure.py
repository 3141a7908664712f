"""The form of one figure: what it is, what is to be said about it, and how sure somebody is."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField

from program.kpis.forms.fields import Needed, written
from program.kpis.models import Confidence, Reading
from program.kpis.numbers import MAX_LENGTH
from program.kpis.words import CONFIDENCE_WORDS
from program.planning.forms.fields import choice, line

MAX_NOTE = 500


class FigureForm(FlaskForm):
    """One figure. What it may be, and by whom, stands in `readings.py`."""

    seen = HiddenField()
    value = StringField(
        _l("Value"),
        [Needed()],
        render_kw={"inputmode": "decimal", "autocomplete": "off", "maxlength": MAX_LENGTH},
    )
    note = line(_l("Note"), MAX_NOTE, description=_l("What moved it, or what is missing from it. It stands beside it."))
    confidence = RadioField(
        _l("How sure"),
        choices=[choice(key, word) for key, word in CONFIDENCE_WORDS.items()],
        default=Confidence.HIGH.value,
    )
    reason = line(_l("Why it is corrected"), MAX_NOTE)

    def begin(self, there: Reading | None) -> None:
        """Show the figure that is there, or an empty form."""
        self.seen.data = str(there.revision) if there else "0"
        if there is not None:
            self.value.data, self.note.data, self.confidence.data = written(there.value), there.note, there.confidence

    def revision(self) -> int:
        """The revision that the page showed; 0 for none."""
        raw: Any = self.seen.data or ""
        return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0
