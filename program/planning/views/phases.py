"""Pages of phases: all of them with their three kinds of dates, one of them with its work."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from program.extensions import db
from program.ground import formats
from program.ground.errors import NotFound
from program.people.access import NOT_HERE
from program.planning import phase_items, progress
from program.planning.models import Phase, PhaseBlock
from program.planning.opening import OpenProgram, open_program
from program.planning.phase_dates import PhaseDates, PlanDates, phase_dates
from program.planning.phases import weeks_between
from program.planning.readiness import readiness

blueprint = Blueprint("phases", __name__)
AT = "/p/<key>/plan/phases"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All phases: planned, forecast and actual dates side by side."""
    program = open_program(key)
    dates, gates = _plan(program)
    return render_template(
        "planning/phases/index.html",
        program=program,
        plan=dates,
        gates=gates,
        weeks_between=weeks_between,
        headline=_headline(dates),
        gate_url=lambda gate_id: address("gates.show", key=program.key, gate_id=gate_id),
        tabs=plan_tabs(program.key),
    )


@blueprint.get(f"{AT}/<int:phase_id>")
def show(key: str, phase_id: int) -> ResponseReturnValue:
    """One phase: its dates, its gate, its blocks with the items in them."""
    program = open_program(key)
    dates, gates = _plan(program)
    phase = next((one for one in dates.phases if one.id == phase_id), None)
    if phase is None:
        raise NotFound(NOT_HERE)
    blocks = db.session.execute(
        select(PhaseBlock.id, PhaseBlock.name, PhaseBlock.starts_on, PhaseBlock.ends_on)
        .where(PhaseBlock.phase_id == phase_id)
        .order_by(PhaseBlock.position, PhaseBlock.id)
    ).all()
    return render_template(
        "planning/phases/show.html",
        program=program,
        phase=phase,
        purpose=db.session.scalar(select(Phase.purpose).where(Phase.id == phase_id)),
        weeks=weeks_between(phase.planned_start, phase.planned_end),
        gates=gates.get(phase_id, []),
        blocks=blocks,
        groups=phase_items.grouped(program.id, phase_id),
        no_block=phase_items.NO_BLOCK,
        milestones=phase_items.MILESTONES,
        sentence=standing(phase),
        today_on_page=formats.today(),
        gate_url=lambda gate_id: address("gates.show", key=program.key, gate_id=gate_id),
        item_url=lambda number: address("items.show", key=program.key, number=number),
        checklist_url=lambda **more: address("checklist.show", key=program.key, phase=phase_id, **more),
        new_item_url=address("items.new", key=program.key, phase=phase_id),
    )


def standing(phase: PhaseDates) -> str:
    """Where a phase stands, in one sentence."""
    if phase.is_over:
        if not phase.slip:
            return _("It ended as planned.")
        if phase.slip > 0:
            return ngettext("It ended %(num)s working day late.", "It ended %(num)s working days late.", phase.slip)
        return ngettext("It ended %(num)s working day early.", "It ended %(num)s working days early.", -phase.slip)
    if phase.overdue_days:
        return ngettext(
            "Its planned end was %(num)s working day ago, and it has not ended.",
            "Its planned end was %(num)s working days ago, and it has not ended.",
            phase.overdue_days,
        )
    if phase.slip and phase.slip > 0:
        return ngettext(
            "At the present pace it ends %(num)s working day late.",
            "At the present pace it ends %(num)s working days late.",
            phase.slip,
        )
    if phase.slip is None:
        return str(phase.forecast.reason or "")
    return _("It is on track.")


def address(endpoint: str, **values: Any) -> str:
    """The address of a page of another subject; '' where the app is put together without it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def plan_tabs(key: str) -> list[tuple[str, str, bool]]:
    """The pages of the plan, for the tabs on each of them: (url, label, current)."""
    pages = (
        ("timeline.show", _("Timeline")),
        ("phases.index", _("Phases")),
        ("timeline.ninety_days", _("90 days")),
        ("baselines.index", _("Baselines")),
    )
    found = [(address(endpoint, key=key), label, request.endpoint == endpoint) for endpoint, label in pages]
    return [tab for tab in found if tab[0]]


def _plan(program: OpenProgram) -> tuple[PlanDates, dict[int, list[object]]]:
    """The phases with their dates, and the gates by phase: items are counted once for both."""
    today = formats.today()
    counted = progress.count_items(program.id, today)
    dates = phase_dates(program, today, progress.progress_of(counted))
    gates: dict[int, list[object]] = {}
    for gate in readiness(program, today, counted):
        gates.setdefault(gate.phase_id, []).append(gate)
    return dates, gates


def _headline(dates: PlanDates) -> str:
    if not dates.phases:
        return ""
    late = [phase for phase in dates.phases if phase.is_late]
    if late:
        worst = max(late, key=lambda phase: phase.late_by)
        return ngettext(
            "%(phase)s is %(num)s working day late.",
            "%(phase)s is %(num)s working days late.",
            worst.late_by,
            phase=worst.name,
        )
    if all(phase.is_over for phase in dates.phases):
        return _("All phases have ended.")
    current = dates.current
    if current is not None and current.actual_start is None:
        return _("%(phase)s starts on %(day)s.", phase=current.name, day=formats.day(current.planned_start))
    return _("The plan holds: no phase is late.")
