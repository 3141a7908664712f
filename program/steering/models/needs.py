"""What one program needs of another one, and by when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id, UtcDateTime


class ProgramNeed(Editable, Base):
    """A thing that a program waits for and another one is to bring. Circles are refused by the verb."""

    __tablename__ = "program_need"
    __table_args__ = (
        Index("ix_program_need_program_id", "program_id", "needed_on"),
        Index("ix_program_need_giver_id", "giver_id"),
        Index("ix_program_need_gate_id", "gate_id"),
        CheckConstraint("program_id <> giver_id", name="two_programs"),
    )

    id: Mapped[Id]
    # Who waits.
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # Who is to bring it.
    giver_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    needed_on: Mapped[date]
    # The giver's gate at which it will be there, where one is named: its planned day says whether it comes in time.
    gate_id: Mapped[int | None] = mapped_column(ForeignKey("gate.id", ondelete="SET NULL"))
    # When it was there; None while it is waited for.
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
