"""What was measured: readings, what they were before a correction, closed periods, and where readings come from."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, UtcDateTime
from program.kpis.exact import Exact
from program.kpis.models.definitions import OVERALL


class Way(StrEnum):
    """How a reading came in."""

    FORM = "form"
    GRID = "grid"
    IMPORT = "import"
    API = "api"
    SLACK = "slack"
    PLUGIN = "plugin"
    # Computed from the channels, weighted by volume; follows them by itself.
    WEIGHTED = "weighted"


class Confidence(StrEnum):
    """How far the owner trusts a figure."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Reading(Editable, Base):
    """The value of a KPI in one period, overall or in one channel."""

    __tablename__ = "kpi_reading"
    __table_args__ = (
        UniqueConstraint("kpi_id", "channel", "period"),
        # A whole week of a program: the grid, the index, the review.
        Index("ix_kpi_reading_program_id", "program_id", "period"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20), default=OVERALL)
    # The first day of the period.
    period: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Exact())
    way: Mapped[str] = mapped_column(String(10))
    # The file, token or plugin it came by; '' for a person's own hand.
    source: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    confidence: Mapped[str] = mapped_column(String(8), default=Confidence.HIGH)
    entered_at: Mapped[CreatedAt]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Correction(Base):
    """What a reading said before it was changed or taken back, and who did that."""

    __tablename__ = "kpi_correction"
    __table_args__ = (Index("ix_kpi_correction_kpi_id", "kpi_id", "channel", "period"),)

    id: Mapped[Id]
    # Of the figure's place rather than of its row, which may be gone.
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20), default=OVERALL)
    period: Mapped[date]
    former: Mapped[Decimal] = mapped_column(Exact())
    # None when the reading was taken back.
    value: Mapped[Decimal | None] = mapped_column(Exact())
    way: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[CreatedAt]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ClosedPeriod(Base):
    """Up to here a program's figures are settled: a later correction takes a manager and a reason."""

    __tablename__ = "kpi_closed_period"

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    # The last day that is settled.
    until: Mapped[date]
    closed_at: Mapped[CreatedAt]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ReadingSource(Editable, Base):
    """A system that sends readings by HTTP: its name, and the secret it signs with, sealed."""

    __tablename__ = "kpi_source"
    __table_args__ = (UniqueConstraint("program_id", "name"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    # What the address of the source is made of; unguessable, but no secret.
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    secret_sealed: Mapped[str] = mapped_column(Text)
    # Codes of the KPIs it may write; empty for all of the program.
    codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Messages since the beginning of its present minute.
    minute_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    minute_calls: Mapped[int] = mapped_column(default=0)


class ImportState(StrEnum):
    """Where an import of readings stands."""

    # Read; waits until somebody says which column is what.
    MAPPING = "mapping"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    # Nothing was written; `problems` says why, row by row.
    REFUSED = "refused"
    # It is to be taken back, step by step.
    UNDOING = "undoing"
    # It was taken back; what people had changed since then stayed.
    UNDONE = "undone"


class ReadingImport(Base):
    """A file of readings on its way in: all of it, or nothing."""

    __tablename__ = "kpi_import"
    __table_args__ = (Index("ix_kpi_import_program_id", "program_id", "id"), Index("ix_kpi_import_state", "state"))

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default=ImportState.MAPPING)
    file_name: Mapped[str] = mapped_column(String(200))
    # The rows as texts, JSON compressed; None once it is done.
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    # Which column is what: {'code': 0, 'period': 1, …}, and how numbers and dates are written.
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    rows: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    # Readings that were new, changed, or said nothing new.
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    # [[row number, reason], …], the first thousand.
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    wrong_rows: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The moment of its figures, too: a figure that has another one was changed since.
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Said when figures of a closed period are corrected by it.
    reason: Mapped[str] = mapped_column(String(500), default="")
    # When the clock that runs it was last heard of.
    beat_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    undone_by_id: Mapped[int | None]
    # Figures that were not taken back, as people had changed them since.
    stayed: Mapped[int] = mapped_column(default=0, server_default="0")


class ImportedReading(Base):
    """One figure of a file: waiting to be written, what was there before it, or why it cannot be written.

    All figures of a file are put here in small steps and moved over in one. They are kept for a while, so that the
    import can be taken back, or its wrong rows read.
    """

    __tablename__ = "kpi_import_reading"
    __table_args__ = (
        Index("ix_kpi_import_reading_place", "import_id", "kpi_id", "channel", "period"),
        {"sqlite_with_rowid": False},
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("kpi_import.id", ondelete="CASCADE"), primary_key=True)
    # Its number among the figures of the file; a row may hold many.
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row: Mapped[int]
    # Why it cannot be written; '' for what can.
    problem: Mapped[str] = mapped_column(String(300), default="")
    kpi_id: Mapped[int | None]
    channel: Mapped[str] = mapped_column(String(20), default=OVERALL)
    period: Mapped[date | None]
    value: Mapped[Decimal | None] = mapped_column(Exact())
    # None leaves what is there.
    note: Mapped[str | None] = mapped_column(String(500))
    confidence: Mapped[str | None] = mapped_column(String(8))
    # The reading that was there, as it was; None where there was none.
    former: Mapped[Decimal | None] = mapped_column(Exact())
    former_note: Mapped[str | None] = mapped_column(String(500))
    former_confidence: Mapped[str | None] = mapped_column(String(8))
    former_way: Mapped[str | None] = mapped_column(String(10))
    former_source: Mapped[str | None] = mapped_column(String(200))
    former_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    former_by_id: Mapped[int | None]
