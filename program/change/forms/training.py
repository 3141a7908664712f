"""Forms of training sessions. People and groups are typed by name; the view looks them up."""

from __future__ import annotations

import re
from datetime import time

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import TimeInput

from program.change.training_sessions import LONGEST, MAX_CAPACITY, MAX_NOTE, MAX_PLACE, MAX_TITLE, SHORTEST
from program.planning.forms.fields import NumberField, day, line, paragraph, select

MAX_TYPED, MAX_GROUPS = 254, 20_000
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?")


class ClockField(StringField):
    """A time of day as browsers send it (14:05). What is none is refused with a sentence."""

    widget = TimeInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time. Raises ValueError with what to write instead."""
        super().process_formdata([" ".join(valuelist).strip()])
        if self.data and self.clock is None:
            raise ValueError(_l("Write a time of day: 14:05."))

    @property
    def clock(self) -> time | None:
        """The time that was typed; None for nothing, or for what is no time."""
        found = _CLOCK.fullmatch(self.data or "")
        return time(int(found[1]), int(found[2])) if found else None


class WhenForm(FlaskForm):
    """When a session is, on the program's wall clock."""

    day = day(_l("Day"), _l("Say on which day it is."))
    begins = ClockField(_l("Begins at"), [InputRequired(_l("Say at which time it begins."))])
    minutes = NumberField(
        _l("Minutes"),
        [InputRequired(_l("Say how long it takes."))],
        default=120,
        description=_l("From %(least)s to %(most)s.", least=SHORTEST, most=LONGEST),
    )
    revision = HiddenField()


class WordsForm(FlaskForm):
    """What a session is about, where, by whom, for whom."""

    title = line(_l("Title"), MAX_TITLE, _l("Give it a title."))
    audience = select(_l("For"))
    channel = select(_l("Customer channel"))
    go_live_id = select(_l("Go-live"))
    groups = paragraph(
        _l("Groups"),
        MAX_GROUPS,
        description=_l("Names with semicolons between them. Empty: the groups of the go-live, of this channel."),
    )
    place = line(_l("Place"), MAX_PLACE, description=_l("A room, or the address of a meeting online."))
    trainer = line(_l("Trainer"), MAX_TYPED, description=_l("Name or e-mail of somebody in the program or its groups."))
    capacity = NumberField(
        _l("Seats"),
        [InputRequired(_l("Say how many seats there are."))],
        default=12,
        description=_l(
            "From 1 to %(most)s. Whoever says yes to a full session joins its waiting list.", most=MAX_CAPACITY
        ),
    )
    note = line(_l("Note"), MAX_NOTE, description=_l("What to bring or to read first; it stands in the invitation."))
    revision = HiddenField()


class SessionForm(WhenForm, WordsForm):
    """A session to plan."""
