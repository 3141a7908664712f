"""Carrying events to an address: each is written down once, signed, and tried until it arrives or is given up.

What is to be sent stands in a link of the connection before anything is sent, so nothing is lost when the power fails;
the receiver can tell a repetition by the delivery's id, which never changes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

from program.plugin_api import core
from program.plugin_api.contract import Connection, Event, Health, Link, LinkState, Misconfigured, Retry

EVENT = "event"
# After so many tries, with pauses that grow to two hours, about half a day has passed.
MOST_TRIES = 12
# A round ends before the host's limit for a sync, whatever the receiver's pace.
ROUND_SECONDS = 40.0
PAGE = 100
# Answers that ask for patience; other 4xx refuse this one delivery, and 410 all of them.
LATER = frozenset({408, 409, 425, 429})


def take_in(connection: Connection) -> int:
    """Write down what happened since the last time, to be sent. Says how many events that were."""
    position = connection.memory.get("position")
    if position is None:
        # A new connection tells what happens from now on, not the program's whole past.
        core.remember(connection, {"position": core.latest_position(connection)})
        return 0
    taken = 0
    while True:
        found = core.events_since(connection, position, verbs=connection.values["events"], limit=PAGE)
        for event in found.events:
            taken += core.keep_link(connection, Link(EVENT, event.id, base=_payload(connection, event)), new=True)
        if found.position != position:
            position = found.position
            core.remember(connection, {"position": position})
        if len(found.events) < PAGE:
            return taken


def send_waiting(connection: Connection) -> int:
    """Send what waits, in order. Says how many arrived. Raises Retry or Misconfigured when to go on makes no sense."""
    until, arrived = time.monotonic() + ROUND_SECONDS, 0
    while time.monotonic() < until:
        waiting = core.due_links(connection, EVENT, limit=10)
        if not waiting:
            break
        for link in waiting:
            arrived += _send_one(connection, link)
            if time.monotonic() >= until:
                break
    return arrived


def ping(connection: Connection) -> Health:
    """Send a delivery that means nothing."""
    assert connection.program is not None  # noqa: S101 - the caller has looked
    payload = {"event": "ping", "program": connection.program.key, "at": core.utc_now().isoformat()}
    try:
        answer = _post(connection, payload, f"{connection.id}-ping", timeout=4)
    except (core.Refused, core.Unreachable) as error:
        return Health(False, str(error))
    if 200 <= answer.status < 300:
        return Health(True, "The receiver answers.")
    return Health(False, f"The receiver answered a signed ping with {answer.status}; it should be 200 to 299.")


def replay(connection: Connection, link: Link) -> None:
    """Have one delivery sent again, as it was."""
    core.keep_link(connection, replace(link, state=LinkState.WAITING, attempts=0, error=""))
    core.sync_soon(connection)


def replay_failed(connection: Connection) -> int:
    """Have everything sent again that was given up. Says how many."""
    count = 0
    while True:
        failed, _total = core.list_links(connection, EVENT, state=LinkState.FAILED, limit=PAGE)
        for link in failed:
            replay(connection, link)
        count += len(failed)
        if not failed:
            return count


def signature(secret: str, moment: str, body: bytes) -> str:
    """What the receiver compares: HMAC-SHA256 over the moment, a dot and the body."""
    return "sha256=" + hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def _send_one(connection: Connection, link: Link) -> bool:
    delivery = f"{connection.id}-{link.object_id}"
    try:
        answer = _post(connection, dict(link.base), delivery, timeout=10)
    except core.Refused as refused:
        raise Misconfigured(str(refused)) from refused
    except core.Unreachable as error:
        raise _failed(connection, link, str(error)) from error
    tried = replace(link, attempts=link.attempts + 1)
    if 200 <= answer.status < 300:
        core.keep_link(connection, replace(tried, state=LinkState.DONE, error=""))
        return True
    reason = f"The receiver answered {answer.status}."
    if 300 <= answer.status < 400:
        raise Misconfigured(f"{reason} Redirects are not followed: give the address that it leads to.")
    if answer.status == 410:
        raise Misconfigured(f"{reason} It no longer listens: change the address or remove the connection.")
    if answer.status < 500 and answer.status not in LATER:
        # It refuses this one; the next may be welcome.
        core.keep_link(connection, replace(tried, state=LinkState.FAILED, error=reason))
        return False
    raise _failed(connection, link, reason, _asked_to_wait(answer.headers))


def _failed(connection: Connection, link: Link, reason: str, wait: timedelta | None = None) -> Retry:
    attempts = link.attempts + 1
    state = LinkState.FAILED if attempts >= MOST_TRIES else LinkState.WAITING
    core.keep_link(connection, replace(link, attempts=attempts, state=state, error=reason))
    return Retry(reason, after=wait)


def _asked_to_wait(headers: Any) -> timedelta | None:
    raw = str(headers.get("retry-after", ""))
    return timedelta(seconds=min(int(raw), 86_400)) if raw.isdigit() and len(raw) < 10 else None


def _post(connection: Connection, payload: dict[str, Any], delivery: str, timeout: float) -> core.Answer:
    body = json.dumps({"delivery": delivery, **payload}, ensure_ascii=False, sort_keys=True).encode()
    moment = str(int(core.utc_now().timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "milepost-webhook/1.0",
        "X-Milepost-Event": str(payload["event"]),
        "X-Milepost-Delivery": delivery,
        "X-Milepost-Timestamp": moment,
        "X-Milepost-Signature": signature(connection.values["secret"], moment, body),
    }
    return core.send("POST", connection.values["url"], headers=headers, body=body, timeout=timeout)


def _payload(connection: Connection, event: Event) -> dict[str, Any]:
    assert connection.program is not None  # noqa: S101 - events belong to a program
    return {
        "event": event.verb,
        "at": event.at.isoformat(),
        "program": connection.program.key,
        "object": {"type": event.object_type, "id": event.object_id, "name": event.name},
        "changed": list(event.changed),
        "changes": dict(event.changes),
    }
