"""People and their accounts outside, for plugins: who is still to be looked for, and who is who.

What is known of a person outside is a link of the whole instance (`links.py`) with the person's id: its `external_id`
is what the other side calls them, None for somebody who was looked for and is not there; `try_at` says when to look
again. Beside it, what a plugin's own page for the administrator needs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from program.ground import audit
from program.ground.database import read
from program.ground.folding import like
from program.ground.now import utc_now
from program.outbox import pacing, progress
from program.people import access
from program.people.models import Person as PersonRow
from program.people.session import current_actor
from program.plugin_api import setups
from program.plugin_api.contract import Connection, Matched, Person, Progress
from program.plugin_api.links import COLUMNS, link_of
from program.plugin_api.models import ExternalLink
from program.plugin_api.units import reading, writing

_PERSON = len(setups.PERSON_COLUMNS)
UNKNOWN = "unknown"


def require_administrator() -> Person:
    """For a plugin's own page: the reader, if they look after the whole instance. Raises NotFound."""
    with reading():
        actor = current_actor()
        access.require_admin(actor)
        return Person(*read(select(*setups.PERSON_COLUMNS).where(PersonRow.id == actor.person_id)).one())


def note_match(person: Person, who: str) -> None:
    """Write into the history that the reader said by hand who a person is outside; `who` is '' for nobody."""
    with writing():
        changes: audit.Changes = {"outside": [None, who or None]}
        audit.record(current_actor(), "person.matched", object_id=person.id, name=person.name, changes=changes)


def people_to_match(connection: Connection, object_type: str, limit: int = 100) -> tuple[Matched, ...]:
    """People with an open account whom nobody has looked for outside yet, or whose time to be looked for has come."""
    due = or_(ExternalLink.id.is_(None), ExternalLink.try_at <= utc_now())
    # Those that were never looked for last: who was matched by hand waits in front of a screen.
    order = (ExternalLink.id.is_(None), ExternalLink.try_at, PersonRow.id)
    with reading():
        return _matched(_people(connection, object_type).where(due).order_by(*order).limit(limit))


def matched_people(
    connection: Connection, object_type: str, *, state: str = "", query: str = "", limit: int = 50, skip: int = 0
) -> tuple[tuple[Matched, ...], int]:
    """A page of people by name, and how many there are in all; `state` is a link's, or 'unknown' for those without."""
    found: list[ColumnElement[bool]] = []
    if state:
        found.append(ExternalLink.id.is_(None) if state == UNKNOWN else ExternalLink.state == state)
    if query.strip():
        pattern = like(query)
        found.append(or_(PersonRow.name_folded.like(pattern, escape="\\"), PersonRow.email.like(pattern, escape="\\")))
    people = _people(connection, object_type).where(*found)
    counted = people.with_only_columns(func.count(), maintain_column_froms=True)
    with reading():
        total = int(read(counted).scalar_one())
        return _matched(people.order_by(PersonRow.name_folded, PersonRow.id).limit(limit).offset(skip)), total


def match_counts(connection: Connection, object_type: str) -> dict[str, int]:
    """How many people have a link in each state; 'unknown' counts those without one."""
    people = _people(connection, object_type)
    counted = people.with_only_columns(ExternalLink.state, func.count(), maintain_column_froms=True)
    with reading():
        return {state or UNKNOWN: number for state, number in read(counted.group_by(ExternalLink.state)).all()}


def handing_over(plugin: str) -> tuple[Progress, ...]:
    """How far the messages have come that were told to many people at once in the last two days, newest first."""
    with reading():
        return tuple(
            Progress(
                *(str(one.kind), one.program, one.began_at, one.total),
                *(one.sent, one.waiting, one.later, one.failed, one.other),
            )
            for one in progress.crowds(plugin)
        )


def take_turn(plugin: str, queue: str, a_minute: float, within: timedelta) -> timedelta | None:
    """How long to wait for a turn in that queue of so many a minute, for all processes; None if longer than `within`.

    The turn is taken thereby. After a quiet minute most of a minute's turns may be had at once. For
    ticks and for handing over; a page has nobody to wait for.
    """
    turns = pacing.take(f"{plugin}/{queue}", a_minute, within=within, burst=0.8)
    return turns[0] if turns else None


def _people(connection: Connection, object_type: str) -> Select[Any]:
    theirs = and_(
        ExternalLink.connection_id.is_(None),
        ExternalLink.plugin == connection.plugin,
        ExternalLink.object_type == object_type,
        ExternalLink.object_id == PersonRow.id,
    )
    columns = select(*setups.PERSON_COLUMNS, *COLUMNS)
    return columns.select_from(PersonRow).outerjoin(ExternalLink, theirs).where(PersonRow.is_active)


def _matched(statement: Select[Any]) -> tuple[Matched, ...]:
    found = []
    for row in read(statement).all():
        link = row[_PERSON:]
        # The object's id is the first that every link has.
        found.append(Matched(Person(*row[:_PERSON]), link_of(link) if link[1] is not None else None))
    return tuple(found)
