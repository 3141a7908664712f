"""The plan around a go-live: its change tasks, what is said to whom, and who is coached.

The plan's tasks are work items of kind *change*, so lists, owners, dates and gates treat them alike; here only stands
which go-live each belongs to and how far from it.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, UtcDateTime


class GoLive(Editable, Base):
    """The day on which groups begin to work the new way: a rollout wave reaches them."""

    __tablename__ = "go_live"
    __table_args__ = (Index("ix_go_live_program_id", "program_id", "on_date"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    on_date: Mapped[date]
    # The phase in which its tasks stand; empty: the phase that runs on the task's day.
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("phase.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[CreatedAt]


class ChangePlanItem(Base):
    """A work item that the plan of a go-live brought. Moving the go-live moves it by as much."""

    __tablename__ = "change_plan_item"
    __table_args__ = (UniqueConstraint("go_live_id", "step"), Index("ix_change_plan_item_program_id", "program_id"))

    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id", ondelete="CASCADE"), primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    go_live_id: Mapped[int] = mapped_column(ForeignKey("go_live.id", ondelete="CASCADE"))
    # The step of the built-in plan (`change/plan.yaml`) it came from.
    step: Mapped[str] = mapped_column(String(60))


class Medium(StrEnum):
    """The way a message reaches its audience."""

    MEETING = "meeting"
    EMAIL = "email"
    INTRANET = "intranet"
    CHAT = "chat"
    VIDEO = "video"
    PRINT = "print"


class Communication(Editable, Base):
    """A line of the communication plan: what is said to whom, by whom, when, and whether it was."""

    __tablename__ = "communication"
    __table_args__ = (Index("ix_communication_program_id", "program_id", "planned_on"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    message: Mapped[str] = mapped_column(String(200))
    detail: Mapped[str] = mapped_column(Text, default="")
    # Whom it is for in words; a group beside it when it is one of the impacted ones.
    audience: Mapped[str] = mapped_column(String(200), default="")
    group_id: Mapped[int | None] = mapped_column(ForeignKey("impacted_group.id", ondelete="SET NULL"), index=True)
    go_live_id: Mapped[int | None] = mapped_column(ForeignKey("go_live.id", ondelete="SET NULL"), index=True)
    medium: Mapped[str] = mapped_column(String(10), default=Medium.MEETING)
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    # The message of the built-in plan (`change/plan.yaml`) it came from; '' for one added by hand.
    step: Mapped[str] = mapped_column(String(60), default="")
    planned_on: Mapped[date]
    # Empty until it was said.
    done_on: Mapped[date | None]
    created_at: Mapped[CreatedAt]


class CoachingState(StrEnum):
    """Where the coaching of a person stands."""

    WANTED = "wanted"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class Coaching(Editable, Base):
    """One-to-one support for somebody who finds the new way hard. Seen by managers, the coach and the person only."""

    __tablename__ = "coaching"
    __table_args__ = (
        Index("ix_coaching_program_id", "program_id", "state"),
        Index("ix_coaching_person_id", "person_id"),
        Index("ix_coaching_coach_id", "coach_id"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    topic: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(10), default=CoachingState.WANTED)
    next_on: Mapped[date | None]
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # When it was done or stopped.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
