"""The pages of change management, for the tabs on each of them."""

from __future__ import annotations

from flask_babel import gettext as _

from program.ground.pages import sibling_tabs
from program.planning.opening import OpenProgram


def change_tabs(program: OpenProgram) -> list[tuple[str, str, bool]]:
    """(url, label, current) for each page of change management."""
    return sibling_tabs(
        program.key,
        ("change.show", _("Overview")),
        ("groups.index", _("Groups")),
        ("change_plan.show", _("Change plan")),
        ("communication.index", _("Communication")),
        ("training.index", _("Training")),
        ("coaching.index", _("Coaching")),
        ("ideas.index", _("Ideas")),
        ("proofs.index", _("Successes")),
        ("rituals.index", _("Rituals")),
        ("saturation.show", _("Saturation")),
        ("adoption.show", _("Adoption")),
    )
