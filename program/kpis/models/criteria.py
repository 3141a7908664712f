"""What a gate asks of a KPI: the figure, and for how many periods in a row."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base
from program.kpis.exact import Exact
from program.kpis.models.definitions import OVERALL


class KpiCriterion(Base):
    """The details of a gate's criterion of the kind 'kpi'. It is replaced rather than edited, like its criterion."""

    __tablename__ = "kpi_criterion"
    __table_args__ = (CheckConstraint("periods BETWEEN 1 AND 26", name="periods"),)

    criterion_id: Mapped[int] = mapped_column(ForeignKey("gate_criterion.id", ondelete="CASCADE"), primary_key=True)
    kpi_id: Mapped[int] = mapped_column(ForeignKey("kpi.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(20), default=OVERALL)
    # A kind of target, as in `KpiTarget`; '' for the KPI's own targets.
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[Decimal | None] = mapped_column(Exact())
    upper: Mapped[Decimal | None] = mapped_column(Exact())
    periods: Mapped[int] = mapped_column(default=1)
