"""The small form of a row: status with its reason, owner, and due date."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from program.planning.item_words import STATUS_WORDS


class RowForm(FlaskForm):
    """Edits one item from within a list. The verb checks what the values mean; the form only reads them."""

    status = SelectField(_l("Status"), choices=[SelectChoice(*pair) for pair in STATUS_WORDS.items()])
    status_reason = StringField(_l("Why blocked or dropped"))
    owner = SelectField(_l("Owner"))
    due_on = DateField(_l("Due"), validators=[Optional()])
    revision = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(_l("Open the row again.")), NumberRange(1, 2**31 - 1)]
    )
    next = HiddenField()

    def offer_owners(self, team: dict[int, str], present: int | None, names: dict[int, str]) -> None:
        """Whom the item can be given to; whoever has it already stays, even when no longer on the team."""
        choices: list[tuple[str, Any]] = [("", _l("No owner"))]
        choices += [(str(person_id), name) for person_id, name in team.items()]
        if present is not None and present not in team:
            choices.append((str(present), names.get(present, "")))
        self.owner.choices = [SelectChoice(*choice) for choice in choices]

    def values(self) -> dict[str, Any]:
        """What to change, as the verb takes it."""
        return {
            "status": self.status.data,
            "status_reason": self.status_reason.data or "",
            "owner_id": int(self.owner.data) if self.owner.data else None,
            "due_on": self.due_on.data,
        }
