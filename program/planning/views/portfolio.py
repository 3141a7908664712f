"""All programs that are open to the reader: the list, sorted and filtered by its address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground import formats
from program.ground.pages import Pagination, address_if_there, page_number
from program.people.session import current_actor
from program.planning.health import RULES
from program.planning.portfolio import SIZE, SORTS, portfolio

blueprint = Blueprint("portfolio", __name__)


@blueprint.get("/programs")
def show() -> ResponseReturnValue:
    """The programs; `q` filters by name, `sort` orders, `closed=1` shows those that ended."""
    today = formats.today()
    name = request.args.get("q", "")[:120].replace("\0", "")
    sort = request.args.get("sort", "attention")
    sort = sort if sort in SORTS else "attention"
    closed = request.args.get("closed") == "1"
    page = page_number()
    found = portfolio(current_actor(), today, g.timezone, name=name, sort=sort, closed=closed, page=page)
    return render_template(
        "planning/portfolio/show.html",
        found=found,
        name=name,
        sort=sort,
        sorts=sort_words(),
        closed=closed,
        pagination=Pagination(page, SIZE, found.total),
        tabs=[
            (url_for("portfolio.show"), _("Running (%(count)s)", count=found.running), not closed),
            (url_for("portfolio.show", closed=1), _("Closed (%(count)s)", count=found.closed), closed),
        ],
        rules=RULES,
        # A room above may show them side by side for a sponsor.
        sponsor=address_if_there("sponsor.show"),
        today=today,
    )


def sort_words() -> dict[str, Any]:
    """The orders of the list, by the name they have in the address."""
    return {
        "attention": _("What needs attention first"),
        "name": _("By name"),
        "gate": _("By the next gate"),
        "activity": _("By the last activity"),
        "start": _("The newest first"),
    }
