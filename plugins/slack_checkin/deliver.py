"""Handing a message over in Slack: into the direct conversation with its reader, or into a channel.

Each message carries a mark (its key, hashed) in its metadata, where no reader sees it. Slack has no way to say 'this
is the same as before', so when an answer is lost the conversation is looked through for the mark before anything is
sent again: nobody gets two. A channel cannot be looked through, for the app asks for no right to read there; a person
decides then.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Any

from flask_babel import force_locale

from plugins.slack_checkin import faces, people
from plugins.slack_checkin.client import Answer, call
from plugins.slack_checkin.errors import Refusal
from plugins.slack_checkin.pacing import wait_for, wait_for_place
from plugins.slack_checkin.settings import Setup, setup_of
from program.plugin_api import core
from program.plugin_api.contract import Connection, Delivered, Link, LinkState, OutgoingMessage, Part, Recipient

# Told of a message that stands in a conversation: the part, the message, the conversation, Slack's stamp of it.
Posted = Callable[[Part, OutgoingMessage, str, str], None]
_posted: dict[str, Posted] = {}
_threads: dict[str, Callable[[OutgoingMessage], str]] = {}
_log = logging.getLogger("milepost.slack")
# What the metadata of our messages is called.
EVENT = "milepost_message"
# How far back a conversation is looked through. A message whose answer was lost is among its newest.
PAGE, MOST_PAGES = 200, 5


def when_posted(function: Posted, *kinds: str) -> None:
    """Have the function told of each message of those kinds once it stands in its reader's conversation.

    It may be told twice of the same one. What it raises costs the message nothing.
    """
    _posted.update(dict.fromkeys(kinds, function))


def in_thread(function: Callable[[OutgoingMessage], str], *kinds: str) -> None:
    """Have the function say which thread messages of those kinds to a channel belong into, '' for none."""
    _threads.update(dict.fromkeys(kinds, function))


def knows(person: Recipient, connection: Connection) -> bool:
    """Whether the person is in Slack, as far as is known; who was never looked for may be."""
    if not setup_of(connection).bot_token:
        return False
    link = people.known(person.id)
    return link is None or link.state is not LinkState.FAILED


def deliver(message: OutgoingMessage, connection: Connection) -> Delivered:
    """Post it. Raises Retry, GiveUp, Misconfigured, or ReplyLost when it may have arrived."""
    setup = setup_of(connection)
    people.need_token(setup)
    if message.recipient is None:
        try:
            answer = _post(setup, message.channel, message, _thread_of(message))
        except Refusal as refusal:
            raise refusal.fate from None
        _tell(message, str(answer.data.get("channel") or ""), str(answer.data.get("ts") or ""))
        return _reference(answer)
    link = people.reachable(setup, message.recipient)
    try:
        answer = _to_person(setup, link, message)
    except Refusal as refusal:
        if refusal.code in (*people.GONE, "channel_not_found"):
            people.gone(link, refusal.fate.reason)
        raise refusal.fate from None
    dm, stamp = str(answer.data.get("channel") or ""), str(answer.data.get("ts") or "")
    people.keep_conversation(link, dm)
    _tell(message, dm, stamp)
    return _reference(answer)


def was_delivered(message: OutgoingMessage, connection: Connection) -> bool | None:
    """Look for the message's mark in the direct conversation with its reader: True, False, None if nobody can tell."""
    setup = setup_of(connection)
    people.need_token(setup)
    link = people.known(message.recipient.id) if message.recipient is not None else None
    if link is None or link.external_id is None:
        return None
    try:
        dm = str(link.base.get("dm") or "") or _open(setup, link)
        found = _stamp_in(setup, dm, mark(message))
    except Refusal as refusal:
        if refusal.code == "channel_not_found":
            people.keep_conversation(link, "")
        raise refusal.fate from None
    if found:
        _tell(message, dm, found)
    return None if found is None else bool(found)


def mark(message: OutgoingMessage) -> str:
    """What tells the message from any other, of this Milepost or another one in the same workspace.

    Hashed, as everybody's apps may read it.
    """
    return hashlib.sha256(f"{core.web_address('')}\n{message.key}".encode()).hexdigest()[:40]


def _to_person(setup: Setup, link: Link, message: OutgoingMessage) -> Answer:
    dm = str(link.base.get("dm") or "")
    if dm:
        try:
            return _post(setup, dm, message)
        except Refusal as refusal:
            # The app was installed anew, perhaps: nothing was posted, and there is another conversation by now.
            if refusal.code != "channel_not_found":
                raise
    # Slack opens the conversation by itself when it is given the person, without the limit of conversations.open.
    return _post(setup, str(link.external_id), message)


def _thread_of(message: OutgoingMessage) -> str:
    function = _threads.get(message.parts[0].kind)
    return function(message) if function is not None else ""


def _post(setup: Setup, place: str, message: OutgoingMessage, thread_ts: str = "") -> Answer:
    with force_locale(message.locale):
        text, blocks = faces.draw(message)
    metadata = {"event_type": EVENT, "event_payload": {"mark": mark(message)}}
    wait_for_place(place)
    where: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
    return call(
        setup,
        "chat.postMessage",
        channel=place,
        text=text,
        blocks=blocks,
        metadata=metadata,
        unfurl_links=False,
        unfurl_media=False,
        **where,
    )


def _open(setup: Setup, link: Link) -> str:
    wait_for("conversations.open")
    opened: Any = call(setup, "conversations.open", users=link.external_id).data.get("channel")
    dm = str(opened["id"])
    people.keep_conversation(link, dm)
    return dm


def _stamp_in(setup: Setup, dm: str, wanted: str) -> str | None:
    """Slack's stamp of the message with that mark; '' where there is none, None where nobody can tell."""
    cursor = ""
    for _page in range(MOST_PAGES):
        wait_for("conversations.history")
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = call(setup, "conversations.history", channel=dm, limit=PAGE, include_all_metadata=True, **more).data
        for posted in page.get("messages") or ():
            metadata = posted.get("metadata") or {}
            if metadata.get("event_type") == EVENT and (metadata.get("event_payload") or {}).get("mark") == wanted:
                return str(posted.get("ts") or "?")
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return ""
    # Further back than anything that was just sent; but who is to say.
    return None


def _tell(message: OutgoingMessage, dm: str, stamp: str) -> None:
    for part in message.parts:
        function = _posted.get(part.kind)
        if function is None:
            continue
        try:
            function(part, message, dm, stamp)
        except Exception:  # noqa: BLE001 - the message stands there, whatever fails here
            _log.exception("it could not be noted that a message was posted", extra={"fields": {"kind": part.kind}})


def _reference(answer: Answer) -> Delivered:
    return Delivered(f"{answer.data.get('channel', '')}:{answer.data.get('ts', '')}")
