"""The search page: one field, items and programs, the open program's hits first."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from program.ground.errors import MilepostError
from program.people.session import current_actor
from program.planning import searching
from program.planning.mine import items_at
from program.planning.opening import OpenProgram, open_program

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
def show() -> ResponseReturnValue:
    """Hits for `q`; KEY-12 leads straight to the item. `in` names the program that was open."""
    actor = current_actor()
    query = "".join(letter for letter in request.args.get("q", "") if letter.isprintable()).strip()
    query = query[: searching.MAX_QUERY].encode("utf-8", "ignore").decode()
    exact = searching.item_address(actor, query)
    if exact is not None:
        return redirect(url_for("items.show", key=exact[0], number=exact[1]))
    program = _program_here()
    found = searching.search(actor, query, program.id if program else None)
    return render_template(
        "planning/search/show.html",
        query=query,
        found=found,
        program=program,
        most=searching.MOST_ITEMS,
        items_at={key: items_at(key) for key in {row.key for row in found.items}},
    )


def _program_here() -> OpenProgram | None:
    """The program the reader came from, if it is one of theirs; a wrong key is no reason to refuse a search."""
    key = request.args.get("in", "")
    if not key or len(key) > 10 or not key.isalnum():
        return None
    try:
        return open_program(key)
    except MilepostError:
        return None
