"""`milepost clock` and `milepost tick`: doing what is due, for as long as one likes or once."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import click

from program.cli.door import make_app, open_app, refuse_without_migrations
from program.clock import due
from program.ground import requests
from program.ground.now import held_at, zone
from program.settings import Settings


@click.command()
def clock() -> None:
    """Do what is due, every second, until interrupted. On PostgreSQL any number of clocks share the work."""
    # Imported here: no other command needs a scheduler.
    from program.clock.running import run_until_told

    settings = Settings.from_environment()
    refuse_without_migrations()
    requests.set_up_logs(settings.log_level)
    click.echo("The clock runs (stop it with Ctrl+C).")
    run_until_told(make_app())


@click.command()
@click.option(
    "--at",
    metavar="ISO-TIME",
    help="Do what would be due then, like 2026-03-30T09:00; without a zone, in the instance's.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def tick(at: str | None, as_json: bool) -> None:
    """Do all that is due, once, and exit."""
    settings = Settings.from_environment()
    moment = _moment(at, settings) if at else None
    refuse_without_migrations()
    requests.set_up_logs(settings.log_level)
    with open_app() as app, held_at(moment) if moment else nullcontext():
        outcomes = due.run_all(app)
        due.note(outcomes)
        lines = [_line(outcome) for outcome in outcomes]
    if as_json:
        click.echo(json.dumps(lines, indent=2))
    else:
        for line in lines:
            click.echo(f"{line['tick']:<30} {line['error'] or line['done']}")
    if any(line["error"] for line in lines):
        raise click.exceptions.Exit(1)


def _line(outcome: due.Outcome) -> dict[str, Any]:
    return {"tick": outcome.tick.name, "done": outcome.done, "took_ms": outcome.took_ms, "error": outcome.error}


def _moment(text: str, settings: Settings) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone(settings.timezone))
        # Years that no time zone can move.
        if not 2000 <= moment.year <= 2099:
            raise ValueError
    except ValueError:
        raise click.BadParameter("write a time like 2026-03-30T09:00 or 2026-03-30T07:00Z", param_hint="--at") from None
    return moment
