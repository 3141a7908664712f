"""Forms of the risk register: a risk, what became of it, and taking it further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.widgets import HiddenInput

from program.planning.forms.fields import NumberField, choice, day, line, number_or_none, paragraph, select
from program.steering.models import Risk
from program.steering.risk_words import CATEGORY_WORDS, IMPACT_WORDS, PROBABILITY_WORDS
from program.steering.risks import MAX_TEXT, MAX_TITLE

_NUMBERS = ("probability", "impact", "probability_after", "impact_after", "owner_id")


def _levels(words: Mapping[int, Any]) -> list[Any]:
    return [choice(level, _("%(level)s: %(word)s", level=level, word=word)) for level, word in words.items()]


class RiskForm(FlaskForm):
    """A risk: what could happen, how likely and how bad, what is done, who watches it."""

    title = line(_l("What could go wrong"), MAX_TITLE, _l("Say in a few words what could go wrong."))
    cause = paragraph(_l("Why it could happen, and how it would show"), MAX_TEXT, render_kw={"rows": 3})
    category = select(_l("Category"))
    probability = select(_l("How likely"))
    impact = select(_l("How bad"))
    measure = paragraph(_l("What is done about it"), MAX_TEXT, render_kw={"rows": 4})
    probability_after = select(_l("How likely after that"))
    impact_after = select(_l("How bad after that"))
    owner_id = select(_l("Owner"))
    review_on = day(_l("Look at it again on"), description=_l("From that day on it stands on This week."))
    revision = NumberField(widget=HiddenInput())

    def offer(self, people: Mapping[int, str]) -> None:
        """Fill the lists; people by id."""
        self.category.choices = [choice(key, word) for key, word in CATEGORY_WORDS.items()]
        self.probability.choices = _levels(PROBABILITY_WORDS)
        self.impact.choices = _levels(IMPACT_WORDS)
        nothing = choice("", _("Not said yet"))
        self.probability_after.choices = [nothing, *_levels(PROBABILITY_WORDS)]
        self.impact_after.choices = [nothing, *_levels(IMPACT_WORDS)]
        self.owner_id.choices = [choice("", _("Nobody yet")), *(choice(key, name) for key, name in people.items())]

    def begin(self, risk: Risk) -> None:
        """Show the risk as it is."""
        for name, field in self._fields.items():
            if name not in ("csrf_token", "revision"):
                value = getattr(risk, name)
                field.data = ("" if value is None else str(value)) if name in _NUMBERS else value
        self.revision.process_data(risk.revision)

    def values(self) -> dict[str, Any]:
        """What was typed, by column."""
        found = {name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "revision")}
        for name in _NUMBERS:
            raw = found[name] or ""
            found[name] = number_or_none(raw if raw.isascii() and raw.isdigit() and len(raw) <= 9 else "")
        return found


class OutcomeForm(FlaskForm):
    """What became of a risk."""

    outcome = paragraph(_l("What became of it"), MAX_TEXT, render_kw={"rows": 2})
    revision = NumberField(widget=HiddenInput())


class EscalateForm(FlaskForm):
    """What is needed from those above."""

    why = paragraph(_l("What you need from them"), MAX_TEXT, render_kw={"rows": 2})
    revision = NumberField(widget=HiddenInput())
