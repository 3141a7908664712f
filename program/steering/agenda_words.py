"""An agenda in words of its reader's language: what each point is called, and what each fact says."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from program.ground import formats
from program.ground.records import record
from program.kpis.words import channel_name, difference, figure, kpi_name
from program.planning.item_words import STATUS_WORDS
from program.steering.agenda_points import Fact, Point, PointKind

KIND_TITLES: dict[str, Any] = {
    PointKind.ACTIONS.value: _l("Actions agreed on before"),
    PointKind.RISKS.value: _l("Risks that need the committee"),
    PointKind.FIGURES.value: _l("Figures that stand worse"),
    PointKind.BUDGET.value: _l("Money beyond what was approved"),
}
KIND_MARKS: dict[str, Any] = {
    PointKind.ACTIONS.value: _l("Actions"),
    PointKind.DECISION.value: _l("Decision"),
    PointKind.GATE.value: _l("Gate"),
    PointKind.RISKS.value: _l("Risks"),
    PointKind.FIGURES.value: _l("Figures"),
    PointKind.BUDGET.value: _l("Budget"),
    PointKind.OWN.value: _l("Point"),
}


@record
class Line:
    """A fact in words; `state` colours it, `number` leads to the item or risk it is about, `who` has it in hand."""

    kind: str
    text: str
    number: int | None
    state: str
    who: str


def point_title(kind: str, title: str) -> str:
    """What a point is called: '' has the usual words of its kind."""
    if kind == PointKind.DECISION:
        return _("To decide: %(title)s", title=title)
    if kind == PointKind.GATE:
        return _("Gate: %(name)s", name=title)
    return title or str(KIND_TITLES.get(kind, title))


def lines(point: Point) -> list[Line]:
    """The facts behind a point, in words."""
    found = [_line(fact) for fact in point.facts]
    if point.kind == PointKind.DECISION and point.day:
        found.insert(0, Line("day", _("Needed by %(day)s.", day=formats.dated(point.day)), None, "", ""))
    if point.kind == PointKind.GATE and point.day:
        found.insert(0, Line("day", _("Planned for %(day)s.", day=formats.dated(point.day)), None, "", ""))
    return found


def _line(fact: Fact) -> Line:
    text = fact.text
    if fact.kind == "action" and fact.day:
        text = _("%(title)s, by %(day)s", title=fact.text, day=formats.dated(fact.day))
    elif fact.kind == "reopened":
        text = _("A condition of its decision is late, so the question is open again.")
    elif fact.kind == "risk" and fact.amount is not None:
        text = _("R%(number)s %(title)s, score %(score)s", number=fact.number, title=fact.text, score=int(fact.amount))
    elif fact.kind == "votes":
        text = ngettext("%(num)s vote so far", "%(num)s votes so far", fact.number or 0)
        return Line(fact.kind, text, None, "", "")
    elif fact.kind == "index" and fact.amount is not None:
        text = _("Experience Index %(value)s", value=formats.exact(fact.amount, 1))
        if fact.before is not None:
            text += " " + _("(%(value)s at the last meeting)", value=formats.exact(fact.before, 1))
    elif fact.kind == "kpi":
        text = _kpi(fact)
    elif fact.kind == "money" and fact.amount is not None and fact.before is not None:
        text = _(
            "%(what)s: %(forecast)s %(currency)s, approved %(approved)s",
            what=fact.text or _("The whole program"),
            forecast=formats.exact(fact.amount),
            approved=formats.exact(fact.before),
            currency=fact.more,
        )
    return Line(fact.kind, text, fact.number, fact.state, fact.who)


def _kpi(fact: Fact) -> str:
    measure = fact.measure
    if measure is None:
        return ""
    name = kpi_name(measure)
    if fact.more:
        name = f"{name}, {channel_name(fact.more)}"
    if fact.amount is None or fact.before is None:
        return f"{name}: {figure(fact.amount, measure)}"
    change = difference(fact.amount - fact.before, measure)
    return _("%(name)s: %(value)s (%(change)s)", name=name, value=figure(fact.amount, measure), change=change)


def status_word(state: str) -> str:
    """The status of an action, in words."""
    return str(STATUS_WORDS.get(state, state))
