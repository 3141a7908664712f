"""The whole stand-in: a workspace, its server, its people, and the app's door."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from tests.fakes.slack import payloads
from tests.fakes.slack.calls import Answer, Call
from tests.fakes.slack.doors import EVENTS, PATIENCE, Door, HttpDoor, Receiver, SocketDoor
from tests.fakes.slack.hands import Person
from tests.fakes.slack.server import Server
from tests.fakes.slack.world import ALL_SCOPES, BOT_USER, Channel, Json, Member, Token, World

# The credentials of the stand-in, made up so that nobody takes them for real ones.
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-fake-bot", "xapp-fake-app", "fade" * 8


class Slack:
    """One workspace with the app in it. See the package's docstring for how to use it."""

    def __init__(self) -> None:
        self.world = World()
        self.server = Server(self.world)
        self.token = self.world.tokens[BOT_TOKEN] = Token("bot", ALL_SCOPES)
        self.app_token = self.world.tokens[APP_TOKEN] = Token("app", frozenset({"connections:write"}))
        self.door: Door | None = None
        # What the app did not acknowledge in time, or with an error: 'kind status'.
        self.troubles: list[str] = []

    @property
    def url(self) -> str:
        """The Web API's base address, as slack_sdk wants it."""
        return f"{self.world.base_url}/api/"

    @property
    def settings(self) -> dict[str, str]:
        """The secrets that an administrator enters for this workspace, by the names of the form."""
        return {"bot_token": BOT_TOKEN, "signing_secret": SIGNING_SECRET, "app_token": APP_TOKEN}

    def environment(self, *, with_socket: bool = False) -> dict[str, str]:
        """The environment that says the same, and where the workspace is; Socket Mode only if asked for."""
        return {
            "MILEPOST_SLACK_API_URL": self.url,
            "MILEPOST_SLACK_BOT_TOKEN": BOT_TOKEN,
            "MILEPOST_SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "MILEPOST_INTERNAL_HOSTS": "127.0.0.1",
            **({"MILEPOST_SLACK_APP_TOKEN": APP_TOKEN} if with_socket else {}),
        }

    # The workspace.

    def user(self, name: str, email: str = "", *, tz: str = "Europe/Warsaw", locale: str = "en-US") -> Person:
        """Somebody new."""
        with self.world.lock:
            address = email or f"{name.lower().replace(' ', '.')}@alfa.example"
            member = Member(self.world.new_id("U"), name, address, tz, locale)
            self.world.members[member.id] = member
        return Person(self, member)

    def channel(self, name: str, *people: Person, with_app: bool = True, private: bool = False) -> Channel:
        """A channel with these people, and the app unless told otherwise."""
        with self.world.lock:
            members = [*([BOT_USER] if with_app else []), *(person.id for person in people)]
            kind = "private" if private else "public"
            channel = Channel(self.world.new_id("C"), kind, name, members)
            self.world.channels[channel.id] = channel
        return channel

    def deactivate(self, person: Person) -> None:
        """Close somebody's account."""
        person.member.deleted = True

    def stand_still(self) -> None:
        """Stop the workspace's clock, so that it goes on by `move_on` alone: limits do not fill up meanwhile."""
        with self.world.lock:
            self.world.stands_at = time.time()

    def move_on(self, seconds: float) -> None:
        """Move the workspace's clock on: triggers and response addresses grow old, limits fill up."""
        with self.world.lock:
            self.world.ahead += seconds

    # What the app did.

    @property
    def faults(self) -> Any:
        """`faults.add(method, kind, …)`: what goes wrong from here on."""
        return self.server.faults

    @property
    def limits(self) -> Any:
        """`limits.on = True` switches rate limits on."""
        return self.server.limits

    def calls(self, *methods: str) -> list[Call]:
        """All calls, or those of these methods, in order."""
        return [call for call in list(self.server.calls) if not methods or call.method in methods]

    def forget_calls(self) -> None:
        """Begin a new list."""
        self.server.calls.clear()

    # The way into the app.

    def knock_at(self, app: Flask, path: str = EVENTS) -> HttpDoor:
        """From here on what people do goes to that app, as signed requests, in the caller's thread."""

        def receive(body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
            with app.test_client(use_cookies=False) as client:
                response = client.post(path, data=body, headers=headers)
                return response.status_code, response.data

        return self.knock_with(receive)

    def knock_with(self, receiver: Receiver) -> HttpDoor:
        """The same, through any callable that takes body and headers and gives status and body."""
        self.door = door = HttpDoor(receiver, SIGNING_SECRET, self.world.now)
        return door

    def use_socket(self) -> None:
        """From here on what people do goes over the socket that the app has open."""
        self.door = SocketDoor(self.server)

    def wait_for_socket(self, count: int = 1, seconds: float = 60.0) -> None:
        """Until the app holds so many sockets."""
        with self.server.linked:
            held = self.server.linked.wait_for(lambda: len(self.server.links) == count, timeout=seconds)
        assert held, f"the app holds {len(self.server.links)} sockets and not {count}"

    def hand_in(self, kind: str, payload: Json, retry: tuple[int, str] | None = None) -> Answer:
        """Hand something in at the app's door."""
        assert self.door is not None, "say first where the app is: knock_at, knock_with or use_socket"
        answer = self.door.hand_in(kind, payload, retry)
        if not answer.ok or answer.seconds > PATIENCE:
            self.troubles.append(f"{kind} {answer.status} after {answer.seconds:.1f} s")
        return answer

    def tell(self, content: Json, retry: tuple[int, str] | None = None) -> Answer:
        """Tell the app of an event."""
        with self.world.lock:
            payload = payloads.event(self.world, content)
        return self.hand_in("events_api", payload, retry)


@contextmanager
def running_slack() -> Iterator[Slack]:
    """A workspace whose server runs on a free port for the length of the block."""
    slack = Slack()
    thread = threading.Thread(target=slack.server.serve_forever, kwargs={"poll_interval": 0.01}, name="slack")
    thread.start()
    try:
        yield slack
    finally:
        slack.server.hang_up()
        slack.server.shutdown()
        thread.join()
        slack.server.server_close()
