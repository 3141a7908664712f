"""The plan around the items, for plugins that carry it elsewhere: phases, what waits for what, people, new items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor, Origin, system
from program.ground.database import read
from program.people.models import Membership
from program.people.models import Person as PersonRow
from program.planning import items as item_verbs
from program.planning.models import Dependency, Phase
from program.planning.past import Past, tell_past
from program.plugin_api import setups
from program.plugin_api.contract import Connection, Item, Link, Person, Stage
from program.plugin_api.links import write_link
from program.plugin_api.units import program_of, reading, writing
from program.plugin_api.work import item_now

# How an entry says what was written elsewhere; `planning/history_words.py` puts it into words.
SENT = "item.sent"


def stages(connection: Connection) -> tuple[Stage, ...]:
    """The phases of the connection's program, in order."""
    columns = (Phase.id, Phase.name, Phase.planned_start, Phase.planned_end, Phase.revision)
    statement = select(*columns).where(Phase.program_id == program_of(connection).id).order_by(Phase.position)
    with reading():
        return tuple(Stage(*row) for row in read(statement))


def waits(connection: Connection, *, after: int = 0, limit: int = 500) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """What waits for what in the connection's program: (id of the item that waits, ids of those before it), by id.

    `limit` is of dependencies; an item's own are never divided between two pages.
    """
    columns = (Dependency.successor_id, Dependency.predecessor_id)
    mine = (Dependency.program_id == program_of(connection).id, Dependency.successor_id > after)
    with reading():
        rows = list(read(select(*columns).where(*mine).order_by(*columns).limit(limit + 1)))
        last = rows[-1][0] if len(rows) > limit and rows[0][0] != rows[-1][0] else None
        found: dict[int, list[int]] = {}
        for successor, predecessor in rows:
            if successor != last:
                found.setdefault(successor, []).append(predecessor)
    return tuple((successor, tuple(before)) for successor, before in found.items())


def doers(connection: Connection) -> tuple[Person, ...]:
    """Those who can own an item of the connection's program, by name."""
    statement = (
        select(*setups.PERSON_COLUMNS)
        .join(Membership, Membership.person_id == PersonRow.id)
        .where(
            Membership.program_id == program_of(connection).id,
            Membership.access >= Access.CONTRIBUTOR,
            PersonRow.is_active,
        )
        .order_by(PersonRow.name)
    )
    with reading():
        return tuple(Person(*row) for row in read(statement))


def add_item(connection: Connection, values: Mapping[str, Any], *, who: Person | None, where: Origin) -> Item:
    """Add what was made outside as an item of the connection's program. Raises Invalid, and Forbidden for `who`.

    `values` are those of an item: title, description, status, status_reason, owner_id, priority, dates, phase_id, tags.
    """
    actor = system(where) if who is None else Actor(who.id, where)
    with writing():
        item = item_verbs.add_item(actor, program_of(connection).id, item_verbs.ItemDraft(**values))
        return item_now(item.id)


class _Taken(Exception):
    """Another process took the same thing over."""


def take_item(
    connection: Connection,
    values: Mapping[str, Any],
    link_for: Callable[[Item], Link],
    *,
    past: Sequence[Past] = (),
    where: Origin,
) -> Item | None:
    """Take over what exists outside as an item, with its link and its past, in one go; None if it is linked already.

    `values` are those of an item, `link_for` gives its link and speaks to nobody; `past` is told in its history under
    the days it happened on. Raises Invalid naming the fields that cannot be so.
    """
    actor, program = system(where), program_of(connection)
    with writing():
        try:
            with db.session.begin_nested():
                row = item_verbs.add_item(actor, program.id, item_verbs.ItemDraft(**values))
                tell_past(actor, row, past, where)
                db.session.flush()
                item = item_now(row.id)
                if not write_link(connection, link_for(item), new=True):
                    raise _Taken
        except _Taken:
            return None
    return item


def link_item(connection: Connection, number: int, link: Link, *, past: Sequence[Past] = (), where: Origin) -> None:
    """Link an item that is here already with what exists outside, and tell its past in its history, in one go.

    What the history tells of the past already is not told again. Raises NotFound.
    """
    actor = system(where)
    with writing():
        item = item_verbs.find_item(actor, program_of(connection).id, number, Access.CONTRIBUTOR, lock=True)
        tell_past(actor, item, past, where)
        write_link(connection, link)


def say_sent(connection: Connection, sent: Sequence[tuple[Item, str, Sequence[str]]], where: Origin) -> None:
    """Note in the items' history what was written elsewhere: (item, address of its counterpart, names of fields)."""
    entries: list[tuple[int, str, audit.Changes]] = [
        (item.id, item.title, {"to": [None, url], "fields": [None, list(names)]}) for item, url, names in sent
    ]
    if entries:
        with writing():
            audit.record_many(system(where), SENT, program_of(connection).id, entries)
