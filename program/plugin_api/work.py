"""The work itself, for plugins: programs, items, people, and taking over a change that was made outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import and_, func, or_, select

from program.extensions import db
from program.ground.actor import Access, Actor, Origin, system
from program.ground.database import read
from program.ground.errors import Invalid, NotFound
from program.ground.now import utc_now
from program.people import access
from program.people.models import Person as PersonRow
from program.planning import items as item_verbs
from program.planning.item_rules import CHANGEABLE, MANAGER_ONLY
from program.planning.models import Program as ProgramRow
from program.planning.models import WorkItem
from program.planning.models.items import OPEN_STATUSES
from program.planning.opening import open_program
from program.plugin_api import setups
from program.plugin_api.contract import Connection, Item, Person, Program
from program.plugin_api.models import Connection as ConnectionRow
from program.plugin_api.models import ExternalLink
from program.plugin_api.units import program_of, reading, writing
from program.settings import in_environment

__all__ = ["utc_now"]
# What an outside may change of an item. What only managers decide stays with the managers.
REMOTE = CHANGEABLE - MANAGER_ONLY
_ITEM: tuple[Any, ...] = (
    *(WorkItem.id, WorkItem.program_id, WorkItem.number, WorkItem.kind, WorkItem.title, WorkItem.description),
    *(WorkItem.status, WorkItem.status_reason, WorkItem.priority, WorkItem.start_on, WorkItem.due_on),
    *(WorkItem.updated_at, WorkItem.revision, WorkItem.phase_id, ProgramRow.key, *setups.PERSON_COLUMNS),
)


def find_program(key: str) -> Program:
    """The program with that key. Raises NotFound."""
    with reading():
        row = read(select(*setups.PROGRAM_COLUMNS).where(ProgramRow.key == key.upper())).first()
        if row is None:
            raise NotFound(access.NOT_HERE)
        return setups.program_data(row)


def find_person(email: str) -> Person | None:
    """The person with an open account and that e-mail address."""
    with reading():
        found = select(*setups.PERSON_COLUMNS).where(PersonRow.email == email.strip().lower(), PersonRow.is_active)
        row = read(found).first()
    return Person(*row) if row is not None else None


def items(program: Program, *, only_open: bool = True, after: int = 0, limit: int = 500) -> tuple[Item, ...]:
    """Items of the program by number, from the one after `after`; ask again with the last number for more."""
    found = [WorkItem.program_id == program.id, WorkItem.number > after]
    if only_open:
        found.append(WorkItem.status.in_(OPEN_STATUSES))
    with reading():
        return _with_tags(read(_items().where(*found).order_by(WorkItem.number).limit(limit)))


def by_ids(connection: Connection, ids: Sequence[int]) -> tuple[Item, ...]:
    """Those items of the connection's program, by number; ids of no item of it are passed over."""
    found = (WorkItem.program_id == program_of(connection).id, WorkItem.id.in_(ids))
    with reading():
        return _with_tags(read(_items().where(*found).order_by(WorkItem.number)))


def items_changed_since(
    connection: Connection, moment: datetime | None = None, *, after: int = 0, limit: int = 200
) -> tuple[Item, ...]:
    """Items of the connection's program that changed, by id, from the one after `after`.

    Without a moment: those whose revision is beyond what their link says was synced, and those without a link; this
    misses nothing. With one: those written at or after it; ask with some overlap, as a write takes time to be seen.
    """
    statement = _items().where(WorkItem.program_id == program_of(connection).id, WorkItem.id > after)
    if moment is not None:
        statement = statement.where(WorkItem.updated_at >= moment)
    else:
        mine = and_(
            ExternalLink.connection_id == connection.id,
            ExternalLink.object_type == "item",
            ExternalLink.object_id == WorkItem.id,
        )
        statement = statement.outerjoin(ExternalLink, mine)
        statement = statement.where(or_(ExternalLink.id.is_(None), WorkItem.revision > ExternalLink.synced_revision))
    with reading():
        return _with_tags(read(statement.order_by(WorkItem.id).limit(limit)))


def count_unlinked(connection: Connection, kinds: Sequence[str], statuses: Sequence[str]) -> int:
    """How many items of those kinds in those statuses have no 'item' link of the connection yet."""
    linked = select(ExternalLink.id).where(
        ExternalLink.connection_id == connection.id,
        ExternalLink.object_type == "item",
        ExternalLink.object_id == WorkItem.id,
    )
    found = (WorkItem.program_id == program_of(connection).id, WorkItem.kind.in_(kinds), WorkItem.status.in_(statuses))
    with reading():
        return read(select(func.count()).select_from(WorkItem).where(*found, ~linked.exists())).scalar() or 0


def apply_remote_change(
    connection: Connection,
    number: int,
    changes: Mapping[str, Any],
    *,
    who: Person | None,
    where: Origin,
    seen: int | None = None,
    source: str = "",
) -> Item:
    """Take over what was changed outside on the item with that number; history says who did it and where.

    `changes` are columns of the item (title, description, status, status_reason, owner_id, priority, start_on, due_on
    and the like) and `tags`, all of them. `who` None is somebody Milepost does not know. With `seen`, the revision the
    change was worked out from, an item that moved on since raises Conflict. `source` is the address it comes from: the
    history links to it. Raises NotFound, Forbidden when `who` may not, and Invalid naming the fields that cannot be so.
    """
    values = dict(changes)
    tags = values.pop("tags", None)
    if refused := set(values) - REMOTE:
        reason = f"A plugin cannot change this: {', '.join(sorted(refused))}."
        raise Invalid(reason, dict.fromkeys(refused, reason))
    actor = system(where) if who is None else Actor(who.id, where)
    with writing():
        item = item_verbs.find_item(actor, program_of(connection).id, number, Access.CONTRIBUTOR, lock=True)
        item_verbs.change_item(actor, item, values, seen=seen, source=source)
        if tags is not None:
            item_verbs.set_tags(actor, item, tags, source=source)
        db.session.flush()
        return _with_tags(read(_items().where(WorkItem.id == item.id)))[0]


def instance_settings(plugin: str) -> Connection:
    """How the plugin is set up for the whole instance, for its own pages and commands."""
    with reading():
        return setups.of_instance(plugin)


def active_connections(plugin: str) -> tuple[Connection, ...]:
    """The plugin's connections that may act now, for its ticks and commands."""
    with reading():
        return setups.active(plugin)


def managed_connection(plugin: str, connection_id: int) -> Connection:
    """For a plugin's own page: that connection, if the reader manages its program. Raises NotFound, Forbidden."""
    with reading():
        mine = (ConnectionRow.id == connection_id, ConnectionRow.plugin == plugin)
        found = select(ProgramRow.key).join(ConnectionRow, ConnectionRow.program_id == ProgramRow.id).where(*mine)
        key = read(found).scalar()
        if key is None:
            raise NotFound(access.NOT_HERE)
        # The page is one of the program's from here on: its name in the frame, its time zone in dates.
        open_program(key, Access.MANAGER)
        connection = setups.of_program(connection_id, plugin)
    if connection is None:
        raise NotFound(access.NOT_HERE)
    return connection


def web_address(path: str) -> str:
    """The whole address of a path of Milepost, for texts that are read elsewhere."""
    return str(current_app.config["MILEPOST"].base_url).rstrip("/") + path


def environment(name: str) -> str:
    """What the environment says under that name, or the file that `<NAME>_FILE` names, or ''. Raises OSError."""
    return in_environment(name).strip()


def item_now(item_id: int) -> Item:
    """That item as it is within the running transaction."""
    return _with_tags(read(_items().where(WorkItem.id == item_id)))[0]


def _items() -> Any:
    return (
        select(*_ITEM)
        .join(ProgramRow, ProgramRow.id == WorkItem.program_id)
        .outerjoin(PersonRow, PersonRow.id == WorkItem.owner_id)
    )


def _with_tags(rows: Iterable[Any]) -> tuple[Item, ...]:
    found = list(rows)
    tags = item_verbs.tags_of([row[0] for row in found]) if found else {}
    return tuple(_item(row, tags.get(row[0], ())) for row in found)


def _item(row: Any, tags: Sequence[str]) -> Item:
    (number_, program_id, number, kind, title, description, status, reason, priority) = row[:9]
    start_on, due_on, updated_at, revision, phase_id, key, *owner = row[9:]
    return Item(
        id=number_,
        program_id=program_id,
        number=number,
        kind=kind,
        title=title,
        description=description,
        status=status,
        status_reason=reason,
        owner=Person(*owner) if owner[0] is not None else None,
        priority=priority,
        start_on=start_on,
        due_on=due_on,
        updated_at=updated_at,
        revision=revision,
        url=web_address(f"/p/{key}/items/{number}"),
        phase_id=phase_id,
        tags=tuple(tags),
    )
