"""How Milepost's app in Slack is set up: what an administrator enters, and what the environment says instead.

The environment wins, so that a company that keeps its secrets in a vault never types one into a page. `setup_of` is
the one place that reads either; nothing else in this plugin looks at the form or at the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form
from wtforms.validators import Length, Optional, Regexp

from program.plugin_api import core
from program.plugin_api.contract import Connection, Misconfigured, SecretField

PLUGIN = "slack_checkin"
SLACK = "https://slack.com/api/"
# What of the setup the environment may say, or a file that it names, and the field of the form that it replaces.
VARIABLES = {
    "bot_token": "MILEPOST_SLACK_BOT_TOKEN",
    "signing_secret": "MILEPOST_SLACK_SIGNING_SECRET",
    "app_token": "MILEPOST_SLACK_APP_TOKEN",
    "api_url": "MILEPOST_SLACK_API_URL",
}


class SettingsForm(Form):
    """The three secrets of an app in Slack."""

    bot_token = SecretField(
        _l("Bot token"),
        [
            Optional(),
            Length(max=500),
            Regexp(
                r"^\s*xox[be][.-]\S+\s*$",
                message=_l("A bot token begins with xoxb-. Find it under OAuth & Permissions."),
            ),
        ],
        description=_l("Begins with xoxb-. In your app in Slack under OAuth & Permissions."),
    )
    signing_secret = SecretField(
        _l("Signing secret"),
        [
            Optional(),
            Length(max=200),
            Regexp(
                r"^\s*[0-9a-fA-F]{16,128}\s*$", message=_l("A signing secret is made of digits and the letters a to f.")
            ),
        ],
        description=_l("Under Basic Information. By it Milepost knows that a request comes from Slack."),
    )
    app_token = SecretField(
        _l("App-level token, for Socket Mode"),
        [
            Optional(),
            Length(max=500),
            Regexp(
                r"^\s*xapp-\S+\s*$",
                message=_l("An app-level token begins with xapp-. Find it under Basic Information."),
            ),
        ],
        description=_l("Begins with xapp-. Only where Slack cannot reach Milepost from the internet."),
    )


@dataclass(frozen=True, slots=True)
class Setup:
    """What is needed to speak with Slack and to believe it; '' for what nobody gave. Secrets do not show in a repr."""

    bot_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    # Ends with a slash, as Slack's library needs it.
    api_url: str = SLACK
    # Which of these the environment gave.
    by_environment: frozenset[str] = frozenset()

    @property
    def by_socket(self) -> bool:
        """True where Slack's requests come through a connection that Milepost opens: Socket Mode."""
        return bool(self.app_token)

    def without_secrets(self, text: str) -> str:
        """The text with every secret in it blotted out."""
        for secret in (self.bot_token, self.signing_secret, self.app_token):
            if secret:
                text = text.replace(secret, "•••")
        return text


def setup_of(connection: Connection) -> Setup:
    """The setup that the plugin's settings and the environment make together.

    Raises Misconfigured for a file that cannot be read, and for an address that Milepost must not call.
    """
    found: dict[str, str] = {}
    by_environment = set()
    for name, variable in VARIABLES.items():
        try:
            said = core.environment(variable)
        except OSError as error:
            reason = _("The file named by %(variable)s_FILE cannot be read.", variable=variable)
            raise Misconfigured(reason) from error
        if said:
            by_environment.add(name)
        found[name] = said or str(connection.values.get(name) or "").strip()
    found["api_url"] = found["api_url"].rstrip("/") + "/" if found["api_url"] else SLACK
    try:
        core.check_address(found["api_url"])
    except core.Refused as error:
        reason = _("MILEPOST_SLACK_API_URL cannot be used. %(reason)s", reason=str(error))
        raise Misconfigured(reason) from error
    return Setup(**found, by_environment=frozenset(by_environment))


def own_setup() -> Setup:
    """The same for the plugin's own pages, commands and listeners. Raises Misconfigured."""
    return setup_of(core.instance_settings(PLUGIN))
