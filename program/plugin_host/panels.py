"""What plugins show on a program's overview. It is fetched after the page: no page of the core waits for a plugin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from flask import current_app, g
from flask_babel import get_locale

from program.ground import database
from program.ground.text import clean_line
from program.planning.insets import Asked, Inset, Place, register
from program.planning.opening import OpenProgram
from program.plugin_api import contract
from program.plugin_api.setups import program_data
from program.plugin_host.calling import Nonsense, PluginFailed, call
from program.plugin_host.discovery import Installed
from program.plugin_host.host import host
from program.plugin_host.switching import enabled_names

MOST_PANELS, MOST_FACTS, MAX_TITLE, MAX_TEXT, MAX_FACT = 3, 8, 80, 500, 120


def hang_up() -> None:
    """Keep a place on the overview for what plugins show."""
    register(Place.OVERVIEW, _place)


def _place(asked: Asked) -> Inset | None:
    # Asks no database: a program without such a plugin fetches an empty part, after its page is there.
    if not host().having("panels"):
        return None
    return Inset("plugins/panels_place.html", {"key": next(iter(asked.programs.values()))}, order=900)


def of_program(program: OpenProgram) -> list[contract.Panel]:
    """What the plugins of a program show now, each within its time, all at the same time. Failures are left out.

    They stand on the plugin's page instead: somebody who reads the overview can do nothing about them.
    """
    wanted = enabled_names(program.id)
    asked = [one for one in host().having("panels") if one.name in wanted]
    if not asked:
        return []
    data = program_data((program.id, program.key, program.name, program.locale, program.timezone))
    app, locale = current_app._get_current_object(), str(get_locale() or "en")  # type: ignore[attr-defined]

    def ask(one: Installed) -> tuple[contract.Panel, ...]:
        with app.app_context():
            g.locale = locale
            database.begin_writing()
            try:
                return call(one, "panels", look, program=data)
            except PluginFailed:
                return ()

    with ThreadPoolExecutor(max_workers=len(asked)) as pool:
        return [panel for found in pool.map(ask, asked) for panel in found]


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
