"""What an app sends to the address that came with an interaction."""

from __future__ import annotations

from tests.fakes.slack.api import Args
from tests.fakes.slack.api_chat import read_content, rewrite
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.world import BOT_USER, RESPONSE_USES, Json, Message, Token, World


def take_response(world: World, name: str, given: Json) -> None:
    """Change, delete or answer the message of the interaction. Raises SlackError."""
    address = world.response_urls.get(name)
    if address is None or address.uses >= RESPONSE_USES or world.now() > address.until:
        raise SlackError("used_url")
    args = Args(given, Token("response"))
    text, blocks, metadata = read_content(world, args, "msg_too_long")
    message = address.message
    if given.get("delete_original"):
        if message is not None:
            message.deleted = True
    elif not text and not blocks:
        raise SlackError("no_text")
    elif given.get("replace_original") and message is not None:
        rewrite(message, text, blocks, metadata, has_blocks="blocks" in given, has_text=bool(text))
    else:
        say(world, address.channel, address.user, text, blocks, in_channel=given.get("response_type") == "in_channel")
    address.uses += 1


def say(world: World, channel: str, user: str, text: str, blocks: list[Json], *, in_channel: bool) -> Message:
    """A new message in answer to an interaction: for that person's eyes unless it is to be in the channel."""
    seen_by = "" if in_channel else user
    message = Message(world.new_ts(), channel, BOT_USER, text, blocks, seen_by=seen_by)
    world.channels[channel].messages.append(message)
    return message
