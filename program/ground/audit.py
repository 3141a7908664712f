"""The audit trail: who changed what, when, through which door. Verbs write it; pages and comparisons read it.

`changes` maps a column's name to `[before, after]` in JSON terms (dates as ISO text). A created row has None before
every value, a removed one None after it, so the state at any past moment can be worked out from the present.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, insert, text
from sqlalchemy.orm import Mapped, mapped_column

from program.extensions import Base, db
from program.ground.actor import Actor
from program.ground.errors import Conflict
from program.ground.model import CreatedAt, Editable, Id
from program.ground.now import utc_now

Changes = dict[str, list[Any]]


class AuditEntry(Base):
    """One change, as it will be read later: nothing in it is looked up from rows that may be gone by then."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_program_at", "program_id", "at"),
        # Who ever did something in a program, and what one person did.
        Index("ix_audit_entry_person", "program_id", "person_id", "at"),
        Index("ix_audit_entry_object", "object_type", "object_id", "at"),
        # Without the many entries that have none, or the database would take a batch for half of the trail.
        Index(
            "ix_audit_entry_batch",
            "batch",
            sqlite_where=text("batch IS NOT NULL"),
            postgresql_where=text("batch IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    at: Mapped[CreatedAt]
    program_id: Mapped[int | None] = mapped_column(ForeignKey("program.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    origin: Mapped[str] = mapped_column(String(10))
    # What happened, as 'noun.verb': item.changed, phase.moved, gate.decided.
    verb: Mapped[str] = mapped_column(String(40))
    object_type: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[int]
    # The object's name at that time.
    name: Mapped[str] = mapped_column(String(300))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Changes made by one act (a bulk edit, a moved plan) share a batch, so that they can be undone together.
    batch: Mapped[str | None] = mapped_column(String(32))


def new_batch() -> str:
    """A fresh name for the changes of one act."""
    return uuid.uuid4().hex


def in_json(value: Any) -> Any:
    """A column's value as the trail keeps it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        # As people write it: digits, without needless zeros.
        return f"{value.normalize():f}"
    return value


def change(row: Editable, values: Mapping[str, Any]) -> Changes:
    """Set those columns of the row and return what really changed; an unchanged value is left alone."""
    changes: Changes = {}
    for name, new in values.items():
        old = getattr(row, name)
        if old != new:
            changes[name] = [in_json(old), in_json(new)]
            setattr(row, name, new)
    return changes


def created(values: Mapping[str, Any]) -> Changes:
    """The changes of a row that came into being with those values."""
    return {name: [None, in_json(value)] for name, value in values.items() if value is not None}


def removed(values: Mapping[str, Any]) -> Changes:
    """The changes of a row that ceased to be with those values."""
    return {name: [in_json(value), None] for name, value in values.items() if value is not None}


def record(
    actor: Actor,
    verb: str,
    *,
    object_id: int,
    name: str,
    program_id: int | None = None,
    changes: Changes | None = None,
    batch: str | None = None,
) -> None:
    """Write one entry in the running transaction. The object's type is the verb's noun."""
    db.session.add(AuditEntry(**_entry(actor, verb, object_id, name, program_id, changes, batch)))


def record_many(
    actor: Actor,
    verb: str,
    program_id: int | None,
    objects: Iterable[tuple[int, str, Changes]],
    batch: str | None = None,
) -> None:
    """Write an entry for each (id, name, changes) in one statement."""
    entries = [_entry(actor, verb, object_id, name, program_id, changes, batch) for object_id, name, changes in objects]
    if entries:
        db.session.execute(insert(AuditEntry), entries)


def record_past(
    actor: Actor, verb: str, at: datetime, program_id: int, object_id: int, name: str, changes: Changes
) -> None:
    """Write one entry of what happened elsewhere at an earlier moment, under a verb of its own."""
    entry = _entry(actor, verb, object_id, name, program_id, changes, None)
    db.session.add(AuditEntry(**{**entry, "at": at}))


def check_revision(row: Any, seen: int, sentence: Any, object_type: str) -> None:
    """Refuse an edit that was begun from an older state. Raises Conflict naming the present revision."""
    if row.revision != seen:
        raise Conflict(sentence, current_revision=row.revision, object_type=object_type, object_id=row.id)


def _entry(
    actor: Actor,
    verb: str,
    object_id: int,
    name: str,
    program_id: int | None,
    changes: Changes | None,
    batch: str | None,
) -> dict[str, Any]:
    return {
        "at": utc_now(),
        "program_id": program_id,
        "person_id": actor.person_id,
        "origin": actor.origin.value,
        "verb": verb,
        "object_type": verb.split(".", 1)[0],
        "object_id": object_id,
        "name": name[:300],
        "changes": changes or {},
        "batch": batch,
    }
