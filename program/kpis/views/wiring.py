"""Wiring the KPI room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from flask import Flask

from program.kpis import following, index_keeping
from program.kpis.views import frames, goals, index, setup


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    following.listen(index_keeping.figures_changed)
    # The pages that define KPIs are three modules.
    app.register_blueprint(setup.blueprint)
    app.register_blueprint(goals.blueprint)
    app.register_blueprint(frames.blueprint)
    app.register_blueprint(index.blueprint)
