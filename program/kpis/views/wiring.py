"""Wiring the KPI room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground import ticks
from program.ground.pages import RailEntry, add_to_rail
from program.ground.ticks import Tick
from program.kpis import (
    following,
    gate_kpis,
    handing_over,
    import_running,
    index_keeping,
    insets,
    portable,
    review_rounds,
)
from program.kpis.views import (
    board,
    charts,
    correlation,
    figure,
    frames,
    gate_asks,
    goals,
    grid,
    imports,
    index,
    kpi,
    reading_door,
    remarks,
    review_settings,
    reviews,
    setup,
    sources,
)

# Each is a module with a blueprint of its own; for all pages of the room the rail's entry is the current one.
_SUBJECTS = (
    board,
    kpi,
    figure,
    remarks,
    correlation,
    charts,
    setup,
    goals,
    frames,
    gate_asks,
    index,
    grid,
    imports,
    sources,
    reading_door,
    review_settings,
    reviews,
)


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    portable.init_app()
    following.listen(index_keeping.figures_changed)
    gate_kpis.init_app()
    handing_over.init_app()
    insets.init_app()
    for subject in _SUBJECTS:
        app.register_blueprint(subject.blueprint)
    section = tuple(subject.blueprint.name for subject in _SUBJECTS)
    add_to_rail(app, RailEntry(170, "kpi_board.show", _l("KPIs"), "chart-line", "k", in_program=True, section=section))
    ticks.add(
        app,
        Tick("kpis.imports", _l("Files of readings are imported"), timedelta(seconds=5), import_running.run_imports),
        Tick("kpis.reviews", _l("Open weekly reviews and ask for figures"), timedelta(minutes=1), review_rounds.tick),
        Tick("kpis.forget", _l("What imports kept is forgotten"), timedelta(hours=6), import_running.forget),
    )
