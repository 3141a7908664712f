"""Pages of handing over: from whom to whom, the preview of everything, and what changed hands."""

from __future__ import annotations

from collections.abc import Mapping
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

blueprint = Blueprint("handover", __name__)
AT = "/p/<key>/team/hand-over"
# Names that the browser offers while one types, and lines of a part that a page shows.
OFFERED, SHOWN = 200, 100


@blueprint.get(AT)
def start(key: str) -> ResponseReturnValue:
    """Choose who hands over to whom (`person` names the first), or see what would change hands (`from` and `to`)."""
    program = open_program(key, Access.MANAGER)
    if "from" not in request.args:
        asked = _id(request.args.get("person", ""))
        return _form(program, {"from": handover.name_of(program.id, asked) if asked else "", "to": ""}, {})
    typed = _typed(request.args)
    try:
        found = handover.preview_named(current_actor(), program.id, typed["from"], typed["to"])
    except Invalid as error:
        return _form(program, typed, error.fields), 422
    return _preview_page(program, found)


@blueprint.post(AT)
def hand_over(key: str) -> ResponseReturnValue:
    """Do what the preview showed."""
    program = open_program(key, Access.MANAGER)
    ids = _id(request.form.get("from_id", "")), _id(request.form.get("to_id", ""))
    try:
        batch = handover.hand_over(current_actor(), program.id, *ids, seen=request.form.get("seen", ""))
    except Invalid as error:
        return _form(program, _typed(request.form), error.fields or {"": error.sentence}), 422
    except Conflict as error:
        return _form(program, _typed(request.form), {"": error.sentence}), 409
    flash(_("Handed over."))
    return redirect(url_for("handover.done", key=program.key, batch=batch), 303)


@blueprint.get(f"{AT}/<batch>")
def done(key: str, batch: str) -> ResponseReturnValue:
    """What changed hands."""
    program = open_program(key, Access.MANAGER)
    found = handover.done(current_actor(), program.id, batch)
    return render_template("team/handover/done.html", program=program, found=found, most=SHOWN)


def _form(program: OpenProgram, typed: dict[str, str], problems: dict[str, Any]) -> str:
    return render_template(
        "team/handover/start.html",
        program=program,
        typed=typed,
        problems=problems,
        parts=[str(part.label) for part in handing_over.parts()],
        offered=members(program.id, OFFERED).values(),
    )


def _preview_page(program: OpenProgram, found: Preview) -> str:
    return render_template(
        "team/handover/preview.html",
        program=program,
        found=found,
        sections=[
            (str(part.label), lines[:SHOWN], len(lines), max(0, len(lines) - SHOWN)) for part, lines in found.sections
        ],
    )


def _typed(sent: Mapping[str, str]) -> dict[str, str]:
    return {name: sent.get(name, "")[:300] for name in ("from", "to")}


def _id(raw: str) -> int:
    return int(raw) if raw.isdecimal() and len(raw) <= 9 else 0
