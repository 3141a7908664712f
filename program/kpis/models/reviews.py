"""The weekly review: when it comes round, one week's meeting, and what was said and decided there."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime


class ReviewState(StrEnum):
    """Where a review stands."""

    COLLECTING = "collecting"
    READY = "ready"
    HELD = "held"
    CLOSED = "closed"


class NoteKind(StrEnum):
    """What is written down in a review."""

    NOTE = "note"
    CAUSE = "cause"
    DECISION = "decision"


class ReviewPlan(Editable, Base):
    """How a program reviews its KPIs: how often, when the figures are due, and in which channel it is told."""

    __tablename__ = "review_plan"

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    # `ground.cadence.Cadence.to_data()` of the meeting, in the program's zone.
    cadence: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Working days before the meeting on which owners are asked, and how many hours before it silence is told on.
    collect_days: Mapped[int] = mapped_column(default=2)
    chair_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # An address that a way understands (`outbox.tell_channel`), as 'slack_checkin:C0123'; '' for none.
    channel: Mapped[str] = mapped_column(String(120), default="")
    last_on: Mapped[date | None]
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), index=True)


class Review(Editable, Base):
    """One review: the week it looks at, and where it stands. Frozen once it is closed."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("program_id", "meant_for"),
        Index("ix_review_state", "state", "meets_at"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    number: Mapped[int]
    # The day the cadence meant it for: what makes it this review and no other.
    meant_for: Mapped[date]
    # The Monday of the week whose figures it looks at: the last one that was over.
    week: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default=ReviewState.COLLECTING)
    meets_at: Mapped[Moment]
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The figures as they stood when it was held: what the page shows from then on.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    summary: Mapped[str] = mapped_column(Text, default="")


class ReviewAsk(Base):
    """An owner who is asked for a figure: once, reminded once, then told on to the Accountable."""

    __tablename__ = "review_ask"
    __table_args__ = (Index("ix_review_ask_person_id", "person_id"),)

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), primary_key=True)
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    told_on_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class ReviewNote(Editable, Base):
    """Something said in a review: about one KPI, or about the week."""

    __tablename__ = "review_note"
    __table_args__ = (
        Index("ix_review_note_review_id", "review_id", "id"),
        UniqueConstraint("review_id", "remote_key"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    kpi_id: Mapped[int | None] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10), default=NoteKind.NOTE)
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]
    # What makes a note from outside the same one when it comes twice; None for one written here.
    remote_key: Mapped[str | None] = mapped_column(String(120))


class ReviewConfidence(Base):
    """How sure the meeting is that a KPI reaches its target: 1 (no) to 5 (yes)."""

    __tablename__ = "review_confidence"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), primary_key=True)
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"), primary_key=True)
    level: Mapped[int]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ReviewAction(Base):
    """A work item that a review agreed on; the next review begins with it."""

    __tablename__ = "review_action"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id", ondelete="CASCADE"), primary_key=True, index=True)
    kpi_id: Mapped[int | None] = mapped_column(ForeignKey("kpi.id", ondelete="SET NULL"))
