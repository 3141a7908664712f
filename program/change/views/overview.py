"""The overview of change management: one screen that says what needs somebody today, subject by subject."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.change import glances, plan_glances  # noqa: F401 - registers what the subjects say
from program.change.at_a_glance import SHOWN, Asked, Box, look
from program.change.views.tabs import change_tabs
from program.ground import formats
from program.ground.actor import Access
from program.ground.now import utc_now
from program.people.session import current_actor
from program.planning.opening import open_program

blueprint = Blueprint("change", __name__)
MOST_SAID = 3


@blueprint.get("/p/<key>/change")
def show(key: str) -> ResponseReturnValue:
    """What needs somebody today, and what comes next."""
    program = open_program(key)
    boxes = look(Asked(current_actor(), program, formats.today(), utc_now()))
    return render_template(
        "change/overview/show.html",
        program=program,
        tabs=change_tabs(program),
        headline=headline(boxes),
        boxes=[box for box in boxes if box.seen.lines or box.seen.good],
        nothing=not any(box.seen.lines for box in boxes),
        most=SHOWN,
        is_manager=g.access >= Access.MANAGER,
    )


def headline(boxes: list[Box]) -> str:
    """The first things that are wrong, a sentence each; or that nothing is."""
    wrong = [box.seen.wrong for box in boxes if box.seen.wrong]
    if not wrong:
        return _("Nothing in change management needs you today.")
    return " ".join(wrong[:MOST_SAID])
