"""Wiring the pages of planning into the app: each subject adds its import and its register line here.

It is done here and not in `program/planning/__init__.py`, because there the page modules would hide verbs of the same
name: `from program.planning import baselines` must give the verbs.
"""

from datetime import timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground import ticks
from program.ground.actor import Access
from program.ground.pages import RailEntry, add_to_rail, state_of
from program.people import places
from program.planning import gate_reminders, handing_over, item_handover, mine, naming, portable
from program.planning.views import (
    baselines,
    blocks,
    bulk,
    checklist,
    gate_decisions,
    imports,
    item_parts,
    members,
    my_work,
    outgoing,
    overview,
    phase_edits,
    phases,
    playbooks,
    portfolio,
    programs,
    saved_views,
    search,
    timeline,
    week,
)

_LISTS = ("checklist", "bulk", "saved_views", "imports", "items")
_SETTINGS = (
    *("programs.settings", "programs.close", "programs.save_as_playbook", "members"),
    *("program_messages", "plugin_connections"),
)


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    places.tell(app, naming.places)
    portable.init_app()
    handing_over.register(item_handover.PART)
    app.register_blueprint(members.blueprint)
    # The pages of one item are two modules on one blueprint.
    app.register_blueprint(item_parts.blueprint)
    app.register_blueprint(my_work.blueprint)
    app.register_blueprint(outgoing.blueprint)
    app.register_blueprint(checklist.blueprint)
    app.register_blueprint(bulk.blueprint)
    app.register_blueprint(saved_views.blueprint)
    app.register_blueprint(imports.blueprint)
    app.register_blueprint(search.blueprint)
    # Reading gates and deciding them are two modules on one blueprint.
    app.register_blueprint(gate_decisions.blueprint)
    app.register_blueprint(baselines.blueprint)
    app.register_blueprint(programs.blueprint)
    app.register_blueprint(phases.blueprint)
    app.register_blueprint(phase_edits.blueprint)
    app.register_blueprint(blocks.blueprint)
    app.register_blueprint(playbooks.blueprint)
    add_to_rail(
        app,
        RailEntry(20, "my_work.show", _l("My work"), "user-check", "m", section=("my_work.show",)),
        RailEntry(130, "checklist.show", _l("Checklist"), "list-check", "c", in_program=True, section=_LISTS),
        RailEntry(40, "playbooks.index", _l("Playbooks"), "book-2", "b", section=("playbooks",)),
        RailEntry(190, "programs.activity", _l("Activity"), "history", "a", in_program=True),
        RailEntry(
            200, "programs.settings", _l("Settings"), "settings", "s", True, needed=Access.MANAGER, section=_SETTINGS
        ),
        RailEntry(140, "gates.index", _l("Gates"), "diamond", "d", in_program=True, section=("gates",)),
    )
    _wire_reading_pages(app)
    reminding = _l("Remind of gates that come near")
    ticks.add(app, ticks.Tick("planning.gates", reminding, timedelta(minutes=5), gate_reminders.remind_due))


def _wire_reading_pages(app: Flask) -> None:
    """The week, the overview, the plan and the portfolio, and the switcher at the top of every page."""
    for view in (week, overview, timeline, portfolio):
        app.register_blueprint(view.blueprint)
    state_of(app).programs = mine.for_switcher
    plan = ("timeline", "phases", "phase_edits", "blocks", "baselines")
    add_to_rail(
        app,
        RailEntry(10, "week.show", _l("This week"), "calendar-week", "w", section=("week",)),
        RailEntry(30, "portfolio.show", _l("Programs"), "layout-grid", "p", section=("programs.new",)),
        RailEntry(110, "overview.show", _l("Overview"), "layout-dashboard", "o", in_program=True),
        RailEntry(120, "timeline.show", _l("Plan"), "route", "l", in_program=True, section=plan),
    )
