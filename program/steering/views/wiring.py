"""Wiring the steering room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
