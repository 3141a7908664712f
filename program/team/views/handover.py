"""Pages of handing over: from whom to whom, the preview of everything, and what changed hands."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.session import current_actor
from program.planning import handing_over
from program.planning.comments import members
from program.planning.opening import OpenProgram, open_program
from program.team import handover
from program.team.handover import Preview
from program.team.handover_telling import counts_in_words

blueprint = Blueprint("handover", __name__)
AT = "/p/<key>/team/hand-over"
# Names that the browser offers while one types, and lines of a part that a page shows.
OFFERED, SHOWN = 200, 100


@blueprint.route(AT, methods=["GET", "POST"])
def start(key: str) -> ResponseReturnValue:
    """Choose who hands over to whom, see all of it, do it."""
    program = open_program(key, Access.MANAGER)
    if request.method == "GET":
        asked = _id(request.args.get("person", ""))
        return _form(program, {"from": handover.name_of(program.id, asked) if asked else "", "to": ""}, {})
    step = request.form.get("step", "")
    typed = {name: request.form.get(name, "")[:300] for name in ("from", "to")}
    try:
        if step == "hand-over":
            ids = _id(request.form.get("from_id", "")), _id(request.form.get("to_id", ""))
            return _handed_over(program, *ids)
        found = handover.preview_named(current_actor(), program.id, typed["from"], typed["to"])
    except Invalid as error:
        return _form(program, typed, error.fields or {"from": error.sentence}), 422
    return _preview_page(program, found, "")


@blueprint.get(f"{AT}/<batch>")
def done(key: str, batch: str) -> ResponseReturnValue:
    """What changed hands."""
    program = open_program(key, Access.MANAGER)
    found = handover.done(current_actor(), program.id, batch)
    return render_template("team/handover/done.html", program=program, found=found, most=SHOWN)


def _handed_over(program: OpenProgram, from_id: int, to_id: int) -> ResponseReturnValue:
    actor = current_actor()
    try:
        batch = handover.hand_over(actor, program.id, from_id, to_id, seen=request.form.get("seen", ""))
    except Conflict as error:
        found = handover.preview(actor, program.id, from_id, to_id)
        return _preview_page(program, found, str(error.sentence)), 409
    flash(_("Handed over."))
    return redirect(url_for("handover.done", key=program.key, batch=batch), 303)


def _form(program: OpenProgram, typed: dict[str, str], problems: dict[str, Any]) -> str:
    return render_template(
        "team/handover/start.html",
        program=program,
        typed=typed,
        problems=problems,
        parts=[str(part.label) for part in handing_over.parts()],
        offered=members(program.id, OFFERED).values(),
    )


def _preview_page(program: OpenProgram, found: Preview, changed: str) -> str:
    return render_template(
        "team/handover/preview.html",
        program=program,
        found=found,
        sections=[
            (str(part.label), lines[:SHOWN], len(lines), max(0, len(lines) - SHOWN)) for part, lines in found.sections
        ],
        counts=counts_in_words({part.name: len(lines) for part, lines in found.sections if lines}),
        changed=changed,
    )


def _id(raw: str) -> int:
    return int(raw) if raw.isdecimal() and len(raw) <= 9 else 0
