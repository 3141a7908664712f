"""A gate: the decision that lets a program leave a phase.

Readiness is computed, never typed: it is what the checklist and the open conditions say today.
The decision is typed, never computed: people take it, with a reason, and it is kept with what they saw.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, UtcDateTime


class Outcome(StrEnum):
    """What a gate decision can be. Go and conditional go let the program on."""

    GO = "go"
    CONDITIONAL_GO = "conditional_go"
    HOLD = "hold"
    NO_GO = "no_go"


PASSING_OUTCOMES = (Outcome.GO, Outcome.CONDITIONAL_GO)


class Gate(Editable, Base):
    """The gate at the end of a phase. Whether it is passed is what its last decision says; no flag stands beside it."""

    __tablename__ = "gate"
    __table_args__ = (
        Index("ix_gate_program_id", "program_id", "planned_on"),
        Index("ix_gate_phase_id", "phase_id"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    phase_id: Mapped[int] = mapped_column(ForeignKey("phase.id"))
    key: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(120))
    planned_on: Mapped[date]
    # Codes of the KPIs the gate looks at, as the playbook names them.
    kpis: Mapped[list[str]] = mapped_column(JSON, default=list)


class GateCriterion(Editable, Base):
    """One thing a gate asks. The kind says where its answer comes from; only 'manual' ones are ticked by a person."""

    __tablename__ = "gate_criterion"
    __table_args__ = (Index("ix_gate_criterion_gate_id", "gate_id", "position"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    gate_id: Mapped[int] = mapped_column(ForeignKey("gate.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))
    # The question of a manual criterion; '' for computed ones, whose text follows from their kind.
    text: Mapped[str] = mapped_column(String(300), default="")
    ticked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    ticked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(500), default="")


class GateDecision(Base):
    """A decision as it was taken, with what was seen, chained by hash to the one before it in the program.

    `record` is the canonical JSON text that the hash is taken of: nothing of it is ever looked up again.
    """

    __tablename__ = "gate_decision"
    __table_args__ = (
        UniqueConstraint("program_id", "sequence"),
        Index("ix_gate_decision_gate_id", "gate_id", "sequence"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    gate_id: Mapped[int] = mapped_column(ForeignKey("gate.id"))
    # 1, 2, 3 ... within the program: a missing link shows.
    sequence: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[CreatedAt]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    record: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
