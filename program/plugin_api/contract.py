"""The contract between Milepost and its plugins: the hooks, the data they are given, and the errors they answer with.

A plugin is one object of a class derived from `Plugin`, announced by its package under the entry-point group
`milepost.plugins`. It marks the hooks it has with `@hook`; a hook it does not have is not called. A misspelt hook or
argument is refused when the plugin is loaded. An argument that is not needed may be left out.

Beside this module a plugin imports `program.plugin_api.core`, Flask, WTForms, click and its own libraries: nothing else
of Milepost. The frozen data is written down in `data.py`, `figure_data.py`, `decision_data.py` and
`committee_data.py`; import it from here.
`docs/plugins.md` builds one step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy
from wtforms import PasswordField

from program.ground.actor import Origin
from program.ground.errors import Conflict, Forbidden, Invalid, MilepostError, NotFound
from program.ground.pages import public
from program.outbox.fates import Delivered, Fate, GiveUp, Misconfigured, ReplyLost, Retry
from program.outbox.transports import OutgoingMessage, Part, Recipient
from program.planning.past import Past
from program.plugin_api.committee_data import AgendaPoint, Meeting, ReportSection, StatusReport
from program.plugin_api.data import (
    CheckIn,
    Comment,
    Connection,
    Event,
    Events,
    Evidence,
    Health,
    Item,
    Link,
    Matched,
    Panel,
    Person,
    Program,
    Progress,
    Question,
    Report,
    Stage,
    Standing,
    Task,
    Thanks,
    ThemeScore,
    Tick,
)
from program.plugin_api.decision_data import Choice, Decision, Voice
from program.plugin_api.figure_data import Kpi, KpiChannel, KpiToRead, Picture, Reading, Recorded, Review, ReviewLine
from program.plugin_api.models import LinkState

if TYPE_CHECKING:
    import click
    from flask import Blueprint
    from wtforms import Form

__all__ = [
    "API",
    "AgendaPoint",
    "CheckIn",
    "Choice",
    "Comment",
    "Conflict",
    "Connection",
    "Decision",
    "Delivered",
    "Event",
    "Events",
    "Evidence",
    "Fate",
    "Forbidden",
    "GiveUp",
    "Health",
    "Hooks",
    "Invalid",
    "Item",
    "Kpi",
    "KpiChannel",
    "KpiToRead",
    "Link",
    "LinkState",
    "Matched",
    "Meeting",
    "MilepostError",
    "Misconfigured",
    "NotFound",
    "Origin",
    "OutgoingMessage",
    "Panel",
    "Part",
    "Past",
    "Person",
    "Picture",
    "Plugin",
    "Program",
    "Progress",
    "Question",
    "Reading",
    "Recipient",
    "Recorded",
    "ReplyLost",
    "Report",
    "ReportSection",
    "Retry",
    "Review",
    "ReviewLine",
    "SecretField",
    "Stage",
    "Standing",
    "StatusReport",
    "Task",
    "Thanks",
    "ThemeScore",
    "Tick",
    "Voice",
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
    # How often `sync` and `readings` are called for each connection.
    sync_every: timedelta = timedelta(minutes=1)
    # A page of its own for one connection, 'blueprint.view', which takes `connection_id`; the connection links to it.
    connection_page: str = ""
    # A page of its own for one item that it keeps in step, 'blueprint.view', taking `connection_id` and `item_id`.
    item_page: str = ""
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
    def readings(self, connection: Connection, since: date) -> Sequence[Reading]:
        """All figures of KPIs for periods that end on `since` or later; called like `sync`, and after it."""

    @_spec(firstresult=True)
    def ticks(self) -> Sequence[Tick]:
        """Work by the clock that belongs to no connection; asked once, when the app is put together."""

    # Health.

    @_spec(firstresult=True)
    def check(self, connection: Connection) -> Health:
        """Try whether it would work, and say in one sentence what to do if not; called on save, on demand, hourly."""


class SecretField(PasswordField):
    """A field whose value is kept encrypted and never shown again; left empty it stays as it is."""


def machine(view: View) -> View:
    """Mark a view of a plugin as called by machines: no sign-in and no form token. The plugin proves who calls."""
    view.is_for_machines = True  # type: ignore[attr-defined]
    return public(view)
