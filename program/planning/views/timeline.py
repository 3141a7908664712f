"""The plan as a timeline, and as thirteen weekly sprints."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from program.ground import formats
from program.ground.actor import Access
from program.ground.calendar import FIRST_DAY, LAST_DAY, monday_of
from program.ground.database import read
from program.planning.forecast import PHASE_COLUMNS, assumptions
from program.planning.item_words import STATUS_WORDS
from program.planning.mine import items_at
from program.planning.models import Phase
from program.planning.opening import OpenProgram, open_program
from program.planning.overview import how_it_goes
from program.planning.phase_dates import phase_dates
from program.planning.progress import phase_progress
from program.planning.sprints import sprints
from program.planning.standing import gates_of, standing
from program.planning.timeline import (
    HEADER,
    ITEM_ROW,
    MOST_ITEMS,
    MOST_MILESTONES,
    PHASE_ROW,
    ZOOMS,
    baselines_for_choice,
    draw,
    ghosts_of,
    items_of,
    milestones_of,
)
from program.planning.week import headline

blueprint = Blueprint("timeline", __name__)
_PHASES = select(*PHASE_COLUMNS).where(Phase.program_id == bindparam("program_id")).order_by(Phase.position, Phase.id)


@blueprint.get("/p/<key>/plan")
def show(key: str) -> ResponseReturnValue:
    """The timeline; `zoom`, `baseline` (an id, or 'none') and `phase` (whose items to show) stand in the address."""
    program = open_program(key)
    today = formats.today()
    zoom = request.args.get("zoom", "quarter")
    zoom = zoom if zoom in ZOOMS else "quarter"
    progress = phase_progress(program.id, today)
    dates = phase_dates(program, today, progress)
    phase_ids = [phase.id for phase in dates.phases]
    opened = _chosen(request.args.get("phase"), phase_ids)
    baselines = baselines_for_choice(program.id)
    baseline = _baseline(request.args.get("baseline"), baselines)
    ghosts = ghosts_of(baseline.id, opened) if baseline else {}
    gates = gates_of([program.id], today).get(program.id, [])
    items = {opened: items_of(program.id, opened)} if opened is not None else {}
    milestones = milestones_of(program.id)
    chart = draw(dates, gates, milestones, ghosts, items, program.calendar, today, zoom)
    return render_template(
        "planning/timeline/show.html",
        program=program,
        at=items_at(program.key),
        tabs=plan_tabs(program),
        headline=headline(standing(program, dates, gates, progress, today), today),
        chart=chart,
        zoom=zoom,
        zooms=_zoom_words(),
        opened=opened,
        baseline=baseline,
        baselines=baselines,
        ghosts=ghosts,
        gates=gates,
        address=_address(program, zoom, request.args.get("baseline"), opened),
        how_it_goes=how_it_goes,
        assumptions=assumptions(dates.outlook),
        sizes={"header": HEADER, "phase": PHASE_ROW, "item": ITEM_ROW},
        is_cut=opened is not None and len(items[opened]) == MOST_ITEMS,
        milestones_cut=len(milestones) == MOST_MILESTONES,
        today=today,
    )


@blueprint.get("/p/<key>/plan/90-days")
def ninety_days(key: str) -> ResponseReturnValue:
    """Thirteen weekly sprints from the Monday of `start`, which is this week when it is not given."""
    program = open_program(key)
    today = formats.today()
    start, problem = _start(request.args.get("start", ""), today)
    phases = read(_PHASES, {"program_id": program.id}).all()
    gates = gates_of([program.id], today).get(program.id, [])
    return render_template(
        "planning/timeline/ninety_days.html",
        program=program,
        at=items_at(program.key),
        tabs=plan_tabs(program),
        weeks=sprints(program.id, start, phases, gates, program.calendar),
        start=monday_of(start),
        # As plain text: a lazy one would be looked up for every row.
        words={status: str(word) for status, word in STATUS_WORDS.items()},
        may_work=g.access >= Access.CONTRIBUTOR,
        problem=problem,
        today=today,
    )


def plan_tabs(program: OpenProgram) -> list[tuple[str, str, bool]]:
    """The pages of the plan, for the tabs on each of them: (url, label, current)."""
    pages = (
        ("timeline.show", _("Timeline")),
        ("phases.index", _("Phases")),
        ("timeline.ninety_days", _("90 days")),
        ("baselines.index", _("Baselines")),
    )
    return [(url_for(endpoint, key=program.key), label, request.endpoint == endpoint) for endpoint, label in pages]


def _zoom_words() -> dict[str, str]:
    return {"quarter": _("Quarters"), "month": _("Months"), "week": _("Weeks")}


def _chosen(raw: str | None, phase_ids: list[int]) -> int | None:
    return int(raw) if raw and raw.isdigit() and len(raw) < 10 and int(raw) in phase_ids else None


def _baseline(raw: str | None, baselines: Any) -> Any:
    """The baseline of the address; the newest where it names none, and none where it says so."""
    if raw == "none" or not baselines:
        return None
    return next((one for one in baselines if str(one.id) == raw), baselines[0])


def _address(program: OpenProgram, zoom: str, baseline: str | None, opened: int | None) -> Any:
    """A function that gives this page's address with something changed; None takes an argument away."""
    present = {"zoom": None if zoom == "quarter" else zoom, "baseline": baseline, "phase": opened}

    def address(**changes: Any) -> str:
        arguments = {name: value for name, value in {**present, **changes}.items() if value is not None}
        return url_for("timeline.show", key=program.key, **arguments)

    return address


def _start(raw: str, today: date) -> tuple[date, str]:
    """The first week asked for, or this week with a sentence on what could not be read."""
    if not raw:
        return today, ""
    try:
        start = date.fromisoformat(raw)
    except ValueError:
        return today, _("That is not a date. The plan below begins this week.")
    if not FIRST_DAY.year < start.year < LAST_DAY.year:
        return today, _("Give a day between 2001 and 2098. The plan below begins this week.")
    return start, ""
