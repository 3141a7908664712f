"""One figure: entering it with a note and how sure one is, correcting it beside what it said before, taking it back."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.extensions import db
from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid, NotFound
from program.kpis import periods
from program.kpis.channels import channel_names
from program.kpis.definitions import channels_of
from program.kpis.forms.figure import FigureForm
from program.kpis.models import OVERALL, Kpi, OverallBy, Reading, Way
from program.kpis.numbers import of_language, read_figure
from program.kpis.readings import corrections_of, find_reading, put_reading, settled_until, take_back
from program.kpis.series import find_kpi
from program.kpis.words import WAY_WORDS, channel_name, kpi_name, unit_sign
from program.kpis.words import figure as in_words
from program.kpis.writing import require_writer
from program.kpis.written_periods import read_period, write_period
from program.kpis.years import year_begins
from program.people import access
from program.people.access import NOT_HERE
from program.people.forms import take_errors
from program.people.models import Person
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("kpi_figure", __name__)
AT = "/p/<key>/kpis/<code>/figure"
# So many periods are offered; older ones are reached from the figures on the KPI's page.
OFFERED = 13


@blueprint.get(AT)
def show(key: str, code: str) -> ResponseReturnValue:
    """The form of one figure; `channel` and `period` stand in the address."""
    program = open_program(key)
    kpi, channel, period = _place(program, code)
    there = find_reading(kpi.id, channel, period)
    form = FigureForm()
    form.begin(there)
    return _page(program, kpi, channel, period, form, there)


@blueprint.post(AT)
def save(key: str, code: str) -> ResponseReturnValue:
    """Enter or correct the figure, or take it back."""
    program = open_program(key)
    kpi, channel, period = _place(program, code)
    form = FigureForm()
    if form.validate():
        try:
            flash(_write(kpi, channel, period, form))
        except Invalid as error:
            take_errors(form, error.fields or {"value": error.sentence}, error.sentence)
        else:
            return redirect(_back(program, kpi, channel, period), 303)
    return _page(program, kpi, channel, period, form, find_reading(kpi.id, channel, period)), 422


def _write(kpi: Kpi, channel: str, period: date, form: FigureForm) -> str:
    """Do it, and say what was done. Raises Invalid."""
    actor, reason = current_actor(), form.reason.data or ""
    if request.form.get("remove"):
        take_back(actor, kpi, channel, period, reason=reason, seen=form.revision())
        return _("The figure is taken back. What it said is kept.")
    try:
        value = read_figure(form.value.data or "", kpi.unit, of_language(formats.current_locale()))
    except Invalid as error:
        raise Invalid(error.sentence, {"value": error.sentence}) from error
    counted = put_reading(
        *(actor, kpi, channel, period, value),
        way=Way.FORM,
        note=form.note.data or "",
        confidence=form.confidence.data,
        reason=reason,
        seen=form.revision(),
    )
    if counted.unchanged:
        return _("There was nothing new to save.")
    return _("The figure is corrected. What it said is kept.") if counted.changed else _("The figure is saved.")


def _place(program: OpenProgram, code: str) -> tuple[Kpi, str, date]:
    """The KPI, channel and period of the address, the usual ones where it says none. Raises NotFound, Forbidden."""
    kpi = find_kpi(program.id, code)
    require_writer(current_actor(), program.id, [kpi])
    channels = _channels(kpi)
    channel = request.args.get("channel", OVERALL)
    if channel == OVERALL and channel not in channels and channels:
        channel = channels[0]
    if channel not in channels:
        raise NotFound(NOT_HERE)
    today = formats.today()
    try:
        period = read_period(request.args.get("period", ""), kpi.every)
    except Invalid:
        period = periods.last_over(kpi.every, today)
    return kpi, channel, min(period, periods.first_day(kpi.every, today))


def _channels(kpi: Kpi) -> list[str]:
    """Where a figure of the KPI can be entered: what is worked out from the channels cannot."""
    return [*([OVERALL] if kpi.overall_by != OverallBy.WEIGHTED else []), *channels_of(kpi.id)]


def _back(program: OpenProgram, kpi: Kpi, channel: str, period: date) -> str:
    if request.args.get("to") == "table":
        return url_for("kpi_grid.show", key=program.key, every=kpi.every, period=write_period(period, kpi.every))
    return url_for("kpi.show", key=program.key, code=kpi.code, channel=channel or None)


def _page(program: OpenProgram, kpi: Kpi, channel: str, period: date, form: FigureForm, there: Reading | None) -> str:
    names, begins = channel_names(program.id), year_begins(program.id)
    settled = settled_until(program.id)
    is_settled = settled is not None and periods.last_day(kpi.every, period) <= settled
    is_manager = (access.access_of(current_actor(), program.id) or Access.VIEWER) >= Access.MANAGER
    offered = list(periods.up_to(kpi.every, periods.first_day(kpi.every, formats.today()), OFFERED))[::-1]
    if period not in offered:
        offered.append(period)
    by: Any = db.session.get(Person, there.entered_by_id) if there is not None and there.entered_by_id else None
    before = find_reading(kpi.id, channel, periods.previous(kpi.every, period))
    return render_template(
        "kpis/kpi/figure.html",
        program=program,
        kpi=kpi,
        name=kpi_name(kpi),
        unit=unit_sign(kpi),
        form=form,
        there=there,
        by=by.name if by else "",
        source=there.source or WAY_WORDS[there.way] if there else "",
        before=before,
        before_label=periods.label(kpi.every, periods.previous(kpi.every, period), begins),
        channel=channel,
        channel_word=channel_name(channel, names.get(channel, "")),
        channels=[(one, channel_name(one, names.get(one, ""))) for one in _channels(kpi)],
        period=write_period(period, kpi.every),
        label=periods.label(kpi.every, period, begins),
        periods=[(write_period(one, kpi.every), periods.label(kpi.every, one, begins)) for one in offered],
        corrections=corrections_of(kpi.id, channel, period),
        is_settled=is_settled,
        may_write=is_manager or not is_settled,
        to=request.args.get("to", ""),
        back=_back(program, kpi, channel, period),
        figure=in_words,
        way_words=WAY_WORDS,
    )
