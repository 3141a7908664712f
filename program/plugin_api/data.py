"""The frozen data that passes between Milepost and its plugins; what is about figures stands in `figure_data.py`.

Plugins import it from `contract.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from program.plugin_api.models import LinkState


@dataclass(frozen=True, slots=True)
class Program:
    """A program. `today` is the day it is there; `timezone` its zone's name, `locale` 'en' or 'pl'."""

    id: int
    key: str
    name: str
    locale: str
    timezone: str
    today: date


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account. `timezone` is a zone's name, `locale` 'en' or 'pl'."""

    id: int
    name: str
    email: str
    locale: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Connection:
    """How a plugin is set up: for one program, or, with `program` None and `id` 0, for the whole instance.

    `values` are the fields of the form, secrets included; `memory` is what `core.remember` kept last.
    """

    plugin: str
    id: int = 0
    name: str = ""
    program: Program | None = None
    # Kept out of what an error or a log line shows of it.
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    memory: Mapping[str, Any] = field(default_factory=dict, repr=False)
    # Which of the values are secrets.
    secret_names: frozenset[str] = frozenset()
    # Goes up with every change of the values.
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """How a connection is doing: `reason` says what went wrong last ('' for nothing), `failures` how often in a row.

    With `needs_person` nothing happens until somebody has put it right; `health` is 'good', 'bad' or 'unknown'.
    """

    synced_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0
    reason: str = ""
    needs_person: bool = False
    health: str = "unknown"
    health_text: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A work item. `number` is what people say (KEY-12); `revision` goes up with every change; `url` opens it."""

    id: int
    program_id: int
    number: int
    kind: str
    title: str
    description: str
    status: str
    status_reason: str
    owner: Person | None
    priority: int
    start_on: date | None
    due_on: date | None
    updated_at: datetime
    revision: int
    url: str
    phase_id: int | None = None
    # By the alphabet.
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said about an item, in Markdown; `author` None for one that came from elsewhere.

    Of one that was taken back (`is_removed`) no text is left. `url` opens the item's page at the comment.
    """

    id: int
    item_id: int
    number: int
    author: Person | None
    body: str
    created_at: datetime
    revision: int
    is_removed: bool
    url: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the proof of an item can be seen: a web address and what it shows."""

    id: int
    item_id: int
    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A phase of a program, as it is planned."""

    id: int
    name: str
    start_on: date
    end_on: date
    revision: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a program: `verb` is 'noun.verb', as 'gate.decided'; `object_id` belongs to the noun.

    Nobody's words are in it but names of things: no descriptions, comments or reasons, and nothing about persons.
    `changed` names all columns that changed, `changes` gives [before, after] of those that are safe to hand on.
    """

    id: int
    at: datetime
    verb: str
    object_type: str
    object_id: int
    name: str
    changed: tuple[str, ...]
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Events:
    """Events in order, and the position to ask from next time."""

    events: tuple[Event, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Link:
    """One thing here and its counterpart outside. `base` is how both were when they last agreed.

    `external_id` never changes and is None until the counterpart exists; `external_key` is what people call it.
    `attempts` and `try_at` are for what has to be tried again; `error` says in words why.
    """

    object_type: str
    object_id: int
    external_id: str | None = None
    external_key: str = ""
    url: str = ""
    base: Mapping[str, Any] = field(default_factory=dict)
    synced_revision: int = 0
    remote_version: str = ""
    state: LinkState = LinkState.WAITING
    attempts: int = 0
    try_at: datetime | None = None
    error: str = ""
    # When it was last written; None for one that is not kept yet.
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """Somebody with an open account and the link that says who they are outside; None where nobody has looked yet."""

    person: Person
    link: Link | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far many messages have come that were told at once: `total` is made up of the five figures after it.

    `later` wait for their readers' hours, `other` went another way or are not needed any more.
    """

    kind: str
    program: str
    began_at: datetime
    total: int
    sent: int
    waiting: int
    later: int
    failed: int
    other: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a pulse check with what the person has answered so far (`value`, or `words`).

    `kind` is 'scale5' (1 not at all to 5 completely), 'nps10' (0 to 10), 'yes_no' (0, 1) or 'text'; `answers` are the
    values to choose from, () for 'text'.
    """

    id: int
    kind: str
    text: str
    answers: tuple[int, ...] = ()
    value: int | None = None
    words: str = ""

    @property
    def is_answered(self) -> bool:
        """True when there is an answer."""
        return self.value is not None or bool(self.words)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A pulse check as one person is asked it, in their language. Once it is not open any more it has no questions.

    `promise` says who will see what, and is shown before the first answer; `replies` are pairs of what people said
    before and what was done; `url` is the person's own page for answering without anything else: theirs alone.
    """

    id: int
    program_id: int
    program: str
    is_open: bool
    closes_at: datetime
    promise: str = ""
    questions: tuple[Question, ...] = ()
    replies: tuple[tuple[str, str], ...] = ()
    url: str = ""

    @property
    def is_complete(self) -> bool:
        """True when every question that can be tapped has an answer."""
        return all(question.is_answered for question in self.questions if question.answers)


@dataclass(frozen=True, slots=True)
class ThemeScore:
    """A theme of the last closed pulse: its mean from 1 to 5; `change` is None where it is no more than noise."""

    name: str
    mean: float
    change: float | None


@dataclass(frozen=True, slots=True)
class Thanks:
    """What somebody is told who has answered: how the last closed pulse came out, as far as they may see it.

    Without one, or for somebody who may not see results, `asked` is 0 and there are no scores.
    """

    asked: int = 0
    answered: int = 0
    scores: tuple[ThemeScore, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """An item that a person owns, as a short list shows it; `program` is the program's key, `url` opens it."""

    program_id: int
    program: str
    number: int
    title: str
    status: str
    status_reason: str
    due_on: date | None
    is_overdue: bool
    revision: int
    # False where the person may look and not change it.
    may_change: bool
    url: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a program stands, in words of the reader's language: its state and a short paragraph."""

    program: Program
    # 'off_track', 'at_risk', 'on_track' or 'no_data'.
    state: str
    state_name: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A small box of plain text: a title, a sentence, figures with their names, and where to go for more."""

    title: str
    text: str = ""
    facts: Sequence[tuple[str, str]] = ()
    # Only an address within Milepost ('/plugins/…', '/p/…') or an https:// one.
    link_url: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """Work by the clock: `run` is called about every `every`, by one clock at a time, and says how much it did.

    What is due it reads from what is kept, so that a run that comes late, twice, or not at all does no harm. `name` is
    letters and never changes; `label` is for the page of the clock. A `lasting` one keeps something open (a line to
    a chat): it is called in every clock, and only in those that go on running, so not by `milepost tick`.
    """

    name: str
    label: Any
    every: timedelta
    run: Callable[[], int]
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of a check: whether it would work, and one sentence; when not, it says what to do."""

    good: bool
    sentence: str
