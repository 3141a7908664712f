"""Socket Mode: Milepost calls Slack and keeps the line open, so that it needs no address that Slack can reach.

What comes down the line goes to the same listeners as what comes by HTTP. Every clock that goes on running keeps one
line; Slack tells each thing down one of them only, and takes ten. A line lives on a lease that a tick renews: when the
plugin is switched off, or its token taken away, it is hung up.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from plugins.slack_checkin.receiving import Receiver, receiver
from plugins.slack_checkin.settings import Setup, own_setup
from plugins.slack_checkin.told import SILENT, TIMEOUT
from program.plugin_api.contract import Misconfigured, Retry, Tick

EVERY, LEASE = timedelta(seconds=10), timedelta(seconds=60)
# Slack's ways to say that the token is wrong, not the moment.
_WRONG = ("invalid_auth", "not_authed", "token_revoked", "account_inactive", "not_allowed_token_type", "missing_scope")
_log = logging.getLogger("milepost.slack")
_NAME = "milepost.slack.line"


class Line:
    """The line of one process. `keep` opens it or renews its lease, `hang_up` closes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: Any = None
        self._token = ""
        self._end: threading.Timer | None = None

    def keep(self, app: Flask, here: Receiver, setup: Setup) -> bool:
        """Hold it open for a while longer. True when it had to be opened. Raises Misconfigured, Retry."""
        with self._lock:
            if self._client is not None and self._token == setup.app_token and self._client.is_connected():
                self._lease()
                return False
            self._close()
            self._client, self._token = _connected(app, here, setup), setup.app_token
            self._lease()
            return True

    def hang_up(self) -> None:
        """Close it, if it is open."""
        with self._lock:
            self._close()

    def _lease(self) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = threading.Timer(LEASE.total_seconds(), self.hang_up)
        self._end.daemon = True
        self._end.start()

    def _close(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None
        client, self._client = self._client, None
        if client is not None:
            _end(client)


def line() -> Line:
    """That of this process."""
    found: Line = current_app.extensions.setdefault(_NAME, Line())
    return found


def tick() -> Tick:
    """The work of this module, for clocks that go on running."""
    return Tick("socket_mode", _l("The line to Slack is kept open"), EVERY, keep_line, lasting=True)


def keep_line() -> int:
    """Keep the line to Slack open where Socket Mode is set up. Says whether it was opened."""
    setup = own_setup()
    if not setup.by_socket or not setup.bot_token:
        line().hang_up()
        return 0
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return int(line().keep(app, receiver(), setup))


def _connected(app: Flask, here: Receiver, setup: Setup) -> Any:
    # Slack's library is loaded when it is needed: it would take a third of a cold start.
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError
    from slack_sdk.socket_mode import SocketModeClient

    client = SocketModeClient(
        app_token=setup.app_token,
        web_client=WebClient(base_url=setup.api_url, timeout=TIMEOUT, logger=SILENT, retry_handlers=[]),
        logger=SILENT,
    )
    client.socket_mode_request_listeners.append(lambda _client, request: _take(app, here, _client, request))
    try:
        client.connect()
    except SlackApiError as refused:
        _end(client)
        code = str(refused.response.get("error"))
        if code in _WRONG:
            reason = _(
                "Slack refuses the app-level token (%(code)s): make a new one with connections:write.", code=code
            )
            raise Misconfigured(reason) from None
        raise Retry(_("Slack did not open the line: %(code)s.", code=code)) from None
    except Exception as error:  # noqa: BLE001 - the network, in one of the library's many ways to say so
        _end(client)
        raise Retry(_("Slack could not be reached: %(code)s.", code=type(error).__name__)) from None
    return client


def _end(client: Any) -> None:
    """Hang up, and let its threads go."""
    try:
        client.close()
    except AttributeError:
        # The other end hung up in that very moment, which the library trips over before it has let its threads go.
        client.close()


def _take(app: Flask, here: Receiver, client: Any, request: Any) -> None:
    """Something came down the line: answer it, and have it done. What is not answered Slack tells again."""
    # As above.
    from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response

    if here.workers.is_full:
        return
    try:
        with app.app_context():
            answer = run_bolt_app(here.listeners, request)
        if answer.status == 404:
            # Nobody listens to it; told again it would be no better.
            answer.status, answer.body = 200, ""
        send_response(client, request, answer, time.time())
    except Exception as error:  # noqa: BLE001 - the library would log it with its text, which may hold answers
        _log.error("something from Slack was not answered", extra={"fields": {"error": type(error).__name__}})
