"""From figures to charts: the trend of a KPI, its channels side by side, and two KPIs against each other.

Descriptions only; `program/charts` knows how they are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from flask_babel import gettext as _

from program.charts.look import Chart, Size
from program.charts.multiples import Multiples, Small, multiples
from program.charts.scatter import Scatter, scatter
from program.charts.stacked import Bar, Bars, Part, stacked
from program.charts.trend import Level, Line, Point, Sign, Trend, Usual, trend
from program.ground import formats
from program.kpis import periods
from program.kpis.correlating import Correlation
from program.kpis.index import IndexPoint
from program.kpis.models import OVERALL, Every
from program.kpis.series import KpiView, Row
from program.kpis.standings import KpiRow
from program.kpis.timeaxis import bands, happenings
from program.kpis.words import aim_in_words, channel_name, figure, unit_sign

# Figures further apart than this were not read in neighbouring periods.
_GAPS = {Every.WEEK: timedelta(days=8), Every.MONTH: timedelta(days=32), Every.QUARTER: timedelta(days=93)}


def axis_of(view: KpiView) -> tuple[date, date]:
    """From where to where the time axis goes: what is shown, today, and a part of the way to the target."""
    shown = view.shown
    first = periods.last_day(view.every, shown[0].period) if shown else view.today - timedelta(weeks=26)
    if view.base is not None and view.since is None:
        first = min(first, view.base.until)
    last = max(view.today, periods.last_day(view.every, shown[-1].period) if shown else view.today)
    goal_on = view.standing().goal_on
    ahead = last + max((last - first) / 4, timedelta(weeks=4))
    return first, min(max(goal_on, last), ahead) if goal_on else last + (last - first) / 12


def trend_of(program_id: int, view: KpiView, size: Size) -> Chart:
    """The trend of the channel that is looked at. Four statements: marks, remarks and phases."""
    first, last = axis_of(view)
    rows = view.rows()[::-1]
    limits = view.limits()
    kpi = view.kpi
    data = Trend(
        title=kpi.code,
        alt=in_words(view, rows),
        points=[
            Point(periods.last_day(view.every, row.figure.period), float(row.figure.value), row.unusual is not None)
            for row in rows
        ],
        first=first,
        last=last,
        figure_format=f",.{kpi.decimals}f",
        unit=unit_sign(kpi),
        floor=_plain(view.definition.scale_low),
        ceiling=_plain(view.definition.scale_high),
        lines=_asked(view, first, last),
        level=Level(_("Baseline value"), float(view.base.value)) if view.base else None,
        usual=Usual(_("Usual range"), float(limits.low), float(limits.high), view.usual_since()) if limits else None,
        bands=bands(program_id, first, last),
        signs=[
            Sign(one.on, one.kind, one.name, one.number, one.is_planned)
            for one in happenings(program_id, kpi.id, first, last)
        ],
        longest_gap=_GAPS[Every(view.every)],
    )
    return trend(data, size)


def index_of(points: Sequence[IndexPoint], size: Size) -> Chart:
    """The Experience Index over the weeks, from 0 to 100; at least one of them has a number."""
    known = [(point.week + timedelta(days=6), point.value) for point in points if point.value is not None]
    (since, before), (until, now) = known[0], known[-1]
    title = _("Experience Index")
    alt = _(
        "%(name)s: from %(before)s (%(since)s) to %(now)s (%(until)s).",
        name=title,
        before=formats.exact(before, 1),
        since=formats.week(since),
        now=formats.exact(now, 1),
        until=formats.week(until),
    )
    data = Trend(
        title=title,
        alt=alt,
        points=[Point(on, float(value)) for on, value in known],
        first=since,
        last=until + max((until - since) / 12, timedelta(days=7)),
        figure_format=",.1f",
        floor=0.0,
        ceiling=100.0,
        longest_gap=_GAPS[Every.WEEK],
    )
    return trend(data, size)


def channels_of(view: KpiView, size: Size) -> Chart:
    """All channels of the KPI side by side."""
    first, last = axis_of(view)
    since = view.since or date.min
    smalls = [
        Small(
            name,
            [
                (periods.last_day(view.every, one.period), float(one.value))
                for one in view.figures_of(key)
                if one.period >= since
            ],
        )
        for key, name in view.channels
        if key != OVERALL
    ]
    goal = view.standing(OVERALL).goal
    data = Multiples(
        title=_("%(kpi)s by channel", kpi=view.kpi.label),
        alt=_("One small trend for each of %(num)s channels; the figures stand in the table.", num=len(smalls)),
        smalls=smalls,
        first=min((small.points[0][0] for small in smalls if small.points), default=first),
        last=max((small.points[-1][0] for small in smalls if small.points), default=last),
        figure_format=f",.{view.kpi.decimals}f",
        floor=_plain(view.definition.scale_low),
        ceiling=_plain(view.definition.scale_high),
        aims=[float(side) for side in (goal.low, goal.high) if side is not None] if goal else [],
        longest_gap=_GAPS[Every(view.every)],
    )
    return multiples(data, size)


def parts_of_index(point: IndexPoint, kpis: Mapping[int, KpiRow], channels: Mapping[str, str], size: Size) -> Chart:
    """What each KPI gave to the index of a week, of what it could have given; a missing or older figure says so."""
    # Those that are there share the weight of those that are missing.
    known = sum((told.weight for told in point.parts if told.points is not None), Decimal(0))
    bars = []
    for told in point.parts:
        kpi = kpis.get(told.kpi_id)
        name = kpi.label if kpi else told.code
        name = f"{name}, {channels.get(told.channel, told.channel)}" if told.channel else name
        if told.points is None:
            bars.append(Bar(name, [], _("missing")))
            continue
        given, most = told.points, told.weight * 100 / known
        words = _("%(given)s of %(most)s", given=formats.exact(given, 1), most=formats.exact(most, 1))
        if told.carried_from is not None:
            words += f" · {periods.label_of(kpi, told.carried_from)}"
        bars.append(Bar(name, [Part("", float(given), "accent"), Part("", float(most - given), "usual")], words))
    return stacked(Bars(_("Experience Index"), index_in_words(point), bars), size)


def index_in_words(point: IndexPoint) -> str:
    """What the picture of an index says to those who do not see it."""
    if point.value is None:
        return _("Too little is known of this week for an index.")
    return _("The index of %(value)s, by what each KPI gave.", value=formats.exact(point.value, 1))


def cloud_of(first: KpiRow, second: KpiRow, found: Correlation, lag: int, size: Size) -> Chart:
    """Two KPIs against each other, the second one `lag` weeks later."""
    later = f"{second.code}, {unit_sign(second)}".removesuffix(", ")
    data = Scatter(
        title=f"{first.code} × {second.code}",
        alt=_("%(num)s weeks in which both are known; the figures stand in the table.", num=found.points),
        points=[(float(pair.first), float(pair.second)) for pair in found.pairs],
        across=f"{first.code}, {unit_sign(first)}".removesuffix(", "),
        upwards=_("%(kpi)s (weeks later: %(lag)s)", kpi=later, lag=lag) if lag else later,
        across_format=f",.{first.decimals}f",
        upwards_format=f",.{second.decimals}f",
        slope=found.slope,
        start=found.start,
    )
    return scatter(data, size)


def in_words(view: KpiView, rows: Sequence[Row]) -> str:
    """What the trend shows, for those who do not see it."""
    name = f"{view.kpi.label}, {dict(view.channels).get(view.channel) or channel_name(view.channel)}"
    if not rows:
        return _("%(name)s: no figures yet.", name=name)
    first, last = rows[0].figure, rows[-1].figure
    sentences = [
        _(
            "%(name)s: from %(before)s (%(since)s) to %(now)s (%(until)s).",
            name=name,
            before=figure(first.value, view.kpi),
            since=periods.label_of(view.kpi, first.period),
            now=figure(last.value, view.kpi),
            until=periods.label_of(view.kpi, last.period),
        )
    ]
    if rows[-1].aim:
        sentences.append(_("Asked for now: %(aim)s.", aim=aim_in_words(rows[-1].aim, view.kpi)))
    if odd := [periods.label_of(view.kpi, row.figure.period) for row in rows if row.unusual]:
        sentences.append(_("More than the usual ups and downs: %(periods)s.", periods=", ".join(odd[-8:])))
    return " ".join(sentences)


def _asked(view: KpiView, first: date, last: date) -> list[Line]:
    """What is asked for at the end of each period, and where amber ends."""
    goods: dict[str, list[tuple[date, float]]] = {"low": [], "high": []}
    ambers: dict[str, list[tuple[date, float]]] = {"low": [], "high": []}
    for period in periods.span(view.every, first, last):
        on = periods.last_day(view.every, period)
        aim = view.aim_at(period) if first <= on <= last else None
        if aim is None:
            continue
        for name, side, way in (("low", aim.low, -1), ("high", aim.high, 1)):
            if side is not None:
                goods[name].append((on, float(side)))
                ambers[name].append((on, float(side + way * view.amber_at(aim, side))))
    lines = [Line(_("Target path"), points) for points in goods.values() if points]
    return lines + [Line(_("Amber ends"), points, "warn") for points in ambers.values() if points]


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
