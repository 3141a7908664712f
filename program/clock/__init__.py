"""The clock: does what the rooms' ticks say is due, in any number of processes."""

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.clock import due
from program.clock.views import blueprint
from program.ground import ticks
from program.ground.pages import RailEntry, add_to_rail
from program.ground.ticks import Tick


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    app.register_blueprint(blueprint)
    add_to_rail(app, RailEntry(94, "clock.show", _l("Clock"), "clock", "", for_admin=True))
    ticks.add(app, Tick("clock.sweep", _l("Forget old runs of the clock"), timedelta(hours=12), due.sweep))
