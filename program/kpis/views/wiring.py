"""Wiring the KPI room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground import ticks
from program.ground.ticks import Tick
from program.kpis import following, import_running, index_keeping
from program.kpis.views import frames, goals, index, reading_door, setup


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    following.listen(index_keeping.figures_changed)
    # The pages that define KPIs are three modules.
    app.register_blueprint(setup.blueprint)
    app.register_blueprint(goals.blueprint)
    app.register_blueprint(frames.blueprint)
    app.register_blueprint(index.blueprint)
    app.register_blueprint(reading_door.blueprint)
    ticks.add(
        app,
        Tick("kpis.imports", _l("Files of readings are imported"), timedelta(seconds=5), import_running.run_imports),
        Tick("kpis.forget", _l("What imports kept is forgotten"), timedelta(hours=6), import_running.forget),
    )
