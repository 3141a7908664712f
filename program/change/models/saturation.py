"""What else lands on people: other changes, peak seasons in which nothing should, and how much is too much."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id


class OtherKind(StrEnum):
    """A change from elsewhere adds to the load; a freeze says that nothing may be planned."""

    CHANGE = "change"
    FREEZE = "freeze"


class OtherChange(Editable, Base):
    """A stretch of days with another change, or a peak season. Without groups it is for everybody."""

    __tablename__ = "other_change"
    __table_args__ = (
        Index("ix_other_change_program_id", "program_id", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="date_order"),
        CheckConstraint("weight BETWEEN 0 AND 5", name="weight"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    # How much it asks of people a week, 0 to 5, on the scale of the impacts; 0 for a freeze.
    weight: Mapped[int] = mapped_column(default=2)
    created_at: Mapped[CreatedAt]


class OtherChangeGroup(Base):
    """A group that another change or a freeze is about."""

    __tablename__ = "other_change_group"
    __table_args__ = (Index("ix_other_change_group_group_id", "group_id"),)

    other_id: Mapped[int] = mapped_column(ForeignKey("other_change.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("impacted_group.id", ondelete="CASCADE"), primary_key=True)


class ChangeLimits(Editable, Base):
    """What a program takes for enough and for too much. No row: the built-in figures hold."""

    __tablename__ = "change_limits"

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    # The load of a group's week from which it is amber, and from which it is red.
    amber_from: Mapped[int]
    red_from: Mapped[int]
    # One ambassador, one super-user for at most so many people.
    people_per_ambassador: Mapped[int]
    people_per_super_user: Mapped[int]
