"""The first sentence of a gate: whether it is ready, what was decided, and when it is planned for."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.planning.readiness import GateReadiness, next_gate


def headline(gate: GateReadiness, today: date) -> str:
    """'Not ready: 2 of 6 criteria are open; the gate is planned for Thu 12 Mar, in 9 days.'"""
    if gate.state == "open":
        return _("Not ready: %(criteria)s; the gate %(planned)s.", criteria=_open(gate), planned=_planned(gate, today))
    if gate.state == "ready":
        return _("Ready: every criterion is met; the gate %(planned)s.", planned=_planned(gate, today))
    decided_on = formats.moment(gate.decision.decided_at) if gate.decision else ""
    if gate.state == "go":
        return _("Passed: go, recorded on %(when)s.", when=decided_on)
    if gate.state == "conditional_go":
        return _conditional(gate, decided_on)
    if gate.state == "reopened":
        late = sum(1 for condition in gate.conditions if condition.late)
        return ngettext(
            "Reopened: %(num)s of %(total)s conditions is late. Decide again.",
            "Reopened: %(num)s of %(total)s conditions are late. Decide again.",
            late,
            total=len(gate.conditions),
        )
    if gate.state == "hold":
        return _("On hold since %(when)s: %(criteria)s.", when=decided_on, criteria=_open(gate))
    return _("No-go since %(when)s: %(criteria)s.", when=decided_on, criteria=_open(gate))


def program_headline(gates: list[GateReadiness], today: date) -> str:
    """What the gates of a program come down to: the first one that is not passed."""
    gate = next_gate(gates)
    if gate is None:
        return _("Every gate is passed.")
    return _("“%(gate)s” is next. %(sentence)s", gate=gate.name, sentence=headline(gate, today))


def _open(gate: GateReadiness) -> str:
    unmet = gate.total - gate.met
    if not unmet:
        return _("every criterion is met")
    return ngettext(
        "%(num)s of %(total)s criteria is open", "%(num)s of %(total)s criteria are open", unmet, total=gate.total
    )


def _planned(gate: GateReadiness, today: date) -> str:
    day, distance = formats.day(gate.planned_on), formats.relative_day(gate.planned_on)
    if gate.planned_on < today:
        return _("was planned for %(day)s, %(distance)s", day=day, distance=distance)
    return _("is planned for %(day)s, %(distance)s", day=day, distance=distance)


def _conditional(gate: GateReadiness, decided_on: str) -> str:
    unfinished = len(gate.open_conditions)
    if not unfinished:
        return _("Passed on conditions, recorded on %(when)s; all of them are finished.", when=decided_on)
    return ngettext(
        "Passed on conditions, recorded on %(when)s; %(num)s of %(total)s is not finished.",
        "Passed on conditions, recorded on %(when)s; %(num)s of %(total)s are not finished.",
        unfinished,
        when=decided_on,
        total=len(gate.conditions),
    )
