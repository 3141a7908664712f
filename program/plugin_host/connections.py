"""Connections: the places outside that a program's managers let a plugin work with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.now import utc_now
from program.ground.records import record
from program.ground.text import clean_line
from program.people import access
from program.people.access import NOT_HERE
from program.planning.models import Program
from program.plugin_api.models import (
    MAX_CONNECTION_NAME,
    Connection,
    ConnectionReport,
    ExternalLink,
    FiguresReport,
    Health,
    LinkState,
)
from program.plugin_host.forms import Kept
from program.plugin_host.host import working
from program.plugin_host.switching import changed, is_enabled

CHANGED_MEANWHILE = _l("Somebody changed this connection while you had it open.")
MOST = 50


@record
class ConnectionLine:
    """A connection with how it is doing, as lists show it."""

    id: int
    plugin: str
    program_id: int
    program_key: str
    program_name: str
    name: str
    enabled: bool
    revision: int
    synced_at: datetime | None
    failures: int
    reason: str
    failed_at: datetime | None
    needs_person: bool
    health: str
    health_text: str
    checked_at: datetime | None
    # Figures of KPIs that could not be taken in the last round.
    wrong_figures: int

    @property
    def state(self) -> str:
        """'off', 'failing', 'bad', 'good' or 'unknown': the worst that is known of it."""
        if not self.enabled:
            return "off"
        if self.failures or self.needs_person:
            return "failing"
        return "bad" if self.wrong_figures else self.health


_COLUMNS = (
    *(Connection.id, Connection.plugin, Connection.program_id, Program.key, Program.name, Connection.name),
    *(Connection.enabled, Connection.revision, ConnectionReport.synced_at, ConnectionReport.failures),
    *(ConnectionReport.reason, ConnectionReport.failed_at, ConnectionReport.needs_person),
    *(ConnectionReport.health, ConnectionReport.health_text, ConnectionReport.checked_at),
    func.coalesce(FiguresReport.wrong_rows, 0),
)
_LINES = (
    select(*_COLUMNS)
    .join(Program, Program.id == Connection.program_id)
    .join(ConnectionReport, ConnectionReport.connection_id == Connection.id)
    .outerjoin(FiguresReport, FiguresReport.connection_id == Connection.id)
    .order_by(Connection.plugin, Program.key, Connection.name, Connection.id)
)


def of_program(actor: Actor, program_id: int, plugin: str | None = None) -> list[ConnectionLine]:
    """The program's connections, of one plugin or of all. For its managers."""
    access.require(actor, program_id, Access.MANAGER)
    asked = _LINES.where(Connection.program_id == program_id)
    return _lines(asked if plugin is None else asked.where(Connection.plugin == plugin))


def of_plugin(actor: Actor, plugin: str, limit: int = 100) -> list[ConnectionLine]:
    """The plugin's connections in all programs. For administrators."""
    access.require_admin(actor)
    return _lines(_LINES.where(Connection.plugin == plugin).limit(limit))


def line(actor: Actor, program_id: int, plugin: str, connection_id: int) -> ConnectionLine:
    """One connection with how it is doing. Raises NotFound for one of another program or plugin."""
    access.require(actor, program_id, Access.MANAGER)
    mine = (Connection.id == connection_id, Connection.program_id == program_id, Connection.plugin == plugin)
    found = _lines(_LINES.where(*mine))
    if not found:
        raise NotFound(NOT_HERE)
    return found[0]


def kept(actor: Actor, program_id: int, plugin: str, connection_id: int) -> Kept:
    """What the connection's form holds."""
    row = _row(actor, program_id, plugin, connection_id)
    return Kept(row.settings, row.secrets)


def waiting_and_failed(connection_id: int) -> tuple[int, int]:
    """How many of the connection's links wait, and how many failed for good. One statement."""
    rows = read(
        select(ExternalLink.state, func.count())
        .where(ExternalLink.connection_id == connection_id, ExternalLink.state != LinkState.DONE)
        .group_by(ExternalLink.state)
    )
    counts = {row[0]: row[1] for row in rows}
    return counts.get(LinkState.WAITING, 0), counts.get(LinkState.FAILED, 0)


def add(actor: Actor, program_id: int, plugin: str, name: str, values: Kept) -> int:
    """Connect the program; the first look at it comes with the clock's next tick. Raises Invalid. Returns the id."""
    access.require(actor, program_id, Access.MANAGER)
    working(plugin)
    if not is_enabled(plugin, program_id):
        raise Invalid(_l("Switch the plugin on in this program first."))
    name = _checked_name(program_id, plugin, name, None)
    mine = (Connection.program_id == program_id, Connection.plugin == plugin)
    if (db.session.scalar(select(func.count()).select_from(Connection).where(*mine)) or 0) >= MOST:
        raise Invalid(_l("A program has at most %(most)s connections of one plugin.", most=MOST))
    row = Connection(
        plugin=plugin,
        program_id=program_id,
        name=name,
        settings=dict(values.settings),
        secrets=dict(values.secrets),
        created_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(ConnectionReport(connection_id=row.id, sync_at=utc_now(), memory={}))
    db.session.flush()
    _record(actor, "connection.created", row, audit.created({"name": name}))
    return row.id


def change(
    actor: Actor, program_id: int, plugin: str, connection_id: int, name: str, values: Kept, *, seen: int
) -> None:
    """Set a connection up anew. What went wrong is forgotten, and it is looked after at once. Raises Conflict.

    What the plugin's own page keeps beside the form's fields (`core.keep_choices`) stays.
    """
    row = _row(actor, program_id, plugin, connection_id)
    values = Kept({**row.settings, **values.settings}, values.secrets)
    audit.check_revision(row, seen, CHANGED_MEANWHILE, "connection")
    changes = changed(Kept(row.settings, row.secrets), values)
    name = _checked_name(program_id, plugin, name, connection_id)
    changes |= audit.change(row, {"name": name})
    audit.change(row, {"settings": dict(values.settings), "secrets": dict(values.secrets)})
    db.session.flush()
    if changes:
        _record(actor, "connection.changed", row, changes)
    _look_again(connection_id)


def set_enabled(actor: Actor, program_id: int, plugin: str, connection_id: int, wanted: bool) -> None:
    """Let a connection act, or let it rest with all it has."""
    row = _row(actor, program_id, plugin, connection_id)
    if changes := audit.change(row, {"enabled": wanted}):
        db.session.flush()
        _record(actor, "connection.changed", row, changes)
        if wanted:
            _look_again(connection_id)


def ask_for_sync(actor: Actor, program_id: int, plugin: str, connection_id: int) -> None:
    """Have the clock look after it at its next tick, whatever went wrong before."""
    _row(actor, program_id, plugin, connection_id)
    _look_again(connection_id)


def remove(actor: Actor, program_id: int, plugin: str, connection_id: int) -> None:
    """Take a connection away, with what it knew of the outside. Nothing is removed there, or from the plan."""
    row = _row(actor, program_id, plugin, connection_id)
    _record(actor, "connection.removed", row, audit.removed({"name": row.name}))
    # Its report and its links go with it, in the database.
    db.session.delete(row)
    db.session.flush()


def _look_again(connection_id: int) -> None:
    report = db.session.get(ConnectionReport, connection_id)
    if report is not None:
        report.sync_at, report.needs_person, report.failures, report.reason = utc_now(), False, 0, ""
        report.failed_at = None
        report.health, report.health_text, report.checked_at = Health.UNKNOWN, "", None
        db.session.flush()


def _row(actor: Actor, program_id: int, plugin: str, connection_id: int) -> Connection:
    access.require(actor, program_id, Access.MANAGER)
    row = db.session.scalars(
        select(Connection).where(
            Connection.id == connection_id, Connection.program_id == program_id, Connection.plugin == plugin
        )
    ).one_or_none()
    if row is None:
        raise NotFound(NOT_HERE)
    return row


def _checked_name(program_id: int, plugin: str, name: str, own_id: int | None) -> str:
    name = clean_line(name)
    reason: Any = None
    if not name:
        reason = _l("Give the connection a name.")
    elif len(name) > MAX_CONNECTION_NAME:
        reason = _l("Up to %(most)s letters.", most=MAX_CONNECTION_NAME)
    else:
        same = (Connection.program_id == program_id, Connection.plugin == plugin, Connection.name == name)
        other = db.session.scalar(select(Connection.id).where(*same))
        if other is not None and other != own_id:
            reason = _l("Another connection has this name.")
    if reason is not None:
        raise Invalid(_l("Something is not right yet."), {"name": reason})
    return name


def _record(actor: Actor, verb: str, row: Connection, changes: audit.Changes) -> None:
    audit.record(actor, verb, object_id=row.id, name=row.name, program_id=row.program_id, changes=changes)


def _lines(statement: Any) -> list[ConnectionLine]:
    return [ConnectionLine(*row) for row in read(statement)]
