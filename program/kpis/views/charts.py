"""The addresses of charts: each is drawn when it is asked for and not on the shelf yet. No page waits for one.

Whoever may not open the page may not open its charts. A browser may keep a chart but has to ask each time whether it
still holds: access can be lost, and figures change.
"""

from __future__ import annotations

import logging
from datetime import date

from flask import Blueprint, Response, abort, current_app, request
from flask_babel import gettext as _

from program.charts.drawing import MIME, SVG, NotDrawn, Order, drawn
from program.charts.look import NARROW, SIZES, THEMES, WIDE, Chart, Size, in_theme
from program.extensions import db
from program.ground import formats
from program.kpis.channels import channel_names
from program.kpis.correlating import correlate
from program.kpis.index import point_of
from program.kpis.models import OVERALL
from program.kpis.pictures import channels_of, cloud_of, parts_of_index, trend_of
from program.kpis.series import open_kpi
from program.kpis.standings import kpi_rows
from program.kpis.views.correlation import read_choice
from program.kpis.views.kpi import chosen_span
from program.planning.opening import open_program

_log = logging.getLogger("milepost.charts")
blueprint = Blueprint("kpi_charts", __name__)


@blueprint.get("/p/<key>/kpis/<code>/trend.svg")
def trend(key: str, code: str) -> Response:
    """The trend of a KPI; `channel`, `span`, `size` and `theme` stand in the address."""
    program = open_program(key)
    view = open_kpi(program.id, code, request.args.get("channel", OVERALL), formats.today(), chosen_span())
    return _answer(trend_of(program.id, view, _size()))


@blueprint.get("/p/<key>/kpis/<code>/channels.svg")
def channels(key: str, code: str) -> Response:
    """The channels of a KPI side by side."""
    program = open_program(key)
    view = open_kpi(program.id, code, OVERALL, formats.today(), chosen_span(), all_channels=True)
    return _answer(channels_of(view, _size()))


@blueprint.get("/p/<key>/kpis/index/parts.svg")
def index_parts(key: str) -> Response:
    """What each KPI gave to the index of a `week`, which is named by its Monday."""
    program = open_program(key)
    try:
        point = point_of(program.id, date.fromisoformat(request.args.get("week", "")))
    except ValueError:
        point = None
    if point is None:
        abort(404)
    return _answer(parts_of_index(point, kpi_rows(program.id), channel_names(program.id), _size()))


@blueprint.get("/p/<key>/kpis/correlation.svg")
def correlation(key: str) -> Response:
    """Two KPIs against each other."""
    program = open_program(key)
    choice = read_choice(program.id)
    if choice.first is None or choice.second is None:
        abort(404)
    found = correlate(*choice.figures, choice.lag)
    return _answer(cloud_of(choice.first, choice.second, found, choice.lag, _size()))


def _size() -> Size:
    size = SIZES.get(request.args.get("size", ""), WIDE)
    return size if size in (WIDE, NARROW) else WIDE


def _answer(chart: Chart) -> Response:
    theme = request.args.get("theme", THEMES[0])
    order = Order(chart, formats.current_locale())
    response = Response(mimetype=MIME[SVG])
    response.set_etag(f"{order.name}-{theme if theme in THEMES else THEMES[0]}")
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Cookie")
    response.make_conditional(request)
    if response.status_code != 304:
        # All is read: no transaction is held while something is drawn.
        db.session.rollback()
        try:
            svg = drawn(order, current_app.config["MILEPOST"].instance_folder / "charts").decode()
        except NotDrawn as error:
            _log.warning("chart not drawn", extra={"fields": {"title": chart.title, "reason": str(error)}})
            response = Response(_("The chart could not be drawn. The table has all its figures."), 503)
            response.headers["Retry-After"] = "5"
            return response
        response.set_data(in_theme(svg, theme))
    return response
