"""Wiring the pages of the team room into the app: each subject adds its import and its register line here."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from program.ground.pages import RailEntry, add_to_rail
from program.planning import handing_over, item_words, undo
from program.team import audience, gate_roles, insets, portable, role_handover, staffing
from program.team.models import Assignment, ProgramRole
from program.team.views import (
    assignment_imports,
    assignments,
    handover,
    operating_model,
    raci_rows,
    roles,
    skill_needs,
    team_people,
    workload,
)


def init_app(app: Flask) -> None:
    """Wire the room into the app."""
    portable.init_app()
    app.register_blueprint(assignment_imports.blueprint)
    app.register_blueprint(assignments.blueprint)
    app.register_blueprint(handover.blueprint)
    app.register_blueprint(operating_model.blueprint)
    # Reading and filling in the matrix, and shaping its rows, are two modules on one blueprint.
    app.register_blueprint(raci_rows.blueprint)
    app.register_blueprint(roles.blueprint)
    # What people can do and what phases need are two modules on one blueprint.
    app.register_blueprint(skill_needs.blueprint)
    app.register_blueprint(team_people.blueprint)
    app.register_blueprint(workload.blueprint)
    audience.init_app()
    gate_roles.init_app()
    handing_over.register(role_handover.PART)
    insets.init_app()
    item_words.know_own_roles(staffing.own_names)
    undo.register("role", ProgramRole)
    undo.register("assignment", Assignment, whole=True)
    add_to_rail(
        app,
        RailEntry(
            150,
            "roles.index",
            _l("Team"),
            "users-group",
            "t",
            in_program=True,
            section=(
                *("roles", "assignments", "assignment_imports", "team_people", "workload"),
                *("raci", "skills", "operating_model", "handover"),
            ),
        ),
    )
