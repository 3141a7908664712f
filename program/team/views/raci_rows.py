"""Shaping the responsibility matrix: adding, renaming and removing deliverables, filling in from the plan."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid, NotFound
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program
from program.planning.phases import phases_in_order
from program.team import raci, raci_deliverables
from program.team.raci_suggestion import fill_in, suggestion
from program.team.views.raci import AT, NO_PHASE, blueprint

NAMED = 200


@blueprint.route(f"{AT}/phases/<int:phase_id>/add", methods=["GET", "POST"])
def add(key: str, phase_id: int) -> ResponseReturnValue:
    """Add deliverables to a phase: items of the plan, or something by its name."""
    program = open_program(key, Access.MANAGER)
    name = _phase_name(program, phase_id)
    problems: dict[str, Any] = {}
    if request.method == "POST":
        try:
            return _added(program, phase_id)
        except Invalid as error:
            problems = error.fields or {"": error.sentence}
    query = request.args.get("q", "")[:200]
    offered = raci_deliverables.offered(program.id, phase_id or None, query)
    page = render_template(
        "team/raci/add.html",
        program=program,
        phase_id=phase_id,
        phase=name,
        items=offered[: raci_deliverables.MOST],
        more=len(offered) > raci_deliverables.MOST,
        query=query,
        problems=problems,
        typed=request.form.get("name", "")[:1000],
    )
    return page, 422 if problems else 200


def _added(program: OpenProgram, phase_id: int) -> ResponseReturnValue:
    name = request.form.get("name", "")
    ids = [int(raw) for raw in request.form.getlist("ids") if raw.isdecimal() and len(raw) <= 9]
    if not ids and not name.strip():
        raise Invalid(fields={"name": _("Choose items, or write what is to be delivered.")})
    count = raci.add_items(current_actor(), program.id, ids) if ids else 0
    if name.strip():
        raci.add_named(current_actor(), program.id, phase_id, name)
        count += 1
    flash(ngettext("%(num)s deliverable is added.", "%(num)s deliverables are added.", count))
    return redirect(url_for("raci.fill", key=program.key, phase_id=phase_id), 303)


@blueprint.route(f"{AT}/rows/<int:row_id>", methods=["GET", "POST"])
def row(key: str, row_id: int) -> ResponseReturnValue:
    """Rename a deliverable that is no item."""
    program = open_program(key, Access.MANAGER)
    one = raci.find_row(current_actor(), program.id, row_id)
    problems: dict[str, Any] = {}
    if request.method == "POST":
        try:
            raci.rename(current_actor(), one, request.form.get("name", ""), seen=_seen())
        except Invalid as error:
            problems = error.fields or {"name": error.sentence}
        else:
            flash(_("The name is saved."))
            return redirect(url_for("raci.show", key=program.key), 303)
    page = render_template(
        "team/raci/row.html",
        program=program,
        row=one,
        label=raci.label_of(one),
        typed=request.form.get("name", one.name)[:1000],
        problems=problems,
    )
    return page, 422 if problems else 200


@blueprint.post(f"{AT}/rows/<int:row_id>/remove")
def remove(key: str, row_id: int) -> ResponseReturnValue:
    """Take a row out of the matrix, after a question."""
    program = open_program(key, Access.MANAGER)
    one = raci.find_row(current_actor(), program.id, row_id)
    label = raci.label_of(one)
    if not request.form.get("confirmed"):
        return render_template(
            "people/question.html",
            title=_("Take “%(name)s” out of the matrix", name=label),
            text=_("Its letters go with it. The plan stays as it is."),
            verb=_("Take it out"),
            action=request.path,
            back=url_for("raci.show", key=program.key),
            fields={"revision": str(_seen())},
        )
    raci.remove(current_actor(), one, seen=_seen())
    flash(_("“%(name)s” is out of the matrix.", name=label))
    return redirect(url_for("raci.show", key=program.key), 303)


@blueprint.route(f"{AT}/suggestion", methods=["GET", "POST"])
def suggest(key: str) -> ResponseReturnValue:
    """Fill empty cells from the roles that items name: the preview, and doing it."""
    program = open_program(key, Access.MANAGER)
    today = formats.today()
    status, changed = 200, ""
    if request.method == "POST":
        try:
            cells = fill_in(current_actor(), program.id, today, seen=request.form.get("seen", ""))
        except Conflict as error:
            status, changed = 409, str(error.sentence)
        else:
            flash(ngettext("%(num)s cell is filled.", "%(num)s cells are filled.", cells))
            return redirect(url_for("raci.show", key=program.key), 303)
    found = suggestion(program.id, today)
    page = render_template(
        "team/raci/suggestion.html",
        program=program,
        found=found,
        fills=found.fills[:NAMED],
        more=max(0, len(found.fills) - NAMED),
        changed=changed,
    )
    return page, status


def _phase_name(program: OpenProgram, phase_id: int) -> str:
    if phase_id == NO_PHASE:
        return _("Outside any phase")
    names = {phase.id: phase.name for phase in phases_in_order(program.id)}
    if phase_id not in names:
        raise NotFound(NOT_HERE)
    return names[phase_id]


def _seen() -> int:
    raw = request.form.get("revision", "")
    return int(raw) if raw.isdecimal() and len(raw) <= 9 else -1
