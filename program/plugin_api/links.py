"""What belongs to what outside: the links of a connection, and what its plugin remembers between two syncs.

With the `Connection` of the whole instance (`core.instance_settings`) they are the plugin's own, of no program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite

from program.extensions import db
from program.ground import audit
from program.ground.database import read
from program.ground.now import utc_now
from program.people.session import current_actor
from program.plugin_api.contract import Connection, Item, Link, LinkState, Report
from program.plugin_api.models import ConnectionReport, ExternalLink
from program.plugin_api.units import reading, writing

_FIELDS = tuple(field.name for field in fields(Link))
COLUMNS = tuple(getattr(ExternalLink, name) for name in _FIELDS)
# The kind of links that say what is left out of what is kept in step.
ASIDE = "aside"
_KEYS = ("connection_id", "object_type", "object_id")


def find_link(
    connection: Connection, object_type: str, *, object_id: int | None = None, external_id: str | None = None
) -> Link | None:
    """The link of that thing, by its id here or its id outside."""
    if (object_id is None) == (external_id is None):
        raise TypeError("give object_id or external_id")
    asked = ExternalLink.object_id == object_id if external_id is None else ExternalLink.external_id == external_id
    with reading():
        row = read(_of(connection, object_type).where(asked)).first()
    return link_of(row) if row is not None else None


def keep_link(connection: Connection, link: Link, *, new: bool = False) -> bool:
    """Write the link, whether it was there or not; with `new` only if it was not. Says whether it was written.

    Two processes that find the same thing at once write one link; `new` tells which of them was first.
    """
    with writing():
        return write_link(connection, link, new=new)


def write_link(connection: Connection, link: Link, *, new: bool = False) -> bool:
    """`keep_link` within a transaction that is open already."""
    values = {**asdict(link), "base": dict(link.base), "state": link.state.value, "updated_at": utc_now()}
    values["error"] = link.error[:2000]
    unique = list(_KEYS) if connection.id else ["plugin", "object_type", "object_id"]
    where = None if connection.id else ExternalLink.connection_id.is_(None)
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(ExternalLink).values(**_owner(connection), created_at=utc_now(), **values)
    if new:
        statement = statement.on_conflict_do_nothing()
    else:
        fresh = {name: values[name] for name in values if name not in _KEYS}
        statement = statement.on_conflict_do_update(index_elements=unique, index_where=where, set_=fresh)
    return db.session.execute(statement.returning(ExternalLink.id)).first() is not None


def due_links(connection: Connection, object_type: str, limit: int = 100) -> tuple[Link, ...]:
    """Links that wait and whose time has come, oldest first."""
    due = or_(ExternalLink.try_at.is_(None), ExternalLink.try_at <= utc_now())
    statement = _of(connection, object_type).where(ExternalLink.state == LinkState.WAITING, due)
    with reading():
        return tuple(link_of(row) for row in read(statement.order_by(ExternalLink.object_id).limit(limit)))


def links_of(
    connection: Connection,
    object_type: str,
    *,
    object_ids: Sequence[int] | None = None,
    external_ids: Sequence[str] | None = None,
) -> tuple[Link, ...]:
    """The links of those things, by their ids here or their ids outside; what has none is missing."""
    if (object_ids is None) == (external_ids is None):
        raise TypeError("give object_ids or external_ids")
    asked = ExternalLink.object_id.in_(object_ids or ())
    if external_ids is not None:
        asked = ExternalLink.external_id.in_(external_ids)
    with reading():
        return tuple(link_of(row) for row in read(_of(connection, object_type).where(asked)))


def links_after(connection: Connection, object_type: str, *, after: int, limit: int = 100) -> tuple[Link, ...]:
    """Links by the id of their object, from the one after `after`: for going through all of them, page by page."""
    statement = _of(connection, object_type).where(ExternalLink.object_id > after)
    with reading():
        return tuple(link_of(row) for row in read(statement.order_by(ExternalLink.object_id).limit(limit)))


def list_links(
    connection: Connection, object_type: str, *, state: LinkState | None = None, limit: int = 50, skip: int = 0
) -> tuple[tuple[Link, ...], int]:
    """A page of links, newest object first, and how many there are in all."""
    found = [*_belongs(connection), ExternalLink.object_type == object_type]
    if state is not None:
        found.append(ExternalLink.state == state)
    statement = select(*COLUMNS).where(*found).order_by(ExternalLink.object_id.desc()).limit(limit).offset(skip)
    with reading():
        total = read(select(func.count()).select_from(ExternalLink).where(*found)).scalar() or 0
        return tuple(link_of(row) for row in read(statement)), total


def pick_links(
    connection: Connection, wanted: Mapping[str, LinkState | None], *, limit: int = 50
) -> dict[str, tuple[Link, ...]]:
    """The newest links of several kinds at once, each kind in that state or in any (None); for a page of many lists."""
    parts = []
    for kind, state in wanted.items():
        asked = _of(connection, kind)
        asked = asked if state is None else asked.where(ExternalLink.state == state)
        newest = asked.order_by(ExternalLink.object_id.desc()).limit(limit).subquery()
        parts.append(select(newest))
    found: dict[str, list[Link]] = {kind: [] for kind in wanted}
    with reading():
        for row in read(union_all(*parts)):
            link = link_of(row)
            found[link.object_type].append(link)
    return {kind: tuple(sorted(links, key=lambda one: -one.object_id)) for kind, links in found.items()}


def count_links(connection: Connection) -> dict[str, dict[LinkState, int]]:
    """How many links of the connection are in each state, by their kind; kinds and states without any are missing."""
    columns = (ExternalLink.object_type, ExternalLink.state)
    asked = select(*columns, func.count()).where(*_belongs(connection)).group_by(*columns)
    found: dict[str, dict[LinkState, int]] = {}
    with reading():
        for kind, state, count in read(asked):
            found.setdefault(kind, {})[LinkState(state)] = count
    return found


def report_of(connection: Connection) -> Report:
    """How the connection is doing, as the clock and the last check left it."""
    row = ConnectionReport
    columns = (row.synced_at, row.failed_at, row.failures, row.reason, row.needs_person, row.health, row.health_text)
    with reading():
        found = read(select(*columns).where(row.connection_id == connection.id)).first()
    return Report(*found) if found is not None else Report()


def forget_link(
    connection: Connection, object_type: str, *, object_id: int | None = None, done_before: datetime | None = None
) -> int:
    """Forget one link, or all that are done and were last written before a moment. Says how many."""
    found = [*_belongs(connection), ExternalLink.object_type == object_type]
    if (object_id is None) == (done_before is None):
        raise TypeError("give object_id or done_before")
    if done_before is not None:
        found += [ExternalLink.state == LinkState.DONE, ExternalLink.updated_at < done_before]
    else:
        found.append(ExternalLink.object_id == object_id)
    with writing():
        return int(db.session.connection().execute(delete(ExternalLink).where(*found)).rowcount)


def remember(connection: Connection, memory: Mapping[str, Any]) -> None:
    """Keep the plugin's own notes on the connection (JSON, small): they come back as `connection.memory`."""
    with writing():
        mine = ConnectionReport.connection_id == connection.id
        db.session.connection().execute(update(ConnectionReport).where(mine).values(memory=dict(memory)))


def note(connection: Connection, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change some of the plugin's own notes on the connection and leave the others; None takes one away. All of them.

    For what two write at once: a page and a sync that is running.
    """
    with writing():
        mine = ConnectionReport.connection_id == connection.id
        held = select(ConnectionReport.memory).where(mine).with_for_update()
        memory = {**(db.session.scalar(held) or {}), **changes}
        memory = {name: value for name, value in memory.items() if value is not None}
        db.session.connection().execute(update(ConnectionReport).where(mine).values(memory=memory))
    return memory


def set_aside(connection: Connection, item: Item, aside: bool) -> None:
    """For a plugin's own page: leave an item out of what is kept in step, or take it in again; its page says so.

    It is a link of the kind 'aside', which the plugin heeds; what a sync that is running writes does not undo it.
    """
    is_aside = find_link(connection, ASIDE, object_id=item.id) is not None
    if is_aside == aside:
        return
    if aside:
        keep_link(connection, Link(ASIDE, item.id, state=LinkState.DONE))
    else:
        forget_link(connection, ASIDE, object_id=item.id)
    verb = "item.mirror_paused" if aside else "item.mirror_resumed"
    with writing():
        audit.record(current_actor(), verb, object_id=item.id, name=item.title, program_id=item.program_id)


def sync_soon(connection: Connection) -> None:
    """Have the clock call `sync` for the connection at its next tick, whatever went wrong before."""
    with writing():
        mine = ConnectionReport.connection_id == connection.id
        again = update(ConnectionReport).where(mine).values(sync_at=utc_now(), needs_person=False)
        db.session.execute(again.execution_options(synchronize_session=False))


def _of(connection: Connection, object_type: str) -> Any:
    return select(*COLUMNS).where(*_belongs(connection), ExternalLink.object_type == object_type)


def _belongs(connection: Connection) -> list[Any]:
    if connection.id:
        return [ExternalLink.connection_id == connection.id]
    return [ExternalLink.connection_id.is_(None), ExternalLink.plugin == connection.plugin]


def _owner(connection: Connection) -> dict[str, Any]:
    return {"connection_id": connection.id or None, "plugin": "" if connection.id else connection.plugin}


def link_of(row: Any) -> Link:
    """A link from COLUMNS."""
    values = dict(zip(_FIELDS, row, strict=True))
    return Link(**{**values, "state": LinkState(values["state"])})
