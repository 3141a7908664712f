"""The Experience Index: what it is made of from which week on, and what it was."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Id
from program.kpis.exact import Exact
from program.kpis.models.definitions import OVERALL


class IndexVersion(Base):
    """A mix that holds from one week until the next version's; old weeks keep the mix they were computed with."""

    __tablename__ = "index_version"
    __table_args__ = (UniqueConstraint("program_id", "since"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # The Monday of the first week it holds for.
    since: Mapped[date]
    reason: Mapped[str] = mapped_column(String(500), default="")
    # For how many weeks a figure that is missing is carried forward, and said to be.
    carries: Mapped[int] = mapped_column(default=2)
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class IndexPart(Base):
    """One KPI in a mix: its weight, and the values that count as 0 and as 100."""

    __tablename__ = "index_part"
    __table_args__ = (
        UniqueConstraint("version_id", "kpi_id", "channel"),
        CheckConstraint("weight > 0", name="weight"),
        CheckConstraint("floor <> goal", name="scale"),
    )

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("index_version.id", ondelete="CASCADE"))
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20), default=OVERALL)
    weight: Mapped[Decimal] = mapped_column(Exact())
    # The goal lies below the floor where less is better.
    floor: Mapped[Decimal] = mapped_column(Exact())
    goal: Mapped[Decimal] = mapped_column(Exact())


class IndexValue(Base):
    """The index of one week, with what each part gave to it; computed anew when a figure of the week changes."""

    __tablename__ = "index_value"

    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("index_version.id", ondelete="CASCADE"))
    # None when too little was known to say a number.
    value: Mapped[Decimal | None] = mapped_column(Exact())
    # What each part was: code, channel, value, score, weight, points, from which week it was carried, or missing.
    parts: Mapped[list[Any]] = mapped_column(JSON, default=list)
