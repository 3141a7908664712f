"""The forms of people: signing in, accepting an invitation, one's own account, and the administrator's directory."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import BooleanField, EmailField, HiddenField, IntegerField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput, html_params

from program.ground.now import zone_names
from program.people.accounts import MAX_EMAIL, MAX_NAME
from program.people.passwords import LONGEST

LANGUAGES = [SelectChoice("en", "English"), SelectChoice("pl", "Polski")]
THEMES = [
    SelectChoice("auto", _l("As the device")),
    SelectChoice("light", _l("Light")),
    SelectChoice("dark", _l("Dark")),
]


def _needed(sentence: Any) -> list[Any]:
    return [DataRequired(sentence)]


def _at_most(most: int) -> Length:
    return Length(max=most, message=_l("Up to %(most)s letters.", most=most))


def _email(label: Any) -> EmailField:
    return EmailField(label, [*_needed(_l("Write an e-mail address.")), _at_most(MAX_EMAIL)])


def _name() -> StringField:
    return StringField(_l("Full name"), [*_needed(_l("Write a full name.")), _at_most(MAX_NAME)])


@lru_cache(maxsize=1)
def _zone_options() -> str:
    return "".join(f'<option value="{name}">{name.replace("_", " ")}</option>' for name in zone_names())


def _draw_zones(field: SelectField, **attributes: Any) -> Markup:
    """The list of time zones, its four hundred options written once: WTForms would take longer for them than a page."""
    attributes = {"id": field.id, "required": True, **attributes}
    value = f'value="{escape(field.data)}">'
    options = _zone_options().replace(value, f"selected {value}", 1)
    # Names of zones are ours, attributes are escaped by WTForms, the value by us.
    return Markup(f"<select {html_params(name=field.name, **attributes)}>{options}</select>")  # noqa: S704


class ZoneField(SelectField):
    """A time zone."""

    widget = staticmethod(_draw_zones)

    def __init__(self, label: Any, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, choices=_zones, **more)


@lru_cache(maxsize=1)
def _zones() -> list[SelectChoice]:
    return [SelectChoice(name) for name in zone_names()]


class EditForm(FlaskForm):
    """A form that edits a row: it carries the revision it began from."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class SignInForm(FlaskForm):
    """E-mail and password."""

    next = HiddenField()
    email = _email(_l("E-mail"))
    # Longer ones cannot be anybody's; the answer is the same for every account.
    password = PasswordField(_l("Password"), [*_needed(_l("Write your password.")), _at_most(LONGEST)])


class AcceptForm(FlaskForm):
    """What an invited person says about themselves. Without a password they sign in by one-time links."""

    name = _name()
    locale = SelectField(_l("Language"), [InputRequired()], choices=LANGUAGES)
    password = PasswordField(
        _l("Password"),
        description=_l(
            "At least 12 characters. Leave it empty to go on without one: a manager of your program can "
            "make you a new one-time link whenever you need it."
        ),
    )


class AccountForm(EditForm):
    """One's own account."""

    name = _name()
    locale = SelectField(_l("Language"), [InputRequired()], choices=LANGUAGES)
    theme = SelectField(_l("Theme"), [InputRequired()], choices=THEMES)
    timezone = ZoneField(_l("Time zone"), [InputRequired()])


class PasswordForm(FlaskForm):
    """A new password; `password` is the present one and disappears where there is none."""

    password = PasswordField(_l("Current password"), [*_needed(_l("Write your current password.")), _at_most(LONGEST)])
    new_password = PasswordField(_l("New password"), _needed(_l("Write a new password.")))


class InviteForm(FlaskForm):
    """Somebody new, for the instance."""

    email = _email(_l("E-mail"))
    name = _name()
    locale = SelectField(_l("Language"), [InputRequired()], choices=LANGUAGES)
    is_admin = BooleanField(
        _l("Administrator"), description=_l("Sees and manages every program, and everybody's account.")
    )


class PersonForm(EditForm):
    """What an administrator corrects in an account."""

    name = _name()
    email = _email(_l("E-mail"))


def take_errors(form: FlaskForm, fields: dict[str, Any], sentence: Any = "") -> None:
    """Put a verb's refusals beside the form's fields; what belongs to no field of the form goes on top."""
    for name, reason in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, str(reason)]
        else:
            form.form_errors.append(str(reason))
    if not fields and sentence:
        form.form_errors.append(str(sentence))
