"""Modals, home tabs and files."""

from __future__ import annotations

import json

from tests.fakes.slack.api import Args, method
from tests.fakes.slack.api_chat import find_channel
from tests.fakes.slack.blocks import check_view
from tests.fakes.slack.errors import SlackError
from tests.fakes.slack.world import APP, BOT, BOT_USER, TEAM, File, Json, Message, View, World, with_ids

LARGEST_VIEW = 250_000
MOST_VIEWS = 3


def as_json(view: View) -> Json:
    """A view as the API and the payloads show it."""
    body = view.body
    return {
        "id": view.id,
        "team_id": TEAM,
        "type": body["type"],
        "title": body.get("title"),
        "close": body.get("close"),
        "submit": body.get("submit"),
        "blocks": view.blocks,
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "external_id": body.get("external_id", ""),
        "state": {"values": view.state},
        "hash": view.hash,
        "clear_on_close": body.get("clear_on_close", False),
        "notify_on_close": body.get("notify_on_close", False),
        "root_view_id": view.root or view.id,
        "previous_view_id": view.previous or None,
        "app_id": APP,
        "bot_id": BOT,
    }


def read_view(world: World, body: object, kind: str, *, instead_of: View | None = None) -> Json:
    """A view that Slack takes; `instead_of` may have the same external_id. Raises SlackError."""
    problems = check_view(body, kind, world.images())
    if problems or not isinstance(body, dict):
        raise SlackError.invalid("invalid_arguments", problems)
    if len(json.dumps(body)) > LARGEST_VIEW:
        raise SlackError("view_too_large")
    world.inspect("view", body)
    outer = body.get("external_id")
    for view in [*world.views.values(), *world.homes.values()]:
        if outer and view is not instead_of and view.body.get("external_id") == outer:
            raise SlackError("duplicate_external_id")
    return body


def _given(world: World, args: Args, kind: str, instead_of: View | None = None) -> Json:
    body = args.parsed("view", "invalid_arguments")
    if body is None:
        args.needed("view")
    return read_view(world, body, kind, instead_of=instead_of)


@method("views.open")
def open_view(world: World, args: Args) -> Json:
    """Open a modal in front of whoever the trigger belongs to; what was open before is closed."""
    body = _given(world, args, "modal")
    user = world.spend_trigger(args.needed("trigger_id"))
    close_all(world, user)
    return {"view": as_json(world.show(user, body, "modal"))}


@method("views.push")
def push_view(world: World, args: Args) -> Json:
    """Put a modal on top."""
    body = _given(world, args, "modal")
    user = world.spend_trigger(args.needed("trigger_id"))
    if not world.stacks.get(user):
        raise SlackError("not_found")
    if len(world.stacks[user]) >= MOST_VIEWS:
        raise SlackError("push_limit_reached")
    return {"view": as_json(world.show(user, body, "modal"))}


@method("views.update")
def update_view(world: World, args: Args) -> Json:
    """Change an open modal, unless it changed since the hash."""
    wanted, outer = args.text("view_id"), args.text("external_id")
    everything = [*world.views.values(), *world.homes.values()]
    found = [one for one in everything if one.id == wanted or (outer and one.body.get("external_id") == outer)]
    if not found:
        raise SlackError("not_found")
    view = found[0]
    body = _given(world, args, str(view.body["type"]), instead_of=view)
    _check_hash(args, view)
    replace(world, view, body)
    return {"view": as_json(view)}


@method("views.publish")
def publish_view(world: World, args: Args) -> Json:
    """Show that home tab to a person from now on."""
    user = args.needed("user_id")
    old = world.homes.get(user)
    body = _given(world, args, "home", instead_of=old)
    if user not in world.members:
        raise SlackError("user_not_found")
    if old is not None:
        _check_hash(args, old)
    return {"view": as_json(world.show(user, body, "home"))}


def _check_hash(args: Args, view: View) -> None:
    if args.text("hash") and args.text("hash") != view.hash:
        raise SlackError("hash_conflict")


def replace(world: World, view: View, body: Json) -> None:
    """Put other content into a view; what was typed stays where block and action keep their ids."""
    view.body = with_ids(body, world)
    view.hash = world.hash_of(body)
    there = {block["block_id"] for block in view.blocks}
    view.state = {name: state for name, state in view.state.items() if name in there}


def close_all(world: World, user: str) -> None:
    """Close all modals of a person."""
    for name in world.stacks.pop(user, []):
        world.views.pop(name, None)


@method("files.getUploadURLExternal", "files:write", takes_json=False)
def get_upload_url(world: World, args: Args) -> Json:
    """An address to send a file to."""
    name, length = args.needed("filename", "missing_argument"), args.number("length", 0)
    if length <= 0:
        raise SlackError("missing_argument")
    file = File(world.new_id("F"), name, length, args.text("alt_txt"))
    if len(file.alt_text) > 1000:
        raise SlackError("alt_txt_too_large")
    world.files[file.id] = file
    return {"upload_url": f"{world.base_url}/upload/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write")
def complete_upload(world: World, args: Args) -> Json:
    """Let the file be seen, in a channel or by the app alone."""
    files = args.parsed("files", "invalid_arguments")
    if not isinstance(files, list) or not files:
        raise SlackError("invalid_arguments")
    names = [one for one in (args.text("channels") or args.text("channel_id")).split(",") if one]
    channels = [find_channel(world, name) for name in names]
    if any(BOT_USER not in channel.members for channel in channels):
        raise SlackError("not_in_channel")
    done = []
    for one in files:
        file = world.files.get(one.get("id", ""))
        if file is None or len(file.content) != file.length:
            raise SlackError("file_not_found")
        file.done = True
        file.channels = [channel.id for channel in channels]
        done.append(_file_json(file))
    for channel in channels:
        text = args.text("initial_comment")
        message = Message(world.new_ts(), channel.id, BOT_USER, text, files=[one["id"] for one in files])
        channel.messages.append(message)
    return {"files": done}


@method("files.info", "files:read", takes_json=False)
def file_info(world: World, args: Args) -> Json:
    """One file."""
    file = world.files.get(args.needed("file", "file_not_found"))
    if file is None or not file.done:
        raise SlackError("file_not_found")
    return {"file": _file_json(file), "comments": [], "response_metadata": {"next_cursor": ""}}


def _file_json(file: File) -> Json:
    address = f"https://files.slack.com/files-pri/{TEAM}-{file.id}/{file.name}"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.name,
        "size": file.length,
        "mimetype": "image/png" if file.is_image else "application/octet-stream",
        "url_private": address,
        "permalink": f"https://alfa.slack.com/files/{BOT_USER}/{file.id}/{file.name}",
        "alt_txt": file.alt_text,
        "channels": file.channels,
    }
