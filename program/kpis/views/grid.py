"""Entering the figures of a whole week (month, quarter) in one table, by hand or pasted from a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.errors import Invalid
from program.kpis import grid as grids
from program.kpis import imports, pasting, periods
from program.kpis.grid import Grid, Place
from program.kpis.models import Every
from program.kpis.numbers import COMMA, POINT, Writing, of_language, write_figure
from program.kpis.views.tabs import kpi_tabs
from program.kpis.words import channel_name, figure, unit_sign
from program.kpis.written_periods import read_period, write_period
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("kpi_grid", __name__)
_AT = "/p/<key>/kpis/enter"


@blueprint.get(_AT)
def show(key: str) -> ResponseReturnValue:
    """The table of the last period that is over, or of the one in the address."""
    program = open_program(key)
    every, period = _which()
    found = grids.grid_of(current_actor(), program.id, every, period)
    return _page(program, found, every, period, _texts_of(found))


@blueprint.post(_AT)
def save(key: str) -> ResponseReturnValue:
    """Save the table, or say at each cell what is wrong."""
    program = open_program(key)
    every, period = _which()
    actor = current_actor()
    imports.require_importer(actor, program.id)
    found = grids.grid_of(actor, program.id, every, period)
    texts = {place: request.form[_name(place)] for place in found.cells if _name(place) in request.form}
    if not found.cells:
        return redirect(_address(program, every, period), 303)
    reason = request.form.get("reason", "")
    try:
        counted = grids.save(
            actor, program.id, found, period, texts, _seen(), of_language(formats.current_locale()), reason
        )
    except Invalid as error:
        shown = {**_texts_of(found), **texts}
        return _page(program, found, every, period, shown, error.fields, reason), 422
    if counted.added or counted.changed:
        flash(_("The figures are saved."))
    else:
        flash(_("There was nothing new to save."))
    return redirect(_address(program, every, period), 303)


@blueprint.post(f"{_AT}/paste")
def paste(key: str) -> ResponseReturnValue:
    """Put pasted cells into the table, to be looked at and saved."""
    program = open_program(key)
    imports.require_importer(current_actor(), program.id)
    every, period = _which()
    found = grids.grid_of(current_actor(), program.id, every, period)
    mark = request.form.get("decimal", "")
    writing = Writing(mark) if mark in (COMMA, POINT) else Writing()
    text = request.form.get("cells", "")
    try:
        pasted = pasting.read_cells(current_actor(), program.id, found, text, period, writing)
    except Invalid as error:
        return _page(program, found, every, period, _texts_of(found), {"cells": str(error)}, pasted_text=text), 422
    decimal = _decimal()
    texts = {**_texts_of(found), **{place: write_figure(value, decimal) for place, value in pasted.values.items()}}
    return _page(program, found, every, period, texts, pasted.problems, pasted=pasted)


def _page(
    program: OpenProgram,
    found: Grid,
    every: str,
    period: date,
    texts: Mapping[Place, str],
    problems: Mapping[Any, Any] | None = None,
    reason: str = "",
    *,
    pasted: Any = None,
    pasted_text: str = "",
) -> str:
    today = formats.today()
    later = periods.next_period(every, period)
    return render_template(
        "kpis/grid/show.html",
        program=program,
        grid=found,
        names=grids.names_of(found),
        texts=texts,
        name_of=_name,
        problems=problems or {},
        reason=reason,
        label=periods.label(every, period, found.fiscal_from),
        ends=periods.last_day(every, period),
        where=_where(every, period),
        earlier=_where(every, periods.previous(every, period)),
        later=_where(every, later) if later <= today else None,
        every=every,
        period_of=lambda day: periods.label(every, day, found.fiscal_from),
        seen=json.dumps({_name(place): cell.revision for place, cell in found.cells.items() if cell.revision}),
        pasted=pasted,
        pasted_text=pasted_text,
        tabs=kpi_tabs(program),
        channel_name=channel_name,
        unit_sign=unit_sign,
        figure=figure,
    )


def _which() -> tuple[Every, date]:
    """The kind of period and the period that the address asks for; the last one that is over by default."""
    wanted = request.args.get("every", Every.WEEK.value)
    every = Every(wanted) if wanted in tuple(Every) else Every.WEEK
    today = formats.today()
    try:
        period = read_period(request.args.get("period", ""), every)
    except Invalid:
        period = periods.last_over(every, today)
    return every, min(period, periods.first_day(every, today))


def _where(every: str, period: date) -> dict[str, str]:
    return {"every": str(every), "period": write_period(period, every)}


def _address(program: OpenProgram, every: str, period: date) -> str:
    return url_for(".show", key=program.key, every=str(every), period=write_period(period, every))


def _name(place: Place) -> str:
    return f"v-{place[0]}-{place[1]}"


def _decimal() -> str:
    return of_language(formats.current_locale()).decimal or POINT


def _texts_of(found: Grid) -> dict[Place, str]:
    decimal = _decimal()
    return {
        place: "" if cell.value is None else write_figure(cell.value, decimal) for place, cell in found.cells.items()
    }


def _seen() -> dict[Place, int]:
    """The revisions that the page showed."""
    try:
        data = json.loads(request.form.get("seen", "{}"))
    except ValueError:
        return {}
    found: dict[Place, int] = {}
    for name, revision in data.items() if isinstance(data, dict) else ():
        _v, kpi_id, channel = [*name.split("-", 2), "", ""][:3]
        if kpi_id.isdigit() and isinstance(revision, int):
            found[int(kpi_id), channel] = revision
    return found
