"""What gates need to know of KPIs, in one statement: those that are followed, goals, what is asked, and figures.

Each kind of row has its own use of the same columns; `gate_kpis.py` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    String,
    bindparam,
    case,
    cast,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)

from program.ground.database import read
from program.kpis import periods
from program.kpis.exact import Exact
from program.kpis.models import OVERALL, Every, Kpi, KpiBaseline, KpiCriterion, KpiTarget, Reading
from program.planning.criteria import Asking

MOST_PERIODS = 26
# A KPI is out of date after so many missed periods at most (`Kpi.stale_after`).
MOST_LATE = 12


def rows_of(asking: Asking) -> Sequence[Any]:
    """The rows for all gates that are asked about: `sort` says which kind each is (kpi, ask, stone, base, figure)."""
    return read(_all(), _asked(asking)).all()


def _asked(asking: Asking) -> dict[str, Any]:
    """The values of `_all`. Figures go back as far as the slowest KPI may be late, and as far as may be asked for."""
    first = {every.value: periods.first_day(every, asking.today) for every in Every}
    late, held = -MOST_LATE - 2, -MOST_LATE - MOST_PERIODS - 1
    return {
        "program": asking.program_id,
        "codes": sorted({code for gate in asking.gates for code in gate.kpis}),
        "overall": OVERALL,
        **{f"late_{every}": periods.shift(every, day, late) for every, day in first.items()},
        **{f"held_{every}": periods.shift(every, day, held) for every, day in first.items()},
    }


# One place for each thing of either kind of row, so that one statement has them all. Put together once: that costs more
# than running it.
_COLUMNS: dict[str, Any] = {
    "sort": String(),
    "kpi_id": Integer(),
    "channel": String(),
    "kind": String(),
    "name": String(),
    "unit": String(),
    "unit_name": String(),
    "every": String(),
    "better": String(),
    "first": Integer(),
    "second": Integer(),
    "value": Exact(),
    "upper": Exact(),
    "third": Exact(),
    "day": Date(),
}


def _rows(sort: str, kpi_id: Any, **columns: Any) -> Any:
    given = {"sort": literal(sort), "kpi_id": kpi_id, **columns}
    return select(
        *(given.get(name, type_coerce(cast(null(), kind), kind)).label(name) for name, kind in _COLUMNS.items())
    )


@cache
def _all() -> Any:
    program: Any = bindparam("program", type_=Integer())
    followed = (Kpi.program_id == program) & Kpi.is_active
    ask, stone, base, reading = KpiCriterion, KpiTarget, KpiBaseline, Reading
    kpis = _rows(
        *("kpi", Kpi.id),
        channel=Kpi.code,
        kind=Kpi.catalogue,
        name=Kpi.name,
        unit=Kpi.unit,
        unit_name=Kpi.unit_name,
        every=Kpi.every,
        better=Kpi.better,
        first=Kpi.decimals,
        second=Kpi.stale_after,
        value=Kpi.amber_percent,
        upper=Kpi.inside_low,
        third=Kpi.inside_high,
    ).where(followed)
    asks = _rows(
        *("ask", ask.kpi_id),
        channel=ask.channel,
        kind=ask.kind,
        first=ask.criterion_id,
        second=ask.periods,
        value=ask.value,
        upper=ask.upper,
    )
    stones = _rows(
        *("stone", stone.kpi_id),
        channel=stone.channel,
        kind=stone.kind,
        value=stone.value,
        upper=stone.upper,
        day=stone.due_on,
    )
    bases = _rows("base", base.kpi_id, channel=base.channel, value=base.value, day=base.until)
    figure: dict[str, Any] = {"channel": reading.channel, "value": reading.value, "day": reading.period}
    # The newest figures over all channels of what a gate names, and further back those of what gates ask in particular.
    # Apart, so that each finds its rows by the index of figures: together they would be looked for one by one.
    codes: Any = bindparam("codes", expanding=True)
    of_named = (Kpi.code.in_(codes), reading.channel == bindparam("overall"), reading.period >= _since("late"))
    named = _rows("figure", reading.kpi_id, **figure).join(Kpi, Kpi.id == reading.kpi_id).where(followed, *of_named)
    particular = (
        _rows("figure", reading.kpi_id, **figure)
        .select_from(ask)
        .join(Kpi, Kpi.id == ask.kpi_id)
        .join(reading, (reading.kpi_id == ask.kpi_id) & (reading.channel == ask.channel))
        .where(followed, reading.period >= _since("held"))
    )
    return union_all(
        kpis,
        *(
            rows.join(Kpi, Kpi.id == model.kpi_id).where(followed)
            for rows, model in ((asks, ask), (stones, stone), (bases, base))
        ),
        named,
        particular,
    )


def _since(name: str) -> Any:
    return case(
        {every.value: bindparam(f"{name}_{every}", type_=Date()) for every in Every}, value=Kpi.every, else_=None
    )
