"""Speaking to Slack: one call, one answer, through Slack's own library and without its second tries.

By default the library sends a POST again whose connection dropped, which is a second message to somebody. So it has no
retry handlers here, a timeout, and a logger that says nothing: at its most talkative it would write people's messages
into the log. `METHODS` is everything that the plugin calls, with what each needs and takes.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.client import HTTPException
from typing import Any

from plugins.slack_checkin.errors import Refusal, no_answer, refusal
from plugins.slack_checkin.settings import Setup

# Seconds for connecting and for each piece of an answer; the host of plugins bounds the whole.
TIMEOUT, CHECK_TIMEOUT = 10, 4
_silent = logging.getLogger("milepost.slack.library")
_silent.setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Method:
    """What a method of Slack's needs, and how often a minute it may be called; 0 where no tier says so."""

    scopes: tuple[str, ...] = ()
    a_minute: int = 0


# Rates are a little below Slack's own: another tool may call with the same token.
METHODS: Mapping[str, Method] = {
    "apps.connections.open": Method(("connections:write",), 45),
    "auth.test": Method(),
    # Several hundred a minute, and one a second to each conversation: `pacing.py`.
    "chat.postMessage": Method(("chat:write",)),
    "chat.postEphemeral": Method(("chat:write",), 90),
    "chat.update": Method(("chat:write",), 45),
    "chat.getPermalink": Method(),
    "conversations.history": Method(("im:history",), 45),
    "conversations.open": Method(("im:write",), 45),
    # One message of a thread: what somebody marked that it may go into the review.
    "conversations.replies": Method(("channels:history", "groups:history"), 45),
    "files.completeUploadExternal": Method(("files:write",), 90),
    "files.getUploadURLExternal": Method(("files:write",), 90),
    "users.list": Method(("users:read",), 18),
    "users.info": Method(("users:read",), 90),
    # Slack wants the scope to see people beside the one to see their addresses.
    "users.lookupByEmail": Method(("users:read.email", "users:read"), 45),
    "views.open": Method((), 90),
    "views.publish": Method((), 90),
    "views.push": Method((), 90),
    "views.update": Method((), 90),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Slack's yes: what it says, and its headers by names in lower case."""

    data: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def web_client(setup: Setup, timeout: int = TIMEOUT) -> Any:
    """A client of Slack's library for that setup, as everybody here uses it."""
    # Imported here: most processes never speak to Slack, and the library takes its time.
    from slack_sdk import WebClient

    return WebClient(
        setup.bot_token,
        base_url=setup.api_url,
        timeout=timeout,
        ssl=_trust() if setup.api_url.startswith("https:") else None,
        logger=_silent,
        retry_handlers=[],
    )


def call(setup: Setup, method: str, *, timeout: int = TIMEOUT, **arguments: Any) -> Answer:
    """Call the method once. Raises Refusal."""
    from slack_sdk.errors import SlackApiError, SlackClientError

    if method not in METHODS:
        raise ValueError(f"{method} does not stand in METHODS")
    ask = getattr(web_client(setup, timeout), method.replace(".", "_"))
    try:
        answer = ask(**arguments)
    except SlackApiError as error:
        raise _refused(method, error.response) from None
    except (OSError, HTTPException, SlackClientError, ValueError) as error:
        # Without the trace, which would lead a log to what was said.
        raise no_answer(method, error) from None
    data = answer.data if isinstance(answer.data, dict) else {}
    return Answer(data, {str(name).lower(): str(value) for name, value in answer.headers.items()})


def _refused(method: str, response: Any) -> Refusal:
    data = response.data if isinstance(response.data, dict) else {}
    return refusal(
        method, int(response.status_code), str(data.get("error") or ""), response.headers, str(data.get("needed") or "")
    )


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    # Made once: reading the certificates for every message would take longer than sending it.
    return ssl.create_default_context()
