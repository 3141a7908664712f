"""Planning: programs, phases, gates, work items, their dates, dependencies and history."""

from flask import Flask

from program.people import places
from program.planning import naming
from program.planning.views import item_parts, members


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    places.tell(app, naming.places)
    app.register_blueprint(members.blueprint)
    # The pages of one item are two modules on one blueprint.
    app.register_blueprint(item_parts.blueprint)
