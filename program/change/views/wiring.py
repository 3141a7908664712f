"""Wiring the pages of the change room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from flask import Flask

from program.change import communications  # noqa: F401 - what it can take back is registered with its verbs
from program.change.idea_insets import item_origin, successes
from program.change.views import ab_tests, change_plan, front_line, ideas, proofs
from program.planning import insets


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    app.register_blueprint(ab_tests.blueprint)
    app.register_blueprint(change_plan.blueprint)
    app.register_blueprint(front_line.blueprint)
    app.register_blueprint(ideas.blueprint)
    app.register_blueprint(proofs.blueprint)
    insets.register(insets.Place.ITEM, item_origin)
    insets.register(insets.Place.OVERVIEW, successes)
