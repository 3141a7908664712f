"""The app itself, people, and conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakes.slack.api import Args, method
from tests.fakes.slack.api_chat import find_channel
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.world import APP, BOT, BOT_USER, TEAM, Channel, Json, Member, World

CHANNELS = ("channels:read", "groups:read", "im:read", "mpim:read")


@method("api.test", token="any")
def api_test(world: World, args: Args) -> Json:
    """Answer."""
    if args.text("error"):
        raise SlackError(args.text("error"))
    return {"args": args.given}


@method("auth.test")
def auth_test(world: World, args: Args) -> Json:
    """Who the token is."""
    return {
        "url": "https://alfa.slack.com/",
        "team": "Alfa Bank",
        "user": "milepost",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", "connections:write", token="app")
def open_connection(world: World, args: Args) -> Json:
    """An address to hang on to for events."""
    ticket = world.new_id("S")
    return {"url": f"{world.base_url.replace('http://', 'ws://', 1)}/link/?ticket={ticket}&app_id={APP}"}


@method("team.info", "team:read", takes_json=False)
def team_info(world: World, args: Args) -> Json:
    """The workspace."""
    if args.text("team") not in ("", TEAM):
        raise SlackError("team_not_found")
    return {"team": {"id": TEAM, "name": "Alfa Bank", "domain": "alfa", "email_domain": "alfa.example"}}


@method("bots.info", "users:read", takes_json=False)
def bots_info(world: World, args: Args) -> Json:
    """The app's bot."""
    if args.text("bot") not in ("", BOT):
        raise SlackError("bot_not_found")
    return {"bot": {"id": BOT, "deleted": False, "name": "milepost", "app_id": APP, "user_id": BOT_USER}}


def _as_json(member: Member, args: Args) -> Json:
    shown: Json = {
        "id": member.id,
        "team_id": TEAM,
        "name": member.name.lower().replace(" ", "."),
        "deleted": member.deleted,
        "is_bot": member.is_bot,
        "is_app_user": False,
        "profile": {"real_name": member.name, "display_name": member.name.split(" ", maxsplit=1)[0], "team": TEAM},
    }
    if not member.deleted:
        shown |= {
            "real_name": member.name,
            "tz": member.tz,
            "tz_label": member.tz,
            "tz_offset": 3600,
            "is_admin": False,
            "is_restricted": member.is_restricted,
            "is_ultra_restricted": False,
            "is_email_confirmed": True,
        }
    # Without the scope for it the address is not there.
    if "users:read.email" in args.token.scopes and member.email:
        shown["profile"]["email"] = member.email
    if args.yes("include_locale"):
        shown["locale"] = member.locale
    return shown


@method("users.info", "users:read", takes_json=False)
def users_info(world: World, args: Args) -> Json:
    """One person."""
    member = world.members.get(args.needed("user", "user_not_found"))
    if member is None:
        raise SlackError("user_not_found")
    return {"user": _as_json(member, args)}


@method("users.list", "users:read", takes_json=False)
def users_list(world: World, args: Args) -> Json:
    """Everybody, the deactivated and bots included."""
    shown, answer = _page(args, list(world.members.values()))
    return {"members": [_as_json(member, args) for member in shown], "cache_ts": int(world.now()), **answer}


@method("users.lookupByEmail", "users:read.email", takes_json=False)
def lookup_by_email(world: World, args: Args) -> Json:
    """The person with that address; the deactivated are not found."""
    wanted = args.needed("email", "users_not_found").lower()
    for member in world.members.values():
        if member.email.lower() == wanted and not member.deleted:
            return {"user": _as_json(member, args)}
    raise SlackError("users_not_found")


@method("conversations.open", "im:write", "mpim:write", "channels:manage", "groups:write")
def open_conversation(world: World, args: Args) -> Json:
    """The direct conversation with a person."""
    if args.text("channel"):
        channel = find_channel(world, args.text("channel"))
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    users = [one for one in args.text("users").split(",") if one]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type")
    if "im:write" not in args.token.scopes:
        raise SlackError("missing_scope", needed="im:write", provided=",".join(sorted(args.token.scopes)))
    member = world.members.get(users[0])
    if member is None:
        raise SlackError("user_not_found")
    if member.deleted:
        raise SlackError("user_disabled")
    if member.is_bot:
        raise SlackError("cannot_dm_bot")
    existing = world.dm(member.id)
    if existing is None and args.yes("prevent_creation"):
        raise SlackError("channel_not_found")
    channel = existing or world.open_dm(member.id)
    known = {"no_op": True, "already_open": True} if existing else {}
    full = _channel_json(channel) if args.yes("return_im") else {"id": channel.id}
    return {**known, "channel": full}


def _channel_json(channel: Channel) -> Json:
    shown: Json = {
        "id": channel.id,
        "name": channel.name,
        "is_im": channel.kind == "im",
        "is_channel": channel.kind == "public",
        "is_private": channel.kind != "public",
        "is_archived": channel.archived,
        "is_member": BOT_USER in channel.members,
    }
    if channel.kind == "im":
        shown["user"] = channel.members[1]
        del shown["name"]
    return shown


@method("conversations.info", *CHANNELS, takes_json=False)
def conversation_info(world: World, args: Args) -> Json:
    """One conversation."""
    channel = find_channel(world, args.needed("channel", "channel_not_found"))
    shown = _channel_json(channel)
    if args.yes("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


@method("conversations.list", *CHANNELS, takes_json=False)
def list_conversations(world: World, args: Args) -> Json:
    """Conversations of the kinds asked for, in pages."""
    names = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
    types = args.text("types", "public_channel").split(",")
    if any(one not in names for one in types):
        raise SlackError("invalid_types")
    wanted = {names[one] for one in types}
    scopes = {"public": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}
    lacking = sorted({scopes[kind] for kind in wanted} - args.token.scopes)
    if lacking:
        raise SlackError("missing_scope", needed=",".join(lacking), provided=",".join(sorted(args.token.scopes)))
    found = [
        channel
        for channel in world.channels.values()
        if channel.kind in wanted
        and (channel.kind == "public" or BOT_USER in channel.members)
        and not (args.yes("exclude_archived") and channel.archived)
    ]
    shown, answer = _page(args, found)
    return {"channels": [_channel_json(channel) for channel in shown], **answer}


@method("conversations.members", *CHANNELS, takes_json=False)
def conversation_members(world: World, args: Args) -> Json:
    """Who is in it."""
    shown, answer = _page(args, find_channel(world, args.needed("channel", "channel_not_found")).members)
    return {"members": list(shown), **answer}


@method("conversations.join", "channels:join")
def join(world: World, args: Args) -> Json:
    """Go into a public channel."""
    channel = find_channel(world, args.needed("channel", "channel_not_found"))
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    if BOT_USER not in channel.members:
        channel.members.append(BOT_USER)
    return {"channel": _channel_json(channel)}


def _page(args: Args, rows: Sequence[Any]) -> tuple[Sequence[Any], Json]:
    cursor = args.text("cursor")
    start = 0
    if cursor:
        kind, _colon, number = cursor.partition(":")
        if kind != "page" or not number.isdigit():
            raise SlackError("invalid_cursor")
        start = int(number)
    limit = args.number("limit", 0)
    if limit < 0 or limit > 1000:
        raise SlackError("invalid_limit")
    end = start + (limit or len(rows))
    next_cursor = f"page:{end}" if end < len(rows) else ""
    return rows[start:end], {"response_metadata": {"next_cursor": next_cursor}}
