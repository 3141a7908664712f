"""Forms of coaching: a new one, and how it goes on. People are typed by name; the view looks them up."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from program.change.coaching import MAX_TOPIC
from program.people.forms import EditForm
from program.planning.forms.fields import day, line, select

MAX_TYPED = 254
_NAME = _l("Name or e-mail of somebody in the program or its groups.")


class NewCoachingForm(FlaskForm):
    """Somebody to coach."""

    person = line(_l("Person"), MAX_TYPED, _l("Say who is coached."), description=_NAME)
    coach = line(_l("Coach"), MAX_TYPED, description=_l("Empty while nobody is found yet."))
    topic = line(_l("Topic"), MAX_TOPIC, _l("Say in a line what it is about."))
    next_on = day(_l("Next meeting"))


class CoachingForm(EditForm):
    """How a coaching goes on."""

    coach = line(_l("Coach"), MAX_TYPED, description=_NAME)
    topic = line(_l("Topic"), MAX_TOPIC, _l("Say in a line what it is about."))
    state = select(_l("State"))
    next_on = day(_l("Next meeting"))
