"""Forms of decisions: writing a request with its options, voting, deciding, withdrawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import FieldList, FormField, HiddenField, RadioField
from wtforms import Form as PlainForm
from wtforms.widgets import HiddenInput

from program.kpis.forms.fields import ExactField
from program.planning.forms.fields import NumberField, choice, day, line, paragraph, select
from program.steering.decision_requests import MAX_TEXT, MAX_TITLE, MOST_OPTIONS, OptionDraft, RequestDraft
from program.steering.models import DecisionOption, DecisionRequest

_OPTION = ("title", "pros", "cons", "effect", "cost")
_PLAIN = (
    *("title", "background", "criteria", "case_effect", "case_cost", "case_return", "case_months", "decide_by"),
    "conflict",
)


class OptionForm(PlainForm):
    """One option; a row with nothing in it is none."""

    title = line(_l("Option"), MAX_TITLE)
    pros = paragraph(_l("For it"), MAX_TEXT, render_kw={"rows": 2})
    cons = paragraph(_l("Against it"), MAX_TEXT, render_kw={"rows": 2})
    effect = paragraph(_l("What it changes"), MAX_TEXT, render_kw={"rows": 2})
    cost = ExactField(_l("What it costs"))


class RequestForm(FlaskForm):
    """A request for a decision."""

    title = line(_l("What is to be decided"), MAX_TITLE, _l("Say what is to be decided."))
    background = paragraph(_l("Background"), MAX_TEXT, render_kw={"rows": 4})
    criteria = paragraph(
        _l("Criteria"), MAX_TEXT, description=_l("What the options are weighed by."), render_kw={"rows": 3}
    )
    case_effect = paragraph(_l("Effect on customers"), MAX_TEXT, render_kw={"rows": 2})
    case_cost = ExactField(_l("Cost"))
    case_return = ExactField(_l("Return"))
    case_months = NumberField(_l("Within how many months"))
    decide_by = day(_l("Needed by"))
    options = FieldList(FormField(OptionForm), max_entries=MOST_OPTIONS)
    recommended = select(_l("What you recommend"))
    conflict = HiddenField()
    revision = NumberField(widget=HiddenInput())

    def begin(self, draft: RequestDraft | DecisionRequest, options: Sequence[OptionDraft | DecisionOption]) -> None:
        """Show a request as it is, or as it is suggested."""
        for name in _PLAIN:
            self[name].data = getattr(draft, name)
        for place, option in enumerate(options):
            entry = self.options.append_entry()
            for name in _OPTION:
                entry.form[name].data = getattr(option, name)
            if option.is_recommended:
                self.recommended.data = str(place + 1)
        if isinstance(draft, DecisionRequest):
            self.revision.process_data(draft.revision)

    def fill_up(self) -> None:
        """Offer empty rows up to three options, and one more than there are."""
        while len(self.options) < min(MOST_OPTIONS, max(3, self._filled() + 1)):
            self.options.append_entry()
        self.recommended.choices = [
            choice("", _("None of them")),
            *(choice(place, _("Option %(number)s", number=place)) for place in range(1, len(self.options) + 1)),
        ]

    def draft(self) -> tuple[RequestDraft, list[int]]:
        """What was typed, without rows left empty; and the place in the form of each option."""
        options, places = [], []
        for place, entry in enumerate(self.options):
            found = {name: entry.form[name].data for name in _OPTION}
            if any(found.values()):
                found |= {name: found[name] or "" for name in ("title", "pros", "cons", "effect")}
                options.append(OptionDraft(**found, is_recommended=self.recommended.data == str(place + 1)))
                places.append(place)
        return RequestDraft(**{name: self[name].data for name in _PLAIN}, options=options), places

    def refuse(self, fields: Mapping[str, Any], places: Sequence[int], sentence: Any) -> None:
        """Put the verb's refusals ('options-1-title' after the place among those given) beside their fields."""
        placed = False
        for name, reason in fields.items():
            parts = name.split("-")
            if len(parts) == 3 and int(parts[1]) < len(places):
                field = self.options[places[int(parts[1])]].form[parts[2]]
                # The form itself is wrong too: what stands beside a field of a list does not count as the form's.
                self.form_errors.append(reason)
            elif name in self._fields and name != "options":
                field = self[name]
            else:
                self.form_errors.append(reason)
                placed = True
                continue
            field.errors = [*field.errors, str(reason)]
            placed = True
        if not placed:
            self.form_errors.append(sentence)

    def _filled(self) -> int:
        return sum(1 for entry in self.options if any(entry.form[name].data for name in _OPTION))


class VoteForm(FlaskForm):
    """A vote: an option or an abstention, and why."""

    option = RadioField(_l("Your vote"), validate_choice=False)
    reason = paragraph(_l("Why"), MAX_TEXT, render_kw={"rows": 2})
    seat = HiddenField()

    def offer(self, options: Sequence[DecisionOption]) -> None:
        """Fill the list."""
        self.option.choices = [*((str(one.id), one.title) for one in options), ("none", _("I abstain"))]


class DecideForm(FlaskForm):
    """The decision of the chair."""

    option = RadioField(_l("The decision"), validate_choice=False)
    reason = paragraph(_l("Reason"), MAX_TEXT, render_kw={"rows": 3})
    look = HiddenField()

    def offer(self, options: Sequence[DecisionOption]) -> None:
        """Fill the list."""
        self.option.choices = [*((str(one.id), one.title) for one in options), ("none", _("None of the options"))]


class WithdrawForm(FlaskForm):
    """Why a request is taken back."""

    why = paragraph(_l("Why it is not needed any more"), MAX_TEXT, render_kw={"rows": 2})
    revision = NumberField(widget=HiddenInput())
