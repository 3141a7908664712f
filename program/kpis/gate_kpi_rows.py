"""The rows that answer what gates ask of KPIs: those asked about, their goals, and figures no older than they may be.

`named` is for the KPIs that gates name, over all channels: their newest figure. `particular` is for what managers ask
in particular: what is asked, and figures as far back as may be asked for. `gate_kpis.py` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, and_, bindparam, case, func, select
from sqlalchemy.orm import aliased

from program.kpis import periods
from program.kpis.models import OVERALL, Every, Kpi, KpiBaseline, KpiCriterion, KpiTarget, Reading
from program.planning.criteria import Asking, Question, Wanted

MOST_PERIODS = 26
# A KPI is out of date after so many missed periods at most (`Kpi.stale_after`).
MOST_LATE = 12
NAMED, PARTICULAR = "kpis.named.", "kpis.particular."
KPIS, STONES, BASES, FIGURES, ASKS = "kpis", "stones", "bases", "figures", "asks"
_PROGRAM: Any = bindparam("program", type_=Integer())


def named(asking: Asking, questions: Sequence[Question]) -> Wanted:
    """What the KPIs need that the asked gates name."""
    values = {
        "codes": sorted({code for question in questions for code in question.gate.kpis}),
        "overall": OVERALL,
        **_first_days(asking, "late", MOST_LATE + 2),
    }
    return Wanted(_named(), values)


def particular(asking: Asking, questions: Sequence[Question]) -> Wanted:
    """What the KPIs need that gates ask for in particular."""
    values = {
        "asks": [question.row.id for question in questions if question.row is not None],
        **_first_days(asking, "held", MOST_LATE + MOST_PERIODS + 1),
    }
    return Wanted(_particular(), values)


def _first_days(asking: Asking, name: str, back: int) -> dict[str, Any]:
    """The first day of the period that lies so many back, for each length of periods."""
    return {
        f"{name}_{every.value}": periods.shift(every, periods.first_day(every, asking.today), -back) for every in Every
    }


def _since(name: str) -> Any:
    return case(
        {every.value: bindparam(f"{name}_{every.value}", type_=Date()) for every in Every}, value=Kpi.every, else_=None
    )


@cache
def _named() -> dict[str, Any]:
    wanted = (
        Kpi.program_id == _PROGRAM,
        Kpi.is_active,
        Kpi.code.in_(bindparam("codes", expanding=True)),
    )
    overall: Any = bindparam("overall")
    later = aliased(Reading)
    newest = (
        select(func.max(later.period))
        .where(later.kpi_id == Kpi.id, later.channel == overall, later.period >= _since("late"))
        .correlate(Kpi)
        .scalar_subquery()
    )
    rows = _goals(wanted, overall)
    rows[FIGURES] = _figures().where(*wanted, Reading.channel == overall, Reading.period == newest)
    return {f"{NAMED}{name}": statement for name, statement in rows.items()}


@cache
def _particular() -> dict[str, Any]:
    ask = KpiCriterion
    asked = ask.criterion_id.in_(bindparam("asks", expanding=True))
    followed = (Kpi.program_id == _PROGRAM, Kpi.is_active)
    rows = _goals((*followed, Kpi.id.in_(select(ask.kpi_id).where(asked))))
    rows[ASKS] = select(
        *(ask.criterion_id, ask.kpi_id, ask.channel, ask.kind, ask.value, ask.upper, ask.periods)
    ).where(asked)
    rows[FIGURES] = (
        _figures()
        .join(ask, and_(ask.kpi_id == Reading.kpi_id, ask.channel == Reading.channel))
        .where(*followed, asked, Reading.period >= _since("held"))
    )
    return {f"{PARTICULAR}{name}": statement for name, statement in rows.items()}


def _goals(wanted: tuple[Any, ...], channel: Any = None) -> dict[str, Any]:
    """The KPIs that are wanted with what is asked of them, in that channel or in all of them."""
    stone, base = KpiTarget, KpiBaseline
    stones = select(stone.kpi_id, stone.channel, stone.kind, stone.value, stone.upper, stone.due_on)
    bases = select(base.kpi_id, base.channel, base.value, base.until)
    if channel is not None:
        stones, bases = stones.where(stone.channel == channel), bases.where(base.channel == channel)
    return {
        KPIS: select(
            *(Kpi.id, Kpi.code, Kpi.catalogue, Kpi.name, Kpi.unit, Kpi.unit_name, Kpi.every, Kpi.better, Kpi.decimals),
            *(Kpi.stale_after, Kpi.amber_percent, Kpi.inside_low, Kpi.inside_high),
        ).where(*wanted),
        STONES: stones.join(Kpi, Kpi.id == stone.kpi_id).where(*wanted),
        BASES: bases.join(Kpi, Kpi.id == base.kpi_id).where(*wanted),
    }


def _figures() -> Any:
    return select(Reading.kpi_id, Reading.channel, Reading.period, Reading.value).join(Kpi, Kpi.id == Reading.kpi_id)
