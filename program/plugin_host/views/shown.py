"""What plugins show on a program's overview: a part that the page fetches once it is there, and a page of its own."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from program.ground.pages import wants_fragment
from program.planning.opening import open_program
from program.plugin_host import panels

blueprint = Blueprint("plugin_panels", __name__)


@blueprint.get("/p/<key>/panels")
def show(key: str) -> ResponseReturnValue:
    """What the program's plugins showed when they were last asked."""
    program = open_program(key)
    template = "plugins/panels.html" if wants_fragment() else "plugins/panels_page.html"
    return render_template(template, panels=panels.of_program(program))
