"""People: who they are, how they sign in, and what they may do in which program."""

from flask import Flask

from program.people import session, views


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    session.init_app(app)
    views.init_app(app)
