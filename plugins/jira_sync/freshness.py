"""How fresh Jira's side is: noted by each look for the pages that say so, none of which speaks to Jira."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from plugins.jira_sync.book import ASIDE, CONFLICT, ITEM
from plugins.jira_sync.carried import CARRIED, OPEN
from plugins.jira_sync.settings import PLUGIN
from program.plugin_api import core
from program.plugin_api.contract import Connection, LinkState, Panel, Program


def note(connection: Connection, memory: Mapping[str, Any]) -> None:
    """Note as of when Jira's side is known, and whether anything is carried at all, where that changed."""
    rests = True if memory.get("polled_at") and not memory.get("started") else None
    fresh = {"as_of": memory.get("polled_at"), "rests": rests}
    if any(connection.memory.get(name) != value for name, value in fresh.items()):
        core.note(connection, fresh)


def note_whole(connection: Connection, memory: Mapping[str, Any]) -> None:
    """Note how many items are to be carried in all, before more of them are: the page shows how far that is."""
    linked = sum(core.count_links(connection).get(ITEM, {}).values())
    whole = linked + core.count_unlinked(connection, sorted(CARRIED), OPEN)
    if memory.get("whole") != whole:
        core.note(connection, {"whole": whole})


def panels(program: Program) -> list[Panel]:
    """A box for each connection of the program: whether it is in step, as of when, and what is on its way."""
    return [_panel(one) for one in core.active_connections(PLUGIN) if one.program and one.program.id == program.id]


def _panel(connection: Connection) -> Panel:
    counts = core.count_links(connection)
    by_state = counts.get(ITEM, {})
    waiting, troubles = by_state.get(LinkState.WAITING, 0), by_state.get(LinkState.FAILED, 0)
    conflicts, aside = sum(counts.get(CONFLICT, {}).values()), sum(counts.get(ASIDE, {}).values())
    facts = [
        (_("In step"), core.number_in_words(by_state.get(LinkState.DONE, 0))),
        (_("On their way"), core.number_in_words(waiting) if waiting else ""),
        (_("Need somebody"), core.number_in_words(troubles) if troubles else ""),
        (_("Conflicts"), core.number_in_words(conflicts) if conflicts else ""),
        (_("Left out"), core.number_in_words(aside) if aside else ""),
    ]
    return Panel(_title(connection), sentence(connection), [(term, value) for term, value in facts if value])


def sentence(connection: Connection) -> str:
    """How fresh Jira's side is, in one sentence."""
    memory, report = connection.memory, core.report_of(connection)
    asked = _moment(memory.get("polled_at"))
    if not memory.get("started"):
        return _("Paused since %(when)s.", when=asked) if asked else _("Nothing is carried yet.")
    if until := _moment(memory.get("not_before")):
        return _("Waits until %(when)s: %(reason)s", when=until, reason=memory.get("waits_because") or "")
    if report.failures:
        if asked:
            return _("Cannot reach Jira since %(when)s: %(reason)s", when=asked, reason=report.reason)
        return _("Cannot reach Jira: %(reason)s", reason=report.reason)
    if not asked:
        return _("The first look is under way.")
    return _("Jira was last asked %(when)s.", when=asked)


def _title(connection: Connection) -> str:
    project = str(connection.values.get("project") or "")
    return _("Jira: %(name)s", name=project or connection.name)


def _moment(text: Any) -> str:
    return core.moment_in_words(datetime.fromisoformat(str(text))) if text else ""
