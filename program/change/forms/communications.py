"""The form of a message of the communication plan. People and groups are typed by name; the view looks them up."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from program.change.communications import MAX_AUDIENCE, MAX_DETAIL, MAX_MESSAGE
from program.planning.forms.fields import day, line, paragraph, select

MAX_TYPED = 254


class CommunicationForm(FlaskForm):
    """A message: what, for whom, in which way, by whom, on which day."""

    message = line(_l("Message"), MAX_MESSAGE, _l("Say in a line what the message is."))
    planned_on = day(_l("Day"), _l("Say on which day."))
    medium = select(_l("Medium"))
    sender = line(_l("Sender"), MAX_TYPED, description=_l("Name or e-mail of somebody in the program or its groups."))
    audience = line(_l("Audience"), MAX_AUDIENCE, description=_l("In words, such as “team leaders of the hotline”."))
    group = line(_l("Group"), MAX_TYPED, description=_l("When it is one of the impacted groups."))
    go_live_id = select(_l("Go-live"), description=_l("The message moves along when this go-live does."))
    detail = paragraph(_l("Details"), MAX_DETAIL)
    done_on = day(_l("Done on"), description=_l("Empty until it was said."))
    revision = HiddenField()
