"""The form of a reading: a share of a group on a day, with its source."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from program.change.adoption import MAX_SOURCE, MEASURE_WORDS
from program.change.models.adoption import ENTERED_MEASURES
from program.planning.forms.fields import NumberField, choice, day, line, select


class ReadingForm(FlaskForm):
    """What share of the group, of what, on which day, and how anybody knows."""

    measure = select(
        _l("What"), choices=[choice(measure.value, MEASURE_WORDS[measure.value]) for measure in ENTERED_MEASURES]
    )
    value = NumberField(_l("Share of the group in percent"), [InputRequired(_l("Give a number from 0 to 100."))])
    on_date = day(_l("On which day"), _l("Choose a day."))
    source = line(
        _l("Where it comes from"),
        MAX_SOURCE,
        _l("Say where the figure comes from."),
        description=_l("A report, a count, a round of questions: so that somebody can ask back."),
    )
    revision = NumberField(widget=HiddenInput())
