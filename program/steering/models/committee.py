"""Who steers a program and when they meet: seats with deputies, meetings with agenda, minutes and actions."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment, UtcDateTime

# What was recorded holds on to what it was about, but a whole program may go at once: looked at on commit.
LATER: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}


class Seat(StrEnum):
    """What a member is in the committee."""

    CHAIR = "chair"
    MEMBER = "member"


class Presence(StrEnum):
    """How a seat was there."""

    PRESENT = "present"
    DEPUTY = "deputy"
    ABSENT = "absent"


class MeetingState(StrEnum):
    """Where a meeting stands."""

    PLANNED = "planned"
    # It began: the agenda is frozen, minutes are written.
    HELD = "held"
    # The chair approved the minutes: they stand still.
    CLOSED = "closed"
    CANCELLED = "cancelled"


class SteeringPlan(Editable, Base):
    """How a program is steered: the quorum, when the committee meets, and from what score on it sees a risk."""

    __tablename__ = "steering_plan"
    __table_args__ = (CheckConstraint("risk_limit BETWEEN 1 AND 25", name="risk_limit"),)

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    # Seats whose vote makes a decision valid; None asks for more than half of them.
    quorum: Mapped[int | None]
    # `ground.cadence.Cadence.to_data()` in the program's zone; {} while it meets only by hand.
    cadence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    duration_minutes: Mapped[int] = mapped_column(default=60)
    place: Mapped[str] = mapped_column(String(200), default="")
    link: Mapped[str] = mapped_column(String(500), default="")
    # Risks of this score and above are on the agenda and hold up gates that ask.
    risk_limit: Mapped[int] = mapped_column(default=12)
    # Of all money in the program's steering.
    currency: Mapped[str] = mapped_column(String(3), default="PLN")
    # When the next meeting by the cadence is to be put into the calendar.
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), index=True)
    # Members get the agenda so many working days before they meet.
    announce_days: Mapped[int] = mapped_column(default=3)
    # On this weekday (0 is Monday) from this hour on the weekly report is drafted; None for no report.
    report_weekday: Mapped[int | None]
    report_hour: Mapped[int] = mapped_column(default=14)
    # When the next report is to be drafted.
    report_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), index=True)


class CommitteeMember(Editable, Base):
    """A seat: who holds it, who stands in, from which day until which (the first day without it)."""

    __tablename__ = "committee_member"
    __table_args__ = (
        Index(
            "ix_committee_member_seat",
            "program_id",
            "person_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        Index("ix_committee_member_person_id", "person_id"),
        Index("ix_committee_member_deputy_id", "deputy_id"),
        CheckConstraint("until >= since", name="order"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(10), default=Seat.MEMBER)
    since: Mapped[date]
    until: Mapped[date | None]


class CommitteeMeeting(Editable, Base):
    """One meeting. Its agenda is worked out until it begins, and from then on stands as it was seen."""

    __tablename__ = "committee_meeting"
    __table_args__ = (
        UniqueConstraint("program_id", "number"),
        # One meeting for one day of the cadence, whoever plans it; None for one called by hand.
        UniqueConstraint("program_id", "meant_for"),
        Index("ix_committee_meeting_program_id", "program_id", "meets_at"),
        Index("ix_committee_meeting_state", "state", "meets_at"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    number: Mapped[int]
    meant_for: Mapped[date | None]
    meets_at: Mapped[Moment]
    duration_minutes: Mapped[int] = mapped_column(default=60)
    place: Mapped[str] = mapped_column(String(200), default="")
    link: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(10), default=MeetingState.PLANNED)
    # How often what calendars show of it has changed, and when it last did.
    sequence: Mapped[int] = mapped_column(default=0)
    dated_at: Mapped[CreatedAt]
    # What people said of the agenda before it stood: {"order": [points], "minutes": {point: minutes}}.
    agenda_plan: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # As it stood when the meeting began; {} before.
    agenda: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # How each seat was there, by the seat's id: present, deputy or absent.
    attendance: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    # What was said beside the points.
    minutes: Mapped[str] = mapped_column(Text, default="")
    # When the chair was asked to approve the minutes.
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    # Why it does not take place.
    cancelled_why: Mapped[str] = mapped_column(Text, default="")
    # When its members were told of its agenda.
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[CreatedAt]


class MeetingPoint(Editable, Base):
    """A point somebody puts on the agenda by hand, beside what is assembled."""

    __tablename__ = "meeting_point"
    __table_args__ = (Index("ix_meeting_point_meeting_id", "meeting_id", "position"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("committee_meeting.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class MeetingAction(Base):
    """A work item that a meeting agreed on; the next meeting begins with it."""

    __tablename__ = "meeting_action"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("committee_meeting.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id", ondelete="CASCADE"), primary_key=True, index=True)
    # The point of the agenda under which it was agreed on.
    point: Mapped[str] = mapped_column(String(40), default="")


class MeetingNote(Editable, Base):
    """What was said on one point of the agenda."""

    __tablename__ = "meeting_note"
    __table_args__ = (UniqueConstraint("meeting_id", "point"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("committee_meeting.id", ondelete="CASCADE"))
    # The point's key: 'actions', 'decision:7', 'point:3'.
    point: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="")


class MeetingDecision(Base):
    """A matter that came up in a meeting and was put to the committee there and then."""

    __tablename__ = "meeting_decision"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("committee_meeting.id", ondelete="CASCADE"), primary_key=True)
    request_id: Mapped[int] = mapped_column(
        ForeignKey("decision_request.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class MeetingMinutes(Base):
    """The minutes as they were approved, chained by hash to those before them in the program.

    `record` is the canonical JSON text that the hash is taken of: nothing of it is ever looked up again.
    """

    __tablename__ = "meeting_minutes"
    __table_args__ = (UniqueConstraint("program_id", "sequence"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # One record a meeting; the database says so too.
    meeting_id: Mapped[int] = mapped_column(ForeignKey("committee_meeting.id", **LATER), unique=True)
    # 1, 2, 3 ... within the program: a missing link shows.
    sequence: Mapped[int]
    approved_at: Mapped[Moment]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    record: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
