"""The page of the load: thirteen weeks of everybody who works in the program, over all their programs."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from program.ground import formats
from program.ground.calendar import monday_of
from program.ground.folding import fold
from program.ground.pages import Pagination, page_number
from program.people.session import current_actor
from program.planning.opening import open_program
from program.team import pilot_team
from program.team.spans import WEEK
from program.team.staffing import pilot_players
from program.team.views.tabs import team_tabs
from program.team.workload import MANY_INITIATIVES, PAGE_SIZE, WEEKS, first_monday, headline, workload

blueprint = Blueprint("workload", __name__)


@blueprint.get("/p/<key>/team/load")
def show(key: str) -> ResponseReturnValue:
    """The load per person and week; people above a full week stand first."""
    program = open_program(key)
    today = formats.today()
    first = first_monday(request.args.get("from", ""), today)
    found = workload(current_actor(), program.id, today, first)
    query = request.args.get("q", "")[:200]
    wanted = fold(query)
    carriers = [carrier for carrier in found.carriers if wanted in carrier.name_folded]
    pagination = Pagination(page_number(), PAGE_SIZE, len(carriers))
    return render_template(
        "team/workload/show.html",
        program=program,
        tabs=team_tabs(program),
        headline=headline(found),
        weeks=found.weeks,
        day_and_month=formats.day_and_month,
        this_week=monday_of(today),
        last=found.weeks[-1] + WEEK,
        carriers=carriers[(pagination.page - 1) * PAGE_SIZE : pagination.page * PAGE_SIZE],
        anybody=bool(found.carriers),
        findings=pilot_team.findings(pilot_players(program.id, today), today),
        most=MANY_INITIATIVES,
        pagination=pagination,
        query=query,
        earlier=_address(program.key, first - WEEKS * WEEK, query),
        later=_address(program.key, first + WEEKS * WEEK, query),
        is_now=first == monday_of(today),
    )


def _address(key: str, first: date, query: str) -> str:
    """The page with the weeks from that Monday on, and the same people."""
    values: dict[str, Any] = {"from": first.isoformat(), "q": query or None}
    return url_for(".show", key=key, **values)
