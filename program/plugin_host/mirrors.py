"""Where an item is kept in step with something outside: said on the item's page, with how fresh that is.

Read from what plugins keep of it (`ExternalLink`) and how their syncs went; no plugin is asked, nothing outside either.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased

from program.ground.actor import Access
from program.ground.database import read
from program.ground.records import record
from program.planning.insets import Asked, Inset, Place, register
from program.planning.models import Program
from program.plugin_api import setups
from program.plugin_api.links import ASIDE
from program.plugin_api.models import Connection, ConnectionReport, ExternalLink, LinkState
from program.plugin_host import own_pages
from program.plugin_host.host import host

OBJECT = "item"


@record
class Mirror:
    """An item's counterpart outside. `as_of` is when the other side was last heard; `trouble` why not since.

    `state` is 'aside' (the item is left out), 'rests' (all of the connection is), 'away' (the other side does not
    answer), 'failed' (this one needs somebody), 'waiting' or 'done'.
    """

    plugin: str
    name: str
    key: str
    url: str
    state: str
    trouble: str
    as_of: datetime | None
    # The plugin's own page about it, '' for those who may not see it.
    page: str


def hang_up() -> None:
    """Keep a place on the page of an item."""
    register(Place.ITEM, _of_item)


def _of_item(asked: Asked) -> Inset | None:
    if not host().having("sync") or asked.item_id is None:
        return None
    found = of_item(asked.item_id, manages=asked.access is not None and asked.access >= Access.MANAGER)
    return Inset("plugins/mirrors.html", {"mirrors": found}, order=50) if found else None


def of_item(item_id: int, *, manages: bool) -> list[Mirror]:
    """The counterparts of an item in connections that act, by the connection's name. One statement."""
    return [_mirror(row, item_id, manages) for row in read(_query(), {"item": item_id}).all()]


@cache
def _query() -> Any:
    aside = aliased(ExternalLink)
    report = ConnectionReport
    return (
        select(
            *(Connection.id, Connection.plugin, Connection.name, ExternalLink.external_key, ExternalLink.url),
            *(ExternalLink.state, ExternalLink.error, aside.id.label("aside"), report.memory, report.synced_at),
            *(report.failures, report.reason),
        )
        .select_from(ExternalLink)
        .join(Connection, Connection.id == ExternalLink.connection_id)
        .join(Program, Program.id == Connection.program_id)
        .join(report, report.connection_id == Connection.id)
        .outerjoin(
            aside,
            and_(
                aside.connection_id == Connection.id,
                aside.object_type == ASIDE,
                aside.object_id == ExternalLink.object_id,
            ),
        )
        .where(ExternalLink.object_type == OBJECT, ExternalLink.object_id == bindparam("item"), *setups.acting())
        .order_by(Connection.name, Connection.id)
    )


def _mirror(row: Any, item_id: int, manages: bool) -> Mirror:
    memory = row.memory or {}
    said = str(memory.get("as_of") or "")
    state, trouble = str(row.state), ""
    if row.aside is not None:
        state = "aside"
    elif memory.get("rests"):
        state = "rests"
    elif row.failures:
        state, trouble = "away", row.reason
    elif row.state == LinkState.FAILED:
        trouble = row.error
    installed = host().plugins.get(row.plugin)
    page = ""
    if manages and installed is not None:
        page = own_pages.address_of(installed, "item_page", connection_id=row.id, item_id=item_id)
    return Mirror(
        plugin=str(installed.title) if installed is not None else row.plugin,
        name=row.name,
        key=row.external_key,
        url=row.url,
        state=state,
        trouble=trouble,
        as_of=datetime.fromisoformat(said) if said else row.synced_at,
        page=page,
    )
