"""Groups of people whom the change touches: teams, sites, channels; how hard it hits them; who belongs to them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id


class GroupKind(StrEnum):
    """What holds a group together."""

    TEAM = "team"
    SITE = "site"
    CHANNEL = "channel"


class Aspect(StrEnum):
    """The ten aspects of a job that a change can touch (Prosci's ten aspects of change impact)."""

    PROCESSES = "processes"
    SYSTEMS = "systems"
    TOOLS = "tools"
    JOB_ROLES = "job_roles"
    BEHAVIOURS = "behaviours"
    MINDSET = "mindset"
    REPORTING = "reporting"
    PERFORMANCE_REVIEW = "performance_review"
    PAY = "pay"
    LOCATION = "location"


# The highest impact: 0 is untouched, 5 turns the job upside down.
IMPACT_MAX = 5


class ImpactedGroup(Editable, Base):
    """A team, a site or a channel's people. Its headcount may exceed the members known by name."""

    __tablename__ = "impacted_group"
    __table_args__ = (
        UniqueConstraint("program_id", "name_folded"),
        CheckConstraint("headcount >= 0", name="headcount"),
        CheckConstraint("training_target BETWEEN 0 AND 100", name="training_target"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    name_folded: Mapped[str] = mapped_column(String(240))
    kind: Mapped[str] = mapped_column(String(10), default=GroupKind.TEAM)
    # Where they sit; '' when it does not matter.
    site: Mapped[str] = mapped_column(String(120), default="")
    # The customer channel they serve, as in `planning.models.items.Channel`; '' for several or none.
    channel: Mapped[str] = mapped_column(String(10), default="")
    headcount: Mapped[int] = mapped_column(default=0)
    # Who speaks for them in the program.
    representative_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The go-live that reaches them; empty until planned.
    go_live_id: Mapped[int | None] = mapped_column(ForeignKey("go_live.id", ondelete="SET NULL"), index=True)
    # The share of the group that should be trained by then, in percent.
    training_target: Mapped[int] = mapped_column(default=100)
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[CreatedAt]


class GroupImpact(Base):
    """How hard the change hits a group in one aspect, 0 to 5, and in what way. No row: nobody has looked yet."""

    __tablename__ = "group_impact"
    __table_args__ = (CheckConstraint("level BETWEEN 0 AND 5", name="level"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("impacted_group.id", ondelete="CASCADE"), primary_key=True)
    aspect: Mapped[str] = mapped_column(String(20), primary_key=True)
    level: Mapped[int]
    note: Mapped[str] = mapped_column(String(300), default="")


class GroupMember(Base):
    """A person of a group, and the part they play for their colleagues there.

    Being here opens the front line's own page of the program and nothing else: access to the program is a membership.
    """

    __tablename__ = "group_member"
    __table_args__ = (
        Index("ix_group_member_person_id", "person_id", "program_id"),
        Index("ix_group_member_program_id", "program_id", "group_id"),
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("impacted_group.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # An ambassador may come from outside the group; such a person is no part of its headcount.
    belongs: Mapped[bool] = mapped_column(Boolean, default=True)
    is_ambassador: Mapped[bool] = mapped_column(Boolean, default=False)
    is_super_user: Mapped[bool] = mapped_column(Boolean, default=False)
