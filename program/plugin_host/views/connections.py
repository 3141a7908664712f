"""A program's plugins, for its managers: switching them on here, and what outside they are connected with."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground.actor import Access
from program.ground.errors import Invalid, NotFound
from program.ground.requests import keep_changes
from program.ground.text import clean_line
from program.people.access import NOT_HERE
from program.people.session import current_actor
from program.planning.opening import OpenProgram, open_program
from program.plugin_host import checking, connections, figures, forms, lists, own_pages, switching
from program.plugin_host.calling import PluginFailed
from program.plugin_host.discovery import Installed
from program.plugin_host.forms import Kept, PluginForm
from program.plugin_host.host import installed
from program.plugin_host.syncing import is_looked_after
from program.plugin_host.views.drawing import drawn

blueprint = Blueprint("plugin_connections", __name__)
_AT = "/p/<key>/settings/plugins"


@blueprint.get(_AT)
def index(key: str) -> ResponseReturnValue:
    """The plugins that this program can use."""
    program = open_program(key, Access.MANAGER)
    lines = [line for line in lists.all_lines() if line.enabled and line.in_programs and not line.broken]
    counts: dict[str, list[connections.ConnectionLine]] = {}
    for line in connections.of_program(current_actor(), program.id):
        counts.setdefault(line.plugin, []).append(line)
    return render_template(
        "plugins/program.html",
        lines=lines,
        here=switching.enabled_names(program.id),
        connections=counts,
        states={line.name: _worst(line, counts.get(line.name, [])) for line in lines},
        is_admin=current_actor().is_admin,
    )


@blueprint.get(f"{_AT}/<name>")
def show(key: str, name: str) -> ResponseReturnValue:
    """One plugin in this program, with its connections."""
    program, one = _open(key, name)
    line, here = lists.line_of(one), connections.of_program(current_actor(), program.id, name)
    return render_template(
        "plugins/in_program.html",
        line=line,
        state=_worst(line, here),
        enabled=switching.is_enabled(name, program.id),
        connects="connection_form" in one.hooks,
        connections=here,
        switch_off_question=_switch_off_question(),
    )


@blueprint.post(f"{_AT}/<name>/enabled")
def set_enabled(key: str, name: str) -> ResponseReturnValue:
    """Let the plugin act in this program, or stop it."""
    program, one = _open(key, name)
    wanted = request.form.get("value") == "1"
    back = url_for("plugin_connections.show", key=program.key, name=name)
    if not wanted and "confirmed" not in request.form:
        title = _("Switch off %(title)s in %(program)s", title=one.title, program=program.name)
        return _ask(title, _switch_off_question(), _("Switch it off"), back, {"value": "0"})
    try:
        switching.set_in_program(current_actor(), program.id, name, wanted)
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash(
            _("%(title)s is switched on in this program.", title=one.title)
            if wanted
            else _("%(title)s is switched off in this program.", title=one.title)
        )
    return redirect(back, 303)


@blueprint.route(f"{_AT}/<name>/new", methods=["GET", "POST"])
def new(key: str, name: str) -> ResponseReturnValue:
    """Connect the program with something outside."""
    program, one = _open(key, name)
    if request.method == "GET":
        return _form_page(program, one, None, Kept())
    title = request.form.get("name", "")
    # Nothing is written yet: the plugin's form, which may take seconds, holds up nobody's writing.
    keep_changes()
    form = _filled(one, Kept())
    if not isinstance(form, PluginForm):
        return _form_page(program, one, None, Kept(), problem=form, title=title), 422
    if form.result is None:
        return _form_page(program, one, None, Kept(), form, title=title), 422
    try:
        connection_id = connections.add(current_actor(), program.id, name, title, form.result)
    except Invalid as error:
        return _form_page(program, one, None, Kept(), form, title=title, errors=_errors(error)), 422
    flash(_("The connection “%(name)s” is saved.", name=clean_line(title)))
    keep_changes()
    _tell(checking.check(one, connection_id))
    return redirect(url_for("plugin_connections.edit", key=program.key, name=name, connection_id=connection_id), 303)


@blueprint.route(f"{_AT}/<name>/<int:connection_id>", methods=["GET", "POST"])
def edit(key: str, name: str, connection_id: int) -> ResponseReturnValue:
    """One connection: how it is doing, and what it is set up with."""
    program, one = _open(key, name)
    line = connections.line(current_actor(), program.id, name, connection_id)
    kept = connections.kept(current_actor(), program.id, name, connection_id)
    if request.method == "GET":
        return _form_page(program, one, line, kept)
    title = request.form.get("name", "")
    keep_changes()
    form = _filled(one, kept)
    if not isinstance(form, PluginForm):
        return _form_page(program, one, line, kept, problem=form, title=title), 422
    if form.result is None:
        return _form_page(program, one, line, kept, form, title=title), 422
    raw = request.form.get("revision", "")
    seen = int(raw) if raw.isdigit() and len(raw) < 10 else 0
    try:
        connections.change(current_actor(), program.id, name, connection_id, title, form.result, seen=seen)
    except Invalid as error:
        return _form_page(program, one, line, kept, form, title=title, errors=_errors(error)), 422
    flash(_("The connection “%(name)s” is saved.", name=clean_line(title)))
    keep_changes()
    _tell(checking.check(one, connection_id))
    return redirect(url_for("plugin_connections.edit", key=program.key, name=name, connection_id=connection_id), 303)


@blueprint.post(f"{_AT}/<name>/<int:connection_id>/check")
def check(key: str, name: str, connection_id: int) -> ResponseReturnValue:
    """Ask the plugin now whether the connection works."""
    program, one = _open(key, name)
    connections.line(current_actor(), program.id, name, connection_id)
    keep_changes()
    _tell(checking.check(one, connection_id))
    return redirect(url_for("plugin_connections.edit", key=program.key, name=name, connection_id=connection_id), 303)


@blueprint.post(f"{_AT}/<name>/<int:connection_id>/sync")
def sync(key: str, name: str, connection_id: int) -> ResponseReturnValue:
    """Have the clock look after the connection at once."""
    program, _one = _open(key, name)
    connections.ask_for_sync(current_actor(), program.id, name, connection_id)
    flash(_("The clock looks after it within seconds. Load this page again to see how it went."))
    return redirect(url_for("plugin_connections.edit", key=program.key, name=name, connection_id=connection_id), 303)


@blueprint.post(f"{_AT}/<name>/<int:connection_id>/enabled")
def pause(key: str, name: str, connection_id: int) -> ResponseReturnValue:
    """Let a connection rest, or go on."""
    program, _one = _open(key, name)
    wanted = request.form.get("value") == "1"
    connections.set_enabled(current_actor(), program.id, name, connection_id, wanted)
    flash(_("The connection goes on.") if wanted else _("The connection rests."))
    return redirect(url_for("plugin_connections.edit", key=program.key, name=name, connection_id=connection_id), 303)


@blueprint.post(f"{_AT}/<name>/<int:connection_id>/remove")
def remove(key: str, name: str, connection_id: int) -> ResponseReturnValue:
    """Take a connection away, after saying what that means."""
    program, _one = _open(key, name)
    line = connections.line(current_actor(), program.id, name, connection_id)
    back = url_for("plugin_connections.show", key=program.key, name=name)
    if "confirmed" not in request.form:
        title = _("Remove the connection “%(name)s”", name=line.name)
        return _ask(title, _removal_question(), _("Remove the connection"), back, {})
    connections.remove(current_actor(), program.id, name, connection_id)
    flash(_("The connection “%(name)s” is removed.", name=line.name))
    return redirect(back, 303)


def _worst(line: lists.PluginLine, here: list[connections.ConnectionLine]) -> str:
    """How the plugin is doing in this program: as badly as its worst connection."""
    states = {line.state, *(one.state for one in here)}
    return next((state for state in ("failing", "bad") if state in states), line.state)


def _open(key: str, name: str) -> tuple[OpenProgram, Installed]:
    program = open_program(key, Access.MANAGER)
    one = installed(name)
    if one.is_broken or not one.hooks & lists.IN_PROGRAMS:
        raise NotFound(NOT_HERE)
    return program, one


def _filled(one: Installed, kept: Kept) -> PluginForm | str:
    """The form as it was sent, or why the plugin could not give it."""
    try:
        declared = forms.form_class(one, "connection_form")
        if declared is None:
            raise NotFound(NOT_HERE)
        return forms.filled(one, declared, kept, request.form)
    except PluginFailed as failed:
        return forms.failed_form(failed)


def _form_page(
    program: OpenProgram,
    one: Installed,
    line: connections.ConnectionLine | None,
    kept: Kept,
    form: PluginForm | None = None,
    *,
    title: str | None = None,
    errors: dict[str, str] | None = None,
    problem: str = "",
) -> str:
    fields: Any = ""
    try:
        if form is None and not problem:
            declared = forms.form_class(one, "connection_form")
            if declared is None:
                raise NotFound(NOT_HERE)
            form = forms.empty_or_kept(one, declared, kept)
        if form is not None:
            fields = drawn(one, form)
    except PluginFailed as failed:
        problem = forms.failed_form(failed)
    return render_template(
        "plugins/connection.html",
        line=line,
        plugin=one,
        fields=fields,
        problem=problem,
        name=title if title is not None else (line.name if line else ""),
        errors=errors or {},
        own_page=own_pages.address_of(one, "connection_page", connection_id=line.id) if line else "",
        has_sync=is_looked_after(one),
        taken=figures.of_connection(line.id) if line and "readings" in one.hooks else None,
        has_check="check" in one.hooks,
        counts=connections.waiting_and_failed(line.id) if line else (0, 0),
        is_on=switching.is_enabled(one.name, program.id),
        removal_question=_removal_question(),
    )


def _errors(error: Invalid) -> dict[str, str]:
    return {name: str(reason) for name, reason in error.fields.items()} or {"name": str(error)}


def _switch_off_question() -> str:
    return _("It stops at once in this program. Its connections are kept for when it is switched on again.")


def _removal_question() -> str:
    return _("Milepost forgets what belongs to what there. Nothing is removed outside, and nothing in the plan.")


def _ask(title: str, text: str, verb: str, back: str, fields: dict[str, str]) -> str:
    return render_template(
        "people/question.html", title=title, text=text, verb=verb, action=request.path, back=back, fields=fields
    )


def _tell(health: Any) -> None:
    if not health.good:
        flash(health.sentence, "error")
    elif health.sentence:
        flash(health.sentence)
