"""Forms of meetings: a date, how often they come round, a point, an action, a matter that came up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.widgets import HiddenInput, TimeInput

from program.ground.cadence import LAST, Cadence, Unit, monthly, weekly
from program.ground.calendar import monday_of
from program.ground.now import zone
from program.kpis.forms.reviews import Needed
from program.planning.forms.fields import DayField, NumberField, choice, day, line, number_or_none, paragraph, select
from program.steering.meeting_acts import MAX_NOTE, ActionDraft
from program.steering.meeting_calendar import MAX_LINK, MAX_PLACE, MeetingDraft
from program.steering.models import CommitteeMeeting, Presence, SteeringPlan

WEEKDAYS = (_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"))
PRESENCE_WORDS: dict[str, Any] = {
    Presence.PRESENT.value: _l("Present"),
    Presence.DEPUTY.value: _l("By deputy"),
    Presence.ABSENT.value: _l("Absent"),
}
RHYTHMS = {
    "": _l("Only when called"),
    "weeks:1": _l("Every week"),
    "weeks:2": _l("Every second week"),
    "weeks:4": _l("Every fourth week"),
    "months:1": _l("Every month"),
    "months:2": _l("Every second month"),
    "months:3": _l("Every quarter"),
}
PLACES = {1: _l("The first"), 2: _l("The second"), 3: _l("The third"), 4: _l("The fourth"), LAST: _l("The last")}


class ClockField(StringField):
    """An hour of the wall clock as browsers send it (09:30); what is none is refused with a sentence."""

    widget = TimeInput()
    data: Any

    def _value(self) -> str:
        return f"{self.data:%H:%M}" if isinstance(self.data, time) else str(self.data or "")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the hour. Raises ValueError with what to write instead."""
        self.data = None
        text = " ".join(valuelist).strip()
        try:
            self.data = time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None) if text else None
        except ValueError:
            raise ValueError(_l("Write an hour as 09:30.")) from None


class MeetingForm(FlaskForm):
    """When and where a meeting is."""

    day = day(_l("Day"), _l("Give a day between 2000 and 2099."))
    at = ClockField(_l("Hour"), [Needed()])
    duration_minutes = NumberField(_l("A meeting lasts, in minutes"), [Needed()])
    place = line(_l("Place"), MAX_PLACE)
    link = line(_l("Link to the call"), MAX_LINK)
    anyway = BooleanField(_l("Meet on that day all the same"))
    revision = NumberField(widget=HiddenInput())

    def begin(self, meeting: CommitteeMeeting | None, plan: SteeringPlan, zone_name: str) -> None:
        """Show the meeting as it is, or what is usual."""
        found: Any = meeting or plan
        self.duration_minutes.data, self.place.data, self.link.data = found.duration_minutes, found.place, found.link
        self.at.data = time(10)
        if meeting is not None:
            local = meeting.meets_at.astimezone(zone(zone_name))
            self.day.data, self.at.data, self.revision.data = local.date(), local.time(), found.revision

    def draft(self) -> MeetingDraft:
        """What was typed."""
        return MeetingDraft(
            *(self.day.data, self.at.data, self.duration_minutes.data, self.place.data or "", self.link.data or ""),
            anyway=bool(self.anyway.data),
        )


class CadenceForm(FlaskForm):
    """How often the committee meets."""

    rhythm = select(_l("How often"))
    nth = select(_l("Which one of the month"), description=_l("For meetings by the month."))
    weekday = select(_l("Day of the meeting"), description=_l("On a public holiday it waits for the next working day."))
    at = ClockField(_l("Hour"), [Needed()])
    announce_days = NumberField(
        _l("The agenda goes out so many working days before"), [Needed()], description=_l("In the morning of that day.")
    )
    revision = NumberField(widget=HiddenInput())

    def offer(self) -> None:
        """Fill the lists."""
        self.rhythm.choices = [choice(key, word) for key, word in RHYTHMS.items()]
        self.nth.choices = [choice(key, word) for key, word in PLACES.items()]
        self.weekday.choices = [choice(number, word) for number, word in enumerate(WEEKDAYS)]

    def begin(self, plan: SteeringPlan) -> None:
        """Show how it is."""
        days = plan.announce_days
        self.announce_days.data = 3 if days is None else days
        revision: Any = plan.revision
        self.revision.data = revision
        self.at.data, self.nth.data, self.weekday.data, self.rhythm.data = time(10), "1", "2", ""
        if plan.cadence:
            cadence = Cadence.from_data(plan.cadence)
            self.at.data, self.nth.data, self.weekday.data = cadence.at, str(cadence.nth), str(cadence.weekday)
            self.rhythm.data = f"{cadence.unit.value}:{cadence.every}"

    def cadence(self, plan: SteeringPlan, today: date) -> Cadence | None:
        """What was chosen. Raises ValueError for what is in no list."""
        if not self.rhythm.data:
            return None
        if self.rhythm.data not in RHYTHMS or self.at.data is None:
            raise ValueError(_("Choose one from the list."))
        unit, _colon, every = self.rhythm.data.partition(":")
        begins = monday_of(today)
        if plan.cadence:
            # Every second week stays the same second week.
            begins = min(begins, Cadence.from_data(plan.cadence).starts_on)
        weekday = int(self.weekday.data)
        if unit == Unit.WEEKS:
            return weekly(weekday, self.at.data, begins, every=int(every), moves=True)
        return monthly(int(self.nth.data), weekday, self.at.data, begins, every=int(every), moves=True)


class PointForm(FlaskForm):
    """A point for the agenda."""

    title = StringField(_l("Point"), [Needed()])
    note = paragraph(_l("What it is about"), MAX_NOTE, render_kw={"rows": 2})


class CancelForm(FlaskForm):
    """Why a meeting does not take place."""

    why = TextAreaField(_l("Why it does not take place"), [Needed()], render_kw={"rows": 2})
    revision = NumberField(widget=HiddenInput())


class ActionForm(FlaskForm):
    """Something that is to be done."""

    title = StringField(_l("What is to be done"), [Needed()])
    owner = select(_l("Who does it"))
    due_on = DayField(_l("By"), [Needed()])
    point = select(_l("Point of the agenda"))

    def offer(self, people: Mapping[int, str], points: Mapping[str, str]) -> None:
        """Fill the lists: people by id, points by key."""
        self.owner.choices = [choice("", _("Choose somebody")), *(choice(key, name) for key, name in people.items())]
        self.point.choices = [choice("", _("None of them")), *(choice(key, name) for key, name in points.items())]

    def draft(self) -> ActionDraft:
        """The action, as the verb takes it."""
        raw = self.owner.data or ""
        owner = number_or_none(raw if raw.isascii() and raw.isdigit() and len(raw) <= 9 else "")
        return ActionDraft(self.title.data or "", owner, self.due_on.data, self.point.data or "")


class AskForm(FlaskForm):
    """A matter that came up and is decided there and then."""

    title = StringField(_l("What is to be decided"), [Needed()])
    options = TextAreaField(
        _l("Options"),
        [Needed()],
        description=_l("Each on a line of its own, two at least."),
        render_kw={"rows": 4},
    )
