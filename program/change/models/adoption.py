"""How far a group has come in working the new way, as somebody measured it, with where the figure comes from."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id


class Measure(StrEnum):
    """The four shares of a group that are followed. Trained and coached are counted; the other two are entered."""

    TRAINED = "trained"
    COACHED = "coached"
    ACTIVE = "active"
    CONFIDENT = "confident"


ENTERED_MEASURES = (Measure.ACTIVE, Measure.CONFIDENT)


class AdoptionReading(Editable, Base):
    """A share of a group on a day, in percent, with its source: a report, a pulse round, a count."""

    __tablename__ = "adoption_reading"
    __table_args__ = (
        UniqueConstraint("group_id", "measure", "on_date"),
        Index("ix_adoption_reading_program_id", "program_id", "on_date"),
        CheckConstraint("value BETWEEN 0 AND 100", name="value"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("impacted_group.id", ondelete="CASCADE"))
    measure: Mapped[str] = mapped_column(String(10))
    on_date: Mapped[date]
    value: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[CreatedAt]
