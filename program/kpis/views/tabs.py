"""The pages of the KPI room, for the tabs on each of them."""

from __future__ import annotations

from flask_babel import gettext as _

from program.ground.pages import sibling_tabs
from program.planning.opening import OpenProgram


def kpi_tabs(program: OpenProgram) -> list[tuple[str, str, bool]]:
    """(url, label, current) for each page of the KPI room that the app has."""
    return sibling_tabs(
        program.key,
        ("kpi_board.show", _("Board")),
        ("kpi_grid.show", _("Enter figures")),
        ("kpi_reviews.index", _("Weekly review")),
        ("kpi_index.show", _("Experience Index")),
        ("kpi_correlation.show", _("Correlation")),
        ("kpi_imports.index", _("Imports")),
        ("kpi_setup.index", _("Definitions")),
    )
