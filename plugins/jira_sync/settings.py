"""Where a program's Jira is and who signs in there. What maps to what is asked by `mapping.py`, from what is there."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp

from plugins.jira_sync.issues import CLOUD, DATA_CENTER
from program.plugin_api import core
from program.plugin_api.contract import SecretField

PLUGIN = "jira_sync"
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
    """The place and the account."""

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
