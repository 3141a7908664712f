"""Messages to people and their fate: what there is to say, to whom, which way it went, and what became of it."""

from datetime import timedelta
from functools import partial

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground import ticks
from program.ground.pages import RailEntry, add_to_rail
from program.ground.ticks import Tick
from program.outbox import handing_over, inbox, keeping
from program.outbox.views import desk as desk_views
from program.outbox.views import inbox as inbox_views
from program.people import session

session.count_unread_by(inbox.unread)


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    app.register_blueprint(inbox_views.blueprint)
    app.register_blueprint(desk_views.blueprint)
    add_to_rail(app, RailEntry(92, "outgoing.show", _l("Outgoing messages"), "send", "", for_admin=True))
    pauses = handing_over.Pauses()
    ticks.add(
        app,
        Tick(
            "outbox.hand_over",
            _l("Hand over messages"),
            timedelta(seconds=0.5),
            partial(handing_over.drain, pauses),
            everywhere=True,
            hands=3,
        ),
        Tick("outbox.resolve", _l("Find out about lost answers"), timedelta(seconds=10), handing_over.resolve),
        Tick("outbox.sweep", _l("Forget old messages"), timedelta(hours=6), keeping.sweep),
    )
