"""The pages of people. They share the blueprint `people`; the members of a program are a page of planning."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground.pages import RailEntry, add_to_rail
from program.people.views import account, directory, doors
from program.people.views.blueprint import blueprint

__all__ = ["account", "directory", "doors", "init_app"]


def init_app(app: Flask) -> None:
    """Register the room's pages."""
    app.register_blueprint(blueprint)
    add_to_rail(
        app,
        RailEntry(
            90,
            "people.directory",
            _l("People"),
            "users",
            "u",
            for_admin=True,
            section=("people.directory", "people.invite", "people.person", "people.change_person"),
        ),
    )
