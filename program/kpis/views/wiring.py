"""Wiring the KPI room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from flask import Flask

from program.kpis import following, index_keeping


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    following.listen(index_keeping.figures_changed)
