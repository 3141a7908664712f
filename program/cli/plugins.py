"""`milepost plugin`: which plugins there are, switching them on and off, asking them whether they work.

Plugins may bring commands of their own: `milepost <name> …`. They are looked up when they are asked for, so that no
other command waits for a plugin to be loaded.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
from flask_babel import force_locale

from program.cli.door import MilepostGroup, open_app
from program.ground import database
from program.ground.actor import Origin, system
from program.plugin_api import setups
from program.plugin_host import checking, discovery, lists, own_pages, switching
from program.plugin_host.discovery import Installed
from program.plugin_host.host import host, installed
from program.plugin_host.lists import PluginLine

_STATES = {
    "gone": "not installed",
    "broken": "broken",
    "off": "switched off",
    "failing": "failing",
    "bad": "needs attention",
    "good": "works",
    "unknown": "not checked yet",
}


@click.group(cls=MilepostGroup)
def plugin() -> None:
    """Plugins: list them, switch them on and off, ask them whether they work."""


@plugin.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_plugins(as_json: bool) -> None:
    """List every plugin with its version and how it is doing."""
    with open_app(), force_locale("en"), database.looking():
        lines = lists.all_lines()
    if as_json:
        click.echo(json.dumps([_as_json(line) for line in lines], ensure_ascii=False, indent=2))
        return
    if not lines:
        click.echo("No plugin is installed. docs/plugins.md says what one is.")
    for line in lines:
        trouble = line.broken or (line.reason if line.state == "failing" else "")
        trouble = trouble or (line.health_text if line.state == "bad" else "")
        ending = f": {trouble}" if trouble else ""
        click.echo(f"{line.name:<16} {line.version or '-':<10} {_STATES[line.state]}{ending}")


@plugin.command("check")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_plugins(name: str | None, as_json: bool) -> None:
    """Ask a plugin, or all that are switched on, whether they work, with each of their connections."""
    answers: list[dict[str, Any]] = []
    with open_app(), force_locale("en"):
        if name is None:
            with database.looking():
                names = sorted(switching.enabled_names() & set(host().plugins))
        else:
            names = [installed(name).name]
        for one in names:
            with database.looking():
                connections = [(found.id, found.name, found.program) for found in setups.active(one)]
            asked: list[tuple[int | None, str]] = [(None, "")]
            asked += [(number, f"{program.key}: {text}" if program else text) for number, text, program in connections]
            for number, label in asked:
                health = checking.check(installed(one), number)
                answers.append({"plugin": one, "connection": label, "good": health.good, "sentence": health.sentence})
    if as_json:
        click.echo(json.dumps(answers, ensure_ascii=False, indent=2))
    else:
        for answer in answers:
            place = f" ({answer['connection']})" if answer["connection"] else ""
            click.echo(f"{'ok      ' if answer['good'] else 'TROUBLE '}{answer['plugin']}{place} {answer['sentence']}")
        if not answers:
            click.echo("No plugin is switched on.")
    if not all(answer["good"] for answer in answers):
        raise click.exceptions.Exit(1)


@plugin.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Switch a plugin on in this instance; managers then switch it on in their programs."""
    _switch(name, True)


@plugin.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Switch a plugin off everywhere at once; its settings and connections are kept."""
    _switch(name, False)


def _switch(name: str, wanted: bool) -> None:
    with open_app():
        with database.transaction():
            switching.set_enabled(system(Origin.CLI), name, wanted)
        with database.looking():
            title = switching.switched_off_name(name)
        click.echo(f"{title} is switched {'on' if wanted else 'off'}.")


def _as_json(line: PluginLine) -> dict[str, Any]:
    told = asdict(line) | {"state": line.state, "hooks": sorted(line.hooks)}
    told.pop("at_load")
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()}


class WithPlugins(MilepostGroup):
    """The command's own groups, and after them those of plugins, by their names or by the words they gave."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names for the help: plugins with commands stand at the end."""
        own = super().list_commands(ctx)
        if not discovery.announced():
            return own
        with open_app():
            return own + [word for word in host().by_command() if word not in own]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command of the core, or a plugin's group."""
        own = super().get_command(ctx, cmd_name)
        # What no plugin could be called by is misspelt, and nothing is loaded for it.
        if own is not None or not discovery.NAME_RULE.fullmatch(cmd_name) or not discovery.announced():
            return own
        with open_app():
            found = host().by_command().get(cmd_name)
            return _plugin_group(cmd_name, found) if found is not None else None


def _plugin_group(word: str, found: Installed) -> click.Group | None:
    commands = own_pages.commands(found)
    if commands is None:
        return None
    group = _OpenedGroup(word, help=commands.help)
    for command in commands.commands.values():
        group.add_command(command)
    return group


class _OpenedGroup(click.Group):
    """A plugin's commands run inside the app. No transaction is open around them: the core's functions bring theirs."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with open_app():
            return super().invoke(ctx)
