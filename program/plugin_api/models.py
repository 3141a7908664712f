"""What is remembered for plugins: whether they may act, how they are set up, and what outside belongs to what here.

A plugin owns no tables. These serve all of them, so that a plugin can be taken away without a migration, and so that
one page can show for every plugin what it could not do. They lie in this room because `core.py` reads them; a plugin
sees them only as the frozen data of `contract.py`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime

MAX_PLUGIN_NAME, MAX_CONNECTION_NAME, MAX_KEY, MAX_URL = 60, 120, 200, 2000


class Health(StrEnum):
    """What a plugin's last check of itself or of a connection said."""

    UNKNOWN = "unknown"  # never asked
    GOOD = "good"
    BAD = "bad"


class LinkState(StrEnum):
    """How one thing here and its counterpart outside stand to each other."""

    WAITING = "waiting"  # something is to be done at `try_at`, or at once
    DONE = "done"  # both sides agree, as far as is known
    FAILED = "failed"  # it will not be tried again until a person says so


class PluginState(Editable, Base):
    """One installed plugin in this instance. No row: never switched on, never set up, never failed."""

    __tablename__ = "plugin_state"

    id: Mapped[Id]
    plugin: Mapped[str] = mapped_column(String(MAX_PLUGIN_NAME), unique=True)
    enabled: Mapped[bool] = mapped_column(Boolean, default=False)
    # What its settings form holds, without the secrets.
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Field name -> sealed text (`ground.sealing`). Never read by a page.
    secrets: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    created_at: Mapped[CreatedAt]


class PluginReport(Base):
    """What one plugin's last call that went wrong was, and what its last check said.

    Apart from `PluginState`, which people edit: what machines write every minute must not raise its revision.
    """

    __tablename__ = "plugin_report"

    plugin: Mapped[str] = mapped_column(String(MAX_PLUGIN_NAME), primary_key=True)
    # The hook that failed, '' when none ever did. `failures` counts them since the administrator last cleared it.
    failed_hook: Mapped[str] = mapped_column(String(40), default="")
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    reason: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)
    health: Mapped[str] = mapped_column(String(10), default=Health.UNKNOWN)
    health_text: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class ProgramPlugin(Base):
    """A plugin that a program's manager switched on for the program. No row: off."""

    __tablename__ = "program_plugin"
    __table_args__ = (Index("ix_program_plugin_plugin", "plugin"),)

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(MAX_PLUGIN_NAME), primary_key=True)
    enabled_at: Mapped[CreatedAt]
    enabled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Connection(Editable, Base):
    """One place outside that a plugin works with for one program: a Jira project, a channel, an address."""

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("program_id", "plugin", "name"), Index("ix_connection_plugin", "plugin"))

    id: Mapped[Id]
    plugin: Mapped[str] = mapped_column(String(MAX_PLUGIN_NAME))
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(MAX_CONNECTION_NAME))
    # A paused connection keeps everything and does nothing.
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    secrets: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ConnectionReport(Base):
    """How a connection is doing, and when it is next looked after: what machines write, apart from what people edit."""

    __tablename__ = "connection_report"
    __table_args__ = (Index("ix_connection_report_sync_at", "sync_at"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True)
    # What the plugin keeps between two syncs: a position, a time, a page token. Its shape is the plugin's own.
    memory: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # When it is due next; a sync that is running holds it under a lease by moving this ahead.
    sync_at: Mapped[Moment]
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Failed syncs in a row; '' and 0 after one that went well.
    failures: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # True when only a person can help: settings are wrong, or the plugin gave up.
    needs_person: Mapped[bool] = mapped_column(Boolean, default=False)
    health: Mapped[str] = mapped_column(String(10), default=Health.UNKNOWN)
    health_text: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class FiguresReport(Base):
    """What the last round of figures from a connection came to. A report like the other, written by machines."""

    __tablename__ = "figures_report"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True)
    taken_at: Mapped[Moment]
    # The day in the program on which all could be taken last: from a while before it figures are asked for again.
    taken_on: Mapped[date | None]
    # Figures that were new, said something else before, or had been sent before.
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    # [[source key, period and channel as sent, reason], …], the first hundred; how many there were in all.
    wrong: Mapped[list[Any]] = mapped_column(JSON, default=list)
    wrong_rows: Mapped[int] = mapped_column(default=0)


class TakenFigure(Base):
    """What a source sent last under that name for that period: what it sends again unchanged is not written again.

    Without it a source would put back, an hour later, what a person had corrected.
    """

    __tablename__ = "taken_figure"
    __table_args__ = ({"sqlite_with_rowid": False},)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True)
    source_key: Mapped[str] = mapped_column(String(MAX_KEY), primary_key=True)
    # The period's first day.
    period: Mapped[date] = mapped_column(primary_key=True)
    # Of the KPI, the channel and the value.
    digest: Mapped[str] = mapped_column(String(32))


def _of_instance(name: str, column: str) -> Index:
    mine = text("connection_id IS NULL")
    return Index(name, "plugin", "object_type", column, unique=True, sqlite_where=mine, postgresql_where=mine)


class ExternalLink(Base):
    """One thing of the program and its counterpart outside: an item and its issue, an event and its delivery.

    Most belong to a connection. Those of the whole instance, such as a person and their account in a chat, belong to
    the plugin alone.
    """

    __tablename__ = "external_link"
    __table_args__ = (
        CheckConstraint("(connection_id IS NULL) = (plugin <> '')", name="owner"),
        # One counterpart each way: what happens twice is one link, whichever process was first.
        UniqueConstraint("connection_id", "object_type", "object_id"),
        UniqueConstraint("connection_id", "object_type", "external_id"),
        # The same for those without a connection, which the rules above do not reach.
        _of_instance("ix_external_link_here", "object_id"),
        _of_instance("ix_external_link_there", "external_id"),
        # What is due, and what a page lists.
        Index("ix_external_link_due", "connection_id", "state", "try_at"),
        Index("ix_external_link_object", "object_type", "object_id"),
    )

    id: Mapped[Id]
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    # The plugin's name where there is no connection; '' where there is.
    plugin: Mapped[str] = mapped_column(String(MAX_PLUGIN_NAME), default="", server_default="")
    object_type: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[int]
    # The remote's own name for it, which never changes; None while it does not exist there yet.
    external_id: Mapped[str | None] = mapped_column(String(MAX_KEY))
    # What people call it there, which may change; and where they find it.
    external_key: Mapped[str] = mapped_column(String(MAX_KEY), default="")
    url: Mapped[str] = mapped_column(String(MAX_URL), default="")
    # Both sides as they were when they last agreed, for a merge of three.
    base: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    synced_revision: Mapped[int] = mapped_column(default=0)
    remote_version: Mapped[str] = mapped_column(String(MAX_KEY), default="")
    state: Mapped[str] = mapped_column(String(10), default=LinkState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[Moment]


class PluginOnce(Base):
    """Something a plugin was told from outside, so that being told it again has no effect. Kept for minutes.

    Only a hash of it, and no moment finer than a quarter of an hour: nobody may learn from it who did what when.
    """

    __tablename__ = "plugin_once"
    __table_args__ = (Index("ix_plugin_once_forget_at", "forget_at"), {"sqlite_with_rowid": False})

    plugin: Mapped[str] = mapped_column(String(MAX_PLUGIN_NAME), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    forget_at: Mapped[Moment]


class PluginPanel(Base):
    """What one plugin shows about one program, as it was last asked: pages read it from here and never ask a plugin."""

    __tablename__ = "plugin_panel"

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(MAX_PLUGIN_NAME), primary_key=True)
    # By language: what the plugin is called, and its panels.
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # When it last answered, None before the first time; and when it was last asked.
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    tried_at: Mapped[Moment]
    # Why it did not answer the last time; '' when it did.
    reason: Mapped[str] = mapped_column(Text, default="")
