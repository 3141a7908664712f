"""What the team room remembers: roles and who plays them when, who answers for what, skills, the model chosen.

A role belongs to a program: it comes from the catalogue (`playbooks/roles.yaml`) or is added by hand. A person plays a
role through an assignment, with a share of their time and from-to days.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, Moment
from program.ground.now import utc_now


class Letter(StrEnum):
    """What a role is to a piece of work. One role may both answer for it and do it."""

    RESPONSIBLE = "R"
    ACCOUNTABLE = "A"
    BOTH = "AR"
    CONSULTED = "C"
    INFORMED = "I"


ACCOUNTABLE_LETTERS = (Letter.ACCOUNTABLE, Letter.BOTH)


class Model(StrEnum):
    """The three operating models of the handbook, section 4."""

    CENTRALISED = "centralised"
    DECENTRALISED = "decentralised"
    HYBRID = "hybrid"


class ProgramRole(Editable, Base):
    """A part to be played in one program. Its key is what work items name as their role."""

    __tablename__ = "program_role"
    __table_args__ = (
        UniqueConstraint("program_id", "key"),
        CheckConstraint("share_low IS NULL OR (share_low >= 0 AND share_low <= share_high)", name="share_order"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # As in the catalogue for a role that came from there, else made of its name.
    key: Mapped[str] = mapped_column(String(40))
    # '' where the catalogue's own words are shown, in the reader's language.
    name: Mapped[str] = mapped_column(String(80), default="")
    purpose: Mapped[str] = mapped_column(String(500), default="")
    responsibilities: Mapped[str] = mapped_column(Text, default="")
    # Typical share of a full-time person's week, in percent; None where nothing typical can be said.
    share_low: Mapped[int | None]
    share_high: Mapped[int | None]
    # Keys of the skills it needs, each with the level that is enough (1 to 3).
    skills: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    # Without a person a required role is a vacancy: it shows on This week and in gates.
    is_required: Mapped[bool] = mapped_column(Boolean, default=False)
    position: Mapped[int] = mapped_column(default=0)


class Assignment(Editable, Base):
    """One person in one role, with a share of their week, for a time."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_program_id", "program_id", "role_id"),
        Index("ix_assignment_person_id", "person_id", "starts_on"),
        CheckConstraint("share BETWEEN 1 AND 100", name="share"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="date_order"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    role_id: Mapped[int] = mapped_column(ForeignKey("program_role.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # Percent of a full-time week.
    share: Mapped[int]
    starts_on: Mapped[date]
    # The last day; empty for as long as the program runs.
    ends_on: Mapped[date | None]
    # Whether it counts towards the pilot team of 5 to 8 people at 50 to 70 % (the handbook, section 3).
    in_pilot_team: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[CreatedAt]


class RaciRow(Editable, Base):
    """A line of the responsibility matrix: a phase, a work item that is a deliverable, or a deliverable by its name.

    An item stands under the phase that it is in today, so its row keeps none; every other row keeps its phase.
    """

    __tablename__ = "raci_row"
    __table_args__ = (
        Index("ix_raci_row_program_id", "program_id", "phase_id", "position"),
        # A phase has one row of its own.
        Index(
            "uq_raci_row_phase",
            "phase_id",
            unique=True,
            sqlite_where=text("item_id IS NULL AND name = ''"),
            postgresql_where=text("item_id IS NULL AND name = ''"),
        ),
        UniqueConstraint("item_id"),
        CheckConstraint("(phase_id IS NULL) = (item_id IS NOT NULL)", name="place"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # The phase it stands under; the row of a phase itself has neither item nor name.
    phase_id: Mapped[int | None] = mapped_column(ForeignKey("phase.id", ondelete="CASCADE"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("work_item.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200), default="")
    position: Mapped[int] = mapped_column(default=0)


class RaciMark(Base):
    """One cell of the matrix that is not empty. That exactly one role is accountable is shown, not forced: a matrix is
    filled in cell by cell.
    """

    __tablename__ = "raci_mark"
    __table_args__ = (Index("ix_raci_mark_role_id", "role_id", "row_id"),)

    row_id: Mapped[int] = mapped_column(ForeignKey("raci_row.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("program_role.id", ondelete="CASCADE"), primary_key=True)
    letter: Mapped[str] = mapped_column(String(2))


class PersonSkill(Base):
    """How well a person knows something: 1 basics, 2 works alone, 3 could teach it. It is theirs, not a program's."""

    __tablename__ = "person_skill"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    skill: Mapped[str] = mapped_column(String(40), primary_key=True)
    level: Mapped[int]
    changed_at: Mapped[Moment] = mapped_column(default=utc_now, onupdate=utc_now)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class SkillNeed(Base):
    """What a phase needs: so many people at that level of a skill."""

    __tablename__ = "skill_need"

    phase_id: Mapped[int] = mapped_column(ForeignKey("phase.id", ondelete="CASCADE"), primary_key=True)
    skill: Mapped[str] = mapped_column(String(40), primary_key=True)
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), index=True)
    level: Mapped[int] = mapped_column(default=2)
    people: Mapped[int] = mapped_column(default=1)


class ModelChoice(Base):
    """An operating model as it was chosen, with the reason. The last one holds; the earlier ones are the history."""

    __tablename__ = "model_choice"
    __table_args__ = (Index("ix_model_choice_program_id", "program_id", "decided_on", "id"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    model: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[CreatedAt]
