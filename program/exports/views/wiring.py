"""Wiring exports into the app."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.exports import keeping, running
from program.exports.models import ExportFile, SlideTemplate
from program.exports.views import files, shared, template
from program.ground import ticks
from program.ground.ticks import Tick
from program.planning.portable_rooms import leave


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    leave(
        {
            ExportFile: "a picture of another day, gone in a week",
            SlideTemplate: "a file of this instance's company; it is chosen anew",
        }
    )
    app.register_blueprint(files.blueprint)
    app.register_blueprint(shared.blueprint)
    app.register_blueprint(template.blueprint)
    ticks.add(
        app,
        Tick("exports.make", _l("Long files of the progress page are made"), timedelta(seconds=5), running.make_due),
        Tick("exports.forget", _l("Files of the progress page are forgotten"), timedelta(hours=6), keeping.forget),
    )
