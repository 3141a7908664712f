"""Handing one letter to a mail server, step by step, so that it is always known how far it came.

Until the last line of the letter is sent, nothing has arrived and a failure is a plain one. After it, only the
server's answer says what became of the letter: when that does not come, the letter may have arrived.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Any

from flask_babel import gettext as _

from program.plugin_api.contract import Fate, GiveUp, Misconfigured, ReplyLost, Retry

# Seconds for one answer of the server. The host bounds the whole.
LIMIT, CHECK_LIMIT = 15.0, 4.0
_MAX_REPLY = 200


def hand_over(letter: EmailMessage, to: str, settings: Mapping[str, Any], limit: float) -> None:
    """Hand the letter over. Raises Retry, GiveUp, Misconfigured, or ReplyLost when it may have arrived."""
    server = _signed_in(settings, limit)
    try:
        _converse(server, letter, str(settings["sender"]), to)
    finally:
        _leave(server)


def try_out(settings: Mapping[str, Any], limit: float) -> None:
    """Do all that comes before a letter. Raises as `hand_over` does."""
    server = _signed_in(settings, limit)
    try:
        sender = str(settings["sender"])
        with _Step(sender):
            code, reply = server.mail(sender)
            _check(code, reply, sender, wrong=Misconfigured)
            server.rset()
    finally:
        _leave(server)


def _signed_in(settings: Mapping[str, Any], limit: float) -> smtplib.SMTP:
    host, port, security = str(settings["server"]), int(settings["port"]), settings.get("security")
    context = ssl.create_default_context()
    server: smtplib.SMTP | None = None
    try:
        with _Step():
            if security == "tls":
                server = smtplib.SMTP_SSL(host, port, timeout=limit, context=context)
            else:
                server = smtplib.SMTP(host, port, timeout=limit)
            server.ehlo()
            if security == "starttls":
                server.starttls(context=context)
                server.ehlo()
            if settings.get("user"):
                server.login(str(settings["user"]), str(settings.get("password") or ""))
    except Fate:
        if server is not None:
            _leave(server)
        raise
    return server


def _converse(server: smtplib.SMTP, letter: EmailMessage, sender: str, to: str) -> None:
    with _Step(to):
        options = []
        if not (to + sender).isascii():
            if not server.has_extn("smtputf8"):
                raise GiveUp(_("The mail server takes no addresses with letters beyond a to z."))
            options.append("SMTPUTF8")
        _check(*server.mail(sender, options), to, wrong=Misconfigured)
        _check(*server.rcpt(to), to, wrong=GiveUp)
        content = letter.as_bytes(policy=SMTPUTF8 if options else SMTP)
        code, reply = server.docmd("DATA")
        if code != 354:
            _check(code, reply, to, wrong=GiveUp)
    try:
        server.send(_dotted(content))
        code, reply = server.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise ReplyLost(_("The mail server did not say whether it took the letter.")) from error
    _check(code, reply, to, wrong=GiveUp)


def _dotted(content: bytes) -> bytes:
    """The letter as it goes over the wire: lines end alike, those that begin with a dot get another, a dot ends it."""
    lines = content.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"


def _check(code: int, reply: bytes, to: str, *, wrong: type[Fate]) -> None:
    """Pass what the server grants; refuse for now what it refuses for now, and for good what it refuses for good."""
    if 200 <= code < 300:
        return
    reason = _("The mail server refused: %(reply)s", reply=_in_words(code, reply, to))
    raise (wrong if code >= 500 else Retry)(reason)


def _in_words(code: int, reply: bytes | str, to: str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(text.split())}".replace(to, "…")[:_MAX_REPLY].strip()


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye, or just go: what was granted is granted."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


class _Step:
    """A stretch of the conversation in which a failure means that nothing has arrived."""

    def __init__(self, address: str = "") -> None:
        self._address = address or "\0"

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        """Turn what smtplib and the network raise into what to do next."""
        if error is None or isinstance(error, Fate):
            return
        fate = self._fate(error)
        if fate is not None:
            raise fate from error

    def _fate(self, error: BaseException) -> Fate | None:
        if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
            reply = _in_words(error.smtp_code, error.smtp_error, self._address)
            return Misconfigured(_("The mail server refuses user name and password: %(reply)s", reply=reply))
        if isinstance(error, smtplib.SMTPResponseException):
            reply = _in_words(error.smtp_code, error.smtp_error, self._address)
            kind = Retry if error.smtp_code < 500 else Misconfigured
            return kind(_("The mail server refused: %(reply)s", reply=reply))
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return Misconfigured(_("The mail server does not offer what the settings ask for: encryption or sign-in."))
        if isinstance(error, ssl.SSLCertVerificationError):
            return Misconfigured(_("The mail server’s certificate is not accepted. Is its name spelt right?"))
        if isinstance(error, ssl.SSLError):
            return Misconfigured(_("The mail server does not speak this encryption on this port."))
        if isinstance(error, smtplib.SMTPException | OSError):
            return Retry(_("The mail server does not answer."))
        return None
