"""What of the KPIs goes along with a program that is carried to another instance: definitions, figures, reviews.

The Experience Index is worked out anew from them, week by week with the mix that held then.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import func, select

from program.extensions import db
from program.ground.cadence import Cadence
from program.kpis import index_keeping
from program.kpis.exact import Exact, millionths
from program.kpis.models import (
    ClosedPeriod,
    Correction,
    CustomerChannel,
    FiscalYear,
    ImportedReading,
    IndexPart,
    IndexValue,
    IndexVersion,
    Kpi,
    KpiAnnotation,
    KpiBaseline,
    KpiChannel,
    KpiCriterion,
    KpiTarget,
    Reading,
    ReadingImport,
    ReadingSource,
    Review,
    ReviewAction,
    ReviewAsk,
    ReviewConfidence,
    ReviewNote,
    ReviewPlan,
)
from program.kpis.models.definitions import Better, TargetKind, Unit
from program.kpis.models.readings import Way
from program.kpis.periods import QUARTERS_BEGIN
from program.planning.portable_arrival import reads
from program.planning.portable_rooms import Carried, carry, leave

_IN_FACTS = {"kpi_id": "kpi", "owner_id": "person", "deputy_id": "person"}


def _exact(raw: Any) -> Decimal | None:
    try:
        value = Decimal(raw) if isinstance(raw, str) and len(raw) <= 40 else None
        if value is not None:
            millionths(value)
    except (InvalidOperation, ValueError):
        return None
    return value


def _settle(program_id: int) -> None:
    first: date | None = db.session.scalar(
        select(func.min(IndexVersion.since)).where(IndexVersion.program_id == program_id)
    )
    if first is not None:
        index_keeping.recompute_all(program_id, first)


def init_app() -> None:
    """Tell planning of the room's tables, and how exact figures are read."""
    reads(Exact, _exact)
    carry(
        "kpis",
        # A month that begins no quarter is as good as none.
        Carried(FiscalYear, comes_in=lambda row: row["begins"] in QUARTERS_BEGIN),
        Carried(CustomerChannel),
        Carried(Kpi, words={"unit": Unit, "better": Better}),
        Carried(KpiChannel),
        Carried(KpiBaseline),
        Carried(KpiTarget, words={"kind": TargetKind}),
        Carried(KpiCriterion),
        Carried(KpiAnnotation),
        Carried(Reading, words={"way": Way}),
        Carried(Correction, words={"way": Way}),
        Carried(ClosedPeriod),
        Carried(IndexVersion),
        Carried(IndexPart),
        # Nobody is asked for anything before a manager here wants it.
        Carried(ReviewPlan, becomes={"is_active": False, "next_at": None}, checks={"cadence": Cadence.from_data}),
        Carried(Review, inside={"facts": _IN_FACTS}),
        Carried(ReviewAsk),
        Carried(ReviewNote, stays=frozenset({"remote_key"})),
        Carried(ReviewConfidence),
        Carried(ReviewAction),
        settle=_settle,
    )
    leave(
        {
            IndexValue: "worked out anew from the figures",
            ReadingSource: "holds a secret of this instance",
            ReadingImport: "how figures came in; the figures themselves go along",
            ImportedReading: "how figures came in; the figures themselves go along",
        }
    )
