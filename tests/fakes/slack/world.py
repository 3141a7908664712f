"""What is in the workspace: people, conversations, messages, views, files, tokens; and the clock all of it goes by.

Nothing here knows HTTP. `api_*.py` are the methods that change it, `hands.py` what people do in it.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack.errors import SlackError

TEAM, APP, BOT, BOT_USER = "T0MILEPOST", "A0MILEPOST", "B0MILEPOST", "U0MILEPOST"
ALL_SCOPES = frozenset(
    (
        *("channels:history", "channels:join", "channels:manage", "channels:read", "chat:write", "commands"),
        *("files:read", "files:write", "groups:history", "groups:read", "groups:write"),
        *("im:history", "im:read", "im:write", "mpim:history", "mpim:read", "mpim:write"),
        *("reactions:read", "reactions:write", "team:read", "users:read", "users:read.email"),
    )
)
# A trigger lives so many seconds (Slack's lives three, which a busy machine may need to get to it); a response_url so
# many, and so many times.
TRIGGER_SECONDS, RESPONSE_SECONDS, RESPONSE_USES = 60.0, 1800.0, 5
Json = dict[str, Any]


@dataclass
class Member:
    """A user of the workspace."""

    id: str
    name: str
    email: str
    tz: str = "Europe/Warsaw"
    locale: str = "en-US"
    deleted: bool = False
    is_bot: bool = False
    # Guests and people of other workspaces see the app only where they are let.
    is_restricted: bool = False


@dataclass
class Message:
    """A message. `seen_by` is the only one who sees an ephemeral message, '' for all."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str = ""
    seen_by: str = ""
    edited: int = 0
    deleted: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """All that can be read on it, the buttons as well; one text a line."""
        return "\n".join([self.text, *texts_of(self.blocks)]).strip()

    def snapshot(self) -> Message:
        """As it is now: for somebody whose screen is behind."""
        return copy.deepcopy(self)


@dataclass
class View:
    """A modal or a home tab."""

    id: str
    user: str
    body: Json
    hash: str
    previous: str = ""
    root: str = ""
    # What the person typed and chose: block_id to action_id to its state.
    state: dict[str, Json] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The title of a modal."""
        return str((self.body.get("title") or {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        blocks: list[Json] = self.body["blocks"]
        return blocks

    @property
    def words(self) -> str:
        """All that can be read in it."""
        return "\n".join([self.title, *texts_of(self.blocks)]).strip()


@dataclass
class Channel:
    """A conversation: kind is 'im', 'public' or 'private'."""

    id: str
    kind: str
    name: str = ""
    members: list[str] = field(default_factory=list)
    archived: bool = False
    messages: list[Message] = field(default_factory=list)


@dataclass
class Token:
    """What a token may. `state` is 'good' or the error it is refused with."""

    kind: str
    scopes: frozenset[str] = frozenset()
    state: str = "good"


@dataclass
class Trigger:
    """Right to open one view, for a short while."""

    user: str
    until: float
    used: bool = False


@dataclass
class ResponseUrl:
    """Right to answer to one interaction, five times in half an hour."""

    user: str
    channel: str
    until: float
    message: Message | None = None
    uses: int = 0


@dataclass
class File:
    """An upload. `done` once it was completed."""

    id: str
    name: str
    length: int
    alt_text: str = ""
    content: bytes = b""
    done: bool = False
    channels: list[str] = field(default_factory=list)

    @property
    def is_image(self) -> bool:
        """Whether image blocks can point at it."""
        return self.done and self.name.lower().endswith((".png", ".jpg", ".jpeg", ".gif"))


class World:
    """The workspace. Whoever reads or changes it holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        # Seconds that tests moved the clock on.
        self.ahead = 0.0
        # The moment at which the clock was stopped, if it was.
        self.stands_at: float | None = None
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        # The stack of modals in front of each person, the top one last.
        self.stacks: dict[str, list[str]] = {}
        self.files: dict[str, File] = {}
        self.tokens: dict[str, Token] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.messages_tab = True
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self.base_url = ""
        # Is shown whatever Slack would show: ('message' or 'view', its blocks or body). For second opinions.
        self.inspect: Callable[[str, Any], None] = lambda _kind, _content: None
        self.members[BOT_USER] = Member(BOT_USER, "milepost", "", is_bot=True)
        self.members["USLACKBOT"] = Member("USLACKBOT", "slackbot", "", is_bot=False)

    def now(self) -> float:
        """This moment in the workspace, in seconds since 1970."""
        return (time.time() if self.stands_at is None else self.stands_at) + self.ahead

    def new_id(self, letter: str) -> str:
        """An id that Slack could have given: letter, then capitals and digits."""
        return f"{letter}0{next(self._numbers):08X}"

    def new_ts(self) -> str:
        """A message's stamp: seconds with microseconds, never the same twice."""
        self._last_ts = max(self._last_ts + 1, int(self.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_trigger(self, user: str) -> str:
        """A trigger for that person."""
        name = f"{next(self._numbers)}.{TEAM}.{hashlib.sha256(user.encode()).hexdigest()[:12]}"
        self.triggers[name] = Trigger(user, self.now() + TRIGGER_SECONDS)
        return name

    def new_response_url(self, user: str, channel: str, message: Message | None = None) -> str:
        """An address that takes answers to one interaction."""
        name = f"{next(self._numbers)}/{hashlib.sha256(user.encode()).hexdigest()[:16]}"
        self.response_urls[name] = ResponseUrl(user, channel, self.now() + RESPONSE_SECONDS, message)
        return f"{self.base_url}/response/{name}"

    def spend_trigger(self, name: str) -> str:
        """Take the trigger: whose it is. Raises SlackError for one that is unknown, used or too old."""
        trigger = self.triggers.get(name)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.now() > trigger.until:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def dm(self, user: str) -> Channel | None:
        """The app's direct conversation with that person, if there is one."""
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == [BOT_USER, user]:
                return channel
        return None

    def open_dm(self, user: str) -> Channel:
        """The app's direct conversation with that person, opened if need be."""
        channel = self.dm(user)
        if channel is None:
            channel = Channel(self.new_id("D"), "im", members=[BOT_USER, user])
            self.channels[channel.id] = channel
        return channel

    def images(self) -> frozenset[str]:
        """Files that image blocks may point at."""
        return frozenset(file.id for file in self.files.values() if file.is_image)

    def hash_of(self, body: Json) -> str:
        """A new view's hash."""
        return f"{int(self.now())}.{next(self._numbers):08x}"

    def show(self, user: str, body: Json, kind: str) -> View:
        """Put a view in front of a person: on top of their modals, or as their home."""
        view = View(self.new_id("V"), user, with_ids(body, self), self.hash_of(body))
        if kind == "home":
            old = self.homes.get(user)
            view.id = old.id if old else view.id
            self.homes[user] = view
        else:
            stack = self.stacks.setdefault(user, [])
            view.previous = stack[-1] if stack else ""
            view.root = stack[0] if stack else view.id
            stack.append(view.id)
            self.views[view.id] = view
        return view


def with_ids(body: Json, world: World) -> Json:
    """A copy in which every block and element has an id, as Slack gives one to those that came without."""
    whole = copy.deepcopy(body)
    name_blocks(whole["blocks"], world)
    return whole


def name_blocks(blocks: list[Json], world: World) -> None:
    """Give those without one an id."""
    for block in blocks:
        block.setdefault("block_id", world.new_id("b"))
        for element in elements_of(block):
            if element.get("type") != "image":
                element.setdefault("action_id", world.new_id("a"))


def elements_of(block: Json) -> list[Json]:
    """The interactive elements of a block."""
    kind = block.get("type")
    if kind == "actions":
        return list(block["elements"])
    if kind == "input":
        return [block["element"]]
    if kind == "section" and block.get("accessory"):
        return [block["accessory"]]
    return []


def texts_of(content: Any) -> list[str]:
    """Every text that can be read in blocks, in order."""
    if isinstance(content, list):
        return [text for one in content for text in texts_of(one)]
    if not isinstance(content, dict):
        return []
    found = []
    for name, value in content.items():
        if name == "text" and isinstance(value, str):
            found.append(value)
        elif name == "alt_text":
            found.append(str(value))
        elif name not in ("metadata", "value"):
            found += texts_of(value)
    return found
