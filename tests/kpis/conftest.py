"""A few KPIs in the small cast's program: CSAT in three channels, weighted by VOL, owned by Tomek; today is fixed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from program.extensions import db
from program.ground.now import held_at
from program.kpis.models import Better, CustomerChannel, Every, Kpi, KpiChannel, OverallBy, Unit
from tests.cast import Cast

CHANNELS = ("chat", "phone", "shop")
# A Wednesday of week 25.
NOW = "2026-06-17T10:00+02:00"


@dataclass
class Figures:
    """The KPIs, and the cast they belong to."""

    cast: Cast
    csat: Kpi
    volume: Kpi
    nps: Kpi

    @property
    def program_id(self) -> int:
        """The program's id."""
        return self.cast.program_id


def monday(week: int, year: int = 2026) -> date:
    """The Monday of that ISO week."""
    return date.fromisocalendar(year, week, 1)


def at(moment: str = NOW) -> AbstractContextManager[None]:
    """Within the block it is that moment."""
    return held_at(datetime.fromisoformat(moment))


def make_kpi(program_id: int, code: str, **more: Any) -> Kpi:
    """Add a KPI in percent, the higher the better, from 0 to 100."""
    columns = {
        "unit": Unit.PERCENT.value,
        "better": Better.UP.value,
        "scale_low": Decimal(0),
        "scale_high": Decimal(100),
        "every": Every.WEEK.value,
    }
    kpi = Kpi(program_id=program_id, code=code, **{**columns, **more})
    db.session.add(kpi)
    db.session.flush()
    return kpi


def rev(row: Any) -> int:
    """The row's revision, as its form carries it."""
    return int(row.revision)


def make_figures(cast: Cast) -> Figures:
    """Write CSAT in chat, phone and shop, weighted by the volume VOL; and NPS with an overall value only."""
    program_id = cast.program_id
    volume = make_kpi(program_id, "VOL", unit=Unit.NUMBER.value, scale_high=None, decimals=0, is_on_board=False)
    csat = make_kpi(
        program_id,
        "CSAT",
        catalogue="CSAT",
        owner_id=cast.contributor.id,
        overall_by=OverallBy.WEIGHTED.value,
        volume_id=volume.id,
    )
    nps = make_kpi(program_id, "NPS", unit=Unit.POINTS.value, scale_low=Decimal(-100), decimals=0)
    for position, key in enumerate(CHANNELS):
        db.session.add(CustomerChannel(program_id=program_id, key=key, position=position))
        db.session.add(KpiChannel(kpi_id=csat.id, channel=key))
        db.session.add(KpiChannel(kpi_id=volume.id, channel=key))
    db.session.flush()
    return Figures(cast, csat, volume, nps)


@pytest.fixture
def figures(context: None, cast: Cast) -> Figures:
    """The KPIs, in the running transaction of the test."""
    return make_figures(cast)
