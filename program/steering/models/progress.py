"""What the progress page keeps: a state said by a person, money, days as they were, links to share, weekly reports."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime
from program.kpis.exact import Exact


class SnapshotKind(StrEnum):
    """What a snapshot was taken for."""

    DAILY = "daily"
    MEETING = "meeting"


class StateOverride(Editable, Base):
    """A state that a person says instead of the computed one, with the reason, until a day."""

    __tablename__ = "state_override"
    __table_args__ = (Index("ix_state_override_program_id", "program_id", "expires_on"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    # The last day it holds.
    expires_on: Mapped[date]
    said_at: Mapped[CreatedAt]
    said_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # When it was taken back, or another one took its place; None for the one that holds.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class BudgetLine(Editable, Base):
    """Money for one thing: approved, spent so far, and what it will have cost in the end."""

    __tablename__ = "budget_line"
    __table_args__ = (
        Index("ix_budget_line_program_id", "program_id", "position"),
        Index("ix_budget_line_phase_id", "phase_id"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # None: money of the whole program.
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("phase.id", ondelete="SET NULL"))
    position: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(String(120))
    approved: Mapped[Decimal] = mapped_column(Exact())
    spent: Mapped[Decimal] = mapped_column(Exact())
    # None: as approved.
    forecast: Mapped[Decimal | None] = mapped_column(Exact())
    note: Mapped[str] = mapped_column(String(300), default="")


class Snapshot(Base):
    """All that the progress page showed on one day."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("program_id", "day", "kind"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # In the program's zone.
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(10))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("committee_meeting.id", ondelete="SET NULL"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    taken_at: Mapped[Moment]


class ShareLink(Editable, Base):
    """An address that shows chosen parts of the progress page to whoever has it."""

    __tablename__ = "share_link"
    __table_args__ = (
        Index("ix_share_link_program_id", "program_id", "id"),
        CheckConstraint("opened >= 0 AND failed >= 0", name="counts"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # Whom it is for: 'Steering committee'.
    name: Mapped[str] = mapped_column(String(120))
    # SHA-256 of the token in hexadecimal; the token itself is shown once.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sections: Mapped[list[str]] = mapped_column(JSON)
    locale: Mapped[str] = mapped_column(String(5), default="")
    expires_at: Mapped[Moment]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # '' without a passcode.
    passcode_hash: Mapped[str] = mapped_column(String(200), default="")
    opened: Mapped[int] = mapped_column(default=0)
    last_opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Wrong passcodes since the last right one, and when the last was tried.
    failed: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class StatusReport(Editable, Base):
    """The report of one week: drafted from facts, put into words by the manager, sent once."""

    __tablename__ = "status_report"
    __table_args__ = (UniqueConstraint("program_id", "week"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # Its Monday.
    week: Mapped[date]
    # The stretch of time it tells of.
    since: Mapped[Moment]
    until: Mapped[Moment]
    # The facts as they were last found, and the Markdown that was made of them, by language.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    drafts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    # The same as people left it.
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    drafted_at: Mapped[CreatedAt]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
