"""The pages of people. They share the blueprint `people`; the members of a program are a page of planning."""

from flask import Flask

from program.people.views import account, doors
from program.people.views.blueprint import blueprint

__all__ = ["account", "doors", "init_app"]


def init_app(app: Flask) -> None:
    """Register the room's pages."""
    app.register_blueprint(blueprint)
