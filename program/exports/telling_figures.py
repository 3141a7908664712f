"""What files say of figures: the Experience Index and its KPIs, the money, the pulse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.exports.cells import MONEY, changed, day, decimal, form_of, money, text
from program.exports.told import Cell, Column, Line, On, Part, Table, Trend
from program.ground import formats
from program.steering.progress_parts import BudgetPart, IndexPart, KpiLine, MoneyLine, Progress, Section
from program.steering.progress_words import SECTION_WORDS

_WEEK = timedelta(weeks=1)
_KPI_SOURCE = _l("Source: the readings of the KPIs, mixed as the Experience Index is defined.")
_BUDGET_SOURCE = _l("Source: the budget of the program, as its managers entered it.")
_PULSE_SOURCE = _l("Source: the last closed round of the pulse, within what its anonymity lets be told.")


def kpis(progress: Progress) -> Part:
    """The index and the KPIs that it is mixed of."""
    title, source = str(SECTION_WORDS[Section.KPIS]), str(_KPI_SOURCE)
    index = progress.index
    if index is None:
        none = _("No Experience Index has been set yet.") if progress.kpi_total else _("No KPIs yet")
        return Part(Section.KPIS, title, (text(none),), source=source)
    figure = decimal(index.value, 1)
    lead = [text(_("of 100, %(week)s", week=formats.week(index.week)))]
    if index.change is not None:
        change = ("+" if index.change > 0 else "−" if index.change < 0 else "±") + formats.exact(abs(index.change), 1)
        way = 1 if index.change > 0 else -1 if index.change < 0 else 0
        since = _("since the week before")
        lead.append(changed(f"{change} {since}", way))
    weeks = weeks_of(index)
    table = Table(_("KPIs"), _kpi_columns(), tuple(_kpi(one) for one in progress.kpis))
    tables = [one for one in (table, _by_week(index, weeks, progress.kpis)) if one.rows]
    trends = [_index_trend(index, weeks), *_kpi_trends(weeks, progress.kpis)]
    return Part(
        Section.KPIS,
        title,
        tuple(lead),
        figure=figure.text,
        tables=tuple(tables),
        trends=tuple(one for one in trends if any(value is not None for line in one.lines for value in line.values)),
        notes=tuple(_gaps(index)),
        source=source,
    )


def weeks_of(index: IndexPart) -> tuple[date, ...]:
    """The Mondays of its figures; days that were kept before these were, are counted back from the newest."""
    if index.weeks:
        return index.weeks
    return tuple(index.week - _WEEK * back for back in reversed(range(len(index.recent))))


def _gaps(index: IndexPart) -> list[str]:
    found = []
    if index.missing:
        found.append(ngettext("%(num)s part is missing.", "%(num)s parts are missing.", index.missing))
    if index.carried:
        found.append(
            ngettext(
                "%(num)s part is carried forward from an earlier week.",
                "%(num)s parts are carried forward from earlier weeks.",
                index.carried,
            )
        )
    return found


def _kpi_columns() -> tuple[Column, ...]:
    return (
        Column(_("Code"), on=On.SHEET),
        Column(_("KPI"), 4),
        Column(_("Channel"), 2),
        Column(_("Figure"), 1.9, is_figure=True),
        Column(_("Change"), 2.2, is_figure=True),
        Column(_("Weight"), is_figure=True, on=On.SHEET),
        Column(_("Score"), is_figure=True, on=On.SHEET),
        Column(_("Carried forward"), on=On.SHEET),
    )


def _kpi(kpi: KpiLine) -> tuple[Cell, ...]:
    # Days kept before the number stood beside its text have the text alone.
    figure = Cell(kpi.value, kpi.number, form_of(kpi.decimals, kpi.sign) if kpi.number is not None else "")
    return (
        text(kpi.code),
        text(kpi.name),
        text(kpi.channel),
        figure,
        changed(kpi.change, kpi.way),
        decimal(kpi.weight, 0, "%"),
        decimal(kpi.score, 0),
        text(_("yes") if kpi.is_carried else _("no")),
    )


def _by_week(index: IndexPart, weeks: Sequence[date], lines: Sequence[KpiLine]) -> Table:
    """The figures behind the trends, for spreadsheets: a row a week."""
    shown = [one for one in lines if one.recent]
    columns = (
        Column(_("Week from")),
        Column(_("Experience Index"), is_figure=True),
        *(Column(", ".join(part for part in (one.name, one.channel) if part), is_figure=True) for one in shown),
    )
    rows = []
    for number, week in enumerate(weeks):
        figures = [decimal(one.recent[number], one.decimals, one.sign) for one in shown]
        rows.append((day(week), decimal(index.recent[number], 1), *figures))
    return Table(_("By week"), columns, tuple(rows), place=On.SHEET)


def _index_trend(index: IndexPart, weeks: Sequence[date]) -> Trend:
    return _trend(_("Experience Index"), index.recent, weeks, form_of(1), 1, low=0, high=100)


def _kpi_trends(weeks: Sequence[date], lines: Sequence[KpiLine]) -> list[Trend]:
    found = []
    for one in lines:
        if one.recent:
            title = ", ".join(part for part in (one.name, one.channel) if part)
            found.append(_trend(title, one.recent, weeks, form_of(one.decimals, one.sign), one.decimals, one.sign))
    return found


def _trend(
    title: str,
    values: Sequence[Decimal | None],
    weeks: Sequence[date],
    form: str,
    places: int,
    sign: str = "",
    **scale: Any,
) -> Trend:
    known = [(week, value) for week, value in zip(weeks, values, strict=True) if value is not None]
    alt = title
    if known:
        (since, first), (until, last) = known[0], known[-1]
        alt = _(
            "%(title)s: from %(first)s in the week of %(since)s to %(last)s in the week of %(until)s.",
            title=title,
            first=decimal(first, places, sign).text,
            since=formats.short_day(since),
            last=decimal(last, places, sign).text,
            until=formats.short_day(until),
        )
    categories = tuple(formats.short_day(week) for week in weeks)
    return Trend(title, alt, categories, (Line(title, tuple(values)),), form, tuple(weeks), **scale)


def budget(progress: Progress) -> Part:
    """The program's money by phase."""
    title, source = str(SECTION_WORDS[Section.BUDGET]), str(_BUDGET_SOURCE)
    found = progress.budget
    if found is None:
        return Part(Section.BUDGET, title, (text(_("No budget has been entered.")),), source=source)
    total = found.total
    spent = _(
        "%(spent)s of %(approved)s %(currency)s are spent, the forecast is %(forecast)s.",
        spent=formats.exact(total.spent),
        approved=formats.exact(total.approved),
        currency=found.currency,
        forecast=formats.exact(total.forecast),
    )
    lead = [text(spent)]
    if total.over > 0:
        over = _("The forecast is %(sum)s above what was approved.", sum=formats.exact(total.over))
        lead.append(Cell(over, tone="at_risk"))
    columns = (
        Column(_("Phase"), 4),
        *(Column(word, 2, is_figure=True) for word in (_("Approved"), _("Spent"), _("Forecast"))),
    )
    table = Table(
        _("Budget by phase"),
        columns,
        tuple((text(_phase(one)), *_sums(one)) for one in found.phases),
        (text(_("Together, %(currency)s", currency=found.currency)), *_sums(total)),
    )
    return Part(Section.BUDGET, title, tuple(lead), tables=(table,), trends=(_bars(found, spent),), source=source)


def _phase(line: MoneyLine) -> str:
    return line.phase or _("The whole program")


def _sums(line: MoneyLine) -> tuple[Cell, ...]:
    return money(line.approved), money(line.spent), money(line.forecast)


def _bars(found: BudgetPart, alt: str) -> Trend:
    lines = tuple(
        Line(word, tuple(getattr(one, name) for one in found.phases))
        for word, name in ((_("Approved"), "approved"), (_("Spent"), "spent"), (_("Forecast"), "forecast"))
    )
    names = tuple(_phase(one) for one in found.phases)
    title = _("Budget by phase, %(currency)s", currency=found.currency)
    return Trend(title, f"{title}. {alt}", names, lines, MONEY, are_bars=True)


def pulse(progress: Progress) -> Part:
    """The last closed round of the pulse."""
    title, source = str(SECTION_WORDS[Section.PULSE]), str(_PULSE_SOURCE)
    found = progress.pulse
    if found is None:
        return Part(Section.PULSE, title, (text(_("No round of the pulse has closed yet.")),), source=source)
    lead = [
        text(
            _(
                "%(answered)s of %(asked)s answered (%(rate)s %%), %(day)s.",
                answered=found.answered,
                asked=found.asked,
                rate=found.rate,
                day=formats.day(found.meant_for),
            )
        )
    ]
    if not found.themes:
        lead.append(text(_("Too few answered to tell more.")))
    rows = []
    for theme in found.themes:
        change = theme.change
        said = Cell("") if change is None else _change(change)
        rows.append((text(theme.name), decimal(theme.mean, 1), said))
    columns = (
        Column(_("Theme"), 4),
        Column(_("Mean, 1 to 5"), 1.5, is_figure=True),
        Column(_("Change"), 2.2, is_figure=True),
    )
    tables = (Table(title, columns, tuple(rows)),) if rows else ()
    return Part(Section.PULSE, title, tuple(lead), tables=tables, source=source)


def _change(change: float) -> Cell:
    written = ("+" if change > 0 else "−") + formats.number(abs(change), 1)
    return changed(written, 1 if change > 0 else -1)
