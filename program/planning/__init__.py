"""Planning: programs, phases, gates, work items, their dates, dependencies and history."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground import pages
from program.people import places
from program.planning import naming
from program.planning.views import item_parts, members, my_work


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    places.tell(app, naming.places)
    app.register_blueprint(members.blueprint)
    # The pages of one item are two modules on one blueprint.
    app.register_blueprint(item_parts.blueprint)
    app.register_blueprint(my_work.blueprint)
    pages.add_to_rail(
        app, pages.RailEntry(20, "my_work.show", _l("My work"), "user-check", "m", section=("my_work.show",))
    )
