"""Forms of phases: adding, editing, moving, splitting, removing, and the days they really began and ended."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField

from program.people.forms import EditForm
from program.planning.forms.fields import NumberField, day, line, paragraph, select, weeks
from program.planning.programs import MAX_NAME, MAX_PURPOSE


class NewPhaseForm(FlaskForm):
    """A phase to add."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    after = select(_l("Where"))
    weeks = weeks(_l("Working weeks"), default=4)
    starts_on = day(
        _l("First day"), description=_l("Leave it empty to begin right after the phase before. It may overlap.")
    )
    purpose = paragraph(_l("Purpose"), MAX_PURPOSE)


class PhaseForm(EditForm):
    """A phase's words."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    purpose = paragraph(_l("Purpose"), MAX_PURPOSE)


class NewBlockForm(FlaskForm):
    """A block to add to a phase."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    starts_on = day(_l("First day"), _l("Say on which day it starts."))
    ends_on = day(_l("Last day"), _l("Say on which day it ends."))


class BlockForm(NewBlockForm, EditForm):
    """A block to change."""


class MoveForm(FlaskForm):
    """A phase's new planned dates, and what should go along."""

    start = day(_l("First day"), _l("Say on which day it starts."))
    end = day(_l("Last day"), _l("Say on which day it ends."))
    weeks = NumberField(
        _l("Or: longer by weeks"),
        description=_l("Counted from the last day above; a negative number makes it shorter."),
    )
    with_items = BooleanField(_l("Move the open items of this phase too"), default=True)
    with_following = BooleanField(_l("Move what follows"), default=True)
    seen = HiddenField()


class SplitForm(EditForm):
    """Where to cut a phase in two."""

    on = day(_l("First day of the second part"), _l("Say on which day the second part begins."))
    name = line(_l("Name of the second part"), MAX_NAME, _l("Give it a name."))


class RemoveForm(EditForm):
    """Where the items of a removed phase go."""

    to = select(_l("Its items move to"))


class ActualForm(EditForm):
    """When a phase really began and ended."""

    actual_start = day(_l("Actual first day"))
    actual_end = day(_l("Actual last day"))
