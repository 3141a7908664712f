"""How what people do reaches the app: as a signed request over HTTP, or as an envelope over Socket Mode."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from tests.fakes.slack.calls import Answer
from tests.fakes.slack.server import Server
from tests.fakes.slack.world import Json

# Slack waits three seconds for an acknowledgement; a busy machine may take longer to get to it.
PATIENCE = 60.0
EVENTS = "/plugins/slack_checkin/events"
# Takes a body and headers; gives status and body.
Receiver = Callable[[bytes, dict[str, str]], tuple[int, bytes]]


def sign(secret: str, body: bytes, timestamp: str) -> str:
    """Slack's signature of a request."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


class Door(Protocol):
    """A way into the app. `kind` is 'interactive', 'slash_commands' or 'events_api'."""

    def hand_in(self, kind: str, payload: Json, retry: tuple[int, str] | None) -> Answer:
        """Hand it in and wait for the acknowledgement."""


@dataclass
class HttpDoor:
    """Signed requests. `last` is the request that was sent last: body and headers."""

    receiver: Receiver
    secret: str
    now: Callable[[], float]
    last: tuple[bytes, dict[str, str]] = (b"", {})
    _keeping: threading.Lock = field(default_factory=threading.Lock)

    def hand_in(self, kind: str, payload: Json, retry: tuple[int, str] | None) -> Answer:
        """As Slack does."""
        if kind == "events_api":
            body, content_type = json.dumps(payload).encode(), "application/json"
        else:
            form = {"payload": json.dumps(payload)} if kind == "interactive" else payload
            body, content_type = urlencode(form).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        timestamp = str(int(self.now()))
        headers |= {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(self.secret, body, timestamp)}
        return self.send(body, headers)

    def send(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Send that very request, however wrong it is."""
        with self._keeping:
            self.last = body, dict(headers)
        begun = time.perf_counter()
        status, content = self.receiver(body, headers)
        return Answer(status, content, time.perf_counter() - begun, _parse(content))

    def again(self) -> Answer:
        """Send the last request once more, to the byte."""
        return self.send(*self.last)


@dataclass
class SocketDoor:
    """Envelopes over the newest open socket."""

    server: Server

    def hand_in(self, kind: str, payload: Json, retry: tuple[int, str] | None) -> Answer:
        """As Slack does."""
        with self.server.linked:
            if not self.server.linked.wait_for(lambda: self.server.links, timeout=PATIENCE):
                return Answer(0, b"", PATIENCE)
            link = self.server.links[-1]
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            number, reason = retry or (0, "")
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        begun = time.perf_counter()
        answer = link.ask(envelope, PATIENCE)
        took = time.perf_counter() - begun
        if answer is None:
            return Answer(0, b"", took)
        content = answer.get("payload")
        return Answer(200, json.dumps(content).encode() if content else b"", took, content)


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")
