"""What the committee is asked, how its members voted, and what was decided: frozen, each chained to the one before."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime
from program.kpis.exact import Exact

# What was voted and decided holds on to what it was about, but a whole program may go at once: looked at on commit.
LATER: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}


class RequestState(StrEnum):
    """Where a request for a decision stands."""

    DRAFT = "draft"
    # Put to the committee: from here on its text and options stand still.
    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class DecidedBy(StrEnum):
    """How a decision was taken."""

    VOTE = "vote"
    CHAIR = "chair"


class DecisionRequest(Editable, Base):
    """A matter that the committee decides: the question, its options, the business case and the day it is needed."""

    __tablename__ = "decision_request"
    __table_args__ = (
        UniqueConstraint("program_id", "number"),
        Index("ix_decision_request_program_id", "program_id", "state", "decide_by"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # 1, 2, 3 ... within the program: people say 'D4'.
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    background: Mapped[str] = mapped_column(Text, default="")
    # What the options are weighed by.
    criteria: Mapped[str] = mapped_column(Text, default="")
    # The business case: what customers gain, what it costs, what comes back within so many months.
    case_effect: Mapped[str] = mapped_column(Text, default="")
    case_cost: Mapped[Decimal | None] = mapped_column(Exact())
    case_return: Mapped[Decimal | None] = mapped_column(Exact())
    case_months: Mapped[int | None]
    decide_by: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), default=RequestState.DRAFT)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    # When it was put to the committee.
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    withdrawn_why: Mapped[str] = mapped_column(Text, default="")
    # Which of the handbook's conflicts it began as; '' for an own matter.
    conflict: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[CreatedAt]


class DecisionOption(Editable, Base):
    """One way to decide."""

    __tablename__ = "decision_option"
    __table_args__ = (UniqueConstraint("request_id", "position"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    request_id: Mapped[int] = mapped_column(ForeignKey("decision_request.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    pros: Mapped[str] = mapped_column(Text, default="")
    cons: Mapped[str] = mapped_column(Text, default="")
    effect: Mapped[str] = mapped_column(Text, default="")
    cost: Mapped[Decimal | None] = mapped_column(Exact())
    # What whoever asks would choose; at most one of a request.
    is_recommended: Mapped[bool] = mapped_column(Boolean, default=False)


class DecisionVote(Base):
    """What one seat of the committee says to a request. A second vote of the same seat takes the first one's place."""

    __tablename__ = "decision_vote"
    __table_args__ = (
        UniqueConstraint("request_id", "member_id"),
        Index("ix_decision_vote_member_id", "member_id"),
    )

    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("decision_request.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("committee_member.id", **LATER))
    # Who voted for the seat: the member or the deputy.
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # None is an abstention.
    option_id: Mapped[int | None] = mapped_column(ForeignKey("decision_option.id", **LATER))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[Moment]


class DecisionOutcome(Base):
    """A decision as it was taken, with what was seen, chained by hash to the one before it in the program.

    `record` is the canonical JSON text that the hash is taken of: nothing of it is ever looked up again.
    """

    __tablename__ = "decision_outcome"
    __table_args__ = (UniqueConstraint("program_id", "sequence"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # One decision a request; the database says so too.
    request_id: Mapped[int] = mapped_column(ForeignKey("decision_request.id", **LATER), unique=True)
    # 1, 2, 3 ... within the program: a missing link shows.
    sequence: Mapped[int]
    # None: none of the options was taken.
    option_id: Mapped[int | None] = mapped_column(ForeignKey("decision_option.id", **LATER))
    way: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[Moment]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    record: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
