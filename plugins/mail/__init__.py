"""E-mail: messages to people by SMTP, through the mail server that a company has anyway.

It enters by the same door as a stranger's plugin and sees only the contract. `letters.py` writes a message as a
letter, `post.py` hands it to the server.
"""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Form, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from plugins.mail.letters import letter
from plugins.mail.post import CHECK_LIMIT, LIMIT, hand_over, try_out
from program.plugin_api.contract import (
    Connection,
    Delivered,
    GiveUp,
    Health,
    Misconfigured,
    OutgoingMessage,
    Plugin,
    Recipient,
    SecretField,
    hook,
)

# Names that belong to nobody (RFC 2606, RFC 6762): a demo's people live there, and no letter ever arrives.
NOWHERE = ("example", "invalid", "test", "localhost", "local", "example.com", "example.net", "example.org")
_ADDRESS = Regexp(r"^[^@\s<>\"]+@[^@\s<>\"]+$", message=_l("Write an e-mail address."))


class SettingsForm(Form):
    """Where letters go out."""

    server = StringField(
        _l("Mail server"),
        [DataRequired(_l("Name the mail server.")), Length(max=253)],
        description=_l("As in smtp.company.com. Inside your own network is fine."),
    )
    port = IntegerField(_l("Port"), [InputRequired(_l("Give the port.")), NumberRange(1, 65535)], default=587)
    security = SelectField(
        _l("Encryption"),
        choices=[
            SelectChoice("starttls", _l("STARTTLS, usual on port 587")),
            SelectChoice("tls", _l("TLS from the start, usual on port 465")),
            SelectChoice("none", _l("None: only to a server on the same machine")),
        ],
        default="starttls",
    )
    user = StringField(
        _l("User name"),
        [Optional(), Length(max=254)],
        description=_l("Leave it empty for a server that knows this machine."),
    )
    password = SecretField(_l("Password"), [Optional(), Length(max=500)])
    sender = EmailField(
        _l("Sender’s address"), [DataRequired(_l("Write an e-mail address.")), Length(max=254), _ADDRESS]
    )
    sender_name = StringField(_l("Sender’s name"), [Optional(), Length(max=80)], default="Milepost")


class MailPlugin(Plugin):
    """The plugin."""

    name = "mail"
    title = _l("E-mail")
    summary = _l("Sends people their messages by e-mail, through your mail server.")

    @hook
    def settings_form(self) -> type[Form]:
        """Server, account and sender."""
        return SettingsForm

    @hook
    def knows(self, person: Recipient) -> bool:
        """Everybody whose address can exist."""
        _name, at, host = person.email.lower().rpartition("@")
        return bool(at and host) and not any(host == name or host.endswith(f".{name}") for name in NOWHERE)

    @hook
    def deliver(self, message: OutgoingMessage, connection: Connection) -> Delivered:
        """One letter, one conversation with the server. Its Message-ID is the same at every try."""
        if not connection.values.get("server"):
            raise Misconfigured(_("Name the mail server in the settings of the plugin E-mail."))
        to = message.recipient.email if message.recipient else message.channel
        if "@" not in to:
            raise GiveUp(_("This is no e-mail address."))
        written = letter(message, to, connection.values)
        hand_over(written, to, connection.values, LIMIT)
        return Delivered(str(written["Message-ID"]))

    @hook
    def was_delivered(self) -> bool:
        """A mail server does not tell. Rather twice than not at all: mailboxes know a letter by its Message-ID."""
        return False

    @hook
    def check(self, connection: Connection) -> Health:
        """Go as far as a letter would go, and send none."""
        if not connection.values.get("server"):
            return Health(False, _("Name the mail server in the settings of the plugin E-mail."))
        try_out(connection.values, CHECK_LIMIT)
        return Health(True, _("The mail server accepts us."))
