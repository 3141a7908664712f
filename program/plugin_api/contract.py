"""The contract between Milepost and its plugins: the hooks, the data they are given, and the errors they answer with.

A plugin is one object of a class derived from `Plugin`, announced by its package under the entry-point group
`milepost.plugins`. It marks the hooks it has with `@hook`; a hook it does not have is not called. A misspelt hook or
argument is refused when the plugin is loaded. An argument that is not needed may be left out.

Beside this module a plugin imports `program.plugin_api.core`, Flask, WTForms, click and its own libraries: nothing else
of Milepost. `docs/plugins.md` builds one step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy
from wtforms import PasswordField

from program.ground.actor import Origin
from program.ground.errors import Conflict, Forbidden, Invalid, MilepostError, NotFound
from program.ground.pages import public
from program.outbox.fates import Delivered, Fate, GiveUp, Misconfigured, ReplyLost, Retry
from program.outbox.transports import OutgoingMessage, Part, Recipient
from program.plugin_api.models import LinkState

if TYPE_CHECKING:
    import click
    from flask import Blueprint
    from wtforms import Form

__all__ = [
    "API",
    "CheckIn",
    "Comment",
    "Conflict",
    "Connection",
    "Delivered",
    "Event",
    "Events",
    "Fate",
    "Forbidden",
    "GiveUp",
    "Health",
    "Hooks",
    "Invalid",
    "Item",
    "Kpi",
    "KpiChannel",
    "Link",
    "LinkState",
    "Matched",
    "MilepostError",
    "Misconfigured",
    "NotFound",
    "Origin",
    "OutgoingMessage",
    "Panel",
    "Part",
    "Person",
    "Plugin",
    "Program",
    "Progress",
    "Question",
    "Recipient",
    "Recorded",
    "ReplyLost",
    "Retry",
    "Review",
    "ReviewLine",
    "SecretField",
    "Stage",
    "Standing",
    "Task",
    "Thanks",
    "ThemeScore",
    "Tick",
    "hook",
    "machine",
    "public",
]
PROJECT = "milepost"
# The version of this contract. It goes up when a plugin written for the old one would no longer work.
API = 1
View = TypeVar("View", bound=Callable[..., Any])
_spec = pluggy.HookspecMarker(PROJECT)
hook = pluggy.HookimplMarker(PROJECT)


class Plugin:
    """What every plugin says of itself; `name` is the name of its entry point, texts may be lazily translated."""

    name: str = ""
    title: Any = ""
    summary: Any = ""
    api: int = API
    # The word its commands are called by, where that is not its name: 'slack' for `milepost slack …`.
    command: str = ""
    # How often `sync` is called for each connection.
    sync_every: timedelta = timedelta(minutes=1)
    # A page of its own for one connection, 'blueprint.view', which takes `connection_id`; the connection links to it.
    connection_page: str = ""
    # A page of its own for the administrator, 'blueprint.view'; the plugin's page links to it.
    admin_page: str = ""
    # How many messages a minute `deliver` is given at most, by all clocks together; 0 for any number.
    messages_a_minute: int = 0


class Hooks:
    """All hooks. Describing ones are asked often and answer from memory; only the acting ones speak to the outside."""

    # Describe.

    @_spec(firstresult=True)
    def settings_form(self) -> type[Form] | None:
        """The form of what an administrator sets once for the whole instance."""

    @_spec(firstresult=True)
    def connection_form(self) -> type[Form] | None:
        """The form of what a program's manager sets for each place outside that the program works with."""

    @_spec(firstresult=True)
    def blueprints(self) -> Sequence[Blueprint]:
        """Pages of the plugin's own, served under /plugins/<name>/; asked once, when the app is put together."""

    @_spec(firstresult=True)
    def commands(self) -> Sequence[click.Command]:
        """Commands, called as `milepost <name> <command>`, or by the word that the plugin gives as its `command`."""

    @_spec(firstresult=True)
    def panels(self, program: Program) -> Sequence[Panel]:
        """What to show on that program's overview and progress page; asked by the clock, kept, shown with its age."""

    # Act.

    @_spec(firstresult=True)
    def knows(self, person: Recipient, program_id: int | None, connection: Connection) -> bool:
        """Whether `deliver` can reach that person for that program (None: for no program); without it: everybody."""

    @_spec(firstresult=True)
    def deliver(self, message: OutgoingMessage, connection: Connection) -> Delivered:
        """Hand that message to its reader. Raises Retry, GiveUp, Misconfigured, or ReplyLost if it may have arrived."""

    @_spec(firstresult=True)
    def was_delivered(self, message: OutgoingMessage, connection: Connection) -> bool | None:
        """Whether a message whose reply was lost arrived: True, False (it goes out again), None if nobody can tell."""

    @_spec(firstresult=True)
    def sync(self, connection: Connection) -> None:
        """Bring one program's connection up to date, both ways; called every `sync_every` and by a button."""

    @_spec(firstresult=True)
    def ticks(self) -> Sequence[Tick]:
        """Work by the clock that belongs to no connection; asked once, when the app is put together."""

    # Health.

    @_spec(firstresult=True)
    def check(self, connection: Connection) -> Health:
        """Try whether it would work, and say in one sentence what to do if not; called on save, on demand, hourly."""


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
class KpiChannel:
    """A channel of a KPI in one period ('' for all channels together), named for its reader; figures are exact.

    `value` is what is there (None for nothing yet, then `revision` is 0), `before` the newest one of earlier periods.
    `written` is the figure as its reader would type it, `before_words` the one before with its unit and period.
    """

    key: str
    name: str
    value: Decimal | None
    revision: int
    before: Decimal | None
    before_period: date | None
    written: str = ""
    before_words: str = ""


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI in one period, with the channels in which that person may enter its figure.

    `every` is 'week', 'month' or 'quarter', `period` its first day and `period_name` its name; a `is_closed` one is
    corrected by a manager only. `program` is the program's key, `unit` stands behind a figure, `url` opens the table.
    `measure` ('percent', 'seconds', 'points' and the like) and the ends of its scale are for `wrong_figure`.
    """

    id: int
    program_id: int
    program: str
    code: str
    name: str
    unit: str
    decimals: int
    every: str
    period: date
    period_name: str
    is_closed: bool
    channels: tuple[KpiChannel, ...]
    url: str
    measure: str = ""
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def missing(self) -> int:
        """How many of its figures have not come in."""
        return sum(channel.value is None for channel in self.channels)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording figures came to: so many were new, said something else before, or said the same."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """A KPI in a weekly review: how it stood, and all of it in one line of text; `matters` to look at it first."""

    kpi_id: int
    code: str
    name: str
    state: str
    text: str
    matters: bool


@dataclass(frozen=True, slots=True)
class Review:
    """A weekly review of KPIs, what needs somebody first, in words of its reader's language.

    `state` is 'collecting', 'ready', 'held' or 'closed'; `week` is the Monday of the week it looks at. `may_write` and
    `may_hold` say what the reader may do to it now; `url` opens it.
    """

    id: int
    program_id: int
    program: str
    number: int
    week: date
    week_name: str
    state: str
    meets_at: datetime
    headline: str
    lines: tuple[ReviewLine, ...]
    may_write: bool
    may_hold: bool
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


class SecretField(PasswordField):
    """A field whose value is kept encrypted and never shown again; left empty it stays as it is."""


def machine(view: View) -> View:
    """Mark a view of a plugin as called by machines: no sign-in and no form token. The plugin proves who calls."""
    view.is_for_machines = True  # type: ignore[attr-defined]
    return public(view)
