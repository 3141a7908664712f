"""A program on one screen: phases against the plan, the next gate and its obstacles, what is late, what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Blueprint, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.people.session import current_actor
from program.planning.forecast import assumptions
from program.planning.history_words import OUTCOME_WORDS
from program.planning.insets import Asked, Place, insets_at
from program.planning.mine import items_at
from program.planning.opening import open_program
from program.planning.overview import DECISIONS, last_happenings, late_items, strip
from program.planning.phase_dates import phase_dates
from program.planning.progress import count_items, progress_of
from program.planning.readiness import next_gate, readiness
from program.planning.standing import standing
from program.planning.views.week import gate_dates
from program.planning.week import headline

blueprint = Blueprint("overview", __name__)


@blueprint.get("/p/<key>/")
def show(key: str) -> ResponseReturnValue:
    """The overview of one program."""
    program = open_program(key)
    today = formats.today()
    counted = count_items(program.id, today)
    progress = progress_of(counted)
    gates = readiness(program, today, counted)
    dates = phase_dates(program, today, progress)
    found = standing(program, dates, gate_dates(program.id, gates), progress, today)
    taken = [(gate.decision.decided_at, gate.gate_id, gate) for gate in gates if gate.decision]
    decided = [gate for _when, _number, gate in sorted(taken, key=lambda one: one[:2], reverse=True)]
    return render_template(
        "planning/overview/show.html",
        program=program,
        standing=found,
        headline=_closed(program.closed_on) if program.closed_on else headline(found, today),
        phases=[
            replace(phase, url=url_for("phases.show", key=program.key, phase_id=phase.id))
            for phase in strip(dates.phases)
        ],
        at=items_at(program.key),
        gate=next_gate(gates),
        gates=gates,
        late=late_items(program.id, today) if found.progress.overdue else (),
        decided=decided[:DECISIONS],
        outcome_words=OUTCOME_WORDS,
        happenings=last_happenings(program.id),
        assumptions=assumptions(dates.outlook),
        insets=insets_at(Place.OVERVIEW, Asked(current_actor(), {program.id: program.key}, today, access=g.access)),
        today=today,
    )


def _closed(day: date) -> str:
    return _("Closed on %(day)s. It can be read, and opened again in its settings.", day=formats.dated(day))
