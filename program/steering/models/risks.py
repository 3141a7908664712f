"""A risk: what could go wrong, how likely and how bad that is, and what is done about it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, UtcDateTime

HIGHEST = 5


class RiskState(StrEnum):
    """Where a risk stands."""

    OPEN = "open"
    # It can no longer happen, or nobody needs to watch it any more.
    CLOSED = "closed"
    HAPPENED = "happened"


class RiskCategory(StrEnum):
    """What sort of trouble it is."""

    DATA = "data"
    CHANNELS = "channels"
    TECHNOLOGY = "technology"
    PEOPLE = "people"
    MONEY = "money"
    SECURITY = "security"
    SCOPE = "scope"


class Risk(Editable, Base):
    """One risk of a program. Probability and impact go from 1 to 5; 'after' is what the measures are to bring."""

    __tablename__ = "risk"
    __table_args__ = (
        UniqueConstraint("program_id", "number"),
        UniqueConstraint("program_id", "handbook_key"),
        Index("ix_risk_program_id", "program_id", "state", "review_on"),
        Index("ix_risk_owner_id", "owner_id"),
        CheckConstraint("probability BETWEEN 1 AND 5", name="probability"),
        CheckConstraint("impact BETWEEN 1 AND 5", name="impact"),
        CheckConstraint("probability_after BETWEEN 1 AND 5", name="probability_after"),
        CheckConstraint("impact_after BETWEEN 1 AND 5", name="impact_after"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # 1, 2, 3 ... within the program: people say 'R4'.
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    # Why it could happen, and what it would look like.
    cause: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(20))
    probability: Mapped[int]
    impact: Mapped[int]
    # What is done about it; '' while there is no measure.
    measure: Mapped[str] = mapped_column(Text, default="")
    # Both or neither: where it stands once the measures have worked.
    probability_after: Mapped[int | None]
    impact_after: Mapped[int | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    review_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), default=RiskState.OPEN)
    # What became of it, once it is closed or has happened.
    outcome: Mapped[str] = mapped_column(Text, default="")
    # When it was taken to those who can do more than its owner.
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Which of the handbook's risks it began as; None for an own one.
    handbook_key: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
