"""What Slack's refusals mean: what becomes of a message by them, and what an administrator is told to do.

Each error code that Slack documents for a method we call stands in `meanings.py` with its own words. Here is what to
make of an answer, and of no answer at all: until a request has left, nothing has happened; once it has, only Slack's
answer says what became of it, and for a message that makes all the difference.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from datetime import timedelta
from typing import Any
from urllib.error import URLError

from flask_babel import gettext as _

from plugins.slack_checkin.meanings import COMMON, OF_METHODS, Kind, Meaning
from program.plugin_api.contract import Fate, GiveUp, Misconfigured, ReplyLost, Retry

# What must not be done twice. Everything else that we call is a question, or has the same effect the second time.
POSTS = frozenset(("chat.postMessage",))
# Where Slack does not say how long to wait, and the longest that is believed.
PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
MAX_CODE = 80


class Refusal(Exception):
    """Slack did not do what it was asked. `code` is Slack's word, '' where it gave none; `fate` what follows for us."""

    def __init__(self, method: str, code: str, fate: Fate) -> None:
        super().__init__(f"{method}: {code or type(fate).__name__}")
        self.method, self.code, self.fate = method, code, fate


def meaning_of(method: str, code: str) -> Meaning | None:
    """What the code means for that method; None for one that nobody has documented."""
    return OF_METHODS.get(method, {}).get(code) or COMMON.get(code)


def refusal(method: str, status: int, code: str, headers: Any, needed: str = "") -> Refusal:
    """What follows from an answer of Slack that is no yes. `headers` have names in any case."""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        words = _("Slack asks to be left alone for a while: there were too many calls of %(method)s.", method=method)
        return Refusal(method, "ratelimited", Retry(words, _asked_pause(headers)))
    meaning = meaning_of(method, code)
    if meaning is not None:
        return Refusal(method, code, _fate(method, meaning, needed))
    if status >= 500 or not _is_code(code):
        # Not Slack's own words: something on the way answered, or Slack itself is out of order.
        reason = _("Slack answered %(status)s and nothing that can be read.", status=status)
        return Refusal(method, "", ReplyLost(reason) if method in POSTS else Retry(reason))
    words = _("Slack refuses %(method)s with “%(code)s”, which is not documented.", method=method, code=code[:MAX_CODE])
    # It said no, so nothing was posted; it may be over by itself.
    return Refusal(method, code[:MAX_CODE], Retry(words))


def no_answer(method: str, error: Exception) -> Refusal:
    """What follows when no answer came."""
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        words = _("The certificate that Slack’s address shows is not accepted. Does a proxy stand in between?")
        return Refusal(method, "", Misconfigured(words))
    if _never_left(error, cause):
        return Refusal(method, "", Retry(_("Slack cannot be reached from here. Is the way to the internet open?")))
    words = _("Slack did not answer.")
    return Refusal(method, "", ReplyLost(words) if method in POSTS else Retry(words))


def _never_left(error: Exception, cause: BaseException) -> bool:
    """True where not even a connection was made, so that nothing can have happened."""
    if not isinstance(error, URLError):
        # The request was out when this came up.
        return False
    return isinstance(cause, ConnectionRefusedError | socket.gaierror | ssl.SSLError | http.client.InvalidURL)


def _fate(method: str, meaning: Meaning, needed: str) -> Fate:
    words = str(meaning.words)
    if needed:
        words = f"{words} {_('Missing: %(scopes)s.', scopes=needed[:200])}"
    if meaning.kind is Kind.MISCONFIGURED:
        return Misconfigured(words)
    if meaning.kind is Kind.GIVE_UP:
        return GiveUp(words)
    if meaning.kind is Kind.LOST and method in POSTS:
        return ReplyLost(words)
    return Retry(words)


def _asked_pause(headers: Any) -> timedelta:
    found = {str(name).lower(): value for name, value in dict(headers or {}).items()}.get("retry-after", "")
    try:
        seconds = float(found[0] if isinstance(found, list) else found)
    except (TypeError, ValueError):
        return PAUSE
    return min(max(timedelta(seconds=seconds), timedelta(seconds=1)), LONGEST_PAUSE) if seconds >= 0 else PAUSE


def _is_code(text: str) -> bool:
    return bool(text) and len(text) <= MAX_CODE and text.replace("_", "").replace(".", "").isalnum() and text.isascii()
