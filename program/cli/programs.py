"""`milepost program`: creating, listing, showing, exporting and importing programs from the server's own console."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy import func, select

from program.cli.door import MilepostGroup, open_app
from program.extensions import db
from program.ground import database
from program.ground.actor import Actor, Origin, system
from program.ground.calendar import COUNTRIES
from program.ground.errors import Invalid, NotFound
from program.ground.now import today_in
from program.people import accounts
from program.planning import portable, programs
from program.planning.forms.programs import country_of_zone, next_monday
from program.planning.models import Gate, Phase, Program, WorkItem
from program.planning.opening import find_program
from program.planning.portable_format import MAX_BYTES
from program.planning.programs import LOCALES, NewProgram
from program.planning.progress import phase_progress

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_manager_option = click.option("--manager", metavar="EMAIL", help="Who manages it; administrators can in any case.")


@click.group(cls=MilepostGroup)
def program() -> None:
    """Programs: create them from playbooks, list them, carry them from one instance to another."""


@program.command()
@click.option("--name", required=True, help="What it is called.")
@click.option("--key", default="", help="Two to ten letters and digits, as in KEY-12; made from the name if not given.")
@click.option("--playbook", default="", help="Key of a playbook, such as rollout; without one it starts empty.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day; next Monday if not given.")
@click.option("--timezone", help="Time zone; MILEPOST_TIMEZONE if not given.")
@click.option("--locale", type=click.Choice(LOCALES), help="Language; MILEPOST_LOCALE if not given.")
@click.option("--country", type=click.Choice(COUNTRIES), help="Public holidays; those of the time zone if not given.")
@click.option("--purpose", default="", help="What it is for, in Markdown.")
@_manager_option
@_json_option
def new(
    name: str,
    key: str,
    playbook: str,
    start: datetime | None,
    timezone: str | None,
    locale: str | None,
    country: str | None,
    purpose: str,
    manager: str | None,
    as_json: bool,
) -> None:
    """Create a program with all its dates."""
    with open_app(), database.transaction():
        settings = current_app.config["MILEPOST"]
        zone = timezone or settings.timezone
        wished = NewProgram(
            name=name,
            key=key or programs.suggest_key(name),
            playbook=playbook,
            starts_on=start.date() if start else next_monday(today_in(settings.timezone)),
            timezone=zone,
            locale=locale or settings.locale,
            country=country_of_zone(zone) if country is None else country,
            purpose=purpose,
            manager_id=_person_id(manager),
        )
        created = programs.create_program(_actor(), wished)
        facts = _facts(created.key)
    _print_program(facts, as_json)


@program.command("list")
@_json_option
def list_programs(as_json: bool) -> None:
    """List all programs."""
    with open_app():
        database.begin_reading()
        ends = (
            select(Phase.program_id, func.max(Phase.planned_end).label("ends_on")).group_by(Phase.program_id).subquery()
        )
        rows = db.session.execute(
            select(Program.key, Program.name, Program.starts_on, ends.c.ends_on, Program.closed_on)
            .outerjoin(ends, ends.c.program_id == Program.id)
            .order_by(Program.name_folded, Program.id)
        ).all()
    if as_json:
        _print_json([_in_json(row._asdict()) for row in rows])
        return
    if not rows:
        click.echo("No program yet. Create the first: milepost program new --name NAME --playbook rollout")
    for row in rows:
        closed = f", closed {row.closed_on}" if row.closed_on else ""
        click.echo(f"{row.key:<10}  {row.starts_on} – {row.ends_on or '…'}  {row.name}{closed}")


@program.command()
@click.argument("key")
@_json_option
def show(key: str, as_json: bool) -> None:
    """Show a program with its phases and gates."""
    with open_app():
        database.begin_reading()
        facts = _facts(key)
    _print_program(facts, as_json)


@program.command()
@click.argument("key")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else printed.")
def export(key: str, output: Path | None) -> None:
    """Write a whole program as one JSON file."""
    with open_app():
        database.begin_reading()
        document = portable.export_program(_actor(), find_program(_actor(), key).id)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, encoding="utf-8")
    click.echo(f"{key.upper()} is written to {output}.")


@program.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--key", required=True, help="The key it gets here.")
@click.option("--name", help="Another name than in the file.")
@_manager_option
def import_file(file: Any, key: str, name: str | None, manager: str | None) -> None:
    """Take over a program that was exported, all or nothing."""
    # One byte more than allowed is enough to say that the file is too large.
    source = file.read(MAX_BYTES + 1)
    try:
        with open_app(), database.transaction():
            imported = portable.import_program(_actor(), source, key, name=name, manager_id=_person_id(manager))
            taken = f"{imported.program.key} is here: {imported.program.name}."
    except Invalid as error:
        if not error.rows:
            raise
        problems = "\n".join(f"  {problem}" for problem in error.rows)
        raise click.ClickException(f"{error}\n{problems}") from error
    click.echo(taken)
    for note in imported.notes:
        click.echo(f"  {note}")


def _actor() -> Actor:
    return system(Origin.CLI)


def _person_id(email: str | None) -> int | None:
    if email is None:
        return None
    person = accounts.find_by_email(email)
    if person is None:
        raise NotFound(f"Nobody has the e-mail {email}. Add them: milepost user add {email} --name NAME")
    return person.id


def _facts(key: str) -> dict[str, Any]:
    found = find_program(_actor(), key)
    progress = phase_progress(found.id, today_in(found.timezone))
    gates: dict[int, list[dict[str, Any]]] = {}
    for gate in db.session.execute(
        select(Gate.phase_id, Gate.name, Gate.planned_on).where(Gate.program_id == found.id).order_by(Gate.planned_on)
    ):
        gates.setdefault(gate.phase_id, []).append({"name": gate.name, "planned_on": gate.planned_on})
    columns = (Phase.id, Phase.name, Phase.planned_start, Phase.planned_end, Phase.actual_start, Phase.actual_end)
    phases = []
    for row in db.session.execute(select(*columns).where(Phase.program_id == found.id).order_by(Phase.position)):
        phase = row._asdict()
        done = progress.get(phase.pop("id"))
        phase |= {"items": done.total if done else 0, "done": done.finished if done else 0}
        phases.append({**phase, "gates": gates.get(row.id, [])})
    items = db.session.scalar(select(func.count()).select_from(WorkItem).where(WorkItem.program_id == found.id))
    names = ("key", "name", "purpose", "locale", "timezone", "country", "starts_on", "closed_on", "playbook_key")
    return _in_json({**{name: getattr(found, name) for name in names}, "items": items, "phases": phases})


def _in_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_json(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_in_json(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_program(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(facts)
        return
    click.echo(f"{facts['key']}: {facts['name']}, from {facts['starts_on']}, {facts['items']} items")
    for phase in facts["phases"]:
        dates = f"{phase['planned_start']} – {phase['planned_end']}"
        click.echo(f"  {dates}  {phase['name']} ({phase['done']} of {phase['items']} done)")
        for gate in phase["gates"]:
            click.echo(f"  {gate['planned_on']}               gate: {gate['name']}")
