"""Messages: posting, changing, reading."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.slack.api import Args, method
from tests.fakes.slack.blocks import MESSAGE_CHARACTERS, check_message
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.world import APP, BOT, BOT_USER, TEAM, Channel, Json, Message, World, name_blocks

LONGEST_TEXT = 40_000
LONGEST_UPDATE = 4_000
METADATA_BYTES = 8_192
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


def find_channel(world: World, name: str, *, for_posting: bool = False) -> Channel:
    """The conversation of that id (or '#name'; for posting a person's id too), if the app can see it."""
    channel = world.channels.get(name)
    if channel is None and for_posting:
        by_name = [one for one in world.channels.values() if one.kind == "public" and one.name == name.lstrip("#")]
        channel = by_name[0] if by_name else None
        person = world.members.get(name)
        if person is not None and not person.is_bot:
            existing = world.dm(name)
            if existing is None and person.deleted:
                raise SlackError("channel_not_found")
            channel = existing or world.open_dm(name)
    if channel is None or (channel.kind != "public" and BOT_USER not in channel.members):
        raise SlackError("channel_not_found")
    return channel


def as_json(message: Message, *, with_metadata: bool) -> Json:
    """A message as the API shows it."""
    shown: Json = {
        "type": "message",
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "team": TEAM,
    }
    if message.user == BOT_USER:
        shown |= {"bot_id": BOT, "app_id": APP}
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.edited:
        shown["edited"] = {"user": message.user, "ts": message.ts}
    if with_metadata and message.metadata:
        shown["metadata"] = message.metadata
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
        ]
    return shown


def read_content(world: World, args: Args, too_long: str) -> tuple[str, list[Json], Json | None]:
    """Text, blocks and metadata of a call, checked; metadata is None when it was not given."""
    blocks = args.parsed("blocks", "invalid_blocks_format") or []
    text = args.text("text") or args.text("markdown_text")
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if blocks:
        problems, characters = check_message(blocks, world.images())
        if problems:
            raise SlackError.invalid("invalid_blocks", problems)
        if characters > MESSAGE_CHARACTERS:
            raise SlackError(too_long)
        world.inspect("message", blocks)
        blocks = json.loads(json.dumps(blocks))
        name_blocks(blocks, world)
    if len(args.text("markdown_text")) > 12_000:
        raise SlackError("msg_too_long")
    return text[:LONGEST_TEXT], blocks, _metadata(args)


def _metadata(args: Args) -> Json | None:
    metadata = args.parsed("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if metadata == {}:
        return {}
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload", "entities"}:
        raise SlackError("invalid_metadata_format")
    payload = metadata.get("event_payload")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(payload, dict):
        raise SlackError("invalid_metadata_schema")
    if any(isinstance(value, dict | list) and not _is_flat(value) for value in payload.values()):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return metadata


def _is_flat(value: Any) -> bool:
    content = value.values() if isinstance(value, dict) else value
    return all(not isinstance(one, dict | list) for one in content)


def _check_writable(world: World, channel: Channel) -> None:
    if channel.archived:
        raise SlackError("is_archived")
    if channel.kind == "im" and not world.messages_tab:
        raise SlackError("messages_tab_disabled")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")


@method("chat.postMessage", "chat:write")
def post_message(world: World, args: Args) -> Json:
    """Post."""
    name = args.needed("channel", "channel_not_found")
    text, blocks, metadata = read_content(world, args, "msg_blocks_too_long")
    if not text and not blocks:
        raise SlackError("no_text")
    channel = find_channel(world, name, for_posting=True)
    _check_writable(world, channel)
    thread = args.text("thread_ts")
    message = Message(world.new_ts(), channel.id, BOT_USER, text, blocks, metadata or None, thread)
    channel.messages.append(message)
    return {"channel": channel.id, "ts": message.ts, "message": as_json(message, with_metadata=True)}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(world: World, args: Args) -> Json:
    """Post for one person's eyes."""
    channel = find_channel(world, args.needed("channel", "channel_not_found"))
    user = args.needed("user")
    text, blocks, _none = read_content(world, args, "msg_too_long")
    if not text and not blocks:
        raise SlackError("no_text")
    _check_writable(world, channel)
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    message = Message(world.new_ts(), channel.id, BOT_USER, text, blocks, seen_by=user)
    channel.messages.append(message)
    return {"message_ts": message.ts}


def find_own(channel: Channel, ts: str, refusal: str) -> Message:
    """The app's own message; `refusal` is the code for one of somebody else."""
    for message in channel.messages:
        if message.ts == ts and not message.deleted and not message.seen_by:
            if message.user != BOT_USER:
                raise SlackError(refusal)
            return message
    raise SlackError("message_not_found")


@method("chat.update", "chat:write")
def update(world: World, args: Args) -> Json:
    """Change a message. What is not given stays, except that a text alone takes the blocks away."""
    channel = find_channel(world, args.needed("channel", "channel_not_found"))
    message = find_own(channel, args.needed("ts"), "cant_update_message")
    text, blocks, metadata = read_content(world, args, "msg_too_long")
    if not text and not blocks:
        raise SlackError("no_text")
    if len(text) > LONGEST_UPDATE:
        raise SlackError("msg_too_long")
    rewrite(message, text, blocks, metadata, has_blocks="blocks" in args.given, has_text=bool(text))
    shown = as_json(message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def rewrite(
    message: Message, text: str, blocks: list[Json], metadata: Json | None, *, has_blocks: bool, has_text: bool
) -> None:
    """Put that content into the message."""
    if has_blocks or has_text:
        message.blocks = blocks
    if has_text:
        message.text = text
    if metadata is not None:
        message.metadata = metadata or None
    message.edited += 1


@method("chat.delete", "chat:write")
def delete(world: World, args: Args) -> Json:
    """Take a message away."""
    channel = find_channel(world, args.needed("channel", "channel_not_found"))
    message = find_own(channel, args.needed("ts"), "cant_delete_message")
    message.deleted = True
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink", takes_json=False)
def get_permalink(world: World, args: Args) -> Json:
    """An address that opens a message."""
    channel = find_channel(world, args.needed("channel", "channel_not_found"))
    message = _find_any(channel, args.needed("message_ts"))
    link = f"https://alfa.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


@method("conversations.history", *HISTORY, takes_json=False)
def history(world: World, args: Args) -> Json:
    """Messages of a conversation, newest first, in pages."""
    channel = _readable(world, args)
    messages = [one for one in _public(channel) if one.thread_ts in ("", one.ts)]
    return _page(args, messages[::-1])


@method("conversations.replies", *HISTORY, takes_json=False)
def replies(world: World, args: Args) -> Json:
    """A thread, oldest first, its parent included."""
    channel = _readable(world, args)
    ts = args.needed("ts")
    messages = [one for one in _public(channel) if ts in (one.ts, one.thread_ts)]
    if not messages:
        raise SlackError("thread_not_found")
    return _page(args, messages)


def _public(channel: Channel) -> list[Message]:
    return [one for one in channel.messages if not one.deleted and not one.seen_by]


def _readable(world: World, args: Args) -> Channel:
    channel = find_channel(world, args.needed("channel", "channel_not_found"))
    scope = {"im": "im:history", "public": "channels:history"}.get(channel.kind, "groups:history")
    if scope not in args.token.scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(args.token.scopes)))
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _page(args: Args, messages: list[Message]) -> Json:
    oldest, latest = _stamp(args, "oldest"), _stamp(args, "latest")
    inclusive = args.yes("inclusive")

    def is_within(message: Message) -> bool:
        moment = float(message.ts)
        after = oldest is None or moment > oldest or (inclusive and moment == oldest)
        return after and (latest is None or moment < latest or (inclusive and moment == latest))

    wanted = [one for one in messages if is_within(one)]
    start = _cursor(args)
    end = start + min(args.number("limit", 100), 999)
    with_metadata = args.yes("include_all_metadata")
    answer: Json = {
        "messages": [as_json(one, with_metadata=with_metadata) for one in wanted[start:end]],
        "has_more": end < len(wanted),
        "pin_count": 0,
    }
    if end < len(wanted):
        answer["response_metadata"] = {"next_cursor": f"page:{end}"}
    return answer


def _stamp(args: Args, name: str) -> float | None:
    value = args.text(name)
    try:
        return float(value) if value else None
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _cursor(args: Args) -> int:
    value = args.text("cursor")
    if not value:
        return 0
    kind, _colon, number = value.partition(":")
    if kind != "page" or not number.isdigit():
        raise SlackError("invalid_cursor")
    return int(number)


def _find_any(channel: Channel, ts: str) -> Message:
    for message in channel.messages:
        if message.ts == ts and not message.deleted:
            return message
    raise SlackError("message_not_found")


@method("reactions.add", "reactions:write")
def react(world: World, args: Args) -> Json:
    """Put an emoji under a message."""
    message = _find_any(find_channel(world, args.needed("channel", "no_item_specified")), args.needed("timestamp"))
    users = message.reactions.setdefault(args.needed("name", "invalid_name"), [])
    if BOT_USER in users:
        raise SlackError("already_reacted")
    users.append(BOT_USER)
    return {}
