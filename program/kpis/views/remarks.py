"""Remarks on the time axis: adding one, changing it, taking it away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid
from program.kpis.annotations import annotate, change_annotation, find_annotation, remove_annotation
from program.kpis.forms.remarks import RemarkForm
from program.kpis.models import Kpi, KpiAnnotation
from program.kpis.series import find_kpi
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("kpi_remarks", __name__)
AT = "/p/<key>/kpis/<code>/remarks"


@blueprint.route(f"{AT}/new", methods=["GET", "POST"])
def add(key: str, code: str) -> ResponseReturnValue:
    """Say what happened on a day that may have moved figures."""
    program = open_program(key, Access.CONTRIBUTOR)
    return _edit(program, find_kpi(program.id, code), None)


@blueprint.route(f"{AT}/<int:remark_id>", methods=["GET", "POST"])
def edit(key: str, code: str, remark_id: int) -> ResponseReturnValue:
    """Change a remark."""
    program = open_program(key, Access.CONTRIBUTOR)
    kpi = find_kpi(program.id, code)
    return _edit(program, kpi, find_annotation(current_actor(), program.id, remark_id))


@blueprint.post(f"{AT}/<int:remark_id>/remove")
def remove(key: str, code: str, remark_id: int) -> ResponseReturnValue:
    """Take a remark away."""
    program = open_program(key, Access.CONTRIBUTOR)
    kpi = find_kpi(program.id, code)
    remove_annotation(current_actor(), program.id, remark_id)
    flash(_("The remark is taken away."))
    return redirect(_back(program, kpi), 303)


def _edit(program: OpenProgram, kpi: Kpi, row: KpiAnnotation | None) -> ResponseReturnValue:
    form = RemarkForm()
    if request.method == "GET":
        form.begin(row, formats.today())
        return _page(program, kpi, row, form)
    if form.validate():
        try:
            _keep(program, form, kpi, row)
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            flash(_("The remark stands on the time axis."))
            return redirect(_back(program, kpi), 303)
    return _page(program, kpi, row, form), 422


def _keep(program: OpenProgram, form: RemarkForm, kpi: Kpi, row: KpiAnnotation | None) -> None:
    target, on_day, text = form.values(kpi)
    if row is None:
        annotate(current_actor(), program.id, target, on_day, text)
        return
    raw = form.revision.data or ""
    seen = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0
    change_annotation(current_actor(), row, target, on_day, text, seen=seen)


def _page(program: OpenProgram, kpi: Kpi, row: KpiAnnotation | None, form: Any) -> str:
    return render_template("kpis/kpi/remark.html", program=program, kpi=kpi, row=row, form=form)


def _back(program: OpenProgram, kpi: Kpi) -> str:
    return url_for("kpi.show", key=program.key, code=kpi.code, _anchor="happenings")
