"""The pages of the steering room, for the tabs on each of them."""

from __future__ import annotations

from flask_babel import gettext as _

from program.ground.pages import sibling_tabs
from program.planning.opening import OpenProgram


def matter_tabs(program: OpenProgram) -> list[tuple[str, str, bool]]:
    """(url, label, current) for each page of 'Risks & decisions'."""
    return sibling_tabs(
        program.key,
        ("risks.index", _("Risks")),
        ("decisions.index", _("Decisions")),
        ("committee.index", _("Committee")),
        ("committee_meetings.index", _("Meetings")),
        ("status_reports.index", _("Status reports")),
    )
