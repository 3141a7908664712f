"""`milepost demo`: loads the demo, makes it anew, and prints a sign-in link for its manager."""

from __future__ import annotations

import click
from sqlalchemy import select

from program.cli.demo import loading, removal
from program.cli.door import base_url_option, open_app
from program.extensions import db
from program.ground import database
from program.ground.actor import Origin, system
from program.people import links
from program.people.accounts import LOCALES
from program.planning.models import Program
from program.settings import Settings


@click.command()
@click.option("--reset", is_flag=True, help="Remove the demo's programs and people first, and nothing else.")
@click.option("--yes", is_flag=True, help="Do not ask before removing.")
@click.option("--if-empty", is_flag=True, help="Load only into an instance without any program.")
@click.option("--link", is_flag=True, help="Only print a one-time sign-in link for the demo's manager.")
@base_url_option
@click.option("--locale", type=click.Choice(LOCALES), help="Language of the demo; MILEPOST_LOCALE if not given.")
def demo(reset: bool, yes: bool, if_empty: bool, link: bool, base_url: str | None, locale: str | None) -> None:
    """Load believable programs to look around in, dated so that they are weeks into their work today."""
    with open_app():
        if link and not reset:
            _print_link(base_url)
            return
        if reset and not yes:
            _ask()
        _load(locale or Settings.from_environment().locale, reset, if_empty)
        if link:
            _print_link(base_url)


def _ask() -> None:
    database.begin_reading()
    found = removal.belongings()
    db.session.rollback()
    if found:
        click.confirm(
            f"This removes the demo's {len(found.programs)} programs and {len(found.people)} people with all they did"
            " and makes them anew. Go on?",
            abort=True,
        )


def _load(locale: str, reset: bool, if_empty: bool) -> None:
    with database.transaction():
        if if_empty and db.session.scalar(select(Program.id).limit(1)) is not None:
            click.echo("There are programs already; the demo is left alone.")
            return
        if reset:
            removal.remove()
        names = loading.load(locale)
    click.echo("The demo is loaded:")
    for name in names:
        click.echo(f"  {name}")


def _print_link(base_url: str | None) -> None:
    with database.transaction():
        person = loading.manager()
        if person is None:
            # Not an error: `make run` asks for the link on instances with real programs too.
            click.echo("There is no demo here. A sign-in link for somebody else: milepost user link EMAIL")
            return
        made = links.make_link(system(Origin.CLI), person.id, base_url=base_url)
        click.echo(f"Sign in as {person.name}, who manages the demo's programs (works once, within a day):")
    click.echo(made.url)
