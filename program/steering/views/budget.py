"""The budget: its lines, and adding, changing and removing one."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from program.ground.actor import Access
from program.ground.database import read
from program.ground.errors import Invalid
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.models import Phase
from program.planning.opening import OpenProgram, open_program
from program.planning.views.items import seen_revision
from program.steering import budget
from program.steering.forms.progress import BudgetForm
from program.steering.models import BudgetLine

blueprint = Blueprint("budget", __name__)
AT = "/p/<key>/budget"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All lines with their sums."""
    program = open_program(key)
    lines = budget.lines_of(program.id)
    sums = [
        sum((line.approved for line in lines), Decimal(0)),
        sum((line.spent for line in lines), Decimal(0)),
        sum((line.approved if line.forecast is None else line.forecast for line in lines), Decimal(0)),
    ]
    return render_template(
        "steering/budget/index.html",
        program=program,
        lines=lines,
        sums=sums,
        currency=budget.currency_of(program.id),
        is_manager=g.access >= Access.MANAGER,
    )


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def new(key: str) -> ResponseReturnValue:
    """Add a line."""
    program = open_program(key, Access.MANAGER)
    form = _form(program)
    if request.method == "POST" and form.validate():
        try:
            line = budget.add_line(current_actor(), program.id, form.values())
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("“%(name)s” is in the budget.", name=line.label))
            return redirect(url_for(".index", key=program.key), 303)
    return _form_page(program, form, None)


@blueprint.route(f"{AT}/<int:line_id>", methods=["GET", "POST"])
def edit(key: str, line_id: int) -> ResponseReturnValue:
    """Change a line."""
    program = open_program(key, Access.MANAGER)
    line = budget.find_line(current_actor(), program.id, line_id, Access.MANAGER)
    form = _form(program)
    if request.method == "GET":
        for name in ("label", "approved", "spent", "forecast", "note", "revision"):
            form[name].data = getattr(line, name)
        form.phase_id.data = str(line.phase_id or "")
    elif form.validate():
        try:
            budget.change_line(current_actor(), line, form.values(), seen=seen_revision() or -1)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("“%(name)s” is saved.", name=line.label))
            return redirect(url_for(".index", key=program.key), 303)
    return _form_page(program, form, line)


@blueprint.post(f"{AT}/<int:line_id>/remove")
def remove(key: str, line_id: int) -> ResponseReturnValue:
    """Remove a line; asks once."""
    program = open_program(key, Access.MANAGER)
    line = budget.find_line(current_actor(), program.id, line_id, Access.MANAGER)
    if not request.form.get("confirmed"):
        return render_template("steering/budget/remove.html", program=program, line=line)
    budget.remove_line(current_actor(), line, seen=seen_revision() or -1)
    flash(_("The line is gone from the budget."))
    return redirect(url_for(".index", key=program.key), 303)


def _form(program: OpenProgram) -> BudgetForm:
    form = BudgetForm()
    query = select(Phase.id, Phase.name).where(Phase.program_id == program.id).order_by(Phase.position, Phase.id)
    form.offer([(row.id, row.name) for row in read(query)])
    return form


def _form_page(program: OpenProgram, form: BudgetForm, line: BudgetLine | None) -> ResponseReturnValue:
    page = render_template(
        "steering/budget/form.html",
        program=program,
        form=form,
        line=line,
        currency=budget.currency_of(program.id),
    )
    return page, 422 if form.errors else 200
