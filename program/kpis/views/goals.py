"""The page of what a KPI is held against: baseline, target and stepping stones, overall or in one channel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import Invalid, NotFound
from program.kpis.channels import channel_names
from program.kpis.definitions import channels_of, find_kpi
from program.kpis.forms.setup import SPARE_STONES, BaselineForm, TargetsForm
from program.kpis.goals import (
    baselines_of,
    first_reading,
    measured,
    remove_baseline,
    set_baseline,
    set_targets,
    targets_of,
)
from program.kpis.judging import Stone, aim_of
from program.kpis.models import OVERALL, Kpi
from program.kpis.words import advice, aim_in_words, figure, kpi_name
from program.people.access import NOT_HERE
from program.people.forms import take_errors
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("kpi_goals", __name__)
AT = "/p/<key>/kpis/setup/<int:kpi_id>/goals"
# A baseline is suggested from so many weeks after the first reading.
_SUGGESTED = timedelta(weeks=4)


@blueprint.get(AT)
def show(key: str, kpi_id: int) -> ResponseReturnValue:
    """Baseline and targets, with their forms."""
    program = open_program(key, Access.MANAGER)
    kpi = find_kpi(current_actor(), program.id, kpi_id, Access.MANAGER)
    channel = _channel(kpi)
    base = baselines_of(kpi.id).get(channel)
    baseline = BaselineForm(prefix="base-", obj=base)
    if base is None:
        _suggest(baseline, kpi, channel)
    return _page(program, kpi, channel, baseline, _targets_form(kpi, channel))


@blueprint.post(f"{AT}/baseline")
def save_baseline(key: str, kpi_id: int) -> ResponseReturnValue:
    """Say where it stood; an empty value takes the baseline back."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    kpi = find_kpi(actor, program.id, kpi_id, Access.MANAGER)
    channel = _channel(kpi)
    form = BaselineForm(prefix="base-")
    seen = -1 if form.revision.data is None else form.revision.data
    if form.validate():
        try:
            if request.form.get("remove"):
                remove_baseline(actor, kpi, channel, seen=seen)
                flash(_("The baseline is taken back."))
            else:
                values = {name: form[name].data for name in ("value", "since", "until", "source")}
                set_baseline(actor, kpi, channel, values, seen=seen)
                flash(_("The baseline is saved."))
        except Invalid as error:
            take_errors(form, error.fields, error.sentence)
        else:
            return redirect(url_for(".show", key=program.key, kpi_id=kpi.id, channel=channel or None), 303)
    return _page(program, kpi, channel, form, _targets_form(kpi, channel)), 422


@blueprint.post(f"{AT}/targets")
def save_targets(key: str, kpi_id: int) -> ResponseReturnValue:
    """Set the target and its stepping stones."""
    program = open_program(key, Access.MANAGER)
    actor = current_actor()
    kpi = find_kpi(actor, program.id, kpi_id, Access.MANAGER)
    channel = _channel(kpi)
    form = TargetsForm()
    if form.validate():
        rows, places = form.rows()
        try:
            seen = -1 if form.revision.data is None else form.revision.data
            set_targets(actor, kpi, channel, rows, seen=seen)
        except Invalid as error:
            form.take_errors(error.fields or {"": error.sentence}, places)
        else:
            flash(_("The targets are saved."))
            return redirect(url_for(".show", key=program.key, kpi_id=kpi.id, channel=channel or None), 303)
    baseline = BaselineForm(None, prefix="base-", obj=baselines_of(kpi.id).get(channel))
    return _page(program, kpi, channel, baseline, form), 422


def _channel(kpi: Kpi) -> str:
    channel = request.args.get("channel", OVERALL)
    if channel != OVERALL and channel not in channels_of(kpi.id):
        raise NotFound(NOT_HERE)
    return channel


def _suggest(form: BaselineForm, kpi: Kpi, channel: str) -> None:
    first = first_reading(kpi.id, channel)
    if first is not None:
        until = min(first + _SUGGESTED, formats.today())
        found = measured(kpi.id, channel, first, until)
        form.since.data, form.until.data = first, until
        form.value.data = found[0] if found else None


def _targets_form(kpi: Kpi, channel: str) -> TargetsForm:
    rows = targets_of(kpi.id).get(channel, [])
    data: list[dict[str, Any]] = [
        {"kind": row.kind, "value": row.value, "upper": row.upper, "due_on": row.due_on} for row in rows
    ]
    usual = rows[-1].kind if rows else "at_most" if kpi.better == "down" else "at_least"
    data += [{"kind": usual} for _spare in range(SPARE_STONES)]
    # Nothing of a posted form about something else is taken for this one.
    return TargetsForm(None, data={"stones": data})


def _page(program: OpenProgram, kpi: Kpi, channel: str, baseline: BaselineForm, targets: TargetsForm) -> str:
    names = channel_names(program.id)
    stones = targets_of(kpi.id)
    base = baselines_of(kpi.id).get(channel)
    own = stones.get(channel, [])
    asked = [
        (row, aim_of(Stone(row.kind, row.value, row.upper, row.due_on), base.value if base else None)) for row in own
    ]
    for form in (baseline, targets):
        # A refused form keeps the revision it began from.
        if form.revision.data is None:
            form.revision.process_data(kpi.revision)
    return render_template(
        "kpis/setup/goals.html",
        program=program,
        kpi=kpi,
        name=kpi_name(kpi),
        channel=channel,
        channels=[
            (
                url_for(".show", key=program.key, kpi_id=kpi.id, channel=here or None),
                names.get(here, here),
                here == channel,
            )
            for here in (OVERALL, *channels_of(kpi.id))
        ],
        channel_word=names.get(channel, channel),
        base=base,
        base_figure=figure(base.value, kpi) if base else "",
        baseline=baseline,
        targets=targets,
        asked=[(row.due_on, aim_in_words(aim, kpi)) for row, aim in asked],
        has_overall=bool(stones.get(OVERALL)),
        advice=advice(kpi),
    )
