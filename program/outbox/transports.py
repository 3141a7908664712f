"""Ways to a person: what a way has to offer, and which ones there are.

The page of messages (the web inbox) is always there and needs no way: a message's row is its entry. Ways are what
reaches out: e-mail, a chat. They are plugins; `program/plugin_host` registers those that are switched on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flask import Flask

from program.ground.records import record
from program.outbox.fates import Delivered
from program.outbox.kinds import File

_NAME = "milepost.transports"


@record
class Recipient:
    """The person a message is for. `timezone` is the name of their zone, `locale` 'en' or 'pl'."""

    id: int
    name: str
    email: str
    locale: str
    timezone: str


@record
class Part:
    """One thing said in a message: its kind and data, and the same in words of the reader's language.

    `url` is the absolute address of the page it is about, '' for none; `action` is the label of a link to it.
    `files` go along where the way can carry files; nothing is in them that the text does not say.
    """

    kind: str
    data: Mapping[str, Any]
    subject: str
    text: str
    action: str
    url: str
    files: tuple[File, ...] = ()


@record
class OutgoingMessage:
    """A message as it is handed over. Prompts of one morning are several parts of one message.

    `key` is the same at every try and unlike any other message's: give it to the other side wherever it can tell a
    repetition by it. `recipient` is None for a message to a `channel`, an address that only the way understands.
    """

    id: int
    key: str
    recipient: Recipient | None
    channel: str
    program_id: int | None
    subject: str
    parts: tuple[Part, ...]
    locale: str
    attempt: int
    created_at: datetime
    # Where the reader chooses what reaches them how, absolute.
    preferences_url: str

    @property
    def text(self) -> str:
        """All of it as plain text, without the subject."""
        alone = len(self.parts) == 1
        said = [("" if alone else part.subject, part.text, part.url) for part in self.parts]
        return "\n\n".join("\n".join(line for line in lines if line) for lines in said)


class Transport(Protocol):
    """A way to people. `name` never changes, it is kept with messages; `label` is for people to read."""

    name: str
    label: Any
    # How many messages a minute it takes, from all clocks together; 0 for any number.
    a_minute: int

    def knows(self, person: Recipient, program_id: int | None) -> bool:
        """True when this way leads to that person for that program's messages (None: for no program's)."""

    def deliver(self, message: OutgoingMessage) -> Delivered:
        """Hand the message over, within a minute. Raises what `fates.py` names."""

    def was_delivered(self, message: OutgoingMessage) -> bool | None:
        """Whether a message arrived whose answer was lost: True, False (it is sent again), None if nobody can tell.

        A way that would rather say something twice than not at all answers False.
        """


@dataclass(slots=True)
class _Registry:
    ways: dict[str, Transport] = field(default_factory=dict)
    sources: list[Callable[[], Iterable[Transport]]] = field(default_factory=list)


def add(app: Flask, transport: Transport) -> None:
    """Open a way for as long as the app lives."""
    _of(app).ways[transport.name] = transport


def close(app: Flask, name: str) -> None:
    """Close a way that was opened with `add`."""
    _of(app).ways.pop(name, None)


def add_source(app: Flask, source: Callable[[], Iterable[Transport]]) -> None:
    """Let somebody say anew each time which ways are open: plugins are switched on and off while the app runs."""
    _of(app).sources.append(source)


def all_of(app: Flask) -> dict[str, Transport]:
    """The ways that are open now, by name, in the order in which they were opened."""
    registry = _of(app)
    found = dict(registry.ways)
    for source in registry.sources:
        found.update((transport.name, transport) for transport in source())
    return found


def _of(app: Flask) -> _Registry:
    registry: _Registry = app.extensions.setdefault(_NAME, _Registry())
    return registry
