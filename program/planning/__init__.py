"""Planning: programs, phases, gates, work items, their dates, dependencies and history."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
