"""`milepost user`: adding people, listing them, and making one-time sign-in links, from the server's own console."""

from __future__ import annotations

import json

import click
from sqlalchemy import select

from program.cli.door import MilepostGroup, base_url_option, open_app
from program.extensions import db
from program.ground import database
from program.ground.actor import Origin, system
from program.ground.errors import NotFound
from program.people import accounts, links
from program.people.models import Person


@click.group(cls=MilepostGroup)
def user() -> None:
    """People: add them, list them, make sign-in links."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="First and last name.")
@click.option("--admin", is_flag=True, help="Make the person an administrator of the instance.")
@click.option("--locale", type=click.Choice(accounts.LOCALES), help="Language; MILEPOST_LOCALE if not given.")
@base_url_option
def add(email: str, name: str, admin: bool, locale: str | None, base_url: str | None) -> None:
    """Add a person and print the invitation to send them."""
    with open_app(), database.transaction():
        actor = system(Origin.CLI)
        person = accounts.create_person(actor, email, name, locale=locale, is_admin=admin)
        link = links.make_link(actor, person.id, base_url=base_url)
        click.echo(f"{person.name} <{person.email}> is added{' as an administrator' if admin else ''}.")
        click.echo(f"Send this one-time invitation; it works until {link.expires_at:%Y-%m-%d %H:%M} UTC:")
    click.echo(link.url)


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_people(as_json: bool) -> None:
    """List everybody with an account."""
    with open_app():
        database.begin_reading()
        columns = (Person.email, Person.name, Person.locale, Person.is_admin, Person.is_active, Person.joined_at)
        rows = db.session.execute(select(*columns).order_by(Person.name_folded, Person.id)).all()
    if as_json:
        people = [{**row._asdict(), "joined_at": row.joined_at and row.joined_at.isoformat()} for row in rows]
        click.echo(json.dumps(people, ensure_ascii=False, indent=2))
        return
    if not rows:
        click.echo("Nobody yet. Add the first: milepost user add EMAIL --name NAME --admin")
        return
    width = max(len(row.email) for row in rows)
    for row in rows:
        notes = [
            note
            for note, holds in (
                ("administrator", row.is_admin),
                ("closed", not row.is_active),
                ("invited, has not come yet", row.joined_at is None),
            )
            if holds
        ]
        ending = f"  ({', '.join(notes)})" if notes else ""
        click.echo(f"{row.email:<{width}}  {row.name}{ending}")


@user.command("link")
@click.argument("email")
@base_url_option
def link_for(email: str, base_url: str | None) -> None:
    """Print a one-time sign-in link for a person; their older unused links end."""
    with open_app(), database.transaction():
        person = accounts.find_by_email(email)
        if person is None:
            raise NotFound(f"Nobody has the e-mail {email}. See: milepost user list")
        link = links.make_link(system(Origin.CLI), person.id, base_url=base_url)
    click.echo(link.url)
