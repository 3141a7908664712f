"""Wiring the pages of the team room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from flask import Flask

from program.team.views import operating_model


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    app.register_blueprint(operating_model.blueprint)
