"""Jira's webhooks: signed, known by their identifier when they come twice, and in no order. They say only 'look'."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from plugins.jira_sync.book import HINT
from plugins.jira_sync.settings import PLUGIN
from program.plugin_api import core
from program.plugin_api.contract import Connection, Link, machine

LARGEST = 2 * 1024 * 1024
blueprint = Blueprint("jira_hints", __name__)


@blueprint.post("/webhook/<int:connection_id>")
@machine
def webhook(connection_id: int) -> ResponseReturnValue:
    """Take one delivery: 401 for what Jira did not sign, 400 for what cannot be read, 204 for the rest."""
    if (request.content_length or 0) > LARGEST:
        return "", 413
    body = request.get_data(cache=False)
    connection = next((one for one in core.active_connections(PLUGIN) if one.id == connection_id), None)
    secret = str(connection.values.get("webhook_secret") or "") if connection else ""
    # Reckoned for a connection that is not there as well: neither answer nor time says which there are.
    if not _is_signed(secret, body, request.headers.get("X-Hub-Signature", "")) or connection is None or not secret:
        return "", 401
    try:
        said = json.loads(body)
        issue = said.get("issue") or {}
        number = str(int(issue["id"])) if issue else ""
        is_talk = str(said.get("webhookEvent", "")).startswith("comment_")
    except (ValueError, TypeError, KeyError, AttributeError):
        return "", 400
    if number:
        base = {"issue": number} | ({"talk": True} if is_talk else {})
        _note(connection, base, request.headers.get("X-Atlassian-Webhook-Identifier", ""), body)
    return "", 204


def _is_signed(secret: str, body: bytes, header: str) -> bool:
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}".encode(), header.encode("utf-8", "replace"))


def _note(connection: Connection, base: dict[str, Any], identifier: str, body: bytes) -> None:
    """Write down that the issue is to be looked at; a delivery that came before changes nothing."""
    known = identifier[:150] or hashlib.sha256(body).hexdigest()
    hint_id = int.from_bytes(hashlib.sha256(known.encode()).digest()[:4], "big") >> 1
    if core.keep_link(connection, Link(HINT, hint_id, external_id=known, base=base), new=True):
        core.sync_soon(connection)
