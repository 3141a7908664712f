"""What is measured: KPIs, their channels, baselines, targets, and remarks on the time axis."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.ground.model import CreatedAt, Editable, Id
from program.kpis.exact import Exact

# The key of "all channels together", of which every KPI has a value.
OVERALL = ""


class Unit(StrEnum):
    """What a figure counts; `Kpi.unit_name` says more where there is more to say (PLN, tickets)."""

    PERCENT = "percent"
    NUMBER = "number"
    MONEY = "money"
    SECONDS = "seconds"
    MINUTES = "minutes"
    POINTS = "points"


class Better(StrEnum):
    """Which way is good."""

    UP = "up"
    DOWN = "down"
    # Between `Kpi.inside_low` and `Kpi.inside_high`.
    INSIDE = "inside"


class Every(StrEnum):
    """How long a period is. It is kept as its first day: a Monday, or the first of a month or a quarter."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class OverallBy(StrEnum):
    """Where the value for all channels together comes from."""

    ENTERED = "entered"
    # The mean of the channels, weighted by the KPI `Kpi.volume_id` of the same period.
    WEIGHTED = "weighted"


class TargetKind(StrEnum):
    """What a target asks for. RISE_BY and FALL_BY are percent of the baseline."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RISE_BY = "rise_by"
    FALL_BY = "fall_by"
    BETWEEN = "between"


class CustomerChannel(Editable, Base):
    """A way customers reach the company, as a program names it: one of the handbook's, or its own."""

    __tablename__ = "customer_channel"
    __table_args__ = (UniqueConstraint("program_id", "key"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # One of `playbooks.vocabulary.CHANNELS`, or made of the own name; never changes, readings keep it.
    key: Mapped[str] = mapped_column(String(20))
    # '' for the handbook's word in the reader's language.
    name: Mapped[str] = mapped_column(String(60), default="")
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)


class Kpi(Editable, Base):
    """One figure the program follows."""

    __tablename__ = "kpi"
    __table_args__ = (
        UniqueConstraint("program_id", "code"),
        Index("ix_kpi_owner_id", "owner_id"),
        CheckConstraint("decimals BETWEEN 0 AND 3", name="decimals"),
        CheckConstraint("stale_after BETWEEN 1 AND 12", name="stale_after"),
    )

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # Short and shouted, as people say it: CSAT. Gates and files name a KPI by it.
    code: Mapped[str] = mapped_column(String(20))
    # The code in the handbook's catalogue whose words are shown where the own ones are ''; '' for an own KPI.
    catalogue: Mapped[str] = mapped_column(String(20), default="")
    name: Mapped[str] = mapped_column(String(120), default="")
    meaning: Mapped[str] = mapped_column(Text, default="")
    # In words: 'satisfied answers / all answers'.
    formula: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(10))
    unit_name: Mapped[str] = mapped_column(String(20), default="")
    # Places behind the point that are shown.
    decimals: Mapped[int] = mapped_column(default=1)
    better: Mapped[str] = mapped_column(String(10))
    inside_low: Mapped[Decimal | None] = mapped_column(Exact())
    inside_high: Mapped[Decimal | None] = mapped_column(Exact())
    # What a figure can be at all; beyond it a reading is refused as a slip.
    scale_low: Mapped[Decimal | None] = mapped_column(Exact())
    scale_high: Mapped[Decimal | None] = mapped_column(Exact())
    # How far from the target is still amber, in percent of the target (or of the range, for BETWEEN).
    amber_percent: Mapped[Decimal] = mapped_column(Exact(), default=Decimal(5))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    every: Mapped[str] = mapped_column(String(8), default=Every.WEEK)
    # Periods without a reading after which the last one is stale.
    stale_after: Mapped[int] = mapped_column(default=2)
    # Where the figures come from: 'Genesys, report 12'.
    source: Mapped[str] = mapped_column(String(200), default="")
    overall_by: Mapped[str] = mapped_column(String(10), default=OverallBy.ENTERED)
    volume_id: Mapped[int | None] = mapped_column(ForeignKey("kpi.id", ondelete="SET NULL"))
    # Shown on the board, or kept for its own page only (volumes).
    is_on_board: Mapped[bool] = mapped_column(Boolean, default=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class KpiChannel(Base):
    """A channel in which a KPI is read; a KPI without any has only its overall value."""

    __tablename__ = "kpi_channel"
    __table_args__ = ({"sqlite_with_rowid": False},)

    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)


class KpiBaseline(Editable, Base):
    """Where a KPI stood before the pilot, overall or in one channel: what all targets on baseline are measured from."""

    __tablename__ = "kpi_baseline"
    __table_args__ = (UniqueConstraint("kpi_id", "channel"), CheckConstraint("until >= since", name="order"))

    id: Mapped[Id]
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20), default=OVERALL)
    value: Mapped[Decimal] = mapped_column(Exact())
    # The days it was measured over, both included.
    since: Mapped[date]
    until: Mapped[date]
    source: Mapped[str] = mapped_column(String(200), default="")


class KpiTarget(Editable, Base):
    """A target, or a stepping stone to it: what is asked for by a date. The one of the latest date is the target."""

    __tablename__ = "kpi_target"
    __table_args__ = (UniqueConstraint("kpi_id", "channel", "due_on"),)

    id: Mapped[Id]
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"))
    # A channel without targets of its own is measured by the overall ones.
    channel: Mapped[str] = mapped_column(String(20), default=OVERALL)
    kind: Mapped[str] = mapped_column(String(10))
    # The figure, percent of the baseline, or the lower end for BETWEEN.
    value: Mapped[Decimal] = mapped_column(Exact())
    upper: Mapped[Decimal | None] = mapped_column(Exact())
    due_on: Mapped[date]


class KpiAnnotation(Editable, Base):
    """A remark on the time axis: a price rise, an outage, a campaign."""

    __tablename__ = "kpi_annotation"
    __table_args__ = (Index("ix_kpi_annotation_program_id", "program_id", "on_day"),)

    id: Mapped[Id]
    program_id: Mapped[int] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    # None: on the axis of every KPI of the program.
    kpi_id: Mapped[int | None] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"), index=True)
    on_day: Mapped[date]
    text: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[CreatedAt]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
