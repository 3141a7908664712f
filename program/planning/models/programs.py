"""A program and its phases: what is planned when, and what really happened."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id


class Program(Editable, Base):
    """One transformation, from discovery to optimisation, in one language, one time zone and one working calendar."""

    __tablename__ = "program"

    id: Mapped[Id]
    # Short and spoken, as in KEY-12; it stands in every address and never changes.
    key: Mapped[str] = mapped_column(String(10), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_folded: Mapped[str] = mapped_column(String(240))
    purpose: Mapped[str] = mapped_column(Text, default="")
    playbook_key: Mapped[str | None] = mapped_column(String(60))
    locale: Mapped[str] = mapped_column(String(5))
    timezone: Mapped[str] = mapped_column(String(64))
    # ISO code of the country whose public holidays are free; '' for weekends only.
    country: Mapped[str] = mapped_column(String(2))
    starts_on: Mapped[date]
    # Empty while it runs.
    closed_on: Mapped[date | None]
    # The number the next work item gets; raised in the transaction that takes it.
    next_number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Phase(Editable, Base):
    """A stretch of the program that ends at a gate. Phases may overlap; the forecast is computed, never typed."""

    __tablename__ = "phase"
    __table_args__ = (
        Index("ix_phase_program_id", "program_id", "position"),
        CheckConstraint("planned_end >= planned_start", name="planned_order"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    position: Mapped[int]
    # The phase's key in the playbook it came from; '' for one added by hand.
    key: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(Text, default="")
    planned_start: Mapped[date]
    planned_end: Mapped[date]
    actual_start: Mapped[date | None]
    actual_end: Mapped[date | None]


class PhaseBlock(Editable, Base):
    """A named stretch of weeks within a phase, such as 'Weeks 3-4: technical set-up' of a pilot."""

    __tablename__ = "phase_block"
    __table_args__ = (Index("ix_phase_block_phase_id", "phase_id", "position"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    phase_id: Mapped[int] = mapped_column(ForeignKey("phase.id", ondelete="CASCADE"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
