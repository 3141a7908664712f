"""Systems that send readings: add one, see when it was last heard of, change its secret, revoke it. For managers."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.ground.actor import Access
from program.ground.errors import Conflict, Invalid
from program.kpis import sources
from program.kpis.models import Kpi
from program.kpis.views.tabs import kpi_tabs
from program.kpis.words import kpi_name
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("kpi_sources", __name__)
_AT = "/p/<key>/kpis/sources"


@blueprint.get(_AT)
def index(key: str) -> ResponseReturnValue:
    """All sources, and a form for another."""
    return _page(open_program(key, Access.MANAGER))


@blueprint.post(_AT)
def add(key: str) -> ResponseReturnValue:
    """Add a source and show its secret, this once."""
    program = open_program(key, Access.MANAGER)
    form = request.form
    try:
        source, secret = sources.add_source(current_actor(), program.id, form.get("name", ""), form.getlist("code"))
    except Invalid as error:
        return _page(program, error), 422
    return _secret(program, source.name, source.public_id, secret)


@blueprint.post(f"{_AT}/<int:source_id>/secret")
def rotate(key: str, source_id: int) -> ResponseReturnValue:
    """Give a source another secret and show it, this once."""
    program = open_program(key, Access.MANAGER)
    source = sources.find_source(current_actor(), program.id, source_id)
    try:
        secret = sources.rotate(current_actor(), source)
    except Conflict as error:
        flash(str(error), "error")
        return redirect(url_for(".index", key=program.key), 303)
    return _secret(program, source.name, source.public_id, secret)


@blueprint.post(f"{_AT}/<int:source_id>/revoke")
def revoke(key: str, source_id: int) -> ResponseReturnValue:
    """Take nothing from a source any more."""
    program = open_program(key, Access.MANAGER)
    try:
        sources.revoke(current_actor(), sources.find_source(current_actor(), program.id, source_id))
        flash(_("The source is revoked. Its figures stay."))
    except Conflict as error:
        flash(str(error), "error")
    return redirect(url_for(".index", key=program.key), 303)


def _page(program: OpenProgram, error: Invalid | None = None) -> str:
    kpis = db.session.scalars(select(Kpi).where(Kpi.program_id == program.id, Kpi.is_active).order_by(Kpi.position))
    return render_template(
        "kpis/sources/index.html",
        program=program,
        tabs=kpi_tabs(program),
        found=sources.sources_of(current_actor(), program.id),
        kpis=[(kpi.code, kpi_name(kpi)) for kpi in kpis],
        problems=error.fields if error else {},
        name=request.form.get("name", ""),
        chosen=request.form.getlist("code"),
    )


def _secret(program: OpenProgram, name: str, public_id: str, secret: str) -> str:
    base = str(current_app.config["MILEPOST"].base_url).rstrip("/")
    return render_template(
        "kpis/sources/secret.html",
        program=program,
        name=name,
        address=base + url_for("reading_door.take", public_id=public_id),
        secret=secret,
    )
