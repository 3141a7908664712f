"""`milepost jira`: connecting a program, and what the pages do, from a shell."""

from __future__ import annotations

import json
import os

import click
from flask_babel import force_locale

from plugins.jira_sync import beginning
from plugins.jira_sync.book import CONFLICT, ITEM
from plugins.jira_sync.settings import PLUGIN
from program.plugin_api import core
from program.plugin_api.contract import Connection, Fate, Invalid, LinkState, NotFound

_program = click.option("--program", "key", required=True, help="Key of the program, as ALFA.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@_program
@click.option("--url", required=True, help="Address of Jira.")
@click.option("--project", required=True, help="Key of the project in Jira, as SHOP.")
@click.option("--user", default="", help="E-mail of the account (Cloud).")
@click.option("--token-env", required=True, help="Name of the environment variable that holds the token.")
@click.option("--data-center", is_flag=True, help="It is a Data Center, not a Cloud.")
@click.option("--name", default="Jira", help="Name of the connection.")
def connect(key: str, url: str, project: str, user: str, token_env: str, data_center: bool, name: str) -> None:
    """Connect a program with a project of Jira. Nothing is written there before `preview` and `sync`."""
    token = os.environ.get(token_env, "")
    if not token:
        raise click.ClickException(f"The environment variable {token_env} is empty. Put the token there.")
    values = {"url": url, "project": project, "user": user, "token": token}
    values["face"] = "data_center" if data_center else "cloud"
    with force_locale("en"):
        try:
            core.connect_program(PLUGIN, core.find_program(key), name, values)
            connection = _connection(key)
        except NotFound as error:
            raise click.ClickException(f"There is no program {key}.") from error
        except Invalid as error:
            reasons = "; ".join(f"{field}: {reason}" for field, reason in error.fields.items())
            raise click.ClickException(reasons or str(error)) from error
        _say_health(connection)
    click.echo(f"Connected. Next: milepost jira preview --program {key}")


@click.command()
@_program
@_as_json
def preview(key: str, as_json: bool) -> None:
    """Say what a sync would create and change, and who is not known in Jira. Writes nothing."""
    from plugins.jira_sync import preview as previews
    from plugins.jira_sync.book import opened
    from plugins.jira_sync.client import Jira

    with force_locale("en"):
        connection = _connection(key)
        try:
            with Jira(connection) as jira:
                found = previews.compute(opened(connection, jira))
        except Fate as error:
            raise click.ClickException(error.reason) from error
        core.note(connection, {"preview": found, "wants_preview": None})
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif found["trouble"]:
        raise click.ClickException(found["trouble"])
    else:
        for name, count in found["counts"].items():
            click.echo(f"{name:10} {count}")
        click.echo(f"not known in Jira: {', '.join(found['unmatched']) or 'nobody'}")


@click.command()
@_program
def sync(key: str) -> None:
    """Bring the program and Jira in step now; the first time this begins it."""
    from plugins.jira_sync import syncing

    with force_locale("en"):
        try:
            beginning.begin(_connection(key))
            syncing.sync(_connection(key))
        except Invalid as error:
            raise click.ClickException(f"{error} milepost jira preview --program {key}") from error
        except Fate as error:
            raise click.ClickException(error.reason) from error
    click.echo("In step, as far as it goes at once; the clock carries on.")


@click.command()
@_program
@_as_json
def status(key: str, as_json: bool) -> None:
    """Say how many items are in step, wait or need somebody."""
    connection = _connection(key)
    found = {
        "started": bool(connection.memory.get("started")),
        "in_step": core.list_links(connection, ITEM, state=LinkState.DONE, limit=1)[1],
        "waiting": core.list_links(connection, ITEM, state=LinkState.WAITING, limit=1)[1],
        "trouble": core.list_links(connection, ITEM, state=LinkState.FAILED, limit=1)[1],
        "conflicts": core.list_links(connection, CONFLICT, limit=1)[1],
        "polled_at": connection.memory.get("polled_at"),
    }
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(f"{k:10} {v}" for k, v in found.items()))


@click.command()
@_program
def check(key: str) -> None:
    """Try whether it would work, and exit with 1 if not."""
    with force_locale("en"):
        _say_health(_connection(key))


def _connection(key: str) -> Connection:
    for one in core.active_connections(PLUGIN):
        if one.program is not None and one.program.key == key.upper():
            return one
    raise click.ClickException(f"The program {key} is not connected with Jira: milepost jira connect --help")


def _say_health(connection: Connection) -> None:
    from plugins.jira_sync import checking

    try:
        health = checking.check(connection)
    except Fate as error:
        raise click.ClickException(error.reason) from error
    if not health.good:
        raise click.ClickException(health.sentence)
    click.echo(health.sentence)
