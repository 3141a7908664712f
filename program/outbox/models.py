"""What is remembered of messages: one row each, and how each person wants to be reached."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime


class State(StrEnum):
    """Where a message stands on its way out."""

    WAITING = "waiting"
    # A clock has begun to hand it over.
    IN_FLIGHT = "in_flight"
    # It reached the person; `transport` says how, '' when the page of messages is the only way to them.
    SENT = "sent"
    # It was handed over and no answer came.
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"
    # A newer one about the same thing took its place.
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class Message(Base):
    """One thing to say to one person (or channel). The row is its entry on the page of messages, too."""

    __tablename__ = "message"
    __table_args__ = (
        # What the clocks look for, every second.
        Index("ix_message_due", "state", "due_at", "id"),
        Index("ix_message_person_id", "person_id", "visible_from"),
        # The figure at the bell of every page.
        Index(
            "ix_message_unread",
            "person_id",
            "visible_from",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index(
            "ix_message_about",
            "about",
            sqlite_where=text("about <> ''"),
            postgresql_where=text("about <> ''"),
        ),
        Index(
            "ix_message_carried_by_id",
            "carried_by_id",
            sqlite_where=text("carried_by_id IS NOT NULL"),
            postgresql_where=text("carried_by_id IS NOT NULL"),
        ),
        Index("ix_message_program_id", "program_id", "id"),
        # For sweeping the old ones.
        Index("ix_message_created_at", "created_at"),
    )

    id: Mapped[Id]
    # Telling twice under one key is telling once.
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    pace: Mapped[str] = mapped_column(String(8))
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    # For a message to no person: '<name of the way>:<an address it understands>'.
    channel: Mapped[str] = mapped_column(String(200), default="")
    # What it says, in the terms of its kind; the page it is about, as a path.
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    path: Mapped[str] = mapped_column(String(500), default="")
    # What it is about, so that a newer one can take its place and a closed matter can take it back.
    about: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[CreatedAt]
    visible_from: Mapped[Moment]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime())

    state: Mapped[str] = mapped_column(String(10), default=State.WAITING)
    # When somebody has to look at it next: to hand it over, to try again, or because whoever had it seems to be dead.
    due_at: Mapped[Moment]
    # Who has it: a claim ends when `due_at` passes.
    claim: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # The way it goes or went, and the ways that cannot take it.
    transport: Mapped[str] = mapped_column(String(60), default="")
    tried: Mapped[list[str]] = mapped_column(JSON, default=list)
    reference: Mapped[str] = mapped_column(String(300), default="")
    # Why it stands where it stands: one of the core's reasons, and what the other side said.
    why: Mapped[str] = mapped_column(String(30), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    # Goes out as a part of that message.
    carried_by_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"))
    # True for the one that counts against the person's weekly budget.
    counted: Mapped[bool] = mapped_column(Boolean, default=False)


class Wishes(Editable, Base):
    """How a person wants to be reached. Without a row the defaults of `rhythm.py` hold."""

    __tablename__ = "message_wishes"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    # Names of ways in the order to try them; ways that are not named come after.
    ways: Mapped[list[str]] = mapped_column(JSON, default=list)
    # Ways that are not to be used.
    closed_ways: Mapped[list[str]] = mapped_column(JSON, default=list)
    # 'at_once', 'morning' or 'page' for mentions and assignments; 'morning' or 'page' for prompts.
    digest: Mapped[str] = mapped_column(String(8))
    prompts: Mapped[str] = mapped_column(String(8))
    # Minutes after midnight, in the person's zone.
    day_begins: Mapped[int]
    day_ends: Mapped[int]
    # Days of the week they work, '0' for Monday: '01234'.
    weekdays: Mapped[str] = mapped_column(String(7))
    # ISO code of the country whose public holidays they have; '' for none.
    country: Mapped[str] = mapped_column(String(2))
    # Mornings a week on which a message may come.
    budget: Mapped[int]


class Turn(Base):
    """A queue for what may be done so often a minute and no oftener, by all processes together: see `pacing.py`."""

    __tablename__ = "message_turn"

    # A way's name, or what a plugin calls its own queue.
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    # The first turn that nobody has.
    free_at: Mapped[Moment]
