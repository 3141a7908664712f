"""This week: the page a manager opens in the morning, over all their programs or for one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from program.ground import formats
from program.ground.actor import Access
from program.people.session import current_actor
from program.planning.changes_since import changed_since
from program.planning.health import GateDate
from program.planning.history_words import OUTCOME_WORDS
from program.planning.insets import Asked, Place, insets_at
from program.planning.mine import WEEK, items_at, my_programs
from program.planning.opening import open_program
from program.planning.phase_dates import phase_dates
from program.planning.progress import count_items, progress_of
from program.planning.readiness import readiness
from program.planning.standing import standing, standings
from program.planning.week import gates_ahead, headline, last_monday, read_week, since_in_figures, worst_first

blueprint = Blueprint("week", __name__)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """The week across all running programs of the reader."""
    programs = my_programs()
    if not programs:
        return render_template("planning/week/nothing.html")
    today = formats.today()
    found = worst_first(list(standings(programs, today, g.timezone).values()))
    ids = [program.id for program in programs]
    since = last_monday(today, g.timezone)
    return render_template(
        "planning/week/show.html",
        programs={program.id: program for program in programs},
        is_cut=len(programs) == WEEK,
        at={program.id: program.items_at for program in programs},
        standings=found,
        headlines=[headline(one, today) for one in found],
        week=read_week(ids, today),
        ahead=gates_ahead(found, today),
        since=since.date(),
        figures=since_in_figures(ids, since),
        insets=insets_at(Place.WEEK, Asked(current_actor(), {one.id: one.key for one in programs}, today)),
        today=today,
    )


@blueprint.get("/p/<key>/week")
def program(key: str) -> ResponseReturnValue:
    """The week of one program."""
    opened = open_program(key)
    today = formats.today()
    counted = count_items(opened.id, today)
    progress = progress_of(counted)
    gates = readiness(opened, today, counted)
    dates = phase_dates(opened, today, progress)
    found = standing(opened, dates, gate_dates(opened.id, gates), progress, today)
    since = last_monday(today, opened.timezone)
    return render_template(
        "planning/week/program.html",
        program=opened,
        programs={opened.id: opened},
        at={opened.id: items_at(opened.key)},
        may_work=g.access >= Access.CONTRIBUTOR,
        standing=found,
        headline=headline(found, today),
        week=read_week([opened.id], today),
        ahead=gates_ahead([found], today),
        readiness={gate.gate_id: gate for gate in gates},
        since=since.date(),
        outcome_words=OUTCOME_WORDS,
        changes=changed_since(opened.id, since, opened.calendar, gates),
        insets=insets_at(Place.PROGRAM_WEEK, Asked(current_actor(), {opened.id: opened.key}, today, access=g.access)),
        today=today,
    )


def gate_dates(program_id: int, gates: Any) -> list[GateDate]:
    """The planned days of gates whose readiness was read, by day."""
    found = [
        GateDate(
            gate.gate_id,
            program_id,
            gate.phase_id,
            gate.name,
            gate.planned_on,
            gate.decision.outcome if gate.decision else "",
            reopened=gate.state == "reopened",
        )
        for gate in gates
    ]
    return sorted(found, key=lambda gate: (gate.planned_on, gate.id))
