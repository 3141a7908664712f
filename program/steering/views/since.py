"""The page 'What changed': since the last meeting of the committee, or between any two days."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from program.ground import formats
from program.planning.decisions import OUTCOME_WORDS
from program.planning.mine import items_at
from program.planning.opening import open_program
from program.steering import since_words
from program.steering.since import what_changed
from program.steering.views.progress import read_day

blueprint = Blueprint("since", __name__)


@blueprint.get("/p/<key>/progress/since")
def show(key: str) -> ResponseReturnValue:
    """What changed from the day `from` to the day `to`; without them, since the last meeting."""
    program = open_program(key)
    found = what_changed(program, read_day(request.args.get("from")), read_day(request.args.get("to")))
    lists = since_words.lists(found)
    return render_template(
        "steering/progress/since.html",
        program=program,
        since=found,
        headline=since_words.headline(found, lists),
        lists=lists,
        figures=since_words.figure_rows(found),
        risk_words=since_words.RISK_WORDS,
        outcome_words=OUTCOME_WORDS,
        items_at=items_at(program.key),
        today=formats.today(),
    )
