"""How a program is connected with a Jira: the place, the account, and what maps to what."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp

from plugins.jira_sync.issues import CLOUD, DATA_CENTER
from plugins.jira_sync.merging import Direction, Rule
from plugins.jira_sync.plan import FIELDS, lines
from program.plugin_api import core
from program.plugin_api.contract import SecretField

PLUGIN = "jira_sync"
STATUSES = ("todo", "doing", "blocked", "done", "dropped")
_DIRECTIONS = [
    SelectChoice(Direction.BOTH, _l("Both ways")),
    SelectChoice(Direction.TO_JIRA, _l("To Jira only")),
    SelectChoice(Direction.FROM_JIRA, _l("From Jira only")),
    SelectChoice(Direction.OFF, _l("Not at all")),
]
NAMES = {
    "title": _l("Title"),
    "description": _l("Description"),
    "status": _l("Status"),
    "owner": _l("Owner"),
    "due_on": _l("Due date"),
    "start_on": _l("Start date"),
    "priority": _l("Priority"),
    "labels": _l("Tags"),
}


class ConnectionForm(Form):
    """The place and the account; what maps to what has good values to begin with."""

    url = StringField(
        _l("Address of Jira"),
        [DataRequired(_l("Give the address of Jira.")), Length(max=500)],
        description=_l("As in https://company.atlassian.net"),
    )
    face = SelectField(
        _l("Kind"),
        choices=[SelectChoice(CLOUD, _l("Cloud")), SelectChoice(DATA_CENTER, _l("Data Center"))],
        default=CLOUD,
    )
    project = StringField(
        _l("Project key"),
        [
            DataRequired(_l("Give the key of the project.")),
            Regexp(r"^[A-Z][A-Z0-9_]{1,49}$", message=_l("A key is short and in capitals, as SHOP.")),
        ],
        description=_l("What the numbers of its issues begin with, as SHOP."),
    )
    user = StringField(
        _l("E-mail of the account"),
        [Optional(), Length(max=254)],
        description=_l("For Cloud. An account of its own for Milepost shows best in Jira who did what."),
    )
    token = SecretField(
        _l("Token"),
        [DataRequired(_l("Give the token.")), Length(max=1000)],
        description=_l("Cloud: an API token of that account. Data Center: a personal access token."),
    )
    webhook_secret = SecretField(
        _l("Secret of the webhook"),
        [Optional(), Length(min=16, max=200, message=_l("At least 16 characters."))],
        description=_l("Only for changes to show within seconds. Without it Milepost looks every five minutes."),
    )
    item_type = StringField(_l("Issue type of items"), [Optional(), Length(max=80)], default="Task")
    phase_as = SelectField(
        _l("Phases become"),
        choices=[
            SelectChoice("epic", _l("Epics")),
            SelectChoice("version", _l("Versions")),
            SelectChoice("component", _l("Components")),
            SelectChoice("label", _l("Labels")),
            SelectChoice("none", _l("Nothing")),
        ],
        default="epic",
    )
    epic_type = StringField(_l("Issue type of phases"), [Optional(), Length(max=80)], default="Epic")
    rule = SelectField(
        _l("When both sides changed the same"),
        choices=[
            SelectChoice(Rule.JIRA, _l("Jira wins")),
            SelectChoice(Rule.PROGRAM, _l("The program wins")),
            SelectChoice(Rule.ASK, _l("Ask")),
        ],
        default=Rule.JIRA,
        description=_l("Either way it is listed with both values, and can be turned round."),
    )
    statuses = TextAreaField(
        _l("Statuses by name"),
        [Optional(), Length(max=4000)],
        description=_l("One a line, as: In review = doing. What is not named goes by its category."),
    )
    priorities = TextAreaField(
        _l("Priorities"),
        [Optional(), Length(max=1000)],
        default="1 = Low\n2 = Medium\n3 = High\n4 = Highest",
        description=_l("From 1 (low) to 4 (urgent), each with Jira’s name for it."),
    )
    defaults = TextAreaField(
        _l("Values for fields that Jira demands"),
        [Optional(), Length(max=4000)],
        description=_l("One a line, as: customfield_10050 = Retail"),
    )
    start_field = StringField(
        _l("Field of the start date"),
        [Optional(), Regexp(r"^customfield_\d+$", message=_l("As in customfield_10015."))],
        description=_l("As in customfield_10015. Empty: the start date stays in the program."),
    )
    with_links = BooleanField(_l("Carry what waits for what as links"), default=True)
    comments = SelectField(
        _l("Comments"),
        choices=_DIRECTIONS,
        default=Direction.OFF,
        description=_l("Also those that are there already. What Jira shows to some only stays there."),
    )

    def validate_url(self, field: StringField) -> None:
        """Refuse what would never be called, before it is saved."""
        try:
            core.check_address(field.data or "")
        except core.Refused as refused:
            raise ValidationError(str(refused)) from refused

    def validate_user(self, field: StringField) -> None:
        """Cloud signs in with an e-mail address."""
        if self.face.data == CLOUD and "@" not in (field.data or ""):
            raise ValidationError(_l("Cloud needs the e-mail address of the account."))

    def validate_statuses(self, field: TextAreaField) -> None:
        """Each line maps a name of Jira's to one of ours."""
        for name, ours in _read(field.data).items():
            if ours not in STATUSES:
                raise ValidationError(
                    _l("“%(name)s” must become one of: %(known)s.", name=name, known=", ".join(STATUSES))
                )

    def validate_priorities(self, field: TextAreaField) -> None:
        """Each line maps one of ours to a name of Jira's."""
        if set(_read(field.data)) - {"1", "2", "3", "4"}:
            raise ValidationError(_l("Priorities are numbered from 1 to 4."))

    def validate_defaults(self, field: TextAreaField) -> None:
        """Each line names a field and a value."""
        if wrong := [name for name in _read(field.data) if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name)]:
            raise ValidationError(_l("“%(name)s” is no field of Jira.", name=wrong[0]))


for _name in FIELDS:
    setattr(
        ConnectionForm,
        f"direction_{_name}",
        SelectField(NAMES[_name], choices=_DIRECTIONS, default=Direction.BOTH),
    )


def _read(text: str | None) -> Mapping[str, str]:
    try:
        return lines(text or "")
    except ValueError as error:
        raise ValidationError(_l("A line reads: name = value. This one does not: %(line)s", line=str(error))) from error
