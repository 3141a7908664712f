"""The administrator's pages of plugins: what is installed, how each is doing, switching on and off, settings."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from program.ground.errors import Invalid
from program.ground.requests import keep_changes
from program.people import access
from program.people.session import current_actor
from program.plugin_host import checking, connections, forms, lists, own_pages, switching
from program.plugin_host.calling import PluginFailed
from program.plugin_host.discovery import Installed
from program.plugin_host.forms import Kept, PluginForm
from program.plugin_host.host import installed
from program.plugin_host.views.drawing import HOOK_WORDS, OTHER_WORDS, drawn

blueprint = Blueprint("plugins", __name__)
_AT = "/admin/plugins"


@blueprint.get(_AT)
def index() -> ResponseReturnValue:
    """Every plugin of this instance."""
    access.require_admin(current_actor())
    return render_template("plugins/index.html", lines=lists.all_lines())


@blueprint.get(f"{_AT}/<name>")
def show(name: str) -> ResponseReturnValue:
    """One plugin."""
    return _page(_for_administrator(name))


@blueprint.post(f"{_AT}/<name>/settings")
def save(name: str) -> ResponseReturnValue:
    """Keep the settings, then ask the plugin whether they work."""
    one, actor = _for_administrator(name), current_actor()
    row = switching.row_of(name)
    kept = Kept(row.settings, row.secrets) if row else Kept()
    # Nothing is written yet: the plugin's form, which may take seconds, holds up nobody's writing.
    keep_changes()
    try:
        declared = forms.form_class(one, "settings_form")
        if declared is None:
            return redirect(url_for("plugins.show", name=name), 303)
        form = forms.filled(one, declared, kept, request.form)
    except PluginFailed as failed:
        flash(forms.failed_form(failed), "error")
        return _page(one), 422
    if form.result is None:
        return _page(one, form), 422
    switching.save_settings(actor, name, form.result, seen=_seen())
    flash(_("The settings are saved."))
    # Kept before anybody outside is asked, and no transaction is open while they take their time.
    keep_changes()
    _tell(checking.check(one))
    return redirect(url_for("plugins.show", name=name), 303)


@blueprint.post(f"{_AT}/<name>/check")
def check(name: str) -> ResponseReturnValue:
    """Ask the plugin now whether it works."""
    one = _for_administrator(name)
    keep_changes()
    _tell(checking.check(one))
    return redirect(url_for("plugins.show", name=name), 303)


@blueprint.post(f"{_AT}/<name>/enabled")
def set_enabled(name: str) -> ResponseReturnValue:
    """Let the plugin act in this instance, or stop it."""
    one, wanted = _for_administrator(name), request.form.get("value") == "1"
    if not wanted and "confirmed" not in request.form:
        return render_template(
            "people/question.html",
            title=_("Switch off %(title)s", title=one.title),
            text=switch_off_question(),
            verb=_("Switch it off"),
            action=request.path,
            back=url_for("plugins.show", name=name),
            fields={"value": "0"},
        )
    try:
        switching.set_enabled(current_actor(), name, wanted)
    except Invalid as error:
        flash(str(error), "error")
    else:
        flash(
            _("%(title)s is switched on.", title=one.title)
            if wanted
            else _("%(title)s is switched off.", title=one.title)
        )
    return redirect(url_for("plugins.show", name=name), 303)


@blueprint.post(f"{_AT}/<name>/clear")
def clear(name: str) -> ResponseReturnValue:
    """Forget what went wrong."""
    _for_administrator(name)
    switching.clear_failures(current_actor(), name)
    flash(_("The note is cleared. The next failure will show again."))
    return redirect(url_for("plugins.show", name=name), 303)


def switch_off_question() -> str:
    """What switching a plugin off means."""
    return _(
        "It stops at once, in all programs. Its settings and connections are kept for when it is switched on again."
    )


def _for_administrator(name: str) -> Installed:
    access.require_admin(current_actor())
    return installed(name)


def _page(one: Installed, form: PluginForm | None = None) -> str:
    row = switching.row_of(one.name)
    problem = ""
    if form is None and not one.is_broken:
        try:
            declared = forms.form_class(one, "settings_form")
            if declared is not None:
                form = forms.empty_or_kept(one, declared, Kept(row.settings, row.secrets) if row else Kept())
        except PluginFailed as failed:
            problem = forms.failed_form(failed)
    fields: Any = ""
    if form is not None:
        try:
            fields = drawn(one, form)
        except PluginFailed as failed:
            problem = forms.failed_form(failed)
    return render_template(
        "plugins/show.html",
        line=lists.line_of(one),
        fields=fields,
        problem=problem,
        connections=connections.of_plugin(current_actor(), one.name) if "connection_form" in one.hooks else None,
        hook_words=HOOK_WORDS,
        called_words=HOOK_WORDS | OTHER_WORDS,
        own_page=own_pages.address_of(one, "admin_page") if switching.is_enabled(one.name) else "",
        switch_off_question=switch_off_question(),
    )


def _tell(health: Any) -> None:
    if not health.good:
        flash(health.sentence, "error")
    elif health.sentence:
        flash(health.sentence)


def _seen() -> int:
    raw = request.form.get("revision", "")
    return int(raw) if raw.isdigit() and len(raw) < 10 else 0
