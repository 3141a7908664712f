"""The forms of gates: the decision with its conditions and dissent, the gate itself, and its manual criteria."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from program.ground.actor import Access
from program.people.forms import EditForm
from program.planning.criteria import Condition
from program.planning.decision_rules import MAX_CONDITIONS, ConditionDraft, DecisionDraft, Dissent, Member
from program.planning.decisions import OUTCOME_WORDS
from program.planning.forms.fields import DayField, NumberField, choice, line, number_or_none, select
from program.planning.gates import MAX_NAME, MAX_TEXT

SPARE_ROWS = 3
MAX_DISSENT = 10


def _id_of(text: Any) -> int:
    # What is no number cannot be anybody: the rules then say so beside the field.
    return int(text) if str(text).isdigit() and len(str(text)) <= 9 else -1


def _owner_of(text: Any) -> int | None:
    return _id_of(text) if text not in (None, "") else None


class ConditionForm(Form):
    """One condition of a conditional go; `number` is that of an unfinished one taken along."""

    number = NumberField(widget=HiddenInput())
    title = StringField(_l("What has to be done"))
    owner_id = select(_l("Owner"), coerce=_owner_of)
    due_on = DayField(_l("Due date"))


class DissentForm(Form):
    """Somebody who was against."""

    name = StringField(_l("Who was against"))
    why = StringField(_l("Why, in their words"))


class DecisionForm(FlaskForm):
    """A decision on a gate. The rules of the field are in `decision_rules.py`; here stands only its shape."""

    revision = NumberField(widget=HiddenInput(), validators=[InputRequired()])
    looked = HiddenField()
    outcome = RadioField(
        _l("Outcome"),
        choices=[SelectChoice(outcome, words) for outcome, words in OUTCOME_WORDS.items()],
        validate_choice=False,
    )
    reason = TextAreaField(
        _l("Why"), description=_l("It is frozen with the evidence. Write it for those who ask in a year.")
    )
    override = TextAreaField(
        _l("Why go although not everything is met"),
        description=_l("Only for a go with open criteria or conditions. It is kept with the evidence."),
    )
    decided_on = DayField(_l("Decided on"))
    deciders = SelectMultipleField(
        _l("Who decided"),
        coerce=_id_of,
        validate_choice=False,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    guests = TextAreaField(_l("Others who decided"), description=_l("People without an account here, one name a line."))
    dissent = FieldList(FormField(DissentForm), min_entries=1, max_entries=MAX_DISSENT)
    conditions = FieldList(FormField(ConditionForm), max_entries=MAX_CONDITIONS)
    close_phase = BooleanField(
        _l("Close the phase on that day"),
        description=_l("With a go: the phase ends, and the next one begins, on the day of the decision."),
    )

    def offer(self, members: list[Member]) -> None:
        """Fill the lists of people, and mark what cannot stay empty."""
        for needed in (self.reason, self.decided_on, self.deciders):
            # For the label and the browser only; what is missing is told by the rules, all at once.
            needed.flags.required = True
        self.deciders.choices = [choice(member.id, member.name) for member in members]
        owners = [choice(member.id, member.name) for member in members if member.access >= Access.CONTRIBUTOR]
        for entry in self.conditions:
            entry.form.owner_id.choices = [choice("", _l("Nobody yet")), *owners]

    def begin(self, conditions: tuple[Condition, ...], owner_ids: Mapping[str, int]) -> None:
        """Lay out the rows of a fresh form: the gate's unfinished conditions, and some empty ones."""
        for condition in conditions:
            link = condition.link
            self.conditions.append_entry(
                {
                    "number": link.number,
                    "title": link.title,
                    "owner_id": owner_ids.get(link.owner),
                    "due_on": link.due_on,
                }
            )
        self.add_rows()

    def add_rows(self) -> None:
        """Add empty rows for conditions and one for dissent, up to what one decision takes."""
        for _row in range(min(SPARE_ROWS, MAX_CONDITIONS - len(self.conditions))):
            self.conditions.append_entry()
        if len(self.dissent) < MAX_DISSENT and self.is_submitted():
            self.dissent.append_entry()

    def draft(self) -> DecisionDraft:
        """What was typed, as the verb takes it."""
        return DecisionDraft(
            outcome=self.outcome.data or "",
            reason=self.reason.data or "",
            decided_on=self.decided_on.data,
            deciders=tuple(self.deciders.data or ()),
            guests=tuple((self.guests.data or "").splitlines()),
            dissent=tuple(Dissent(row["name"] or "", row["why"] or "") for row in self.dissent.data),
            conditions=tuple(
                ConditionDraft(row["title"] or "", row["owner_id"], row["due_on"], row["number"])
                for row in self.conditions.data
            ),
            override=self.override.data or "",
            close_phase=bool(self.close_phase.data),
            looked=self.looked.data or "",
        )

    def refuse(self, fields: Mapping[str, Any], sentence: Any = "") -> None:
        """Put the refusals of the rules beside the fields they name, rows included; the rest on top."""
        for name, reason in fields.items():
            field = self._field(name)
            if field is None or field.type == "FieldList":
                self.form_errors.append(str(reason))
            elif not field.errors:
                field.errors = [str(reason)]
        if not fields and sentence:
            self.form_errors.append(str(sentence))

    def wrong_rows(self) -> list[tuple[str, str]]:
        """The id and first error of each field in a row that is wrong, for the summary on top."""
        rows = [*self.conditions, *self.dissent]
        return [(field.id, str(field.errors[0])) for row in rows for field in row.form if field.errors]

    def _field(self, name: str) -> Any:
        if name in self:
            return self[name]
        head, _dash, rest = name.partition("-")
        place, _dash, column = rest.partition("-")
        rows = self[head].entries if head in ("conditions", "dissent") else []
        return rows[int(place)].form[column] if place.isdigit() and int(place) < len(rows) else None


class GateForm(EditForm):
    """A gate itself: its name, its day and the phase it closes."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    planned_on = DayField(_l("Planned for"), validators=[InputRequired(_l("Say which day it is planned for."))])
    phase_id = select(_l("Phase it closes"), coerce=number_or_none)


class NewGateForm(FlaskForm):
    """A gate that does not exist yet."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    planned_on = DayField(_l("Planned for"), validators=[InputRequired(_l("Say which day it is planned for."))])
    phase_id = select(_l("Phase it closes"), coerce=number_or_none)


class CriterionForm(FlaskForm):
    """Something more that a gate asks."""

    text = line(
        _l("What has to be true"),
        MAX_TEXT,
        _l("Say what has to be true."),
        description=_l(
            "A sentence that somebody can confirm by name: “The supervisory board has approved the budget.”"
        ),
    )
