"""Forms of go-lives: adding one, its words, another day for it, what becomes of its tasks when it goes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from program.change.go_lives import MAX_NAME, MAX_NOTE
from program.people.forms import EditForm
from program.planning.forms.fields import day, line, select

KEEP, DROP = "keep", "drop"


class NewGoLiveForm(FlaskForm):
    """A go-live to add."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."), description=_l("Such as “Wave 1: telephone”."))
    on_date = day(
        _l("Day"), _l("Say on which day it is."), description=_l("From this day on its groups work the new way.")
    )
    phase_id = select(
        _l("Phase of its tasks"), description=_l("Left open, each task stands in the phase that runs on its day.")
    )
    note = line(_l("Note"), MAX_NOTE)


class GoLiveForm(EditForm):
    """A go-live's words and phase."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    phase_id = select(
        _l("Phase of its tasks"), description=_l("For tasks that are planned from now on; others stay where they are.")
    )
    note = line(_l("Note"), MAX_NOTE)


class MoveForm(FlaskForm):
    """Another day for a go-live."""

    on_date = day(_l("New day"), _l("Say on which day it is."))
    seen = HiddenField()


class RemoveForm(EditForm):
    """What becomes of the tasks of a go-live that is removed."""

    tasks = RadioField(
        _l("Its tasks"),
        choices=[
            SelectChoice(KEEP, _l("All stay in the plan as they are")),
            SelectChoice(DROP, _l("Those that nobody has begun are dropped, with the reason")),
        ],
        default=KEEP,
    )
