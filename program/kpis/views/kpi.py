"""The page of one KPI: its trend, its channels, its figures and what they were before they were corrected."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from program.ground import formats
from program.ground.actor import Access
from program.kpis import periods
from program.kpis.board import age_of
from program.kpis.models import OVERALL, Way
from program.kpis.pictures import axis_of, in_words
from program.kpis.readings import corrections_of, may_write
from program.kpis.series import SPANS, USUAL_SPAN, Figure, KpiView, open_kpi
from program.kpis.standings import Standing
from program.kpis.timeaxis import happenings, word_of
from program.kpis.words import (
    BETTER_WORDS,
    CONFIDENCE_WORDS,
    EVERY_WORDS,
    UNUSUAL_WORDS,
    WAY_WORDS,
    aim_in_words,
    channel_name,
    difference,
    figure,
    formula,
    meaning,
)
from program.kpis.written_periods import write_period
from program.people.session import current_actor
from program.planning.opening import open_program

blueprint = Blueprint("kpi", __name__)
# So many figures stand in the table before one asks for all of them.
SHORT, SHORT_CORRECTIONS = 26, 8
AT = "/p/<key>/kpis/<code>"


@blueprint.get(AT)
def show(key: str, code: str) -> ResponseReturnValue:
    """One KPI; `channel`, `span` (half, year, all) and `rows` (all) stand in the address."""
    program = open_program(key)
    span = chosen_span()
    view = open_kpi(program.id, code, request.args.get("channel", OVERALL), formats.today(), span)
    standing = view.standing()
    first, last = axis_of(view)
    wants_all = request.args.get("rows") == "all"
    rows = view.rows(None if wants_all else SHORT)
    corrections = corrections_of(view.kpi.id, view.channel)
    kpi, channels, shown = view.kpi, dict(view.channels), len(view.shown)
    # Not the view itself: what a template was given lives on until the collector comes by, and that is every figure.
    return render_template(
        "kpis/kpi/show.html",
        program=program,
        kpi=kpi,
        channel=view.channel,
        channels=view.channels,
        base=view.base,
        shown=shown,
        standing=standing,
        headline=headline(view, standing),
        alt=in_words(view, rows[::-1]),
        rows=rows,
        rest=0 if wants_all else shown - len(rows),
        limits=view.limits(),
        others=[(name, view.standing(place)) for place, name in view.channels if place != view.channel],
        happenings=happenings(program.id, view.kpi.id, first, last),
        corrections=corrections if wants_all else corrections[:SHORT_CORRECTIONS],
        corrections_count=len(corrections),
        span=span,
        spans=[("half", _("Half a year")), ("year", _("A year")), ("all", _("All"))],
        meaning=meaning(view.definition),
        formula=formula(view.definition),
        word_of=word_of,
        figure=figure,
        difference=difference,
        aim_in_words=aim_in_words,
        channel_name=channel_name,
        age_of=lambda one: [part for part in age_of(one) if part],
        note_of=lambda one: note_of(one, channels),
        label=lambda period: periods.label_of(kpi, period),
        words={
            "better": BETTER_WORDS,
            "every": EVERY_WORDS,
            "way": WAY_WORDS,
            "confidence": CONFIDENCE_WORDS,
            "unusual": UNUSUAL_WORDS,
        },
        may_enter=may_write(current_actor(), program.id, view.definition),
        written_period=lambda period: write_period(period, kpi.every),
        enter_url=_address("kpi_grid.show", key=program.key),
        define_url=_address("kpi_setup.edit", key=program.key, kpi_id=view.kpi.id)
        if g.access >= Access.MANAGER
        else None,
        may_remark=g.access >= Access.CONTRIBUTOR,
    )


def _address(endpoint: str, **values: Any) -> str | None:
    """The address of a page of the room, or None where the app has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def chosen_span() -> str:
    """How far back the address asks to go."""
    raw = request.args.get("span", USUAL_SPAN)
    return raw if raw in SPANS else USUAL_SPAN


def headline(view: KpiView, standing: Standing) -> str:
    """What the page says in a sentence or three: the value, against what was before and is asked for, and noise."""
    kpi, latest = view.kpi, standing.latest
    if latest is None:
        return _("No figure has been read yet.")
    period = periods.label_of(kpi, latest.period)
    sentences = [_("%(value)s in %(period)s", value=figure(latest.value, kpi), period=period) + _against(standing)]
    if standing.missed:
        sentences.append(
            ngettext("%(num)s period since is missing.", "%(num)s periods since are missing.", standing.missed)
        )
    if standing.unusual:
        sentences.append(_("%(what)s: worth asking why.", what=UNUSUAL_WORDS[standing.unusual]))
    elif (limits := view.limits()) is not None and not limits.hold(latest.value):
        sentences.append(_("It is still outside of what was usual."))
    elif limits is not None and standing.change:
        sentences.append(_("The change is within its usual ups and downs."))
    return " ".join(sentences)


def note_of(figure: Figure, channels: dict[str, str]) -> str:
    """What is said about a figure; of a weighted one, which channels were left out of it."""
    if figure.way != Way.WEIGHTED or not figure.note:
        return figure.note
    names = ", ".join(channels.get(key) or channel_name(key) for key in figure.note.split(","))
    return _("without %(channels)s", channels=names)


def _against(standing: Standing) -> str:
    """The rest of the first sentence: '; asked for is at least 80 %, 3.2 pp away.'"""
    kpi, value, aim = standing.kpi, standing.value, standing.aim
    if aim is None or value is None:
        return "."
    asked = aim_in_words(aim, kpi)
    if aim.is_met(value):
        return _(": what is asked for (%(aim)s) is reached.", aim=asked)
    away = difference(aim.missed_by(value), kpi).lstrip("+")
    return _(": %(away)s away from what is asked for (%(aim)s).", away=away, aim=asked)
