"""The forms of rituals and of their meetings. The verbs judge what was typed (`rituals.py`, `meetings.py`)."""

from __future__ import annotations

from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import TimeInput

from program.change.forms.choices import chosen_id, people_choices
from program.change.meetings import MAX_NOTES
from program.change.ritual_words import KIND_WORDS, RHYTHM_WORDS
from program.change.rituals import MAX_AGENDA, MAX_PLACE, MAX_TITLE, RitualDraft
from program.planning.forms.fields import NumberField, choice, day, select


class ClockField(StringField):
    """An hour of the day as minutes after midnight; typed and shown as 09:30."""

    widget = TimeInput()

    def _value(self) -> str:
        if isinstance(self.data, int):
            return f"{self.data // 60:02}:{self.data % 60:02}"
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the hour. Raises ValueError with what to write instead."""
        self.data: int | None = None
        text = " ".join(valuelist).strip()
        if not text:
            return
        try:
            clock = time.fromisoformat(text.zfill(5)) if len(text) <= 8 and ":" in text else None
        except ValueError:
            clock = None
        if clock is None or clock.tzinfo is not None:
            raise ValueError(_l("Give a time of day: 09:30."))
        self.data = clock.hour * 60 + clock.minute


class RitualForm(FlaskForm):
    """A meeting that comes round."""

    kind = select(_l("Kind"))
    title = StringField(_l("Title"), [InputRequired(_l("Give it a title."))], render_kw={"maxlength": MAX_TITLE})
    rhythm = select(_l("Rhythm"))
    every = NumberField(
        _l("Every so many"), [InputRequired()], description=_l("2 with a weekly rhythm is every other week."), default=1
    )
    first_on = day(
        _l("First day"),
        _l("Give the first day."),
        description=_l(
            "It keeps the weekday, and by the month its place there: the second Tuesday. After phases: from here on."
        ),
    )
    last_on = day(_l("Last day"))
    starts_at_minute = ClockField(_l("Starts at"), [InputRequired(_l("Give a time of day: 09:30."))])
    minutes = NumberField(_l("Minutes"), [InputRequired()], default=60)
    place = StringField(
        _l("Place"), description=_l("A room, or the link of a call."), render_kw={"maxlength": MAX_PLACE}
    )
    organiser_id = select(_l("Organiser"), coerce=chosen_id, default=None)
    agenda = TextAreaField(_l("Agenda"), render_kw={"maxlength": MAX_AGENDA})
    revision = HiddenField()

    def offer(self, team: dict[int, str], present: tuple[int, str] | None = None) -> None:
        """Fill the lists to choose from."""
        self.kind.choices = [choice(key, word) for key, word in KIND_WORDS.items()]
        self.rhythm.choices = [choice(key, word) for key, word in RHYTHM_WORDS.items()]
        self.organiser_id.choices = people_choices(team, present)

    def draft(self) -> RitualDraft:
        """What was typed."""
        skip = ("csrf_token", "revision")
        return RitualDraft(**{name: field.data for name, field in self._fields.items() if name not in skip})


class GuestForm(FlaskForm):
    """Somebody of the program who comes."""

    name = StringField(
        _l("Name"),
        [InputRequired(_l("Write the name of somebody of this program."))],
        render_kw={"maxlength": 254, "autocomplete": "off"},
    )


class MoveForm(FlaskForm):
    """Another day for one meeting."""

    to = day(_l("New day"), _l("Give the new day."))
    revision = HiddenField()


class HoldForm(FlaskForm):
    """What was said at a meeting, and what came of it."""

    notes = TextAreaField(_l("Notes"), render_kw={"maxlength": MAX_NOTES})
    actions = TextAreaField(
        _l("Actions"),
        description=_l(
            "One a line; each becomes an item of the plan. @ and the name of somebody in a line makes them its owner."
        ),
        render_kw={"rows": 4},
    )
    due_on = day(_l("Due"))
    revision = HiddenField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.due_on.description = _l("For all of these actions.")
