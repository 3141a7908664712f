"""Importing the budget: choose a file, look at what it would do, confirm. All rows or none."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.people.session import current_actor
from program.planning import imports, spreadsheets_out
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import offer_undo
from program.steering import budget, budget_imports
from program.steering.budget_imports import COLUMNS

blueprint = Blueprint("budget_imports", __name__)
AT = "/p/<key>/budget/import"


@blueprint.get(AT)
def start(key: str) -> ResponseReturnValue:
    """Choose a file, or fetch an empty one to fill in."""
    return _choose(open_program(key, Access.MANAGER))


@blueprint.get(f"{AT}/template.<any(csv, xlsx):kind>")
def template(key: str, kind: str) -> ResponseReturnValue:
    """An empty file with the headings in the reader's language."""
    program = open_program(key, Access.MANAGER)
    headings, budget = [str(column.heading) for column in COLUMNS.values()], _("Budget")
    if kind == "csv":
        separator = spreadsheets_out.SEPARATORS.get(formats.current_locale(), ",")
        file = spreadsheets_out.csv_file(headings, iter(()), separator)
    else:
        widths = [column.width for column in COLUMNS.values()]
        file = spreadsheets_out.xlsx_file(budget, headings, widths, iter(()))
    name = f"{program.key}-{budget.lower()}.{kind}"
    return send_file(file, mimetype=spreadsheets_out.MEDIA_TYPES[kind], as_attachment=True, download_name=name)


@blueprint.post(AT)
def upload(key: str) -> ResponseReturnValue:
    """Read the file and show what it would do."""
    program = open_program(key, Access.MANAGER)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _choose(program, _("Choose a file first.")), 422
    actor = current_actor()
    try:
        kept = imports.keep_upload(actor, program.id, file.filename, file.read())
        plan = budget_imports.plan_import(actor, program.id, imports.sheet_of(kept))
    except Invalid as error:
        return _choose(program, str(error)), 422
    page = render_template(
        "steering/budget/import_preview.html",
        program=program,
        upload=kept,
        plan=plan,
        currency=budget.currency_of(program.id),
    )
    return page, 422 if plan.problems else 200


@blueprint.post(f"{AT}/<int:upload_id>")
def confirm(key: str, upload_id: int) -> ResponseReturnValue:
    """Take everything over, or nothing."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    kept = imports.find_upload(actor, program.id, upload_id)
    seal = request.form.get("seal", "")
    try:
        batch, count = budget_imports.confirm_import(actor, program.id, kept, imports.sheet_of(kept), seal=seal)
    except (Conflict, Invalid) as error:
        flash(str(error), "error")
        return redirect(url_for(".start", key=program.key), 303)
    said = ngettext("%(num)s line of the budget is imported.", "%(num)s lines of the budget are imported.", count)
    offer_undo(program, said, batch)
    return redirect(url_for("budget.index", key=program.key), 303)


def _choose(program: OpenProgram, problem: str = "") -> str:
    most = formats.number(budget.MOST_LINES)
    return render_template("steering/budget/import.html", program=program, problem=problem, most=most)
