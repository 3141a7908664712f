"""The progress of a program in words and figures: what every file says, in the words of the progress page.

Nothing is worked out here that the page does not show; where a spreadsheet has more columns, they stand in the same
facts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.exports import telling_figures as figures
from program.exports.cells import MONEY, day, day_or_none, state, text, whole
from program.exports.told import Bars, Cell, Column, On, Part, PhaseDays, Table, Told
from program.ground import formats
from program.planning.health import RULES
from program.steering.progress_parts import GateLine, PhaseLine, Progress, Section, SinceList
from program.steering.progress_words import SECTION_WORDS, SINCE_WORDS, Bar, PhaseBars, axis, headline, since_line

__all__ = ["MONEY", "tell"]

SOURCES: dict[str, Any] = {
    Section.PHASES: _l("Source: the program's plan, its last baseline and the forecast."),
    Section.GATES: _l("Source: the readiness of the gates, as the checklist, the KPIs and the risks make it."),
    Section.RISKS: _l("Source: the risk register."),
    Section.DECISIONS: _l("Source: the requests to the committee that are open."),
    Section.SUCCESSES: _l("Source: the quick wins and stories that the team told."),
    Section.SINCE: _l("Source: the trail of changes."),
}


def tell(progress: Progress, timezone: str, made_at: datetime, made_by: str) -> Told:
    """What a file says of that progress, in the progress's language.

    `made_by` is a name, or '' for nobody in particular. Days are written as on the day that is shown, moments in that
    time zone.
    """
    with formats.reading_as(progress.locale, timezone):
        g.today = progress.day
        return _told(progress, made_at, made_by)


def _told(progress: Progress, made_at: datetime, made_by: str) -> Told:
    moment = formats.dated_moment(made_at)
    placed = axis(progress)
    tellers: dict[str, Callable[[Progress], Part]] = {
        Section.GATES: _gates,
        Section.KPIS: figures.kpis,
        Section.DECISIONS: _decisions,
        Section.RISKS: _risks,
        Section.PHASES: _phases,
        Section.SINCE: _since,
        Section.BUDGET: figures.budget,
        Section.PULSE: figures.pulse,
        Section.SUCCESSES: _successes,
        Section.PANELS: _panels,
    }
    may_be_empty: dict[str, Any] = {Section.SINCE: progress.since, Section.PANELS: progress.panels}
    shown = [name for name in tellers if progress.shows(name) and may_be_empty.get(name, True)]
    return Told(
        key=progress.key,
        title=progress.name,
        subtitle=_("Progress on %(day)s", day=formats.dated(progress.day)),
        locale=progress.locale,
        day=progress.day,
        state=state(progress.state),
        headline=headline(progress),
        made=_("Made by %(name)s on %(moment)s", name=made_by, moment=moment)
        if made_by
        else _("Made on %(moment)s", moment=moment),
        author=made_by,
        made_at=made_at,
        parts=(_state(progress), *(tellers[name](progress) for name in shown)),
        bars=tuple(_bars(phase, placed.bars[phase.id]) for phase in progress.phases),
        today=float(placed.today) if placed.today else None,
        words={
            "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
            "last_baseline": _("Last baseline"),
            "planned": _("Planned"),
            "expected": _("Done or expected (half of the runs)"),
            "open": _("until 85 of 100 runs are done"),
            "axis": _("Plan, baseline and forecast"),
            "goes": _("How it goes"),
            "starts": _("Starts"),
            "today": formats.short_day(progress.day),
            "why": _("Why this state"),
            "phase": _("Phase"),
        },
    )


def _part(section: str, lead: list[Cell], **more: Any) -> Part:
    return Part(section, str(SECTION_WORDS[section]), tuple(lead), source=str(SOURCES[section]), **more)


def _bars(phase: PhaseLine, found: PhaseBars) -> Bars:
    def pair(bar: Bar | None) -> tuple[float, float] | None:
        return (float(bar.left), float(bar.width)) if bar else None

    planned = (float(found.planned.left), float(found.planned.width))
    days = _days(phase, found)
    known = (
        (_("Last baseline"), days.baseline),
        (_("Planned"), days.planned),
        (_("Done or expected (half of the runs)"), days.real),
        (_("until 85 of 100 runs are done"), days.open),
    )
    stretches = [f"{word}: {formats.short_day(one[0])} – {formats.short_day(one[1])}" for word, one in known if one]
    said = f"{phase.name}. {'; '.join(stretches)}."
    return Bars(phase.name, planned, pair(found.baseline), pair(found.real), pair(found.open), days, said)


def _days(phase: PhaseLine, found: PhaseBars) -> PhaseDays:
    """The days of the bars that the page draws."""
    ends = phase.actual_end or phase.half_on
    return PhaseDays(
        (phase.planned_start, phase.planned_end),
        (phase.baseline_start, phase.baseline_end) if phase.baseline_start and phase.baseline_end else None,
        (phase.starts_on, ends) if found.real and ends else None,
        (ends, phase.likely_on) if found.open and ends and phase.likely_on else None,
    )


def _state(progress: Progress) -> Part:
    lead = [text(headline(progress))]
    if (said := progress.said) is not None:
        until = formats.day(said.until)
        by = (
            _("Said by %(name)s, until %(day)s.", name=said.by, day=until)
            if said.by
            else _("Said by hand, until %(day)s.", day=until)
        )
        lead.append(text(by))
        by_rules = _("By the rules:")
        lead.append(Cell(f"{by_rules} {state(progress.computed).text}", tone=progress.computed))
    rules = Table(
        _("The rules of the state"),
        (Column(_("State")), Column(_("Rule"), 5)),
        tuple((state(name.value), text(str(rule))) for name, rule in RULES),
    )
    return Part("state", _("State"), tuple(lead), points=progress.reasons, tables=(rules,))


def _gates(progress: Progress) -> Part:
    gate = progress.next_gate
    points: list[str] = []
    if gate is not None:
        met = _("%(met)s of %(total)s", met=gate.met, total=gate.total)
        met_word = _("Criteria met")
        lead = [
            text(f"{gate.name}, {formats.day(gate.planned_on)}"),
            Cell(f"{met_word}: {met}"),
            state(gate.state),
        ]
        points = list(gate.obstacles)
        if more := gate.obstacle_total - len(gate.obstacles):
            points.append(ngettext("and %(num)s more", "and %(num)s more", more))
    elif progress.gates:
        lead = [Cell(_("Every gate is passed."), tone="on_track")]
    else:
        lead = [text(_("This program has no gates."))]
    columns = (
        Column(_("Gate"), 4),
        Column(_("Planned"), 2),
        Column(_("Criteria met"), 1.6, is_figure=True, on=On.PAPER),
        Column(_("Criteria met"), is_figure=True, on=On.SHEET),
        Column(_("Criteria"), is_figure=True, on=On.SHEET),
        Column(_("State"), 2.2),
    )
    table = Table(_("All gates"), columns, tuple(_gate(one) for one in progress.gates))
    return _part(Section.GATES, lead, points=tuple(points), tables=_if_any(table))


def _gate(gate: GateLine) -> tuple[Cell, ...]:
    met = text(_("%(met)s of %(total)s", met=gate.met, total=gate.total))
    return text(gate.name), day(gate.planned_on), met, whole(gate.met), whole(gate.total), state(gate.state)


def _decisions(progress: Progress) -> Part:
    waiting = progress.decisions
    lead = (
        ngettext("%(num)s decision waits for the committee.", "%(num)s decisions wait for the committee.", len(waiting))
        if waiting
        else _("Nothing waits for a decision.")
    )
    rows = []
    for one in waiting:
        is_late = one.decide_by is not None and one.decide_by < progress.day
        by = day_or_none(one.decide_by)
        rows.append((text(f"D{one.number}"), text(one.title), replace(by, tone="late" if is_late else "")))
    columns = (Column(_("No."), 0.8), Column(_("Decision"), 5), Column(_("Decide by"), 2))
    table = Table(str(SECTION_WORDS[Section.DECISIONS]), columns, tuple(rows))
    return _part(Section.DECISIONS, [text(lead)], tables=_if_any(table))


def _risks(progress: Progress) -> Part:
    risks = progress.risks
    lead = (
        ngettext("%(num)s open risk in all", "%(num)s open risks in all", progress.risk_total)
        if risks
        else _("No open risks.")
    )
    rows = tuple(
        (
            *(text(f"R{one.number}"), text(one.title), text(one.owner), whole(one.probability), whole(one.impact)),
            *(whole(one.score), text(one.measure)),
        )
        for one in risks
    )
    columns = (
        Column(_("No."), 0.8),
        Column(_("Risk"), 5),
        Column(_("Owner"), 2.6),
        Column(_("Probability"), is_figure=True, on=On.SHEET),
        Column(_("Impact"), is_figure=True, on=On.SHEET),
        Column(_("Score"), 1, is_figure=True),
        Column(_("Measure"), 4, on=On.SHEET),
    )
    return _part(Section.RISKS, [text(lead)], tables=_if_any(Table(str(SECTION_WORDS[Section.RISKS]), columns, rows)))


def _phases(progress: Progress) -> Part:
    running = [one for one in progress.phases if one.state == "running"]
    lead = [Cell(f"{one.name}: {one.note}", tone="at_risk" if one.is_late else "") for one in running]
    if not lead:
        lead = [text(_("No phases yet") if not progress.phases else _("No phase runs today."))]
    columns = (
        Column(_("Phase"), 3),
        Column(_("State"), 2.2),
        Column(_("Done"), 1.4, is_figure=True, on=On.PAPER),
        Column(_("Done"), is_figure=True, on=On.SHEET),
        Column(_("Items"), is_figure=True, on=On.SHEET),
        Column(_("Planned start"), 1.6, on=On.SHEET),
        Column(_("Planned end"), 1.6),
        Column(_("Baseline start"), 1.6, on=On.SHEET),
        Column(_("Baseline end"), 1.6),
        Column(_("Starts"), 1.6, on=On.SHEET),
        Column(_("Half of the runs end by"), 1.6, on=On.SHEET),
        Column(_("Actual end"), 1.6, on=On.SHEET),
        Column(_("How it goes"), 3.8),
        Column(_("Forecast until"), 1.6),
    )
    table = Table(str(SECTION_WORDS[Section.PHASES]), columns, tuple(_phase(one) for one in progress.phases))
    return _part(Section.PHASES, lead, tables=_if_any(table), notes=progress.assumptions)


def _phase(phase: PhaseLine) -> tuple[Cell, ...]:
    return (
        text(phase.name),
        state(phase.state),
        text(_("%(done)s of %(total)s", done=phase.finished, total=phase.total)),
        whole(phase.finished),
        whole(phase.total),
        day(phase.planned_start, is_short=True),
        day(phase.planned_end, is_short=True),
        day_or_none(phase.baseline_start, is_short=True),
        day_or_none(phase.baseline_end, is_short=True),
        day(phase.starts_on, is_short=True),
        day_or_none(phase.half_on, is_short=True),
        day_or_none(phase.actual_end, is_short=True),
        Cell(phase.note, tone="at_risk" if phase.is_late else ""),
        day_or_none(None if phase.actual_end else phase.likely_on, is_short=True),
    )


def _since(progress: Progress) -> Part:
    since = progress.since
    if since is None:
        raise ValueError("nothing is told of a time before")
    begins = formats.day(since.day)
    title = _("Since the last meeting, %(day)s", day=begins) if since.meeting else _("Since %(day)s", day=begins)
    lead = since_line(progress) or _("Nothing changed.")
    rows = tuple(row for one in since.lists for row in _changed(progress.key, one))
    columns = (
        Column(_("What happened"), 1.5),
        Column(_("In all"), 0.8, is_figure=True),
        Column(_("No."), 1.2),
        Column(_("Item"), 5),
        Column(_("Working days"), 1.1, is_figure=True),
    )
    changed = Table(title, columns, rows)
    decided = Table(
        _("Gates decided"),
        (Column(_("Gate"), 4), Column(_("Decision"), 2)),
        tuple((text(one.gate), state(one.outcome)) for one in since.decided),
    )
    taken = Table(
        _("Decisions taken"),
        (Column(_("No."), 0.8), Column(_("Decision"), 5), Column(_("What was chosen"), 4)),
        tuple(
            (text(f"D{one.number}"), text(one.title), text(one.chosen or _("None of the options")))
            for one in since.taken
        ),
    )
    return Part(
        Section.SINCE,
        title,
        (text(lead),),
        tables=(*_if_any(changed), *_if_any(decided), *_if_any(taken)),
        source=str(SOURCES[Section.SINCE]),
    )


def _changed(key: str, one: SinceList) -> list[tuple[Cell, ...]]:
    word = text(str(SINCE_WORDS[one.kind]))
    moved = one.kind in ("slipped", "pulled")
    rows: list[tuple[Cell, ...]] = [
        (
            word,
            whole(one.total) if number == 0 else text(""),
            text(f"{key}-{item.number}"),
            text(item.title),
            whole(item.days) if moved and item.days else text(""),
        )
        for number, item in enumerate(one.items)
    ]
    if more := one.total - len(one.items):
        rows.append((word, text(""), text(""), text(ngettext("and %(num)s more", "and %(num)s more", more)), text("")))
    return rows


def _successes(progress: Progress) -> Part:
    rows = tuple(
        (text(one.title), text(one.figure), text(one.body), day(one.happened_on)) for one in progress.successes
    )
    columns = (Column(_("Title"), 3), Column(_("Figure"), 1.6), Column(_("What happened"), 5), Column(_("Day"), 1.6))
    lead = (
        ngettext("%(num)s success to tell", "%(num)s successes to tell", len(rows))
        if rows
        else _("No success has been told yet.")
    )
    table = Table(str(SECTION_WORDS[Section.SUCCESSES]), columns, rows)
    return _part(Section.SUCCESSES, [text(lead)], tables=_if_any(table))


def _panels(progress: Progress) -> Part:
    rows: list[tuple[Cell, ...]] = []
    for panel in progress.panels:
        plugin = panel.plugin
        if panel.trouble:
            away = (
                _("%(plugin)s is switched off.", plugin=plugin)
                if panel.trouble == "off"
                else _("%(plugin)s does not answer.", plugin=plugin)
            )
            trouble = Cell(away, tone="at_risk")
        else:
            trouble = text("")
        as_of = formats.moment(panel.as_of) if panel.as_of else _("It has not said anything yet.")
        facts = panel.facts or (("", ""),)
        for number, (term, value) in enumerate(facts):
            first = [text(plugin), text(panel.title), text(panel.text)] if number == 0 else [text("")] * 3
            rows.append((*first, text(term), text(value), trouble if number == 0 else text(""), text(as_of)))
    columns = (
        Column(_("Plugin"), 1.5),
        Column(_("Title"), 2),
        Column(_("What it says"), 3),
        Column(_("What"), 2),
        Column(_("Figure"), 1.5),
        Column(_("State"), 2.2),
        Column(_("As of"), 2),
    )
    title = str(SECTION_WORDS[Section.PANELS])
    return Part(Section.PANELS, title, (), tables=_if_any(Table(title, columns, tuple(rows))))


def _if_any(table: Table) -> tuple[Table, ...]:
    return (table,) if table.rows else ()
