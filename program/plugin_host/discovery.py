"""Finding plugins: those that an installed package announces under the entry-point group `milepost.plugins`.

A plugin that cannot be loaded is listed as broken, with the reason; the app starts all the same. Nothing is asked of
the database or the network here.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import field
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from program.ground.records import record
from program.plugin_api import contract
from program.plugin_api.contract import Hooks, Plugin
from program.plugin_api.models import MAX_PLUGIN_NAME

GROUP = "milepost.plugins"
# Long enough for a large SDK on a slow disk; a plugin that waits for a network while it is imported is not one of ours.
LOAD_SECONDS = 20.0
# It stands in addresses, in commands and in the database.
NAME_RULE = re.compile(rf"[a-z][a-z0-9_]{{0,{MAX_PLUGIN_NAME - 1}}}")


class Broken(Exception):
    """Why a plugin cannot be used, in a sentence."""


@record
class Installed:
    """One plugin as it was found. `plugin` and `manager` are None for one that is broken, and `reason` says why."""

    name: str
    title: str
    summary: str
    version: str
    package: str
    plugin: Plugin | None = None
    manager: pluggy.PluginManager | None = None
    # Names of the hooks it has.
    hooks: frozenset[str] = field(default_factory=frozenset)
    reason: str = ""

    @property
    def is_broken(self) -> bool:
        """True when it was found but could not be loaded."""
        return self.plugin is None


def announced() -> list[EntryPoint]:
    """What the installed packages announce, by name; nothing is imported."""
    return sorted(entry_points(group=GROUP), key=lambda point: point.name)


def find(wanted: Iterable[EntryPoint] | None = None) -> dict[str, Installed]:
    """All plugins by name, sorted. `wanted` replaces what is installed, for tests."""
    found: dict[str, Installed] = {}
    for point in announced() if wanted is None else wanted:
        if point.name in found:
            # Two packages claim one name: the first keeps it, and the page says that there is another.
            first = found[point.name]
            reason = f"Two packages bring a plugin of this name: {first.package} and {_package(point)}. Remove one."
            found[point.name] = _broken(point, reason)
        else:
            found[point.name] = load(point)
    return dict(sorted(found.items()))


def load(point: EntryPoint) -> Installed:
    """Import one plugin and look at it. Never raises: whatever goes wrong becomes the reason it is broken."""
    answer: list[Installed | BaseException] = []

    def run() -> None:
        try:
            answer.append(_load(point))
        except BaseException as error:  # noqa: BLE001 - a stranger's module may raise anything, SystemExit included
            answer.append(error)

    # In a thread of its own, so that a module that never finishes its import holds nobody up.
    thread = threading.Thread(target=run, name=f"load {point.name}", daemon=True)
    thread.start()
    thread.join(LOAD_SECONDS)
    if not answer:
        return _broken(point, f"It was not imported within {LOAD_SECONDS:.0f} seconds.")
    if isinstance(answer[0], Broken):
        return _broken(point, str(answer[0]))
    if isinstance(answer[0], BaseException):
        return _broken(point, in_words(answer[0]))
    return answer[0]


def in_words(error: BaseException) -> str:
    """An exception as one line of at most 500 letters. Its own text may fail too."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - a stranger's exception
        text = "(its message cannot be read)"
    return f"{type(error).__name__}: {text}"[:500] if text else type(error).__name__


def _load(point: EntryPoint) -> Installed:
    if not NAME_RULE.fullmatch(point.name):
        raise Broken("A plugin's name is small letters, digits and underscores, and begins with a letter.")
    found = point.load()
    plugin = found() if isinstance(found, type) else found
    if not isinstance(plugin, Plugin):
        raise Broken(f"{point.value} is not a Plugin of program.plugin_api.contract.")
    _check_identity(point, plugin)
    # A manager for each plugin: what one registers can never reach, or break, the hooks of another.
    manager = pluggy.PluginManager(contract.PROJECT)
    manager.add_hookspecs(Hooks)
    try:
        manager.register(plugin, point.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise Broken(f"It does not keep to the contract: {' '.join(str(error).split())}"[:500]) from error
    hooks = frozenset(caller.name for caller in manager.get_hookcallers(plugin) or ())
    return Installed(
        point.name, str(plugin.title), str(plugin.summary), _version(point), _package(point), plugin, manager, hooks
    )


def _check_identity(point: EntryPoint, plugin: Plugin) -> None:
    needed: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
        ("name", lambda value: value == point.name, f"must be {point.name!r}, as in its entry point"),
        ("title", lambda value: bool(str(value).strip()) and len(str(value)) <= 80, "must be a short text"),
        ("summary", lambda value: len(str(value)) <= 300, "must be one sentence"),
        ("command", lambda value: value == "" or _is_name(value), "must be one word of small letters"),
        ("api", lambda value: value == contract.API, f"must be {contract.API}: this Milepost knows no other contract"),
    )
    for attribute, holds, rule in needed:
        value = getattr(plugin, attribute, None)
        if value is None or not holds(value):
            raise Broken(f"Its {attribute} {rule}.")


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and NAME_RULE.fullmatch(value) is not None


def _broken(point: EntryPoint, reason: str) -> Installed:
    return Installed(point.name, point.name, "", _version(point), _package(point), reason=reason)


def _version(point: EntryPoint) -> str:
    return point.dist.version if point.dist is not None else ""


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value.split(":")[0]
