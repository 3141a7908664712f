"""Baselines: the plan as it stood at a named moment, line by line, to compare with later."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Id


class Baseline(Base):
    """A named moment of the plan, taken by hand or at a gate's decision. It is never edited."""

    __tablename__ = "baseline"
    __table_args__ = (Index("ix_baseline_program_id", "program_id", "taken_at"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    taken_at: Mapped[CreatedAt]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The decision it was taken at; empty for one taken by hand.
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("gate_decision.id"))


class BaselineLine(Base):
    """One phase, gate or work item as it stood. Names are copied: the thing itself may be gone later."""

    __tablename__ = "baseline_line"

    baseline_id: Mapped[int] = mapped_column(ForeignKey("baseline.id", ondelete="CASCADE"), primary_key=True)
    # 'phase', 'gate' or 'item', as in the audit trail.
    object_type: Mapped[str] = mapped_column(String(10), primary_key=True)
    object_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    phase_id: Mapped[int | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20), default="")
    owner_id: Mapped[int | None]
