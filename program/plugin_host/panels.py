"""What plugins show about a program: asked by the clock, kept, and drawn from what was kept. No page asks a plugin.

Each plugin is asked in a thread of its own, program by program, so that a slow one delays no other; what it does wrong
is written beside what it said before, and the page shows both with their age.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import asdict
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Text, and_, bindparam, case, cast, delete, exists, func, or_, select

from program.extensions import db
from program.ground import database, formats, ticks
from program.ground.database import read
from program.ground.model import UtcDateTime
from program.ground.now import utc_now
from program.ground.text import clean_line
from program.outbox.fates import Fate
from program.people.session import LOCALES
from program.planning.insets import Asked, Inset, Place, register
from program.planning.models import Program
from program.planning.opening import OpenProgram
from program.plugin_api import contract
from program.plugin_api.models import PluginPanel, PluginState, ProgramPlugin
from program.plugin_api.setups import PROGRAM_COLUMNS, program_data
from program.plugin_host.calling import Nonsense, PluginFailed, call
from program.plugin_host.discovery import Installed
from program.plugin_host.host import host
from program.steering.kept_progress import look_at
from program.steering.progress_panels import PANEL, panels_from
from program.steering.progress_parts import PanelPart
from program.steering.progress_rows import PROGRAM, add_part, part

MOST_PANELS, MOST_FACTS, MAX_TITLE, MAX_TEXT, MAX_FACT = 3, 8, 80, 500, 120
EVERY = timedelta(minutes=5)
# How long one round may ask one plugin, in seconds; the programs that are left come first in the next.
ROUND = 30.0
AT_ONCE = 8
# What a plugin said that was switched off is shown so long, then forgotten.
FORGOTTEN = timedelta(days=7)


def hang_up() -> None:
    """Keep a place on the overview, and a part of the progress page, for what plugins show."""
    register(Place.OVERVIEW, _place)
    add_part(PANEL, _part)
    look_at(PANEL, _stamp)


def _place(asked: Asked) -> Inset | None:
    # Asks no database: the overview has no statement left, so what was kept is fetched once the page is there.
    if not host().having("panels"):
        return None
    return Inset("plugins/panels_place.html", {"key": next(iter(asked.programs.values()))}, order=900)


def of_program(program: OpenProgram) -> tuple[PanelPart, ...]:
    """What the plugins of a program showed when they were last asked. One statement. Permission is the caller's."""
    return panels_from(read(_part(), {"program": program.id}).all(), formats.current_locale())


def _part() -> Any:
    """The rows of a program as `steering/progress_panels.py` reads them."""
    kept = PluginPanel
    return part(
        PANEL,
        b=case((_is_on(), 1), else_=0),
        s=kept.plugin,
        u=case((kept.reason != "", "failing"), else_=""),
        text=cast(kept.content, Text()),
        at=kept.fetched_at,
    ).where(kept.program_id == PROGRAM)


def _stamp() -> tuple[Any, ...]:
    """What differs when a panel does, for pages that keep it; the trail has it when somebody switches a plugin off."""
    kept = PluginPanel
    on = func.sum(case((_is_on(), 1), else_=0))
    return tuple(select(one).where(kept.program_id == PROGRAM) for one in (func.count(), func.max(kept.tried_at), on))


def _is_on() -> Any:
    """Whether the plugin of a kept row may act in its program."""
    return exists().where(
        ProgramPlugin.program_id == PluginPanel.program_id,
        ProgramPlugin.plugin == PluginPanel.plugin,
        PluginState.plugin == PluginPanel.plugin,
        PluginState.enabled,
    )


def fetch_due() -> int:
    """The clock's part: ask every plugin that was not asked for a while. Returns about how many programs one was asked.

    A plugin that is not there any more, or cannot be loaded, is noted where it showed something.
    """
    _forget()
    with database.looking():
        due = read(_due(), {"before": utc_now() - EVERY}).all()
    having = {one.name: one for one in host().having("panels")}
    wanted: dict[str, list[Any]] = {}
    for plugin, is_kept, *columns in due:
        if plugin in having:
            wanted.setdefault(plugin, []).append(columns)
        elif is_kept:
            found = host().plugins.get(plugin)
            _keep(columns[0], plugin, None, found.reason if found else "It is not installed.")
    if not wanted:
        return 0
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with ThreadPoolExecutor(max_workers=min(len(wanted), AT_ONCE)) as pool:
        # A thread starts without the held moment of commands that do another time's work.
        asked = [
            pool.submit(copy_context().run, _ask_about, app, having[name], programs)
            for name, programs in wanted.items()
        ]
        return sum(one.result() for one in asked)


@cache
def _due() -> Any:
    return (
        select(ProgramPlugin.plugin, PluginPanel.tried_at.is_not(None).label("is_kept"), *PROGRAM_COLUMNS)
        .join(PluginState, and_(PluginState.plugin == ProgramPlugin.plugin, PluginState.enabled))
        .join(Program, Program.id == ProgramPlugin.program_id)
        .outerjoin(
            PluginPanel,
            and_(PluginPanel.program_id == ProgramPlugin.program_id, PluginPanel.plugin == ProgramPlugin.plugin),
        )
        .where(
            Program.closed_on.is_(None),
            or_(PluginPanel.tried_at.is_(None), PluginPanel.tried_at <= bindparam("before", type_=UtcDateTime())),
        )
        # Those that were never asked about come first, then who has waited longest.
        .order_by(PluginPanel.tried_at.is_not(None), PluginPanel.tried_at, Program.id)
    )


def _ask_about(app: Flask, one: Installed, programs: Sequence[Sequence[Any]]) -> int:
    """Ask one plugin about these programs, as far as the round's time goes. How many it was asked about."""
    until = time.monotonic() + ROUND
    done = 0
    with app.app_context():
        for columns in programs:
            if ticks.stopping.is_set() or (done and time.monotonic() > until):
                break
            content, reason = _ask(one, program_data(columns))
            _keep(columns[0], one.name, content, reason)
            done += 1
    return done


def _ask(one: Installed, program: contract.Program) -> tuple[dict[str, Any] | None, str]:
    """What it shows, in every language; or None and why it did not say."""
    content = {}
    for locale in LOCALES:
        with formats.reading_as(locale, program.timezone):
            try:
                found = call(one, "panels", look, program=program)
            except (PluginFailed, Fate) as failed:
                return None, failed.reason or type(failed).__name__
            content[locale] = {"name": str(one.title), "panels": [asdict(panel) for panel in found]}
    return content, ""


def _keep(program_id: int, plugin: str, content: dict[str, Any] | None, reason: str) -> None:
    now = utc_now()
    with database.transaction():
        # Held, so that the program is not removed in between.
        held = select(Program.id).where(Program.id == program_id).with_for_update(key_share=True)
        if db.session.scalar(held) is None:
            return
        row = db.session.get(PluginPanel, {"program_id": program_id, "plugin": plugin})
        if row is None:
            found = host().plugins.get(plugin)
            names = {locale: {"name": str(found.title if found else plugin), "panels": []} for locale in LOCALES}
            row = PluginPanel(program_id=program_id, plugin=plugin, content=names)
            db.session.add(row)
        row.tried_at, row.reason = now, reason
        if content is not None:
            row.content, row.fetched_at = content, now


def _forget() -> None:
    old = and_(PluginPanel.tried_at < utc_now() - FORGOTTEN, ~_is_on())
    with database.transaction():
        db.session.execute(delete(PluginPanel).where(old).execution_options(synchronize_session=False))


def look(answer: Any) -> tuple[contract.Panel, ...]:
    """The panels as plain, short text. Raises Nonsense."""
    if answer is None:
        return ()
    found = tuple(islice(answer, MOST_PANELS + 1)) if isinstance(answer, Iterable) else (None,)
    if len(found) > MOST_PANELS or not all(isinstance(one, contract.Panel) for one in found):
        raise Nonsense(f"panels answers with at most {MOST_PANELS} Panel(title, …).")
    return tuple(_tidy(one) for one in found)


def _tidy(one: contract.Panel) -> contract.Panel:
    title = clean_line(str(one.title))[:MAX_TITLE]
    if not title:
        raise Nonsense("a panel has a title.")
    return contract.Panel(
        title,
        clean_line(str(one.text))[:MAX_TEXT],
        _facts(one.facts),
        _checked_address(str(one.link_url)),
        clean_line(str(one.link_text))[:MAX_TITLE],
    )


def _facts(facts: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    found = []
    for pair in islice(facts, MOST_FACTS):
        term, value = pair
        found.append((clean_line(str(term))[:MAX_FACT], clean_line(str(value))[:MAX_FACT]))
    return tuple(found)


def _checked_address(url: str) -> str:
    ours = url.startswith("/") and not url.startswith(("//", "/\\"))
    if url and not (url.isprintable() and (ours or url.startswith("https://"))):
        raise Nonsense("a panel links to an address of Milepost or one that begins with https://.")
    return url
