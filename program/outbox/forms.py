"""The form in which a person says how messages should reach them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from program.ground.calendar import COUNTRIES
from program.outbox.rhythm import Mode
from program.outbox.wishes import MAX_BUDGET, Preferences

COUNTRY_WORDS: dict[str, Any] = {
    "PL": _l("Poland"),
    "CZ": _l("Czechia"),
    "SK": _l("Slovakia"),
    "DE": _l("Germany"),
    "AT": _l("Austria"),
    "LT": _l("Lithuania"),
    "UA": _l("Ukraine"),
    "RO": _l("Romania"),
    "HU": _l("Hungary"),
    "GB": _l("United Kingdom"),
    "IE": _l("Ireland"),
    "FR": _l("France"),
    "ES": _l("Spain"),
    "IT": _l("Italy"),
    "NL": _l("Netherlands"),
    "SE": _l("Sweden"),
    "US": _l("United States"),
    "": _l("None, weekends only"),
}
WEEKDAYS = (
    ("0", _l("Monday")),
    ("1", _l("Tuesday")),
    ("2", _l("Wednesday")),
    ("3", _l("Thursday")),
    ("4", _l("Friday")),
    ("5", _l("Saturday")),
    ("6", _l("Sunday")),
)


class Boxes(SelectMultipleField):
    """Several of a few, each with a box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PreferencesForm(FlaskForm):
    """What reaches me, how, and when. Ways to people are filled in by `ways`."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    first_way = SelectField(_l("Write to me first by"), validate_choice=True)
    open_ways = Boxes(_l("What may be used to write to me"))
    digest = RadioField(
        _l("When somebody names me or gives me an item"),
        [InputRequired()],
        choices=[
            SelectChoice(Mode.AT_ONCE.value, _l("Tell me at once")),
            SelectChoice(Mode.MORNING.value, _l("Gather it for the next morning")),
            SelectChoice(Mode.PAGE.value, _l("Only show it on the page of messages")),
        ],
    )
    prompts = RadioField(
        _l("Reminders, and questions that Milepost asks by itself"),
        [InputRequired()],
        choices=[
            SelectChoice(Mode.MORNING.value, _l("One message in the morning")),
            SelectChoice(Mode.PAGE.value, _l("Only show them on the page of messages")),
        ],
    )
    budget = SelectField(_l("Mornings a week with a message, at most"), [InputRequired()], coerce=int)
    day_begins = TimeField(_l("My day begins"), [InputRequired(_l("Give a time of day, like 08:30."))])
    day_ends = TimeField(_l("My day ends"), [InputRequired(_l("Give a time of day, like 08:30."))])
    weekdays = Boxes(
        _l("Days I work"),
        [DataRequired(_l("Choose at least one day."))],
        choices=[SelectChoice(value, word) for value, word in WEEKDAYS],
    )
    country = SelectField(_l("Public holidays"))

    def __init__(self, ways: dict[str, Any], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.budget.choices = [SelectChoice(number) for number in range(MAX_BUDGET + 1)]
        self.country.choices = [SelectChoice(code, COUNTRY_WORDS[code]) for code in COUNTRIES]
        choices = [SelectChoice(name, label) for name, label in ways.items()]
        self.open_ways.choices = choices
        self.first_way.choices = choices
        if len(ways) < 2:
            del self.first_way
        if not ways:
            del self.open_ways

    @staticmethod
    def data_of(chosen: Preferences, ways: Iterable[str]) -> dict[str, Any]:
        """What the form begins with."""
        names = list(ways)
        ordered = chosen.order(names)
        return {
            "revision": chosen.revision,
            "first_way": ordered[0] if ordered else None,
            "open_ways": ordered,
            "digest": chosen.digest,
            "prompts": chosen.prompts,
            "budget": chosen.budget,
            "day_begins": _clock(chosen.day_begins),
            "day_ends": _clock(chosen.day_ends),
            "weekdays": list(chosen.weekdays),
            "country": chosen.country,
        }

    def wishes(self, chosen: Preferences) -> dict[str, Any]:
        """What was filled in, as columns of `Wishes`. Ways that are switched off now keep what was chosen of them."""
        values: dict[str, Any] = {
            "digest": self.digest.data,
            "prompts": self.prompts.data,
            "budget": self.budget.data,
            "day_begins": _minutes(self.day_begins.data),
            "day_ends": _minutes(self.day_ends.data),
            "weekdays": "".join(self.weekdays.data or ()),
            "country": self.country.data,
        }
        if "open_ways" in self:
            there = [choice.value for choice in self.open_ways.choices]
            gone = [name for name in chosen.closed_ways if name not in there]
            values["closed_ways"] = gone + [name for name in there if name not in (self.open_ways.data or ())]
        if "first_way" in self:
            rest = [name for name in chosen.ways if name != self.first_way.data]
            values["ways"] = [self.first_way.data, *rest]
        return values


def _clock(minutes: int) -> time:
    return time(min(minutes, 24 * 60 - 1) // 60, min(minutes, 24 * 60 - 1) % 60)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
