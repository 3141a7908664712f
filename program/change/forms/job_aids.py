"""The form of a job aid or helpdesk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from program.change.job_aids import MAX_NOTE, MAX_TITLE
from program.planning.evidence import MAX_URL
from program.planning.forms.fields import day, line, select


class JobAidForm(FlaskForm):
    """Something to look things up in, or a helpdesk to ask."""

    title = line(_l("Title"), MAX_TITLE, _l("Give it a title."))
    kind = select(_l("Kind"))
    channel = select(_l("Customer channel"))
    url = line(
        _l("Address"), MAX_URL, description=_l("A web address. A helpdesk may have only a telephone, in the note.")
    )
    note = line(_l("Note"), MAX_NOTE, description=_l("Telephone, hours, what it is good for."))
    owner = line(_l("Owner"), 254, description=_l("Who keeps it true: name or e-mail."))
    review_on = day(_l("Look again on"), description=_l("By this day somebody checks whether it is still true."))
    revision = HiddenField()
