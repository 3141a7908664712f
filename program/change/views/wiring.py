"""Wiring the pages of the change room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.change import audience, gate_change, go_live_marks, handing_over, portable
from program.change import insets as change_insets
from program.change.idea_insets import item_origin, own_pages, successes
from program.change.models import GroupMember
from program.change.views import (
    ab_tests,
    adoption,
    calendars,
    change_plan,
    coaching,
    communication,
    front_line,
    group_imports,
    group_people,
    ideas,
    job_aids,
    meetings,
    overview,
    proofs,
    rituals,
    saturation,
    training_seats,
)
from program.ground.pages import RailEntry, add_to_rail
from program.people.belonging import register_door
from program.planning import insets

_SECTION = (
    *("change", "groups", "group_imports", "change_plan", "communication", "training", "job_aids", "coaching"),
    *("ideas", "ab_tests", "proofs", "rituals", "meetings", "saturation", "adoption"),
)


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    portable.init_app()
    app.register_blueprint(calendars.blueprint)
    audience.init_app()
    handing_over.init_app()
    gate_change.init_app()
    go_live_marks.init_app()
    change_insets.init_app()
    app.register_blueprint(rituals.blueprint)
    app.register_blueprint(meetings.blueprint)
    # Being in a group opens a part of a program, so whoever makes a one-time link has to know.
    register_door(GroupMember.__table__.c.program_id, GroupMember.__table__.c.person_id)
    app.register_blueprint(ab_tests.blueprint)
    app.register_blueprint(adoption.blueprint)
    app.register_blueprint(change_plan.blueprint)
    app.register_blueprint(coaching.blueprint)
    app.register_blueprint(communication.blueprint)
    app.register_blueprint(front_line.blueprint)
    # The pages of groups are two modules on one blueprint.
    app.register_blueprint(group_people.blueprint)
    app.register_blueprint(group_imports.blueprint)
    app.register_blueprint(ideas.blueprint)
    app.register_blueprint(overview.blueprint)
    app.register_blueprint(job_aids.blueprint)
    app.register_blueprint(proofs.blueprint)
    app.register_blueprint(saturation.blueprint)
    # The pages of training are two modules on one blueprint.
    app.register_blueprint(training_seats.blueprint)
    insets.register(insets.Place.ITEM, item_origin)
    insets.register(insets.Place.MY_WORK, own_pages)
    insets.register(insets.Place.OVERVIEW, successes)
    add_to_rail(
        app, RailEntry(160, "change.show", _l("Change"), "heart-handshake", "h", in_program=True, section=_SECTION)
    )
