"""The form for changing many items at once. Every field begins with 'as it is'."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from program.planning.bulk import BulkChange
from program.planning.item_words import PRIORITY_WORDS, STATUS_WORDS

AS_IT_IS = ("", _l("As it is"))


def _choices(*pairs: tuple[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in (AS_IT_IS, *pairs)]


class BulkForm(FlaskForm):
    """What to change. The verb checks what it means; the form only reads it."""

    status = SelectField(_l("Status"), choices=_choices(*STATUS_WORDS.items()), default="")
    status_reason = StringField(_l("Why they are blocked or dropped"), validators=[Length(max=500)])
    owner = SelectField(_l("Owner"), default="")
    due_how = SelectField(
        _l("Due date"),
        choices=_choices(
            ("date", _l("The day below")),
            ("shift", _l("Move by the working days below")),
            ("none", _l("No date")),
        ),
        default="",
    )
    due_on = DateField(_l("Due on"), validators=[Optional()])
    shift = IntegerField(
        _l("Working days"), validators=[Optional()], description=_l("With a minus for earlier. The start moves along.")
    )
    phase = SelectField(_l("Phase"), default="")
    priority = SelectField(
        _l("Priority"), choices=_choices(*((str(k), v) for k, v in PRIORITY_WORDS.items())), default=""
    )
    required = SelectField(
        _l("Required by the gate"),
        choices=_choices(("1", _l("Required")), ("0", _l("Not required"))),
        default="",
    )
    add_tags = StringField(_l("Add tags"), validators=[Length(max=1000)], description=_l("Separated by commas."))
    remove_tags = StringField(_l("Remove tags"), validators=[Length(max=1000)], description=_l("Separated by commas."))

    def offer(self, team: dict[int, str], phases: dict[int, str]) -> None:
        """Whom items can be given to, and where they can go."""
        self.owner.choices = _choices(("none", _l("Nobody")), *((str(k), v) for k, v in team.items()))
        self.phase.choices = _choices(("none", _l("No phase")), *((str(k), v) for k, v in phases.items()))

    def validate(self, extra_validators: Any = None) -> bool:
        """The day or the number of days must be there when it is asked for."""
        good = super().validate(extra_validators)
        if self.due_how.data == "date" and self.due_on.data is None and not self.due_on.errors:
            self.due_on.errors = [_l("Give the day.")]
            return False
        if self.due_how.data == "shift" and not self.shift.data and not self.shift.errors:
            self.shift.errors = [_l("Give the number of working days.")]
            return False
        return bool(good)

    def change(self) -> BulkChange:
        """What was asked for, as the verb takes it."""
        values: dict[str, Any] = {}
        if self.status.data:
            values["status"] = self.status.data
            if self.status.data in ("blocked", "dropped"):
                values["status_reason"] = self.status_reason.data or ""
        if self.owner.data:
            values["owner_id"] = None if self.owner.data == "none" else int(self.owner.data)
        if self.due_how.data in ("date", "none"):
            values["due_on"] = self.due_on.data if self.due_how.data == "date" else None
        if self.phase.data:
            values["phase_id"] = None if self.phase.data == "none" else int(self.phase.data)
        if self.priority.data:
            values["priority"] = int(self.priority.data)
        if self.required.data:
            values["required"] = self.required.data == "1"
        return BulkChange(
            values,
            (self.shift.data or 0) if self.due_how.data == "shift" else 0,
            tuple(tag for tag in (self.add_tags.data or "").split(",") if tag.strip()),
            tuple(tag for tag in (self.remove_tags.data or "").split(",") if tag.strip()),
        )
