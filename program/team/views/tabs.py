"""The pages of the team, for the tabs on each of them."""

from __future__ import annotations

from flask_babel import gettext as _

from program.ground.pages import sibling_tabs
from program.planning.opening import OpenProgram


def team_tabs(program: OpenProgram) -> list[tuple[str, str, bool]]:
    """(url, label, current) for each page of the team."""
    return sibling_tabs(
        program.key,
        ("roles.index", _("Roles")),
        ("workload.show", _("Load")),
        ("raci.show", _("Responsibilities")),
        ("skills.show", _("Skills")),
        ("operating_model.show", _("Operating model")),
    )
