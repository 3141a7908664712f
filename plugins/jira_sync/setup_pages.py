"""What maps to what: chosen by a manager from what the project in Jira really has, as the clock read it last."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from plugins.jira_sync import fitting, mapping, side
from plugins.jira_sync.front import back, blueprint, is_cloud, managed
from plugins.jira_sync.mapping import MappingForm
from plugins.jira_sync.plan import FIELDS, plan_of, planned
from plugins.jira_sync.side import Side
from program.plugin_api import core
from program.plugin_api.contract import Conflict, Connection


@blueprint.get("/<int:connection_id>/mapping")
def choose_mapping(connection_id: int) -> ResponseReturnValue:
    """What the project has, and what maps to it."""
    connection = managed(connection_id)
    seen = side.kept(connection)
    if seen is None:
        return _page(connection, None, None, [])
    plan = plan_of(connection)
    found = fitting.problems(plan, seen, is_cloud=is_cloud(connection))
    return _page(connection, seen, mapping.build(seen, plan), found)


@blueprint.post("/<int:connection_id>/mapping")
def keep_mapping(connection_id: int) -> ResponseReturnValue:
    """Keep the choices, if they can work. Nothing is written with them before a preview was looked at."""
    connection = managed(connection_id)
    seen = side.kept(connection)
    if seen is None:
        return back(connection_id, _("Have the project read first."), to=".choose_mapping", wrong=True)
    before = plan_of(connection)
    form = mapping.build(seen, before, request.form)
    if not form.validate():
        return _page(connection, seen, form, []), 422
    choices = mapping.chosen(form, seen)
    found = fitting.problems(planned({**connection.values, **choices}), seen, is_cloud=is_cloud(connection))
    stopping = [one for one in found if one.stops and one.field in {*form._fields, "statuses"}]
    if stopping:
        for one in stopping:
            where = one.field if one.field in form else "item_type"
            form[where].errors = [*form[where].errors, one.words]
        return _page(connection, seen, form, [one for one in found if one not in stopping]), 422
    raw = request.form.get("revision", "")
    try:
        core.keep_choices(connection, choices, seen=int(raw) if raw.isdigit() and len(raw) < 10 else 0)
    except Conflict as conflict:
        flash(str(conflict), "error")
        return _page(connection, seen, form, found), 409
    core.note(connection, {"preview": None, "wants_preview": True})
    core.sync_soon(connection)
    return back(connection_id, _("Kept. The preview of it is worked out within a minute."))


@blueprint.post("/<int:connection_id>/read")
def read_again(connection_id: int) -> ResponseReturnValue:
    """Have the clock read the project."""
    connection = managed(connection_id)
    core.note(connection, {"wants_side": True})
    core.sync_soon(connection)
    return back(connection_id, _("The project is read within a minute."), to=".choose_mapping")


def _page(connection: Connection, seen: Side | None, form: MappingForm | None, found: list[fitting.Problem]) -> str:
    rows: list[tuple[Any, str, str]] = []
    if seen is not None and form is not None:
        types = len({kind.name for kind in seen.types if kind.statuses})
        rows = [
            (form[mapping.status_name(one)], mapping.category_word(one), ", ".join(kinds) if len(kinds) < types else "")
            for one, kinds in seen.statuses().items()
        ]
    return render_template(
        "jira_sync/mapping.html",
        connection=connection,
        seen=seen,
        form=form,
        problems=found,
        waits=bool(connection.memory.get("wants_side")),
        statuses=rows,
        demanded=[one for one in form or () if one.short_name.startswith("default_")],
        epic_demanded=[one for one in form or () if one.short_name.startswith("epic_default_")],
        directions=[form[f"direction_{name}"] for name in FIELDS] if form else [],
        urgencies=[form[f"priority_{ours}"] for ours in mapping.URGENCIES] if form else [],
    )
