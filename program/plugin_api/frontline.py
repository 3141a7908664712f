"""What a person does from where they are, for plugins that bring it to them: their tasks, an idea, how things stand.

Every function acts as that person, with the access they have in their programs and no more: what only an
administrator's rights open stays closed here. The plugin has made sure that it is them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from program.change import ideas
from program.extensions import db
from program.ground import formats
from program.ground.actor import Access, Actor, Origin
from program.ground.database import read
from program.ground.errors import NotFound
from program.ground.now import today_in
from program.ground.pages import path_to
from program.people.access import NOT_HERE
from program.people.belonging import places_of
from program.people.models import Person as PersonRow
from program.planning import items as item_verbs
from program.planning import my_work
from program.planning.health import State
from program.planning.models import Program as ProgramRow
from program.planning.models.items import Status
from program.planning.standing import Standing as Stands
from program.planning.standing import standings
from program.plugin_api import setups
from program.plugin_api.contract import Person, Program, Standing, Task
from program.plugin_api.units import reading, writing
from program.plugin_api.work import web_address

MOST_TASKS, MOST_PROGRAMS = 10, 12
STATE_NAMES = {
    State.OFF_TRACK: _l("Off track"),
    State.AT_RISK: _l("At risk"),
    State.ON_TRACK: _l("On track"),
    State.NO_DATA: _l("No data"),
}


def find_people(ids: Collection[int]) -> dict[int, Person]:
    """The people with those ids and an open account, by id."""
    with reading():
        rows = read(select(*setups.PERSON_COLUMNS).where(PersonRow.id.in_(list(ids)), PersonRow.is_active)).all()
    return {row.id: Person(*row) for row in rows}


def programs_of(person: Person, *, front_line: bool = False) -> tuple[Program, ...]:
    """The running programs of that person, newest first; with `front_line` also those open to their ideas only."""
    with reading():
        _check(person)
        return tuple(setups.program_data(row[:-1]) for row in _programs(person, 0 if front_line else Access.VIEWER))


def my_tasks(person: Person, limit: int = MOST_TASKS) -> tuple[Task, ...]:
    """What that person owns and has to look at this week: late, due, or in progress, the most urgent first."""
    today = today_in(person.timezone)
    with reading():
        _check(person)
        rows = my_work.first_of_my_work(person.id, today, limit)
    return tuple(
        Task(
            program_id=row.program_id,
            program=row.key,
            number=row.number,
            title=row.title,
            status=row.status,
            status_reason=row.status_reason,
            due_on=row.due_on,
            is_overdue=row.place == my_work.OVERDUE,
            revision=row.revision,
            may_change=row.access >= Access.CONTRIBUTOR,
            url=web_address(f"/p/{row.key}/items/{row.number}"),
        )
        for row in rows
    )


def set_task(
    person: Person, program_id: int, number: int, status: str, reason: str = "", *, where: Origin, seen: int
) -> bool:
    """Give that person's item a status ('done', 'doing', 'blocked' with a reason). False when it has it already.

    `seen` is the revision they saw. Raises NotFound, Forbidden, Conflict when it moved on since, Invalid.
    """
    with writing():
        actor = _actor(person, where)
        item = item_verbs.find_item(actor, program_id, number, Access.CONTRIBUTOR, lock=True)
        if item.status == status:
            return False
        values = {"status": status, "status_reason": reason if status == Status.BLOCKED else ""}
        item_verbs.change_item(actor, item, values, seen=seen)
        return True


def hand_in_idea(
    person: Person, program_id: int, title: str, detail: str = "", *, named: bool = True, where: Origin
) -> str:
    """Hand in an idea for that person; not `named` keeps no trace of who it was. Gives the address of their page.

    Raises NotFound outside of their programs and groups, Invalid naming the fields at fault ('title', 'detail').
    """
    with writing():
        ideas.hand_in(_actor(person, where), program_id, ideas.IdeaDraft(title, detail, named=named))
        key = db.session.scalars(select(ProgramRow.key).where(ProgramRow.id == program_id)).one()
    return web_address(path_to("front_line.show", key=key))


def standings_of(person: Person, limit: int = 5) -> tuple[Standing, ...]:
    """Where the running programs of that person stand, in their language, newest first."""
    with reading():
        _check(person)
        rows = _programs(person, Access.VIEWER)[:limit]
        found = standings(rows, today_in(person.timezone), person.timezone)
        with formats.reading_as(person.locale, person.timezone):
            return tuple(
                Standing(
                    program=setups.program_data(row[:-1]),
                    state=found[row.id].health.state.value,
                    state_name=str(STATE_NAMES[found[row.id].health.state]),
                    text=_paragraph(found[row.id]),
                    url=web_address(f"/p/{row.key}/"),
                )
                for row in rows
            )


def _paragraph(stands: Stands) -> str:
    said = []
    if (phase := stands.dates.current) is not None:
        said.append(_("Phase: %(phase)s.", phase=phase.name))
    if total := stands.progress.total:
        said.append(_("Done: %(done)s of %(total)s.", done=stands.progress.finished, total=total))
        if late := stands.progress.overdue:
            said.append(ngettext("%(num)s item is overdue.", "%(num)s items are overdue.", late))
    if (gate := stands.next_gate) is not None:
        said.append(_("Next gate: %(gate)s, %(day)s.", gate=gate.name, day=formats.day(gate.planned_on)))
    said.append(stands.health.reasons[0])
    return " ".join(dict.fromkeys(said))


def _programs(person: Person, least: int) -> list[Any]:
    # Whoever is a member and in a group as well stands in both doors.
    doors = places_of([person.id])
    mine = select(doors.c.program_id).where(doors.c.access >= least)
    running = select(*setups.PROGRAM_COLUMNS, ProgramRow.country).where(
        ProgramRow.id.in_(mine), ProgramRow.closed_on.is_(None)
    )
    return list(read(running.order_by(ProgramRow.id.desc()).limit(MOST_PROGRAMS)))


def _actor(person: Person, where: Origin) -> Actor:
    """That person as the one who acts, if their account is still open. Not as an administrator."""
    _check(person)
    return Actor(person.id, where)


def _check(person: Person) -> None:
    open_account = select(PersonRow.id).where(PersonRow.id == person.id, PersonRow.is_active)
    if read(open_account).first() is None:
        raise NotFound(NOT_HERE)
