"""Remarks on the time axis: all of them, adding one, changing it, taking it away.

Whoever comes from a KPI's page (`kpi` in the address) goes back there; others to the list.
"""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.kpis.annotations import (
    annotate,
    annotations_here,
    change_annotation,
    find_annotation,
    remove_annotation,
)
from program.kpis.definitions import find_kpi
from program.kpis.forms.remarks import RemarkForm
from program.kpis.models import KpiAnnotation
from program.kpis.standings import kpi_rows
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("kpi_remarks", __name__)
AT = "/p/<key>/kpis/remarks"


@blueprint.get(AT)
def index(key: str) -> ResponseReturnValue:
    """All remarks, the newest first."""
    program = open_program(key)
    kpis = kpi_rows(program.id)
    rows = [(row, kpis[row.kpi_id].label if row.kpi_id in kpis else "") for row in annotations_here(program.id)]
    works = g.access >= Access.CONTRIBUTOR
    return render_template("kpis/remarks/index.html", program=program, rows=rows, works=works)


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def add(key: str) -> ResponseReturnValue:
    """Say what happened on a day that may have moved figures."""
    return _edit(open_program(key, Access.CONTRIBUTOR), None)


@blueprint.route(f"{AT}/<int:remark_id>", methods=["GET", "POST"])
def edit(key: str, remark_id: int) -> ResponseReturnValue:
    """Change a remark."""
    program = open_program(key, Access.CONTRIBUTOR)
    return _edit(program, find_annotation(current_actor(), program.id, remark_id))


@blueprint.post(f"{AT}/<int:remark_id>/remove")
def remove(key: str, remark_id: int) -> ResponseReturnValue:
    """Take a remark away."""
    program = open_program(key, Access.CONTRIBUTOR)
    remove_annotation(current_actor(), program.id, remark_id)
    flash(_("The remark is gone. The history keeps it."))
    return redirect(_back(program), 303)


def _edit(program: OpenProgram, row: KpiAnnotation | None) -> ResponseReturnValue:
    kpis = kpi_rows(program.id)
    form = RemarkForm()
    form.offer(kpis)
    if request.method == "GET":
        form.begin(row, next((kpi.id for kpi in kpis.values() if kpi.code == _from()), None), formats.today())
    elif form.validate():
        try:
            _keep(program, form, row)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The remark stands on the time axis."))
            return redirect(_back(program), 303)
    page = render_template(
        "kpis/remarks/form.html", program=program, row=row, form=form, back=_back(program), came_from=_from()
    )
    return page, 422 if form.errors else 200


def _keep(program: OpenProgram, form: RemarkForm, row: KpiAnnotation | None) -> None:
    actor, chosen = current_actor(), form.chosen()
    kpi = find_kpi(actor, program.id, chosen) if chosen is not None else None
    if row is None:
        annotate(actor, program.id, kpi, form.on_day.data, form.text.data or "")
    else:
        change_annotation(actor, row, kpi, form.on_day.data, form.text.data or "", seen=form.seen())


def _from() -> str:
    """The code of the KPI whose page the reader came from; '' for none."""
    return request.args.get("kpi", "").upper()[:20]


def _back(program: OpenProgram) -> str:
    code = _from()
    if code and any(kpi.code == code for kpi in kpi_rows(program.id).values()):
        return url_for("kpi.show", key=program.key, code=code, _anchor="happenings")
    return url_for(".index", key=program.key)
