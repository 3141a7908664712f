"""The host of plugins: finds, loads, sets up and calls them, each on its own, and reports on them.

`discovery.py` finds them, `calling.py` is the one place where their code runs, `forms.py` draws what they are set up
with. What they do: `ways.py` (messages), `syncing.py` (connections), `ticking.py`, `panels.py`, `own_pages.py`.
"""

from __future__ import annotations

from flask import Flask

from program.outbox import transports
from program.planning.portable_rooms import leave
from program.plugin_api import connecting
from program.plugin_api.models import (
    Connection,
    ConnectionReport,
    ExternalLink,
    FiguresReport,
    PluginPanel,
    ProgramPlugin,
    TakenFigure,
)
from program.plugin_host import by_command, mirrors, own_pages, panels, reports, ticking
from program.plugin_host.calling import CALLS, Calls
from program.plugin_host.discovery import find
from program.plugin_host.host import Host, keep
from program.plugin_host.views import wiring
from program.plugin_host.ways import open_ways

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Find the plugins and wire them in. No database and no network: what fails here is remembered by the process."""
    host = Host(find(app.config.get("PLUGINS")))
    keep(app, host)
    app.extensions[CALLS] = Calls()
    reports.init_app(app)
    with reports.loading(app):
        ticking.hang_up(app, host)
        own_pages.serve(app, host)
    transports.add_source(app, open_ways)
    panels.hang_up()
    mirrors.hang_up()
    connecting.use(app, by_command.connect)
    wiring.init_app(app)
    _stay_here()


def _stay_here() -> None:
    """Nothing of a plugin goes along when a program is carried to another instance."""
    leave(
        {
            Connection: "holds credentials, and another instance has plugins of its own",
            ConnectionReport: "belongs to a connection",
            ExternalLink: "belongs to a connection",
            FiguresReport: "belongs to a connection",
            TakenFigure: "belongs to a connection",
            ProgramPlugin: "another instance has plugins of its own",
            PluginPanel: "asked anew by the clock of the instance it is in",
        }
    )
