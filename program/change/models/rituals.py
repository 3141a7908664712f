"""Rituals, the meetings that keep a change alive, and the private addresses from which calendars read them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, UtcDateTime


class RitualKind(StrEnum):
    """The habits the handbook names in section 5."""

    WEEKLY_REVIEW = "weekly_review"
    LUNCH_AND_LEARN = "lunch_and_learn"
    WORKSHOP = "workshop"
    RETROSPECTIVE = "retrospective"
    SHADOWING = "shadowing"
    OTHER = "other"


class Rhythm(StrEnum):
    """How often a ritual comes round. After each phase: on the working day after the phase ends."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    AFTER_PHASE = "after_phase"
    ONCE = "once"


class MeetingState(StrEnum):
    """What became of one meeting of a ritual."""

    HELD = "held"
    MOVED = "moved"
    CANCELLED = "cancelled"


class Ritual(Editable, Base):
    """A meeting that comes round, at a wall-clock time in the program's zone."""

    __tablename__ = "ritual"
    __table_args__ = (
        Index("ix_ritual_program_id", "program_id"),
        Index("ix_ritual_organiser_id", "organiser_id"),
        CheckConstraint("minutes BETWEEN 5 AND 1440", name="minutes"),
        CheckConstraint("starts_at_minute BETWEEN 0 AND 1439", name="starts_at_minute"),
        CheckConstraint("last_on IS NULL OR last_on >= first_on", name="date_order"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(120))
    rhythm: Mapped[str] = mapped_column(String(12))
    # Every so many weeks for a weekly one: 2 is every other week.
    every: Mapped[int] = mapped_column(default=1)
    # The first day; monthly and quarterly ones keep its weekday and its place in the month (the second Tuesday).
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    # Minutes after midnight on the program's wall clock, and how long it takes.
    starts_at_minute: Mapped[int]
    minutes: Mapped[int] = mapped_column(default=60)
    place: Mapped[str] = mapped_column(String(200), default="")
    agenda: Mapped[str] = mapped_column(Text, default="")
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]


class RitualPerson(Base):
    """Somebody who comes to a ritual beside its organiser."""

    __tablename__ = "ritual_person"
    __table_args__ = (Index("ix_ritual_person_person_id", "person_id"),)

    ritual_id: Mapped[int] = mapped_column(ForeignKey("ritual.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class RitualMeeting(Editable, Base):
    """One meeting that was held, moved or cancelled. Those of which nothing is known follow from the rhythm alone."""

    __tablename__ = "ritual_meeting"

    ritual_id: Mapped[int] = mapped_column(ForeignKey("ritual.id", ondelete="CASCADE"), primary_key=True)
    # The day the rhythm gives, which names the meeting even when it was moved.
    planned_on: Mapped[date] = mapped_column(primary_key=True)
    # The phase it follows, for rituals held after each phase: that one names the meeting while the phase's end moves.
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("phase.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    moved_to: Mapped[date | None]
    # What was said and decided, in Markdown; a retrospective's harvest.
    notes: Mapped[str] = mapped_column(Text, default="")
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    noted_at: Mapped[CreatedAt]


class CalendarFeed(Base):
    """A private address from which a calendar program reads dates; only its hash is kept, and it can be revoked."""

    __tablename__ = "calendar_feed"
    __table_args__ = (Index("ix_calendar_feed_person_id", "person_id", "program_id"),)

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # Whose eyes it reads with: what they may not see is not in it, and what they lose disappears from it.
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # Empty: all that is in the person's own calendar. Else: that program's dates.
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    created_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
