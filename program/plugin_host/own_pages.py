"""Pages and commands of a plugin's own: served under /plugins/<name>/, called as `milepost <name> …`.

A page that fails is the plugin's page: its reader is told, and the plugin's page says why. It runs in the web server's
own thread, so one that hangs holds that thread; no page of the core does such a thing on a plugin's behalf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from itertools import islice
from typing import Any

import click
from flask import Blueprint, Flask, current_app, request, url_for
from werkzeug.exceptions import HTTPException, ServiceUnavailable
from werkzeug.routing import BuildError

from program.extensions import csrf
from program.ground.errors import MilepostError, NotFound
from program.ground.last_known import NotKnown, last_known
from program.people.access import NOT_HERE
from program.plugin_host import reports
from program.plugin_host.calling import Nonsense, PluginFailed, call
from program.plugin_host.discovery import Installed, in_words
from program.plugin_host.host import Host
from program.plugin_host.switching import is_enabled

MOST = 50


def serve(app: Flask, host: Host) -> None:
    """Register the blueprints of all plugins, each under its own address. Called while the app is put together."""
    for installed in host.having("blueprints"):
        try:
            found = call(installed, "blueprints", _look_at_blueprints)
            _register(app, installed, found)
        except PluginFailed:
            continue


def commands(installed: Installed) -> click.Group | None:
    """The plugin's commands as a group of its name; None when it has none or cannot say."""
    if "commands" not in installed.hooks:
        return None
    try:
        found = call(installed, "commands", _look_at_commands)
    except PluginFailed:
        return None
    group = click.Group(installed.name, help=str(installed.summary or installed.title))
    for command in found:
        group.add_command(command)
    return group


def address_of(installed: Installed, attribute: str, **values: Any) -> str:
    """The address of the page that the plugin names in that attribute, '' where there is none."""
    endpoint = f"plugin_{installed.name}.{getattr(installed.plugin, attribute, '')}"
    if endpoint not in current_app.view_functions:
        return ""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        # It takes something else: the plugin's mistake costs a link, not the page.
        return ""


def _register(app: Flask, installed: Installed, found: tuple[Blueprint, ...]) -> None:
    mount = Blueprint(f"plugin_{installed.name}", __name__, url_prefix=f"/plugins/{installed.name}")

    @mount.before_request
    def only_when_switched_on() -> None:
        if not _is_open(installed.name):
            raise NotFound(NOT_HERE)

    for blueprint in found:
        mount.register_blueprint(blueprint)
    before = set(app.view_functions)
    try:
        app.register_blueprint(mount)
    except Exception as error:
        reports.failed(installed.name, "blueprints", in_words(error))
        raise PluginFailed(in_words(error)) from error
    for endpoint in set(app.view_functions) - before:
        view = app.view_functions[endpoint]
        if getattr(view, "is_for_machines", False):
            csrf.exempt(view)
        app.view_functions[endpoint] = _watched(installed.name, view)


def _is_open(plugin: str) -> bool:
    """Whether the plugin is switched on. A machine outside hears soon, however slow the database is."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "is_for_machines", False):
        return is_enabled(plugin)
    try:
        return last_known(f"plugin {plugin}", lambda: is_enabled(plugin))
    except NotKnown:
        raise ServiceUnavailable from None


def _watched(plugin: str, view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, with what it fails at kept for the plugin's page. What it answers on purpose passes."""

    @wraps(view)
    def watched(*arguments: Any, **more: Any) -> Any:
        try:
            # Made into a response here, so that a view that answers nonsense is told as well.
            return current_app.make_response(current_app.ensure_sync(view)(*arguments, **more))
        except (HTTPException, MilepostError):
            raise
        except Exception as error:
            reports.failed(plugin, "page", in_words(error))
            raise

    return watched


def _look_at_blueprints(answer: Any) -> tuple[Blueprint, ...]:
    found = tuple(islice(answer, MOST + 1)) if isinstance(answer, Iterable) else ()
    if answer is None or len(found) > MOST or not all(isinstance(one, Blueprint) for one in found):
        raise Nonsense("blueprints answers with Blueprints of Flask.")
    return found


def _look_at_commands(answer: Any) -> tuple[click.Command, ...]:
    found = tuple(islice(answer, MOST + 1)) if isinstance(answer, Iterable) else ()
    if answer is None or len(found) > MOST or not all(isinstance(one, click.Command) and one.name for one in found):
        raise Nonsense("commands answers with commands of click.")
    return found
