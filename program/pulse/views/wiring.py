"""Wiring the pulse into the app: its pages, and what the clock does for it."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground import ticks
from program.ground.pages import RailEntry, add_to_rail
from program.ground.ticks import Tick
from program.pulse import gate, keeping_time, portable
from program.pulse.views import pulse, pulse_answers


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    portable.init_app()
    gate.init_app()
    app.register_blueprint(pulse.blueprint)
    app.register_blueprint(pulse_answers.blueprint)
    add_to_rail(
        app,
        RailEntry(175, "pulse.show", _l("Pulse"), "activity-heartbeat", "u", in_program=True, section=("pulse",)),
    )
    ticks.add(
        app,
        Tick("pulse.rounds", _l("Open, remind of and close pulse checks"), timedelta(minutes=1), keeping_time.tick),
        Tick("pulse.forget", _l("Forget answers for good"), timedelta(hours=1), keeping_time.forget),
    )
