"""The form of a saved view: its name, and whether it is shared and opens first."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, StringField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput


class ViewForm(FlaskForm):
    """Keeps a filter under a name, or renames one."""

    name = StringField(_l("Name"), description=_l("For example: what I owe this week."))
    is_shared = BooleanField(_l("Share it with everybody in the program"))
    is_first = BooleanField(_l("Open the checklist with this view"))
    query = HiddenField()
    revision = IntegerField(widget=HiddenInput(), validators=[Optional()])
