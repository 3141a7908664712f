"""Wiring the pages of plugins into the app."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground.pages import RailEntry, add_to_rail
from program.plugin_host.views import admin, connections, shown


def init_app(app: Flask) -> None:
    """Register the pages."""
    for view in (admin, connections, shown):
        app.register_blueprint(view.blueprint)
    entry = RailEntry(92, "plugins.index", _l("Plugins"), "plug", "x", for_admin=True, section=("plugins",))
    add_to_rail(app, entry)
