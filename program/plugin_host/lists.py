"""The plugins as pages and commands list them: what was found, what people switched on, how it is doing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from program.ground.database import read
from program.ground.records import record
from program.plugin_api.models import Health, PluginReport, PluginState
from program.plugin_host import reports
from program.plugin_host.calling import CALLS, Calls
from program.plugin_host.discovery import Installed
from program.plugin_host.host import host

IN_PROGRAMS = frozenset({"connection_form", "panels", "sync", "readings"})


@record
class PluginLine:
    """One plugin with how it is doing. `hanging` counts calls of this process that were left behind."""

    name: str
    title: str
    summary: str
    version: str
    package: str
    broken: str
    enabled: bool
    hooks: frozenset[str]
    revision: int
    failed_hook: str
    failed_at: datetime | None
    reason: str
    failures: int
    health: str
    health_text: str
    checked_at: datetime | None
    hanging: int
    # What failed when this process was put together: found anew by each, and gone when the plugin is mended.
    at_load: tuple[reports.Failure, ...]
    # False for one that left rows behind and is no longer installed.
    is_installed: bool = True

    @property
    def state(self) -> str:
        """'gone', 'broken', 'off', 'failing', 'bad', 'good' or 'unknown': the worst that is known of it."""
        if not self.is_installed:
            return "gone"
        if self.broken:
            return "broken"
        if not self.enabled:
            return "off"
        later = self.failed_at is not None and (self.checked_at is None or self.failed_at > self.checked_at)
        if self.hanging or self.at_load or (self.failures and later):
            return "failing"
        return self.health

    @property
    def in_programs(self) -> bool:
        """True when managers switch it on for their programs, too."""
        return bool(self.hooks & IN_PROGRAMS)


_REPORT: tuple[Any, ...] = (
    *(PluginReport.failed_hook, PluginReport.failed_at, PluginReport.reason, PluginReport.failures),
    *(PluginReport.health, PluginReport.health_text, PluginReport.checked_at),
)


def all_lines() -> list[PluginLine]:
    """Every plugin, by name: those found, and those that left rows behind. Two statements."""
    states = {row.plugin: row for row in read(select(PluginState.plugin, PluginState.enabled, PluginState.revision))}
    found = {row[0]: row[1:] for row in read(select(PluginReport.plugin, *_REPORT))}
    plugins = host().plugins
    lines = [_line(one, states.get(name), found.get(name)) for name, one in plugins.items()]
    for name in sorted(set(states) - set(plugins)):
        gone = Installed(name, name, _("No longer installed. Its settings are kept."), "", "")
        lines.append(_line(gone, states[name], found.get(name), is_installed=False))
    return sorted(lines, key=lambda line: line.name)


def line_of(installed: Installed) -> PluginLine:
    """One plugin. Two statements."""
    state = read(
        select(PluginState.plugin, PluginState.enabled, PluginState.revision).where(
            PluginState.plugin == installed.name
        )
    ).first()
    return _line(installed, state, read(select(*_REPORT).where(PluginReport.plugin == installed.name)).first())


def _line(one: Installed, state: Any, report: Any, *, is_installed: bool = True) -> PluginLine:
    calls: Calls = current_app.extensions[CALLS]
    failed_hook, failed_at, reason, failures, health, health_text, checked_at = report or (
        *("", None, "", 0),
        *(Health.UNKNOWN.value, "", None),
    )
    return PluginLine(
        name=one.name,
        # In the reader's language; how it was found is kept in the language of the process.
        title=str(one.plugin.title) if one.plugin else one.title,
        summary=str(one.plugin.summary) if one.plugin else one.summary,
        version=one.version,
        package=one.package,
        broken=one.reason,
        enabled=bool(state and state.enabled),
        hooks=one.hooks,
        revision=state.revision if state else 0,
        failed_hook=failed_hook,
        failed_at=failed_at,
        reason=reason,
        failures=failures,
        health=health,
        health_text=health_text,
        checked_at=checked_at,
        hanging=calls.hanging(one.name),
        at_load=tuple(reports.at_load(one.name)),
        is_installed=is_installed,
    )
