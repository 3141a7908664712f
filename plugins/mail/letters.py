"""A message as a letter: plain text for those who like it plain, HTML that every mail program can draw, and headers.

Mail programs know no style sheets of ours, so the little style there is stands in the tags. People's words are escaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from program.plugin_api.contract import GiveUp, OutgoingMessage, Part
from program.plugin_api.core import utc_now

_INK, _SOFT, _LINE, _ACCENT = "#1d273b", "#5b6576", "#dce1e7", "#0a4fa3"


def letter(message: OutgoingMessage, to: str, settings: Mapping[str, Any]) -> EmailMessage:
    """The letter, in its reader's language. Raises GiveUp for an address that cannot be written."""
    written = EmailMessage(policy=SMTP)
    sender = str(settings["sender"])
    try:
        name = message.recipient.name if message.recipient else ""
        written["From"] = Address(_line(str(settings.get("sender_name") or "Milepost")), addr_spec=sender)
        written["To"] = Address(_line(name), addr_spec=to)
    except (MessageError, ValueError, IndexError) as error:
        raise GiveUp(_("This is no e-mail address.")) from error
    written["Subject"] = _line(message.subject)
    written["Date"] = format_datetime(utc_now())
    # The same at every try, so that a letter that went out twice can be told from two letters.
    written["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"
    # Out-of-office replies to machines are answered by nobody (RFC 3834).
    written["Auto-Submitted"] = "auto-generated"
    if message.preferences_url:
        # For a person, who chooses what reaches them how (RFC 2369). A channel has nobody to choose.
        written["List-Unsubscribe"] = f"<{message.preferences_url}>"
    with force_locale(message.locale):
        written.set_content(plain(message))
        written.add_alternative(html(message), subtype="html")
    for file in (file for part in message.parts for file in part.files):
        main, _slash, sub = file.content_type.partition("/")
        params = {"charset": "utf-8"} if main == "text" else {}
        written.add_attachment(file.body, maintype=main, subtype=sub, filename=file.name, params=params)
    return written


def plain(message: OutgoingMessage) -> str:
    """The letter as text."""
    return f"{message.text}\n\n-- \n{_footer(message)}\n"


def html(message: OutgoingMessage) -> str:
    """The letter as HTML."""
    alone = len(message.parts) == 1
    parts = Markup("").join(_part(part, alone) for part in message.parts)
    footer = escape(_footer_words(message))
    if message.preferences_url:
        words = _("Choose what reaches you, and how")
        footer += Markup(' <a href="{}" style="color:{}">{}</a>').format(message.preferences_url, _SOFT, words)
    return str(
        Markup(
            '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
            '<body style="margin:0;padding:24px;font:16px/1.5 -apple-system,Segoe UI,Roboto,sans-serif;color:{}">'
            '<div style="max-width:560px">{}<p style="margin-top:32px;border-top:1px solid {};padding-top:12px;'
            'font-size:13px;color:{}">{}</p></div></body></html>'
        ).format(message.locale, message.subject, _INK, parts, _LINE, _SOFT, footer)
    )


def _part(part: Part, alone: bool) -> Markup:
    size = "20px" if alone else "17px"
    drawn = Markup('<h1 style="font-size:{};margin:0 0 8px">{}</h1>').format(size, part.subject)
    for paragraph in filter(None, part.text.split("\n\n")):
        lines = Markup("<br>").join(escape(line) for line in paragraph.split("\n"))
        drawn += Markup('<p style="margin:0 0 12px">{}</p>').format(lines)
    if part.url:
        button = f"display:inline-block;padding:8px 16px;border-radius:6px;background:{_ACCENT};color:#ffffff"
        drawn += Markup('<p style="margin:0 0 24px"><a href="{}" style="{};text-decoration:none">{}</a></p>').format(
            part.url, button, part.action or part.url
        )
    return drawn


def _footer(message: OutgoingMessage) -> str:
    words = _footer_words(message)
    if message.preferences_url:
        words += f"\n{_('Choose what reaches you, and how')}: {message.preferences_url}"
    return words


def _footer_words(message: OutgoingMessage) -> str:
    return _("Milepost wrote this for you.") if message.recipient else _("Milepost wrote this.")


def _line(text: str) -> str:
    """Text that fits into a header: without line ends, which would begin another header."""
    return " ".join(text.split())
