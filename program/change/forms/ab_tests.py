"""The form of an A/B test. The verb judges what was typed (`ab_tests.py`)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from program.change.ab_tests import LENGTHS, MAX_CONCLUSION, NEEDED
from program.change.idea_words import VERDICT_WORDS
from program.planning.forms.fields import NumberField, choice, day, select


def _line(name: str, label: Any, **more: Any) -> StringField:
    needed = [InputRequired(NEEDED[name])] if name in NEEDED else []
    return StringField(label, needed, render_kw={"maxlength": LENGTHS[name]}, **more)


class AbTestForm(FlaskForm):
    """Two ways side by side: planned first, results and verdict later."""

    hypothesis = _line("hypothesis", _l("Hypothesis"), description=_l("If we do this, then that gets better, because…"))
    metric = _line("metric", _l("Metric"), description=_l("What is measured, with its unit: repeat calls in a week."))
    group_a = _line("group_a", _l("Group A"), description=_l("Goes on as before."))
    group_b = _line("group_b", _l("Group B"), description=_l("Tries the new way."))
    starts_on = day(_l("First day"), _l("Give the first day."))
    ends_on = day(_l("Last day"), _l("Give the last day."))
    idea_number = NumberField(_l("Number of the idea"))
    result_a = _line("result_a", _l("Result of A"))
    result_b = _line("result_b", _l("Result of B"))
    verdict = select(_l("Verdict"), default="")
    conclusion = TextAreaField(_l("Conclusion"), render_kw={"maxlength": MAX_CONCLUSION, "rows": 4})
    revision = HiddenField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.verdict.choices = [
            choice("", _l("None yet")),
            *(choice(key, word) for key, word in VERDICT_WORDS.items()),
        ]

    def values(self) -> dict[str, Any]:
        """What was typed, by column."""
        return {name: field.data for name, field in self._fields.items() if name not in ("csrf_token", "revision")}
