"""Pages of phases: all of them with their three kinds of dates, one of them with its work."""

from __future__ import annotations

from flask import Blueprint, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import bindparam, select

from program.ground import formats
from program.ground.database import read
from program.ground.errors import NotFound
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning import phase_items, progress
from program.planning.insets import Asked, Place, insets_at
from program.planning.models import Phase, PhaseBlock
from program.planning.opening import open_program
from program.planning.phase_dates import PhaseDates, PhaseState, PlanDates, phase_dates
from program.planning.phases import weeks_between
from program.planning.readiness import GateState, readiness, states
from program.planning.views.timeline import plan_tabs

blueprint = Blueprint("phases", __name__)
AT = "/p/<key>/plan/phases"
_WITH_BLOCKS = (
    select(Phase.purpose, PhaseBlock.id, PhaseBlock.name, PhaseBlock.starts_on, PhaseBlock.ends_on)
    .outerjoin(PhaseBlock, PhaseBlock.phase_id == Phase.id)
    .where(Phase.id == bindparam("phase"))
    .order_by(PhaseBlock.position, PhaseBlock.id)
)


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All phases: planned, forecast and actual dates side by side."""
    program = open_program(key)
    today = formats.today()
    counted = progress.count_items(program.id, today)
    dates = phase_dates(program, today, progress.progress_of(counted))
    gates: dict[int, list[GateState]] = {}
    for gate in states(program, today, counted):
        gates.setdefault(gate.phase_id, []).append(gate)
    return render_template(
        "planning/phases/index.html",
        program=program,
        plan=dates,
        gates=gates,
        weeks_between=weeks_between,
        headline=_headline(dates),
        tabs=plan_tabs(program),
    )


@blueprint.get(f"{AT}/<int:phase_id>")
def show(key: str, phase_id: int) -> ResponseReturnValue:
    """One phase: its dates, its gate, its blocks with the items in them."""
    program = open_program(key)
    today = formats.today()
    counted = progress.count_items(program.id, today)
    dates = phase_dates(program, today, progress.progress_of(counted))
    phase = next((one for one in dates.phases if one.id == phase_id), None)
    if phase is None:
        raise NotFound(NOT_HERE)
    # The purpose and the blocks in one statement: the purpose stands in every row, and there is always a row.
    rows = read(_WITH_BLOCKS, {"phase": phase_id}).all()
    blocks = [row for row in rows if row.id is not None]
    return render_template(
        "planning/phases/show.html",
        program=program,
        phase=phase,
        insets=insets_at(
            Place.PHASE,
            Asked(current_actor(), {program.id: program.key}, today, access=g.access, phase_id=phase_id),
        ),
        purpose=rows[0].purpose,
        weeks=weeks_between(phase.planned_start, phase.planned_end),
        gates=readiness(program, today, counted, phase_id=phase_id),
        blocks=blocks,
        groups=phase_items.grouped(program.id, phase_id, [block.id for block in blocks]),
        no_block=phase_items.NO_BLOCK,
        milestones=phase_items.MILESTONES,
        sentence=standing(phase),
        today_on_page=today,
        # One address for all rows, each adds its number: dozens of `url_for` would take longer than the queries.
        items_url=url_for("items.show", key=program.key, number=0).removesuffix("0"),
    )


def standing(phase: PhaseDates) -> str:
    """Where a phase stands, in a sentence or two: its dates first, then what is in the way."""
    if phase.is_over:
        return _ended(phase.slip or 0)
    sentences = []
    if phase.overdue_days:
        sentences.append(
            ngettext(
                "Its planned end was %(num)s working day ago, and it has not ended.",
                "Its planned end was %(num)s working days ago, and it has not ended.",
                phase.overdue_days,
            )
        )
    elif phase.slip and phase.slip > 0:
        sentences.append(
            ngettext(
                "At the present pace it ends %(num)s working day late.",
                "At the present pace it ends %(num)s working days late.",
                phase.slip,
            )
        )
    if phase.progress.overdue:
        sentences.append(ngettext("%(num)s item is overdue.", "%(num)s items are overdue.", phase.progress.overdue))
    if phase.progress.blocked:
        sentences.append(ngettext("%(num)s item is blocked.", "%(num)s items are blocked.", phase.progress.blocked))
    if sentences:
        return " ".join(sentences)
    if phase.state in (PhaseState.NEXT, PhaseState.LATER):
        return _("It is planned to start on %(day)s.", day=formats.day(phase.planned_start))
    return str(phase.forecast.reason) if phase.slip is None and phase.forecast.reason else _("It is on track.")


def _ended(slip: int) -> str:
    if slip > 0:
        return ngettext("It ended %(num)s working day late.", "It ended %(num)s working days late.", slip)
    if slip < 0:
        return ngettext("It ended %(num)s working day early.", "It ended %(num)s working days early.", -slip)
    return _("It ended as planned.")


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
    overdue = sum(phase.progress.overdue for phase in dates.phases)
    if overdue:
        return ngettext(
            "No phase is late, but %(num)s item is overdue.",
            "No phase is late, but %(num)s items are overdue.",
            overdue,
        )
    current = dates.current
    if current is not None and current.state is PhaseState.NEXT:
        return _("%(phase)s starts on %(day)s.", phase=current.name, day=formats.day(current.planned_start))
    return _("The plan holds: no phase is late.")
