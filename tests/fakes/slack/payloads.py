"""What Slack tells an app: the bodies of interactions, commands and events."""

from __future__ import annotations

import itertools
from typing import Any

from tests.fakes.slack import api_chat, api_views
from tests.fakes.slack.world import APP, BOT_USER, TEAM, Json, Member, Message, View, World

# The deprecated verification token: in every payload, and no app should look at it.
_TOKEN = "not-a-secret"
_events = itertools.count(1)


def _head(kind: str, member: Member) -> Json:
    name = member.name.lower().replace(" ", ".")
    return {
        "type": kind,
        "token": _TOKEN,
        "team": {"id": TEAM, "domain": "alfa"},
        "user": {"id": member.id, "username": name, "name": name, "team_id": TEAM},
        "api_app_id": APP,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def channel_of(world: World, channel: str) -> Json:
    """A conversation as payloads name it."""
    found = world.channels[channel]
    return {"id": channel, "name": "directmessage" if found.kind == "im" else found.name}


def action_on_message(world: World, member: Member, message: Message, action: Json, state: Json) -> Json:
    """Somebody touched an element of a message."""
    return {
        **_head("block_actions", member),
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": bool(message.seen_by),
        },
        "trigger_id": world.new_trigger(member.id),
        "channel": channel_of(world, message.channel),
        "message": api_chat.as_json(message, with_metadata=True),
        "state": {"values": state},
        "response_url": world.new_response_url(member.id, message.channel, world_message(world, message)),
        "actions": [action],
    }


def world_message(world: World, message: Message) -> Message:
    """The message as it is now, of which `message` may be an older picture."""
    for one in world.channels[message.channel].messages:
        if one.ts == message.ts:
            return one
    return message


def action_in_view(world: World, member: Member, view: View, action: Json) -> Json:
    """Somebody touched an element of a modal or of the home tab."""
    return {
        **_head("block_actions", member),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": world.new_trigger(member.id),
        "view": api_views.as_json(view),
        "state": {"values": view.state},
        "actions": [action],
    }


def submission(world: World, member: Member, view: View) -> Json:
    """Somebody sent a modal."""
    return {
        **_head("view_submission", member),
        "trigger_id": world.new_trigger(member.id),
        "view": api_views.as_json(view),
        "response_urls": [],
    }


def closing(member: Member, view: View, *, cleared: bool) -> Json:
    """Somebody closed a modal that wants to be told."""
    return {**_head("view_closed", member), "view": api_views.as_json(view), "is_cleared": cleared}


def shortcut(world: World, member: Member, callback_id: str, message: Message | None) -> Json:
    """Somebody used a shortcut, of a message or of the app."""
    payload = {
        **_head("message_action" if message else "shortcut", member),
        "action_ts": world.new_ts(),
        "callback_id": callback_id,
        "trigger_id": world.new_trigger(member.id),
    }
    if message is not None:
        payload |= {
            "channel": channel_of(world, message.channel),
            "message_ts": message.ts,
            "message": api_chat.as_json(message, with_metadata=True),
            "response_url": world.new_response_url(member.id, message.channel),
        }
    return payload


def suggestion(member: Member, view: View, element: Json, block_id: str, typed: str) -> Json:
    """Somebody types into a menu whose options the app gives."""
    return {
        **_head("block_suggestion", member),
        "action_id": element["action_id"],
        "block_id": block_id,
        "value": typed,
        "container": {"type": "view", "view_id": view.id},
        "view": api_views.as_json(view),
    }


def command(world: World, member: Member, name: str, text: str, channel: str) -> Json:
    """Somebody typed a command."""
    return {
        "token": _TOKEN,
        "team_id": TEAM,
        "team_domain": "alfa",
        "channel_id": channel,
        "channel_name": channel_of(world, channel)["name"],
        "user_id": member.id,
        "user_name": member.name.lower().replace(" ", "."),
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": world.new_response_url(member.id, channel),
        "trigger_id": world.new_trigger(member.id),
    }


def event(world: World, content: dict[str, Any]) -> Json:
    """Something happened that the app subscribed to."""
    stamp = world.new_ts()
    return {
        "token": _TOKEN,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": {**content, "event_ts": stamp},
        "type": "event_callback",
        "event_id": f"Ev{next(_events):010X}",
        "event_time": int(float(stamp)),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-nothing",
    }
