"""Whether a plugin may act: in the instance, by its administrators; in a program, by its managers. And its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor
from program.ground.errors import Invalid
from program.ground.sealing import CannotUnseal, unseal
from program.people import access
from program.plugin_api.models import PluginReport, PluginState, ProgramPlugin
from program.plugin_host.forms import Kept
from program.plugin_host.host import host, installed, working

CHANGED_MEANWHILE = _l("Somebody changed the settings of this plugin while you had them open.")


def set_enabled(actor: Actor, plugin: str, wanted: bool) -> None:
    """Let the plugin act in this instance, or stop it; what it was set up with stays. Raises Invalid when broken."""
    access.require_admin(actor)
    # One that was taken away can still be switched off.
    known = switched_off_name(plugin) if not wanted else working(plugin).title
    state = _state(plugin)
    if audit.change(state, {"enabled": wanted}):
        db.session.flush()
        verb = "plugin.enabled" if wanted else "plugin.disabled"
        audit.record(actor, verb, object_id=state.id, name=str(known))


def save_settings(actor: Actor, plugin: str, kept: Kept, *, seen: int) -> None:
    """Keep what the plugin's settings form holds. `seen` is 0 where nothing was kept before. Raises Conflict."""
    access.require_admin(actor)
    found = working(plugin)
    state = _state(plugin)
    if seen:
        audit.check_revision(state, seen, CHANGED_MEANWHILE, "plugin")
    changes = changed(Kept(state.settings, state.secrets), kept)
    audit.change(state, {"settings": dict(kept.settings), "secrets": dict(kept.secrets)})
    db.session.flush()
    if changes:
        audit.record(actor, "plugin.changed", object_id=state.id, name=found.title, changes=changes)


def set_in_program(actor: Actor, program_id: int, plugin: str, wanted: bool) -> None:
    """Let the plugin act in this program, or stop it. Raises Invalid when the instance does not have it switched on."""
    access.require(actor, program_id, Access.MANAGER)
    found = working(plugin) if wanted else installed(plugin)
    key = {"program_id": program_id, "plugin": plugin}
    row = db.session.get(ProgramPlugin, key)
    if wanted == (row is not None):
        return
    if wanted:
        if not is_enabled(plugin):
            raise Invalid(_l("An administrator has to switch this plugin on first."))
        db.session.add(ProgramPlugin(**key, enabled_by_id=actor.person_id))
    else:
        db.session.execute(delete(ProgramPlugin).filter_by(**key))
    db.session.flush()
    verb = "plugin.enabled" if wanted else "plugin.disabled"
    audit.record(actor, verb, object_id=_state(plugin).id, name=found.title, program_id=program_id)


def clear_failures(actor: Actor, plugin: str) -> None:
    """Forget what went wrong: somebody has seen to it."""
    access.require_admin(actor)
    report = db.session.get(PluginReport, plugin)
    if report is not None:
        report.failed_hook, report.failed_at, report.reason, report.failures = "", None, "", 0
        db.session.flush()


def is_enabled(plugin: str, program_id: int | None = None) -> bool:
    """Whether the plugin may act in the instance, and, with a program, there too. One statement."""
    asked = select(PluginState.id).where(PluginState.plugin == plugin, PluginState.enabled)
    if program_id is not None:
        asked = asked.join(ProgramPlugin, ProgramPlugin.plugin == PluginState.plugin)
        asked = asked.where(ProgramPlugin.program_id == program_id)
    return db.session.scalar(asked) is not None


def enabled_names(program_id: int | None = None) -> set[str]:
    """Names of the plugins that may act in the instance, or in that program. One statement."""
    asked = select(PluginState.plugin).where(PluginState.enabled)
    if program_id is not None:
        asked = asked.join(ProgramPlugin, ProgramPlugin.plugin == PluginState.plugin)
        asked = asked.where(ProgramPlugin.program_id == program_id)
    return set(db.session.scalars(asked))


def changed(before: Kept, after: Kept) -> audit.Changes:
    """What differs, for the audit trail; of a secret only that it differs."""
    changes: audit.Changes = {}
    for name in sorted({*before.settings, *after.settings}):
        old, new = before.settings.get(name), after.settings.get(name)
        if old != new:
            changes[name] = [old, new]
    for name in sorted({*before.secrets, *after.secrets}):
        if _differ(before.secrets, after.secrets, name):
            changes[name] = ["•••" if name in before.secrets else None, "•••" if name in after.secrets else None]
    return changes


def _differ(before: Mapping[str, str], after: Mapping[str, str], name: str) -> bool:
    # The same secret is sealed anew with every save, so sealed texts cannot be compared.
    if (name in before) != (name in after):
        return True
    try:
        return unseal(before[name]) != unseal(after[name])
    except CannotUnseal:
        return True


def _state(plugin: str) -> PluginState:
    state = db.session.scalars(select(PluginState).where(PluginState.plugin == plugin)).one_or_none()
    if state is None:
        state = PluginState(plugin=plugin, enabled=False, settings={}, secrets={})
        db.session.add(state)
        db.session.flush()
    return state


def switched_off_name(plugin: str) -> Any:
    """What to call a plugin that is to be switched off; one that is not installed any more goes by its name.

    Raises NotFound for one that nobody ever switched on.
    """
    if plugin not in host().plugins and row_of(plugin) is not None:
        return plugin
    return installed(plugin).title


def row_of(plugin: str) -> Any:
    """The plugin's row for pages: enabled, settings, secrets, revision; None where there is none."""
    columns = (PluginState.enabled, PluginState.settings, PluginState.secrets, PluginState.revision)
    return db.session.execute(select(*columns).where(PluginState.plugin == plugin)).first()
