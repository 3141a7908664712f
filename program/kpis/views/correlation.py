"""Two KPIs beside each other: whether they moved together, one of them some weeks later."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from program.ground import formats
from program.ground.database import read
from program.ground.records import record
from program.kpis import periods
from program.kpis.channels import active_channels
from program.kpis.correlating import FEW, FEWEST, MOST_LAG, Correlation, correlate
from program.kpis.models import OVERALL, Every, Reading
from program.kpis.standings import KpiRow, kpi_rows
from program.kpis.views.tabs import kpi_tabs
from program.kpis.words import ALL_CHANNELS, figure
from program.planning.opening import open_program

blueprint = Blueprint("kpi_correlation", __name__)
# So many pairs stand in the table before one asks for all of them.
SHORT = 26


@record
class Choice:
    """What the address asks for; the figures of both KPIs by week."""

    kpis: list[KpiRow]
    first: KpiRow | None
    second: KpiRow | None
    channel: str
    lag: int
    figures: tuple[dict[date, Decimal], dict[date, Decimal]]


def read_choice(program_id: int) -> Choice:
    """The choice of the address: two weekly KPIs by code, a channel, and a lag in weeks. Two statements."""
    kpis = [kpi for kpi in kpi_rows(program_id).values() if kpi.every == Every.WEEK]
    by_code = {kpi.code: kpi for kpi in kpis}
    first, second = (by_code.get(request.args.get(name, "").upper()) for name in ("first", "second"))
    raw = request.args.get("lag", "0")
    lag = min(int(raw), MOST_LAG) if raw.isascii() and raw.isdecimal() and len(raw) < 4 else 0
    channel = request.args.get("channel", OVERALL)[:20]
    figures: dict[int, dict[date, Decimal]] = {}
    if first is not None and second is not None:
        values = {"kpis": [first.id, second.id], "channel": channel}
        for kpi_id, week, value in read(_readings(), values).all():
            figures.setdefault(kpi_id, {})[week] = value
        return Choice(kpis, first, second, channel, lag, (figures.get(first.id, {}), figures.get(second.id, {})))
    return Choice(kpis, first, second, channel, lag, ({}, {}))


@blueprint.get("/p/<key>/kpis/correlation")
def show(key: str) -> ResponseReturnValue:
    """Two KPIs; `first`, `second` (codes), `channel`, `lag` (weeks) and `rows` (all) stand in the address."""
    program = open_program(key)
    choice = read_choice(program.id)
    found = correlate(*choice.figures, choice.lag)
    pairs = found.pairs[::-1]
    wants_all = request.args.get("rows") == "all"
    return render_template(
        "kpis/correlation/show.html",
        program=program,
        tabs=kpi_tabs(program),
        choice=choice,
        found=found,
        pairs=pairs if wants_all else pairs[:SHORT],
        rest=0 if wants_all else max(0, len(pairs) - SHORT),
        lags=[(lag, correlate(*choice.figures, lag)) for lag in range(9)] if found.points else [],
        headline=headline(choice, found),
        channels=[(OVERALL, str(ALL_CHANNELS)), *active_channels(program.id)],
        most_lag=MOST_LAG,
        fewest=FEWEST,
        few=FEW,
        figure=figure,
        exact=exact,
        week=lambda day: periods.label(Every.WEEK, day),
    )


def headline(choice: Choice, found: Correlation) -> str:
    """What was found, in a sentence, with how sure it is."""
    if choice.first is None or choice.second is None:
        return _("Choose two KPIs to see whether they moved together.")
    names = {"first": choice.first.code, "second": choice.second.code}
    if found.points < FEWEST:
        return _(
            "%(first)s and %(second)s are both known in only %(num)s weeks: too few to say anything.",
            num=found.points,
            **names,
        )
    if found.r is None:
        return _("One of the two never moved, so nothing can be said.")
    if found.is_chance:
        return _("%(first)s and %(second)s did not move together by more than chance.", **names)
    strength = _strength(abs(found.r))
    if found.r > 0:
        return _("%(first)s and %(second)s moved together, %(strength)s.", strength=strength, **names)
    return _("%(first)s and %(second)s moved against each other, %(strength)s.", strength=strength, **names)


def _strength(size: float) -> str:
    if size >= 0.7:
        return _("strongly")
    return _("moderately") if size >= 0.4 else _("weakly")


def exact(value: float) -> str:
    """A correlation as it is written: '−0.43'."""
    return formats.number(value, 2).replace("-", "\N{MINUS SIGN}")


@cache
def _readings() -> Any:
    return (
        select(Reading.kpi_id, Reading.period, Reading.value)
        .where(Reading.kpi_id.in_(bindparam("kpis", expanding=True)), Reading.channel == bindparam("channel"))
        .order_by(Reading.period)
    )
