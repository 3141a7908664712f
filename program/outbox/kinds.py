"""Kinds of messages: how the data of each is put into words, and how much it may interrupt.

What a message says is kept as data and put into words when it is read or handed over, in its reader's language. The
room that tells registers its kinds when it is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from program.ground.records import record


class Pace(StrEnum):
    """How much a kind may interrupt. The page of messages shows everything at once; this is about what reaches out."""

    # Asked for by the reader this minute, such as a sign-in link: at any hour.
    AT_ONCE = "at_once"
    # Somebody waits for the reader: as soon as their quiet hours allow.
    DIRECT = "direct"
    # Mentions and assignments: gathered for the next morning, unless the reader wants them at once.
    DIGEST = "digest"
    # What Milepost asks by itself: reminders, check-ins. One message a morning, within the week's budget.
    PROMPT = "prompt"


@record
class Words:
    """A message in one language: a short subject, perhaps a few lines of plain text, and the label of its link."""

    subject: str
    text: str = ""
    action: str = ""


@record
class File:
    """A file that goes along with a message where the way can carry one; `content_type` as 'text/calendar'."""

    name: str
    content_type: str
    body: bytes


@record
class MessageKind:
    """A kind of message. `name` is '<room>.<what>'; `label` names it in lists; `words` puts its data into words.

    `words` is called with the reader's language switched on, and must cope with data written by older versions.
    `private`: what it says is between Milepost and the reader; administrators see that there was one, not what it said.
    `files` makes the files that go along, in the reader's language too; what they say stands in the words as well.
    `unlisted`: that somebody got it says something of them (a reminder: they have not answered); nobody else sees it.
    """

    name: str
    label: Any
    pace: Pace
    words: Callable[[Mapping[str, Any]], Words]
    icon: str = "bell"
    private: bool = False
    unlisted: bool = False
    files: Callable[[Mapping[str, Any]], tuple[File, ...]] | None = None


_kinds: dict[str, MessageKind] = {}


def register(kind: MessageKind) -> MessageKind:
    """Make a kind known, once, when its room is imported."""
    _kinds[kind.name] = kind
    return kind


def find(name: str) -> MessageKind | None:
    """The kind of that name; None when the room or plugin that knew it is gone."""
    return _kinds.get(name)


def unlisted() -> tuple[str, ...]:
    """The names of kinds that stand in nobody's list but their reader's."""
    return tuple(sorted(name for name, kind in _kinds.items() if kind.unlisted))


def all_kinds() -> tuple[MessageKind, ...]:
    """All kinds, by name."""
    return tuple(kind for _name, kind in sorted(_kinds.items()))
