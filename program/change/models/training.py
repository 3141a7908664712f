"""Training: sessions and who sits in them, and the job aids people reach for afterwards."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime


class Audience(StrEnum):
    """Whom a session is for: super-users learn first and then train the agents (the handbook, section 5)."""

    AGENTS = "agents"
    SUPER_USERS = "super_users"


class SessionState(StrEnum):
    """Where a session stands."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class SeatState(StrEnum):
    """What a person answered to an invitation, or whether they came."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    # They would come, but the session was full when they said so.
    WAITING = "waiting"
    DECLINED = "declined"
    ATTENDED = "attended"
    MISSED = "missed"


class TrainingSession(Editable, Base):
    """One meeting at which people learn the new way of working, with so many seats."""

    __tablename__ = "training_session"
    __table_args__ = (
        Index("ix_training_session_program_id", "program_id", "starts_at"),
        Index("ix_training_session_trainer_id", "trainer_id"),
        CheckConstraint("ends_at > starts_at", name="time_order"),
        CheckConstraint("capacity >= 1", name="capacity"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    audience: Mapped[str] = mapped_column(String(12), default=Audience.AGENTS)
    # The customer channel it is about; '' for all.
    channel: Mapped[str] = mapped_column(String(10), default="")
    go_live_id: Mapped[int | None] = mapped_column(ForeignKey("go_live.id", ondelete="SET NULL"), index=True)
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    place: Mapped[str] = mapped_column(String(200), default="")
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    capacity: Mapped[int] = mapped_column(default=12)
    state: Mapped[str] = mapped_column(String(10), default=SessionState.PLANNED)
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[CreatedAt]


class TrainingGroup(Base):
    """A group that a session is for, and how many of its people came who are not known by name."""

    __tablename__ = "training_group"
    __table_args__ = (Index("ix_training_group_group_id", "group_id"), CheckConstraint("counted >= 0", name="counted"))

    session_id: Mapped[int] = mapped_column(ForeignKey("training_session.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("impacted_group.id", ondelete="CASCADE"), primary_key=True)
    # People who came for the first time and have no seat of their own.
    counted: Mapped[int] = mapped_column(default=0)


class TrainingSeat(Base):
    """A person's place in a session."""

    __tablename__ = "training_seat"
    __table_args__ = (
        Index("ix_training_seat_person_id", "person_id", "state"),
        Index("ix_training_seat_program_id", "program_id", "state", "person_id"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("training_session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default=SeatState.INVITED)
    invited_at: Mapped[CreatedAt]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class AidKind(StrEnum):
    """What a job aid is. A helpdesk is where people turn when no paper helps."""

    JOB_AID = "job_aid"
    PROCEDURE = "procedure"
    FAQ = "faq"
    VIDEO = "video"
    HELPDESK = "helpdesk"


class JobAid(Editable, Base):
    """Something to look things up in, or a helpdesk to ask, with its link."""

    __tablename__ = "job_aid"
    __table_args__ = (Index("ix_job_aid_program_id", "program_id", "kind"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10), default=AidKind.JOB_AID)
    title: Mapped[str] = mapped_column(String(200))
    # The customer channel it is for; '' for all.
    channel: Mapped[str] = mapped_column(String(10), default="")
    # '' for a helpdesk that has only a telephone, which then stands in the note.
    url: Mapped[str] = mapped_column(String(2000), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # By when somebody should look whether it is still true.
    review_on: Mapped[date | None]
    created_at: Mapped[CreatedAt]
