"""What happened to an item before it was taken over from elsewhere, in its history under the days it happened on.

Told apart from what happened here: nothing that compares two moments of the program reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from program.extensions import db
from program.ground import audit
from program.ground.actor import Access, Actor, Origin
from program.ground.audit import AuditEntry
from program.ground.now import utc_now
from program.ground.records import record
from program.people import access
from program.planning.models import WorkItem
from program.planning.models.items import Status

# How an entry says so; `history_words.py` puts it into words.
WAS = "item.was"


@record
class Past:
    """One change from before: when, by whom (a person here, or somebody's name there), and the status in both words."""

    at: datetime
    status: tuple[str | None, str | None] = (None, None)
    said: tuple[str | None, str | None] = (None, None)
    person_id: int | None = None
    by: str = ""


def tell_past(actor: Actor, item: WorkItem, past: Sequence[Past], where: Origin) -> None:
    """Write the item's past into its history, and let it have begun and ended when it did; what is told stays so."""
    access.require(actor, item.program_id, Access.CONTRIBUTOR)
    now, told = utc_now(), _told(item)
    known = sorted((one for one in past if one.at <= now and (one.at, *one.said) not in told), key=lambda one: one.at)
    for one in known:
        changes: audit.Changes = {"status": list(one.status), "said": list(one.said)}
        if one.by and one.person_id is None:
            changes["by"] = [None, one.by]
        who = Actor(one.person_id, where)
        audit.record_past(who, WAS, one.at, item.program_id, item.id, item.title, changes)
    begun = [one.at for one in known if one.status[1] in (Status.DOING, Status.DONE)]
    ended = [one.at for one in known if one.status[1] == Status.DONE]
    if begun and item.started_at is not None:
        item.started_at = min(item.started_at, begun[0])
    if ended and item.done_at is not None:
        item.done_at = min(item.done_at, ended[-1])


def _told(item: WorkItem) -> set[tuple[object, ...]]:
    """What the item's history tells of its past already: when, and the status in the other system's words."""
    mine = (AuditEntry.object_type == "item", AuditEntry.object_id == item.id, AuditEntry.verb == WAS)
    rows = db.session.execute(select(AuditEntry.at, AuditEntry.changes).where(*mine))
    return {(at, *changes["said"]) for at, changes in rows}
