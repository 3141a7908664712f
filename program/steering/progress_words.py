"""The progress page in words: the sentence that comes first, what its parts are called, and the bars of its phases."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.ground import formats
from program.ground.records import record
from program.planning.comparison import by_days
from program.steering.progress_parts import PhaseLine, Progress, Section

STATE_WORDS: dict[str, Any] = {
    "on_track": _l("On track"),
    "at_risk": _l("At risk"),
    "off_track": _l("Off track"),
    "no_data": _l("No data"),
}
SECTION_WORDS: dict[str, Any] = {
    Section.PHASES.value: _l("Phases"),
    Section.GATES.value: _l("Gates"),
    Section.KPIS.value: _l("Experience Index and KPIs"),
    Section.PULSE.value: _l("Pulse"),
    Section.BUDGET.value: _l("Budget"),
    Section.RISKS.value: _l("Top risks"),
    Section.DECISIONS.value: _l("Decisions waiting"),
    Section.SUCCESSES.value: _l("Successes"),
    Section.SINCE.value: _l("Since the last meeting"),
    Section.PANELS.value: _l("From plugins"),
}
SINCE_WORDS: dict[str, Any] = {
    "done": _l("Done"),
    "added": _l("Added"),
    "dropped": _l("Dropped"),
    "removed": _l("Gone"),
    "reopened": _l("Taken up again"),
    "blocked": _l("Blocked"),
    "slipped": _l("Slipped"),
    "pulled": _l("Brought forward"),
}


def headline(progress: Progress) -> str:
    """Where the program stands, in one or two sentences: the state with its weightiest reason, the gate, what waits."""
    said = progress.said
    sentences = [said.reason.split("\n")[0] if said else progress.reasons[0]]
    if progress.closed_on:
        sentences = [_("Closed on %(day)s.", day=formats.dated(progress.closed_on))]
    gate = progress.next_gate
    if gate is not None:
        sentences.append(
            _(
                "Next gate: %(gate)s on %(day)s, %(met)s of %(total)s criteria met.",
                gate=gate.name,
                day=formats.day(gate.planned_on),
                met=gate.met,
                total=gate.total,
            )
        )
    if progress.decisions:
        sentences.append(
            ngettext(
                "%(num)s decision waits for the committee.",
                "%(num)s decisions wait for the committee.",
                len(progress.decisions),
            )
        )
    return " ".join(sentences)


def since_line(progress: Progress) -> str:
    """What happened since the last meeting in one sentence: '12 done, 3 items later by 6 working days on average.'"""
    since = progress.since
    if since is None:
        return ""
    parts = [counted(one.kind, one.total, one.days) for one in since.lists]
    decided = len(since.decided) + len(since.taken)
    if decided:
        parts.append(ngettext("%(num)s decision taken", "%(num)s decisions taken", decided))
    return f"{', '.join(parts)}." if parts else ""


def counted(kind: str, total: int, days: int = 0) -> str:
    """One kind of change in a few words: '2 added', '3 items later by 6 working days on average'."""
    if kind == "slipped":
        return by_days(ngettext("%(num)s item later", "%(num)s items later", total), days, total)
    if kind == "pulled":
        return by_days(ngettext("%(num)s item earlier", "%(num)s items earlier", total), days, total)
    words = {
        "done": ngettext("%(num)s done", "%(num)s done", total),
        "added": ngettext("%(num)s added", "%(num)s added", total),
        "dropped": ngettext("%(num)s dropped", "%(num)s dropped", total),
        "reopened": ngettext("%(num)s taken up again", "%(num)s taken up again", total),
        "blocked": ngettext("%(num)s blocked", "%(num)s blocked", total),
    }
    return words[kind]


@record
class Bar:
    """A stretch of the time axis in percent of its width."""

    left: str
    width: str


@record
class PhaseBars:
    """A phase on the time axis: planned, as in the baseline, as it goes, and where the forecast may end."""

    planned: Bar
    baseline: Bar | None
    real: Bar | None
    open: Bar | None


@record
class Axis:
    """All phases on one axis; `today` is its place in percent, None outside."""

    bars: dict[int, PhaseBars]
    today: str | None


def axis(progress: Progress) -> Axis:
    """Where each phase's bars stand, from the first day of any to the last."""
    days = [day for phase in progress.phases for day in _days(phase) if day]
    if not days:
        return Axis({}, None)
    first = min(days)
    length = max(1, (max(days) - first).days)

    def bar(begins: date, ends: date) -> Bar:
        return Bar(
            f"{100 * (begins - first).days / length:.2f}", f"{max(0.6, 100 * (ends - begins).days / length):.2f}"
        )

    found = {}
    for phase in progress.phases:
        end = phase.actual_end or phase.half_on
        open_end = phase.likely_on if not phase.actual_end else None
        found[phase.id] = PhaseBars(
            bar(phase.planned_start, phase.planned_end),
            bar(phase.baseline_start, phase.baseline_end) if phase.baseline_start and phase.baseline_end else None,
            bar(phase.starts_on, end) if end and end >= phase.starts_on else None,
            bar(end, open_end) if end and open_end and open_end > end else None,
        )
    place = 100 * (progress.day - first).days / length
    return Axis(found, f"{place:.2f}" if 0 <= place <= 100 else None)


def _days(phase: PhaseLine) -> tuple[date | None, ...]:
    return (
        *(phase.planned_start, phase.planned_end, phase.baseline_start, phase.baseline_end),
        *(phase.starts_on, phase.half_on, phase.likely_on, phase.actual_end),
    )
