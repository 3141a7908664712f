"""The form that records an operating model."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from program.planning.forms.fields import day
from program.team.operating_model import MAX_REASON


class ChoiceForm(FlaskForm):
    """Which model, since when, and why. `seen` is the id of the choice that held when the form was opened."""

    model = RadioField(_l("Operating model"), [InputRequired(_l("Choose one of the three models."))])
    reason = TextAreaField(
        _l("Why this one"),
        [
            DataRequired(_l("Say why: whoever comes later will ask.")),
            Length(max=MAX_REASON, message=_l("Up to %(most)s letters.", most=MAX_REASON)),
        ],
        description=_l("Two or three sentences: what spoke for it, and what was weighed against it."),
    )
    decided_on = day(_l("Decided on"), _l("Give the day of the decision."))
    seen = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
