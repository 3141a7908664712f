"""What happened in a program, for plugins that carry it elsewhere: the audit trail without anybody's words in it.

It is read by position, not announced: a plugin that was down for a week finds everything when it comes back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from program.ground.audit import AuditEntry
from program.ground.database import read
from program.ground.now import utc_now
from program.planning.items import SOURCE
from program.planning.past import WAS
from program.plugin_api.contract import Connection, Event, Events
from program.plugin_api.models import ExternalLink
from program.plugin_api.units import program_of, reading

# Nouns whose names are names of work. Comments are people's words, members and people are persons.
NOUNS = ("item", "phase", "block", "gate", "criterion", "baseline", "program")
# Columns whose values are dates, states and choices. The rest of what changed is named, not told.
SAFE = frozenset(
    ("status", "required", "priority", "channel", "kind", "role", "start_on", "due_on", "done_at", "started_at")
    + ("planned_start", "planned_end", "planned_on", "actual_start", "actual_end", "starts_on", "ends_on", "closed_on")
    + ("outcome", "title", "name", "phase_id", "block_id", "gate_id", "locale", "timezone", "country")
)
# Entries get their numbers before their transaction is over: one with a smaller number may become visible after one
# with a larger. So a position is never moved past an entry younger than this, which no request or tick outlasts.
SETTLED = timedelta(minutes=5)
OBJECT = "event"


def latest_position(connection: Connection) -> int:
    """Where the events of the connection's program stand now: for a connection that begins with what comes next."""
    with reading():
        return _newest(connection)


def events_since(connection: Connection, position: int, *, verbs: Collection[str] = (), limit: int = 100) -> Events:
    """Events of the connection's program after that position, in order; `verbs` narrows them ('gate.decided').

    Keep a link with object_type 'event' and the event's id for each that you take in (`keep_link(..., new=True)`):
    those are left out from then on. The position in the answer stays a few minutes behind the newest event, so that
    what was slow to be committed is found; without the links you would see an event again meanwhile.
    """
    taken = select(ExternalLink.id).where(
        ExternalLink.connection_id == connection.id,
        ExternalLink.object_type == OBJECT,
        ExternalLink.object_id == AuditEntry.id,
    )
    found = [
        AuditEntry.program_id == program_of(connection).id,
        AuditEntry.id > position,
        AuditEntry.object_type.in_(NOUNS),
        # What happened elsewhere before it was taken over is no news.
        AuditEntry.verb != WAS,
        ~taken.exists(),
    ]
    if verbs:
        found.append(AuditEntry.verb.in_(list(verbs)))
    columns = (AuditEntry.id, AuditEntry.at, AuditEntry.verb, AuditEntry.object_type, AuditEntry.object_id)
    statement = select(*columns, AuditEntry.name, AuditEntry.changes).where(*found)
    with reading():
        # The position first: what is committed between the two statements is then after it.
        settled = _newest(connection, AuditEntry.at < utc_now() - SETTLED)
        events = tuple(_event(row) for row in read(statement.order_by(AuditEntry.id).limit(limit)))
    if len(events) == limit:
        settled = min(settled, events[-1].id)
    return Events(events, max(position, settled))


def _newest(connection: Connection, *conditions: Any) -> int:
    mine = AuditEntry.program_id == program_of(connection).id
    # The last by its moment, along an index: its number need not be the largest, but none before it is still to come.
    latest = select(AuditEntry.id).where(mine, *conditions).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    return read(latest.limit(1)).scalar() or 0


def _event(row: Any) -> Event:
    number, at, verb, object_type, object_id, name, changes = row
    safe = {name: pair for name, pair in changes.items() if name in SAFE}
    changed = tuple(name for name in changes if name != SOURCE)
    return Event(number, at, verb, object_type, object_id, name, changed, safe)
