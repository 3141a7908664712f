"""What is remembered of the clock: when each tick is due, and how its last runs went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import Id, Moment, UtcDateTime


class TickState(Base):
    """One piece of regular work. Whoever moves `due_at` on does the work; nobody else does it then."""

    __tablename__ = "tick"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    due_at: Mapped[Moment]
    # The last run: when it began, how many milliseconds it took, how many things it did. Empty before the first.
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    took_ms: Mapped[int | None]
    done: Mapped[int | None]
    # What went wrong in the last run; '' when nothing did.
    error: Mapped[str] = mapped_column(String(500), default="")
    failures: Mapped[int] = mapped_column(default=0)


class TickRun(Base):
    """A run that did something or went wrong. Old ones are swept away."""

    __tablename__ = "tick_run"
    __table_args__ = (Index("ix_tick_run_at", "at"), Index("ix_tick_run_name", "name", "at"))

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    at: Mapped[Moment]
    took_ms: Mapped[int]
    done: Mapped[int]
    failed: Mapped[bool] = mapped_column(Boolean)
    error: Mapped[str] = mapped_column(String(500), default="")
    # Host and process that did it.
    clock: Mapped[str] = mapped_column(String(80))


class ClockState(Base):
    """A clock that runs, by host and process; one that stopped saying so is swept away."""

    __tablename__ = "clock"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[Moment]
    seen_at: Mapped[Moment]
