"""Forms of the progress page: a state that is said, a line of the budget, a link to share. The verbs judge."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, RadioField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from program.kpis.forms.fields import ExactField
from program.planning.forms.fields import NumberField, choice, day, line, number_or_none, select
from program.steering import budget, share_links, states
from program.steering.progress_words import SECTION_WORDS, STATE_WORDS


class StateForm(FlaskForm):
    """The state as a person says it."""

    state = RadioField(_l("State"), validate_choice=False)
    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(_l("Say why: it stands beside the state."))],
        render_kw={"maxlength": states.MAX_REASON, "rows": 4},
    )
    until = day(
        _l("Holds until"),
        _l("Give a day within the next six weeks."),
        description=_l("The last day. After it the rules speak again."),
    )
    seen = HiddenField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.state.choices = [(state.value, str(STATE_WORDS[state.value])) for state in states.MAY_SAY]


class BudgetForm(FlaskForm):
    """A line of the budget."""

    label = line(_l("What for"), budget.MAX_LABEL, _l("Say what the money is for."))
    phase_id = select(_l("Phase"), default="")
    approved = ExactField(_l("Approved"), [InputRequired(_l("Give an amount from zero up."))])
    spent = ExactField(_l("Spent so far"), [InputRequired(_l("Give an amount from zero up."))], default=None)
    forecast = ExactField(_l("Forecast"), description=_l("What it will have cost in the end. Empty: as approved."))
    note = line(_l("Note"), budget.MAX_NOTE)
    revision = HiddenField()

    def offer(self, phases: list[tuple[int, str]]) -> None:
        """Let these phases be chosen."""
        self.phase_id.choices = [choice("", _l("The whole program")), *(choice(key, name) for key, name in phases)]

    def values(self) -> dict[str, Any]:
        """What was typed, by column."""
        found = {name: self[name].data for name in ("label", "approved", "spent", "forecast", "note")}
        raw = self.phase_id.data or ""
        return {**found, "phase_id": number_or_none(raw) if raw.isdecimal() and len(raw) <= 9 else None}


class ShareForm(FlaskForm):
    """A link to share."""

    name = line(_l("Whom it is for"), share_links.MAX_NAME, _l("Say whom it is for."))
    sections = SelectMultipleField(
        _l("What it shows"),
        description=_l("The state of the program is always shown. People’s names never are."),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    days = NumberField(_l("Days it is open"), default=30)
    locale = select(_l("Language"), default="")
    passcode = PasswordField(
        _l("Passcode"),
        description=_l("Whoever opens the link is asked for it. Tell it by another way than the link."),
        render_kw={"maxlength": share_links.LONGEST_PASSCODE, "autocomplete": "new-password"},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.sections.choices = [(key, str(word)) for key, word in SECTION_WORDS.items()]
        self.locale.choices = [
            choice("", _l("As the reader’s browser asks")),
            choice("pl", "Polski"),
            choice("en", "English"),
        ]
