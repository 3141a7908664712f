"""Where Slack knocks: one address for events, interactions and commands. Only what Slack has signed comes in.

Slack's own verifier raises on an empty timestamp, a signature that is not ASCII and a body that is not UTF-8, so the
signature is reckoned here, over the raw bytes. What is forged or stale gets 401, what cannot be read 400; neither is
looked at any further. What is told twice has one effect (`told.by_a_person`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import time
from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers

from plugins.slack_checkin.doing import Workers
from plugins.slack_checkin.listening import listeners
from plugins.slack_checkin.settings import PLUGIN, own_setup
from program.plugin_api import core
from program.plugin_api.contract import machine

# Older than this, a signature may have been overheard.
WINDOW = 300
# Slack sends a message of fifty blocks back with each tap; more than this it does not send.
LARGEST = 1024 * 1024
_NAME = "milepost.slack"
_log = logging.getLogger(_NAME)
_TIME = re.compile(r"\d{1,12}", re.ASCII)
blueprint = Blueprint("slack_checkin", __name__)


class Receiver:
    """What one process receives with: listeners, made when they are first needed, and hands."""

    def __init__(self) -> None:
        self.workers = Workers()
        self._listeners: Any = None

    @property
    def listeners(self) -> Any:
        """Bolt's app."""
        if self._listeners is None:
            self._listeners = listeners(self.workers)
        return self._listeners


def receiver() -> Receiver:
    """That of this app."""
    found: Receiver = current_app.extensions.setdefault(_NAME, Receiver())
    return found


@blueprint.post("/events")
@machine
def events() -> ResponseReturnValue:
    """Everything that Slack tells by HTTP."""
    if (request.content_length or 0) > LARGEST:
        return "", 413
    body = request.get_data(cache=False)
    try:
        secret = core.last_known(f"{PLUGIN} secret", own_setup).signing_secret
    except core.NotKnown:
        return "", 503
    if not is_from_slack(secret, body, request.headers, time.time()):
        return "", 401
    if not _is_readable(body.decode(), request.mimetype):
        return "", 400
    here = receiver()
    if here.workers.is_full:
        return "", 503
    # As above.
    from slack_bolt import BoltRequest

    headers: dict[str, Any] = dict(request.headers)
    try:
        answer = here.listeners.dispatch(BoltRequest(body=body.decode(), query={}, headers=headers))
    except Exception as error:  # noqa: BLE001 - signed by Slack and of a shape that it does not have
        _log.warning("something from Slack has an odd shape", extra={"fields": {"error": type(error).__name__}})
        return "", 400
    if answer.status == 404:
        # Nobody listens to it: told again it would be no better.
        return "", 200
    return ("", 400) if answer.status >= 500 else (answer.body, answer.status, _headers(answer))


def is_from_slack(secret: str, body: bytes, headers: Headers, now: float) -> bool:
    """Whether Slack has signed that body, with our secret and within the last minutes."""
    stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
    if not secret or not _TIME.fullmatch(stamp) or abs(now - int(stamp)) > WINDOW or not signature.isascii():
        return False
    wanted = "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), signature.encode()):
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_readable(text: str, mimetype: str) -> bool:
    """Whether it is one of the things that Slack sends: an event, an interaction, a command."""
    if mimetype == "application/json":
        return _is_object(text)
    if mimetype != "application/x-www-form-urlencoded":
        return False
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return False
    if "payload" in fields:
        return _is_object(fields["payload"][0])
    return bool(fields.get("command") or fields.get("ssl_check"))


def _is_object(text: str) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and isinstance(found.get("type"), str)


def _headers(answer: Any) -> dict[str, str]:
    return {"Content-Type": str(answer.first_headers().get("content-type", "text/plain"))}
