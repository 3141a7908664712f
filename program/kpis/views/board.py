"""The KPI board, and the page of a channel: how all KPIs stand there."""

from __future__ import annotations

from flask import Blueprint, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.actor import Access
from program.ground.errors import NotFound
from program.ground.pages import address
from program.kpis.board import counts_of, headline, index_line, rows_of
from program.kpis.channels import active_channels
from program.kpis.judging import URGENCY, State, direction
from program.kpis.models import OVERALL
from program.kpis.standings import Standing, by_urgency, standings
from program.kpis.views.tabs import kpi_tabs
from program.kpis.words import ALL_CHANNELS, STATE_WORDS, difference
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning.opening import open_program

blueprint = Blueprint("kpi_board", __name__)


@blueprint.get("/p/<key>/kpis")
def show(key: str) -> ResponseReturnValue:
    """All KPIs, what needs somebody first; `channel`, `state` and `owner` (an id, or 'me') stand in the address."""
    program = open_program(key)
    today = formats.today()
    channels = active_channels(program.id)
    channel = request.args.get("channel", OVERALL)
    channel = channel if channel in dict(channels) else OVERALL
    found = [one for one in standings(program.id, today, channels=(channel,)) if one.kpi.is_on_board]
    owners = sorted({(one.kpi.owner, one.kpi.owner_id) for one in found if one.kpi.owner_id})
    state, owner = request.args.get("state", ""), request.args.get("owner", "")
    shown = [one for one in found if _fits(one, state, owner)]
    return render_template(
        "kpis/board/show.html",
        program=program,
        tabs=kpi_tabs(program),
        rows=rows_of(by_urgency(shown)),
        total=len(found),
        counts=counts_of(found),
        headline=headline(found),
        index=index_line(program.id),
        channels=[(OVERALL, str(ALL_CHANNELS)), *channels],
        channel=channel,
        state=state if state in set(State) else "",
        states=[(one.value, str(STATE_WORDS[one])) for one in URGENCY],
        owner=owner,
        owners=owners,
        enter_url=_address("kpi_grid.show", program.key),
        define_url=_address("kpi_setup.index", program.key) if g.access >= Access.MANAGER else None,
        index_url=_address("kpi_index.show", program.key),
        # As long as nothing is chosen, an empty board is one without KPIs.
        is_filtered=bool(state or owner or channel),
    )


@blueprint.get("/p/<key>/kpis/channels/<channel>")
def channel(key: str, channel: str) -> ResponseReturnValue:
    """How a channel does: each KPI there, beside all channels together."""
    program = open_program(key)
    channels = active_channels(program.id)
    if channel not in dict(channels):
        raise NotFound(NOT_HERE)
    found = standings(program.id, formats.today(), channels=(OVERALL, channel))
    overall = {one.kpi.id: one for one in found if one.channel == OVERALL}
    here = [one for one in found if one.channel == channel]
    urgent = by_urgency(here)
    return render_template(
        "kpis/board/channel.html",
        program=program,
        channel=channel,
        name=dict(channels)[channel],
        channels=channels,
        rows=[(row, *_beside(one, overall[one.kpi.id])) for row, one in zip(rows_of(urgent), urgent, strict=True)],
        headline=_of_channel(here, overall),
    )


def _address(endpoint: str, key: str) -> str | None:
    """The address of a page of the room, or None where the app has no such page."""
    return address(endpoint, key) if endpoint in current_app.view_functions else None


def _fits(one: Standing, state: str, owner: str) -> bool:
    if state and one.state != state:
        return False
    if owner == "me":
        return one.kpi.owner_id == current_actor().person_id
    return not owner or str(one.kpi.owner_id) == owner


def _beside(here: Standing, overall: Standing) -> tuple[str, int]:
    """By how much a channel differs from all of them, when both were read in the same period; and which way that is."""
    if here.latest is None or overall.latest is None or here.latest.period != overall.latest.period:
        return "", 0
    gap = here.latest.value - overall.latest.value
    return difference(gap, here.kpi), direction(overall.latest.value, here.latest.value, here.kpi.rules)


def _of_channel(here: list[Standing], overall: dict[int, Standing]) -> str:
    ways: dict[int, list[str]] = {1: [], -1: []}
    for one in here:
        _gap, way = _beside(one, overall[one.kpi.id])
        if way:
            ways[way].append(one.kpi.code)
    if not (ways[1] or ways[-1]):
        return headline(here)
    beside = _(
        "Against all channels together it is better in %(better)s of %(all)s KPIs and worse in %(worse)s.",
        better=len(ways[1]),
        worse=len(ways[-1]),
        all=len(here),
    )
    return f"{beside} {headline(here)}".strip()
