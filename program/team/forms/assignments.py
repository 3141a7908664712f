"""The forms of assignments: who plays a role, with how much of their week, and from when to when."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import InputRequired

from program.people.forms import EditForm
from program.planning.forms.fields import NumberField, day, line, select
from program.team.assignments import MAX_NOTE

MAX_PERSON = 250


def _id_of(raw: Any) -> int:
    # What is no number is nobody's id: the verb then says so beside the field.
    return int(raw) if str(raw).isdecimal() and len(str(raw)) <= 9 else -1


class AssignmentFields(FlaskForm):
    """What is asked of every assignment."""

    share = NumberField(
        _l("Share of time, in percent"),
        [InputRequired(_l("Give a share from 1 to 100 percent."))],
        description=_l("Of a full week; half a week is 50."),
        render_kw={"inputmode": "numeric"},
    )
    starts_on = day(_l("First day"), _l("Say from which day."))
    ends_on = day(_l("Last day"), description=_l("Empty for as long as the program runs."))
    in_pilot_team = BooleanField(
        _l("Counts towards the pilot team"),
        description=_l("Five to eight people of the key departments with 50 to 70 percent of their time."),
    )
    note = line(_l("Note"), MAX_NOTE)

    def values(self) -> dict[str, Any]:
        """What was typed, by column."""
        names = ("share", "starts_on", "ends_on", "in_pilot_team", "note")
        return {name: self[name].data for name in names}


class NewAssignmentForm(AssignmentFields):
    """Somebody gets a role."""

    person = line(
        _l("Person"), MAX_PERSON, _l("Say who."), description=_l("Name or e-mail of somebody in this program.")
    )
    role_id = select(_l("Role"), coerce=_id_of)


class AssignmentForm(EditForm, AssignmentFields):
    """An assignment that is changed; who and which role stay."""


class EndForm(EditForm):
    """The last day of an assignment."""

    ends_on = day(_l("Last day"), _l("Say which day is the last."))
