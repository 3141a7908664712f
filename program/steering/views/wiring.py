"""Wiring the steering room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground.pages import RailEntry, add_to_rail
from program.steering import gate_risks, handing_over, insets
from program.steering.views import committee, decisions, risks

_MATTERS = ("risks", "decisions", "committee")


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    gate_risks.init_app()
    handing_over.init_app()
    insets.init_app()
    app.register_blueprint(committee.blueprint)
    app.register_blueprint(decisions.blueprint)
    app.register_blueprint(risks.blueprint)
    add_to_rail(
        app,
        RailEntry(180, "risks.index", _l("Risks & decisions"), "gavel", "i", in_program=True, section=_MATTERS),
    )
