"""Ideas from the front line and what becomes of each; A/B tests that settle whether one works.

The loop is the handbook's (section 5): heard, researched, prototype, A/B test, rolled out, or declined with a reason;
the proposer is told at each step.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, UtcDateTime


class Stage(StrEnum):
    """How far an idea has come."""

    HEARD = "heard"
    RESEARCHED = "researched"
    PROTOTYPE = "prototype"
    AB_TEST = "ab_test"
    ROLLED_OUT = "rolled_out"
    DECLINED = "declined"


OPEN_STAGES = (Stage.HEARD, Stage.RESEARCHED, Stage.PROTOTYPE, Stage.AB_TEST)


class Idea(Editable, Base):
    """What somebody thinks would work better, in their own words."""

    __tablename__ = "idea"
    __table_args__ = (
        UniqueConstraint("program_id", "number"),
        Index("ix_idea_program_id", "program_id", "stage", "created_at"),
        Index("ix_idea_proposer_id", "proposer_id", "program_id"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # 1, 2, 3 ... within the program, for addresses and for talk.
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    title_folded: Mapped[str] = mapped_column(String(400))
    detail: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(String(10), default="")
    # Empty for an idea that was handed in without a name.
    proposer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    stage: Mapped[str] = mapped_column(String(12), default=Stage.HEARD)
    # Who looks after it now.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    # The work item it became.
    item_id: Mapped[int | None] = mapped_column(ForeignKey("work_item.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[CreatedAt]
    stage_since: Mapped[CreatedAt]


class IdeaStep(Base):
    """A step of an idea, with the words that its proposer reads. `seen_at` is when the proposer saw it."""

    __tablename__ = "idea_step"
    __table_args__ = (Index("ix_idea_step_idea_id", "idea_id", "at"),)

    id: Mapped[Id]
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    stage: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[CreatedAt]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class IdeaSupport(Base):
    """Somebody who has the same trouble, or would like the same."""

    __tablename__ = "idea_support"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[CreatedAt]


class Verdict(StrEnum):
    """What an A/B test showed."""

    BETTER = "better"
    NO_DIFFERENCE = "no_difference"
    WORSE = "worse"
    UNCLEAR = "unclear"


class AbTest(Editable, Base):
    """Two ways of doing one thing, tried side by side, and what the figures said."""

    __tablename__ = "ab_test"
    __table_args__ = (Index("ix_ab_test_program_id", "program_id", "starts_on"), Index("ix_ab_test_idea_id", "idea_id"))

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="SET NULL"))
    hypothesis: Mapped[str] = mapped_column(String(500))
    # What is measured, with its unit.
    metric: Mapped[str] = mapped_column(String(120))
    group_a: Mapped[str] = mapped_column(String(200))
    group_b: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    # Figures as people write them, with their unit; '' until there is one.
    result_a: Mapped[str] = mapped_column(String(60), default="")
    result_b: Mapped[str] = mapped_column(String(60), default="")
    # '' while it runs.
    verdict: Mapped[str] = mapped_column(String(15), default="")
    conclusion: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
