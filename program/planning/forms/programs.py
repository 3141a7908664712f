"""Forms of a program: the new one on one page, its settings, and saving it as a playbook."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from babel import Locale
from babel.core import get_global
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from program.ground.calendar import COUNTRIES, monday_of
from program.ground.formats import current_locale
from program.ground.now import zone_names
from program.people.forms import LANGUAGES, EditForm
from program.planning.forms.fields import choice, day, line, paragraph
from program.planning.playbook_shelf import Shelved
from program.planning.programs import MAX_KEY, MAX_NAME, MAX_PURPOSE, NewProgram
from program.playbooks.model import KEY_MAX, TEXT_MAX


def _countries() -> list[SelectChoice]:
    names = Locale.parse(current_locale()).territories
    listed = sorted((names[country], country) for country in COUNTRIES if country)
    return [SelectChoice(country, name) for name, country in listed] + [SelectChoice("", _l("Weekends only"))]


def _zones() -> list[SelectChoice]:
    return [SelectChoice(name, name.replace("_", " ")) for name in zone_names()]


class NewProgramForm(FlaskForm):
    """Everything a new program needs, on one page, most of it filled in."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    key = line(_l("Key"), MAX_KEY)
    playbook = RadioField(_l("Playbook"), validate_choice=False)
    starts_on = day(_l("First day"), _l("Say on which day it starts."))
    purpose = paragraph(_l("Purpose"), MAX_PURPOSE)
    timezone = SelectField(_l("Time zone"), choices=_zones, validate_choice=False)
    locale = SelectField(_l("Language of the plan"), choices=LANGUAGES, validate_choice=False)
    country = SelectField(_l("Public holidays of"), choices=_countries, validate_choice=False)

    def offer(self, shelf: list[Shelved], weeks: Any) -> None:
        """Fill the list of playbooks; `weeks` puts a number of weeks into words."""
        locale = current_locale()
        self.playbook.choices = [
            choice(one.playbook.key, f"{one.playbook.name.in_(locale)} ({weeks(one.playbook.weeks)})") for one in shelf
        ] + [choice("", _l("Start empty and add phases by hand"))]

    def new_program(self) -> NewProgram:
        """What was typed, as the verb takes it."""
        return NewProgram(
            name=self.name.data or "",
            key=self.key.data or "",
            playbook=self.playbook.data or "",
            starts_on=self.starts_on.data,
            timezone=self.timezone.data or "",
            locale=self.locale.data or "",
            country=self.country.data or "",
            purpose=self.purpose.data or "",
        )


class SettingsForm(EditForm):
    """What a manager changes in a program."""

    name = line(_l("Name"), MAX_NAME, _l("Give it a name."))
    purpose = paragraph(_l("Purpose"), MAX_PURPOSE)
    timezone = SelectField(_l("Time zone"), choices=_zones, validate_choice=False)
    locale = SelectField(_l("Language of the plan"), choices=LANGUAGES, validate_choice=False)
    country = SelectField(_l("Public holidays of"), choices=_countries, validate_choice=False)


class AsPlaybookForm(FlaskForm):
    """The name a program gets as a playbook."""

    name = line(_l("Name of the playbook"), MAX_NAME, _l("Give it a name."))
    key = line(
        _l("Key"),
        KEY_MAX,
        _l("Give it a key."),
        description=_l("Small letters a to z, digits and hyphens. It stands in the playbook's address."),
    )
    summary = paragraph(_l("What it is good for"), TEXT_MAX)


def next_monday(today: date) -> date:
    """The Monday after today: people rarely start a program on the day they write it down."""
    return monday_of(today) + timedelta(weeks=1)


def country_of_zone(timezone: str) -> str:
    """The country whose public holidays go with a time zone; '' where none is offered."""
    country = get_global("zone_territories").get(timezone, "")
    return country if country in COUNTRIES else ""
