"""The form that invites somebody into a program."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from program.ground.actor import Access
from program.people.accounts import MAX_EMAIL, MAX_NAME
from program.people.forms import LANGUAGES
from program.people.members import ACCESS_WORDS

_TOO_LONG = _l("Too long.")


class InviteMemberForm(FlaskForm):
    """Whom to invite, and as what."""

    email = EmailField(
        _l("E-mail"), [DataRequired(_l("Write an e-mail address.")), Length(max=MAX_EMAIL, message=_TOO_LONG)]
    )
    name = StringField(
        _l("Full name"),
        [Length(max=MAX_NAME, message=_TOO_LONG)],
        description=_l("Needed only for somebody who has no account yet."),
    )
    access = SelectField(
        _l("Access"),
        [InputRequired()],
        choices=[SelectChoice(str(level.value), words) for level, words in ACCESS_WORDS.items()],
        default=str(Access.CONTRIBUTOR.value),
    )
    locale = SelectField(_l("Language of the invitation"), [InputRequired()], choices=LANGUAGES)
