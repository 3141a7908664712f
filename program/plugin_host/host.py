"""The plugins of this app: found when it is put together, looked up by name ever after."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l

from program.ground.errors import Invalid, NotFound
from program.ground.records import record
from program.people.access import NOT_HERE
from program.plugin_host.discovery import Installed

_NAME = "milepost.plugins"


@record
class Host:
    """All plugins by name, sorted."""

    plugins: Mapping[str, Installed]

    def having(self, hook: str) -> list[Installed]:
        """The plugins that have that hook."""
        return [one for one in self.plugins.values() if hook in one.hooks]

    def by_command(self) -> dict[str, Installed]:
        """The plugins that have commands, by the word these are called by: the plugin's own, or its name.

        A word belongs to the plugin of that name, if there is one; else to the first that asks for it.
        """
        having = self.having("commands")
        names = {one.name for one in having}
        found: dict[str, Installed] = {}
        for one in having:
            word = one.plugin.command if one.plugin is not None else ""
            free = word and word not in names and word not in found
            found[word if free else one.name] = one
        return dict(sorted(found.items()))


def keep(app: Flask, host: Host) -> None:
    """Remember the host in its app."""
    app.extensions[_NAME] = host


def host() -> Host:
    """The host of the current app."""
    found: Host = current_app.extensions[_NAME]
    return found


def installed(name: str) -> Installed:
    """The plugin of that name, broken or not. Raises NotFound."""
    found = host().plugins.get(name)
    if found is None:
        raise NotFound(NOT_HERE)
    return found


def working(name: str) -> Installed:
    """The plugin of that name. Raises NotFound, and Invalid for one that is broken."""
    found = installed(name)
    if found.is_broken:
        raise Invalid(_l("This plugin could not be loaded: %(reason)s", reason=found.reason))
    return found
