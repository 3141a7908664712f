"""What goes over the wire to Jira: to addresses that may be called only, once, and with answers that are understood.

The client library's session is kept, its own ways to connect and to try again are not: it has no time limit, sends a
create again when a connection drops, and cannot read half the spellings of Retry-After. Whatever went wrong leaves here
as an error of the contract; `Unknown` says that a write may have happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from flask_babel import gettext as _
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from program.plugin_api import core
from program.plugin_api.contract import GiveUp, Misconfigured, Retry

# Seconds to connect, and between two bytes of an answer.
TIMEOUT = (5.0, 30.0)
# Of one answer: two hundred issues with long descriptions and some room to spare.
MOST_READ = 32 * 1024 * 1024
HOUR = timedelta(hours=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=24)


class Unknown(Exception):
    """A write was sent and no answer came: it may have happened. Look before it is sent again."""


class NotFound(Exception):
    """There is no such thing in Jira, or we may not see it."""


class Busy(Exception):
    """Jira is at work on this very issue (409): nothing was done, and what was asked may no longer be right."""


class Rejected(Exception):
    """Jira refused what was asked; `fields` says why, field by field, `status` is its number."""

    def __init__(self, status: int, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fields = dict(fields or {})

    @property
    def words(self) -> str:
        """All of it in one line."""
        said = [self.message, *(f"{name}: {reason}" for name, reason in self.fields.items())]
        return " ".join(part for part in said if part) or str(self.status)


class _Guarded:
    """A connection to an address that was looked at first; a name that answers anew gains nothing."""

    def _new_conn(self) -> Any:
        return core.connect(self.host, self.port, self.scheme, timeout=TIMEOUT[0])  # type: ignore[attr-defined]


class _Plain(_Guarded, HTTPConnection):
    scheme = "http"


class _Secure(_Guarded, HTTPSConnection):
    scheme = "https"


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class Adapter(HTTPAdapter):
    """Sends each request once and turns what comes back into an answer or an error of ours."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        # How many requests were sent, for previews and tests.
        self.sent = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """One request, one answer."""
        self.sent += 1
        is_read = _is_read(request)
        kwargs["timeout"] = TIMEOUT
        # Through our own connections only: a proxy of the environment would look names up for itself.
        kwargs["proxies"] = {}
        try:
            answer = super().send(request, *args, **kwargs)
        except core.Refused as refused:
            raise Misconfigured(str(refused)) from refused
        except core.Unreachable as away:
            raise Retry(_("Jira does not answer: %(reason)s", reason=str(away))) from away
        except requests.exceptions.SSLError as error:
            raise Misconfigured(_("The certificate of the Jira address is not accepted.")) from error
        except requests.exceptions.ConnectTimeout as error:
            raise Retry(_("Jira does not answer.")) from error
        except requests.exceptions.RequestException as error:
            raise _lost(is_read) from error
        try:
            return _understood(request, answer, is_read)
        except BaseException:
            # Nobody reads it any further.
            answer.close()
            raise


def _is_read(request: requests.PreparedRequest) -> bool:
    path = urlsplit(request.url or "").path
    return request.method == "GET" or path.endswith(("/search/jql", "/search", "/bulkfetch"))


def _lost(is_read: bool) -> Exception:
    return Retry(_("The connection to Jira broke off.")) if is_read else Unknown()


def _understood(request: requests.PreparedRequest, answer: requests.Response, is_read: bool) -> requests.Response:
    status = answer.status_code
    if answer.is_redirect or status in (301, 302, 303, 307, 308):
        answer.close()
        host = urlsplit(answer.headers.get("Location", "")).hostname or "?"
        raise Misconfigured(
            _("The Jira address leads on to %(host)s. Enter the address that Jira itself has.", host=host)
        )
    if int(answer.headers.get("Content-Length") or 0) > MOST_READ:
        answer.close()
        raise GiveUp(_("Jira’s answer is larger than anything that was asked for."))
    if status in (429, 503) or 500 <= status < 600:
        raise _later(answer, is_read)
    if status == 401:
        raise Misconfigured(_("Jira does not accept the user or the token. Enter them again."))
    if status == 407:
        raise Misconfigured(_("A proxy before Jira asks for a sign-in."))
    if status == 410:
        raise Misconfigured(_("This Jira no longer knows what was asked. Choose Cloud or Data Center as it really is."))
    kind = answer.headers.get("Content-Type", "")
    if status == 200 and answer.content and "json" not in kind:
        raise Misconfigured(
            _("Jira answered with a page for people: perhaps a sign-in page. Check the address and the token.")
        )
    if status >= 400:
        raise _refusal(answer, status)
    return answer


def _refusal(answer: requests.Response, status: int) -> Exception:
    try:
        said = answer.json()
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    messages = [str(one) for one in said.get("errorMessages") or () if one]
    if not messages and said.get("message"):
        messages = [str(said["message"])]
    fields = said.get("errors")
    fields = {str(name): str(reason) for name, reason in fields.items()} if isinstance(fields, dict) else {}
    if status == 404:
        return NotFound(" ".join(messages))
    if status == 409:
        return Busy(" ".join(messages))
    return Rejected(status, " ".join(messages)[:1000], fields)


def _later(answer: requests.Response, is_read: bool) -> Exception:
    """Why and how long to wait. A gateway's error after a write says nothing about the write."""
    status = answer.status_code
    after = retry_after(answer.headers)
    reason = answer.headers.get("RateLimit-Reason", "")
    if status == 429 or (status == 503 and after is not None):
        if reason.startswith("jira-quota"):
            wait = reset_in(answer.headers) or after or HOUR
            return Retry(_("Jira’s quota is used up."), after=max(wait, FIRST_PAUSE))
        return Retry(_("Jira asks to slow down."), after=after or reset_in(answer.headers) or FIRST_PAUSE)
    if not is_read:
        # Even a 503 may come from something before Jira, which has done it meanwhile.
        return Unknown()
    return Retry(_("Jira has trouble of its own (%(status)s).", status=status), after=after)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long Jira asks to wait: seconds, whole or not, or a date (RFC 9110); None when it does not say."""
    text = (headers.get("Retry-After") or "").strip()
    if not text:
        return None
    try:
        wait = timedelta(seconds=min(max(float(text), 0.0), LONGEST_PAUSE.total_seconds()))
    except (ValueError, OverflowError):
        moment = _moment(text)
        if moment is None:
            return None
        wait = max(moment - core.utc_now(), timedelta(0))
    return min(wait, LONGEST_PAUSE)


def reset_in(headers: Mapping[str, str]) -> timedelta | None:
    """How long until Jira's quota is filled up again, from `X-RateLimit-Reset`; None when it does not say."""
    reset = _moment(headers.get("X-RateLimit-Reset") or "")
    return None if reset is None else min(max(reset - core.utc_now(), timedelta(0)), LONGEST_PAUSE)


def _moment(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(text)
        except (ValueError, TypeError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
