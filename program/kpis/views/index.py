"""Pages of the Experience Index: what it was in a week and why, week by week, and setting its mix."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.calendar import monday_of
from program.ground.errors import Invalid, NotFound
from program.kpis import index as experience
from program.kpis import periods
from program.kpis.channels import channel_names
from program.kpis.forms.index import MixForm
from program.kpis.index import IndexPoint, set_mix
from program.kpis.models import OVERALL, Better, Every, IndexVersion
from program.kpis.pictures import index_in_words
from program.kpis.standings import KpiRow, kpi_rows, standings
from program.kpis.views.tabs import kpi_tabs
from program.kpis.words import figure
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("kpi_index", __name__)
AT = "/p/<key>/kpis/index"
WEEKS = 13
# The index is shown with so many places, its points too, so that they add up before the reader's eyes.
PLACES = 1


@blueprint.get(AT)
@blueprint.get(f"{AT}/<week>")
def show(key: str, week: str | None = None) -> ResponseReturnValue:
    """One week of the index: the newest, or the one that begins on that Monday."""
    program = open_program(key)
    versions = experience.versions(program.id)
    points = experience.series(program.id, WEEKS)
    point = points[-1] if points else None
    if week is not None:
        point = _of_week(program.id, week, points)
    kpis = kpi_rows(program.id)
    before = next((one for one in reversed(points) if point and one.week < point.week and one.value is not None), None)
    return render_template(
        "kpis/index/show.html",
        program=program,
        tabs=kpi_tabs(program),
        point=point,
        before=before,
        headline=headline(point, before),
        alt=index_in_words(point) if point else "",
        honesty=honesty(point, kpis) if point else [],
        rows=_rows(point, kpis, channel_names(program.id)) if point else [],
        points=points,
        versions=versions[::-1],
        week_word=_week,
        places=PLACES,
        is_manager=g.access >= Access.MANAGER,
    )


@blueprint.route(f"{AT}/mix", methods=["GET", "POST"])
def mix(key: str) -> ResponseReturnValue:
    """Set what the index is mixed of, from a week on."""
    program = open_program(key, Access.MANAGER)
    versions = experience.versions(program.id)
    newest = versions[-1] if versions else None
    form = MixForm()
    if request.method == "POST":
        if form.validate() and form.since.data is not None:
            parts, places = form.chosen()
            try:
                version = set_mix(
                    current_actor(),
                    program.id,
                    form.since.data,
                    parts,
                    carries=form.carries.data or 0,
                    reason=form.reason.data or "",
                    seen=_id(form.seen.data),
                )
            except Invalid as error:
                form.take_errors(error.fields, places, error.sentence)
            else:
                flash(_("The index is set from %(week)s on.", week=_week(version.since)))
                return redirect(url_for(".show", key=program.key), 303)
        return _mix_page(program, form, newest), 422
    _begin(form, program, newest)
    return _mix_page(program, form, newest)


def headline(point: IndexPoint | None, before: IndexPoint | None) -> str:
    """What the index says, in a sentence."""
    if point is None:
        return _("One number tells how customers fare: several KPIs, each on a scale from 0 to 100, mixed by weight.")
    if point.value is None:
        return _("Too little is known of %(week)s for a number.", week=_week(point.week))
    now = formats.exact(point.value, PLACES)
    if before is None or before.value is None:
        return _("%(value)s of 100 in %(week)s.", value=now, week=_week(point.week))
    change = point.value - before.value
    by = formats.exact(abs(change), PLACES)
    words = {"value": now, "week": _week(point.week), "by": by, "before": _week(before.week)}
    if change > 0:
        return _("%(value)s of 100 in %(week)s, up by %(by)s since %(before)s.", **words)
    if change < 0:
        return _("%(value)s of 100 in %(week)s, down by %(by)s since %(before)s.", **words)
    return _("%(value)s of 100 in %(week)s, as in %(before)s.", **words)


def honesty(point: IndexPoint, kpis: dict[int, KpiRow]) -> list[str]:
    """What the number does not rest on: sentences about parts missing, and older figures that stand in."""
    said = []
    if point.missing:
        names = ", ".join(_name(part.kpi_id, part.code, kpis) for part in point.missing)
        said.append(_("Missing this week: %(names)s. The other KPIs share the weight.", names=names))
    for part in point.carried:
        if part.carried_from is None:
            continue
        period = periods.label_of(kpis.get(part.kpi_id), part.carried_from)
        said.append(_("%(name)s is the figure of %(period)s.", name=_name(part.kpi_id, part.code, kpis), period=period))
    return said


def _name(kpi_id: int, code: str, kpis: dict[int, KpiRow]) -> str:
    return kpis[kpi_id].label if kpi_id in kpis else code


def _week(week: date) -> str:
    return periods.label(Every.WEEK, week)


def _of_week(program_id: int, raw: str, points: Sequence[IndexPoint]) -> IndexPoint:
    try:
        week = date.fromisoformat(raw)
    except ValueError:
        raise NotFound(NOT_HERE) from None
    point = next((one for one in points if one.week == week), None) or experience.point_of(program_id, week)
    if point is None:
        raise NotFound(NOT_HERE)
    return point


def _rows(point: IndexPoint, kpis: dict[int, KpiRow], names: dict[str, str]) -> list[dict[str, Any]]:
    rows = []
    for part in point.parts:
        kpi = kpis.get(part.kpi_id)

        def shown(value: Any, kpi: KpiRow | None = kpi) -> str:
            if value is None:
                return "—"
            return figure(value, kpi) if kpi else formats.exact(value, 2)

        rows.append(
            {
                "name": _name(part.kpi_id, part.code, kpis),
                "channel": names.get(part.channel, part.channel) if part.channel else "",
                "weight": formats.exact(part.weight, 1 if part.weight % 1 else 0),
                "floor": shown(part.floor),
                "goal": shown(part.goal),
                "value": shown(part.value),
                "score": part.score,
                "points": part.points,
                "carried": periods.label_of(kpi, part.carried_from) if part.carried_from else "",
            }
        )
    return rows


def _begin(form: MixForm, program: OpenProgram, newest: IndexVersion | None) -> None:
    """Show the newest mix; for KPIs beyond it, baseline and target as the ends of the scale."""
    today = formats.today()
    now = {(part.kpi_id, part.channel): part for part in experience.parts_of(newest.id)} if newest else {}
    for standing in standings(program.id, today, channels=(OVERALL,)):
        if standing.kpi.rules.better == Better.INSIDE:
            continue
        part = now.pop((standing.kpi.id, OVERALL), None)
        goal = standing.goal
        end = None if goal is None else (goal.low if goal.low is not None else goal.high)
        if part is not None:
            form.parts.append_entry(_entry(part.kpi_id, OVERALL, part.weight, part.floor, part.goal))
        elif standing.kpi.is_on_board:
            base = standing.baseline.value if standing.baseline else None
            form.parts.append_entry(_entry(standing.kpi.id, OVERALL, None, base, end))
    for (kpi_id, channel), part in now.items():
        form.parts.append_entry(_entry(kpi_id, channel, part.weight, part.floor, part.goal))
    form.since.data = (
        monday_of(today) if newest else max(program.starts_on, periods.shift(Every.WEEK, monday_of(today), -12))
    )
    form.carries.data = newest.carries if newest else 2
    form.seen.data = str(newest.id) if newest else ""


def _entry(kpi_id: int, channel: str, weight: Any, floor: Any, goal: Any) -> dict[str, Any]:
    return {"kpi_id": str(kpi_id), "channel": channel, "weight": weight, "floor": floor, "goal": goal}


def _mix_page(program: OpenProgram, form: MixForm, newest: IndexVersion | None) -> str:
    kpis, names = kpi_rows(program.id), channel_names(program.id)
    labels = []
    for entry in form.parts:
        kpi = kpis.get(_id(entry.form.kpi_id.data) or 0)
        channel = entry.form.channel.data
        labels.append((kpi.label if kpi else "—", names.get(channel, channel) if channel else ""))
    return render_template(
        "kpis/index/mix.html", program=program, form=form, labels=labels, newest=newest, week_word=_week
    )


def _id(raw: str | None) -> int | None:
    return int(raw) if raw and raw.isdecimal() and len(raw) <= 9 else None
