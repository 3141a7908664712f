"""`milepost slack`: the manifest to install the app with, and what is still missing."""

from __future__ import annotations

import json

import click
from flask_babel import force_locale

from plugins.slack_checkin.checking import findings
from plugins.slack_checkin.manifest import manifest
from plugins.slack_checkin.settings import own_setup
from program.plugin_api.contract import Misconfigured

_MARKS = {True: "ok      ", False: "TROUBLE ", None: "UNSURE  "}


@click.command("manifest")
@click.option("--socket/--http", "by_socket", default=None, help="For Socket Mode, or for requests over the internet.")
@click.option("--base-url", default="", help="Address that Slack is to call, if not MILEPOST_BASE_URL.")
@click.option("--language", type=click.Choice(["en", "pl"]), default="en", help="Language of its texts in Slack.")
def print_manifest(by_socket: bool | None, base_url: str, language: str) -> None:
    """Print the app manifest to paste into Slack; without a choice as Milepost is set up."""
    try:
        chosen = own_setup().by_socket if by_socket is None else by_socket
    except Misconfigured as error:
        raise click.ClickException(error.reason) from error
    with force_locale(language):
        click.echo(json.dumps(manifest(by_socket=chosen, base_url=base_url), ensure_ascii=False, indent=2))


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(as_json: bool) -> None:
    """Say what is missing for Slack, and exit with 1 while something is."""
    with force_locale("en"):
        try:
            found = list(findings(own_setup()))
        except Misconfigured as error:
            raise click.ClickException(error.reason) from error
    if as_json:
        lines = [{"good": one.good, "sentence": one.sentence} for one in found]
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
    else:
        for one in found:
            click.echo(f"{_MARKS[one.good]}{one.sentence}")
    if any(one.good is False for one in found):
        raise click.exceptions.Exit(1)
