"""The page of what gates ask of KPIs: 'CSAT: at least 80 %, for 4 weeks'."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.kpis.forms.setup import GateAskForm
from program.kpis.gate_kpis import PARTICULAR, Ask, ask
from program.kpis.models import OVERALL
from program.kpis.standings import kpi_rows
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning import gates
from program.planning.opening import open_program
from program.planning.readiness import readiness

blueprint = Blueprint("kpi_gates", __name__)
AT = "/p/<key>/kpis/setup/gates"


@blueprint.route(AT, methods=["GET", "POST"])
def show(key: str) -> ResponseReturnValue:
    """What each gate asks of KPIs, with the form to ask for more."""
    program = open_program(key, Access.MANAGER)
    found = readiness(program, formats.today())
    form = GateAskForm()
    names = [(gate.gate_id, gate.name) for gate in found]
    form.offer(names, [(row.id, row.label) for row in kpi_rows(program.id).values()])
    if request.method == "POST" and form.validate():
        gate = gates.find_gate(current_actor(), program.id, _id(form.gate_id.data), Access.MANAGER)
        asked = Ask(
            *(_id(form.kpi_id.data), OVERALL, form.kind.data or "", form.value.data, form.upper.data),
            form.periods.data or 0,
        )
        try:
            ask(current_actor(), gate, asked)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("“%(gate)s” asks for it from now on.", gate=gate.name))
            return redirect(url_for(".show", key=program.key), 303)
    rows = [(gate, [one for one in gate.criteria if one.kind == PARTICULAR]) for gate in found]
    page = render_template("kpis/setup/gates.html", program=program, form=form, rows=rows)
    return page, 422 if form.errors else 200


@blueprint.post(f"{AT}/<int:criterion_id>/remove")
def stop(key: str, criterion_id: int) -> ResponseReturnValue:
    """No longer ask for it."""
    program = open_program(key, Access.MANAGER)
    gates.stop_asking_this(current_actor(), program.id, criterion_id)
    flash(_("The gate no longer asks for it."))
    return redirect(url_for(".show", key=program.key), 303)


def _id(raw: str | None) -> int:
    return int(raw) if raw and raw.isdecimal() and len(raw) <= 9 else -1
