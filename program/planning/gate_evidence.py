"""What was seen when a gate was decided, frozen and chained, so that the decision stands up later.

Each decision keeps a record: canonical JSON of the readiness with every criterion, its value, source and age, of the
items behind them with their owners' names, of who decided, who dissented, who wrote it down, and when. The records of
a program form a chain: each carries the hash of the one before, and its own hash is taken over both. Nobody can then
change, remove or reorder one without every later hash disagreeing; `verify` finds where. Each hash stands in the audit
trail as well, so that cutting off the end of the chain shows too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import or_, select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.ground.records import record
from program.people.models import Person
from program.planning.models import GateDecision, WorkItem
from program.planning.models.items import Status
from program.planning.readiness import CriterionState, GateReadiness

FORMAT = 1
GENESIS = "0" * 64
# How many records' sayings a process remembers.
_MOST_REMEMBERED = 2_000
_said_before: dict[bytes, dict[str, Any]] = {}


@record
class Broken:
    """A link of a program's chain that does not hold, and why."""

    sequence: int
    reason: str


def canonical(record: Mapping[str, Any]) -> str:
    """The one way to write a record down: keys sorted, no spaces, letters as they are, no fractions.

    Raises ValueError for a fraction: two machines could write it differently.
    """
    _refuse_fractions(record)
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(previous_hash: str, record: str) -> str:
    """The hash of a link: SHA-256 over the previous hash, a line feed and the record, in hexadecimal."""
    return hashlib.sha256(f"{previous_hash}\n{record}".encode()).hexdigest()


def as_seen(readiness: GateReadiness) -> dict[str, Any]:
    """The readiness of a gate in the terms of a record."""
    return {
        "state": readiness.state,
        "met": readiness.met,
        "total": readiness.total,
        "criteria": [_criterion(criterion) for criterion in readiness.criteria],
        "conditions": [condition.link.number for condition in readiness.conditions],
    }


def look(readiness: GateReadiness) -> str:
    """A short fingerprint of what a page showed of a gate: another one means that something has changed since."""
    seen = as_seen(readiness) | {"revision": readiness.revision, "name": readiness.name}
    return digest(GENESIS, canonical(seen))[:16]


def items_behind(program_id: int, readiness: GateReadiness) -> list[dict[str, Any]]:
    """The items that the criteria rest on: the phase's required and blocked ones, conditions, those that wait."""
    numbers = {link.number for criterion in readiness.criteria for link in criterion.links}
    numbers |= {condition.link.number for condition in readiness.conditions}
    rows = db.session.execute(
        select(
            WorkItem.number,
            WorkItem.title,
            WorkItem.kind,
            WorkItem.status,
            WorkItem.status_reason,
            WorkItem.required,
            Person.name.label("owner"),
            WorkItem.due_on,
            WorkItem.done_at,
        )
        .outerjoin(Person, Person.id == WorkItem.owner_id)
        .where(
            WorkItem.program_id == program_id,
            or_(
                WorkItem.number.in_(sorted(numbers)),
                (WorkItem.phase_id == readiness.phase_id)
                & or_(WorkItem.required, WorkItem.status == Status.BLOCKED.value),
            ),
        )
        .order_by(WorkItem.number)
    )
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]


def chain(program_id: int) -> Sequence[Any]:
    """Every decision of the program in its order, as `verify_rows` reads it. One statement."""
    return db.session.execute(
        select(
            GateDecision.sequence,
            GateDecision.gate_id,
            GateDecision.outcome,
            GateDecision.reason,
            GateDecision.decided_at,
            GateDecision.recorded_by_id,
            GateDecision.record,
            GateDecision.previous_hash,
            GateDecision.hash,
        )
        .where(GateDecision.program_id == program_id)
        .order_by(GateDecision.sequence)
    ).all()


def verify(program_id: int) -> list[Broken]:
    """Every link of the program's chain that does not hold, in two statements; empty when all is well."""
    rows = chain(program_id)
    return verify_rows(program_id, rows) + _missing_from(program_id, {row.sequence: row.hash for row in rows})


def verify_rows(program_id: int, rows: Sequence[Any]) -> list[Broken]:
    """As `verify`, for decisions that were read already, in the order of their sequence."""
    broken = []
    expected, previous_hash = 1, GENESIS
    for row in rows:
        if row.sequence > expected:
            gone = row.sequence - expected
            broken.append(
                Broken(
                    expected,
                    ngettext("%(num)s decision is missing here.", "%(num)s decisions are missing here.", gone),
                )
            )
        elif row.sequence < expected:
            broken.append(Broken(row.sequence, _("The number is out of order.")))
        if row.previous_hash != previous_hash:
            broken.append(Broken(row.sequence, _("It does not follow on the decision before it.")))
        if row.hash != digest(row.previous_hash, row.record):
            broken.append(Broken(row.sequence, _("Its record or its hash was changed after the decision.")))
        broken += [Broken(row.sequence, reason) for reason in _disagreements(program_id, row)]
        expected, previous_hash = row.sequence + 1, row.hash
    return broken


def _disagreements(program_id: int, row: Any) -> list[str]:
    """What a decision's columns say differently from its record."""
    try:
        said = _said(row.record)
    except (ValueError, KeyError, TypeError):
        return [_("Its record cannot be read.")]
    if said is None:
        return [_("Its record is not written in the one way records are written.")]
    found = {
        "program": program_id,
        "gate": row.gate_id,
        "sequence": row.sequence,
        "outcome": row.outcome,
        "reason": row.reason,
        "decided_at": _plain(row.decided_at),
        "recorded_by": row.recorded_by_id,
    }
    return [
        _("The column “%(column)s” says something else than the record.", column=name)
        for name in said
        if said[name] != found[name]
    ]


def _said(text: str) -> dict[str, Any] | None:
    """What a record says of the columns beside it; None when it is not canonical. Raises for one that is no record."""
    # Pages check the same long records again and again. The fingerprint is of the text that is there, so a changed one
    # is never taken for the one that was read before.
    fingerprint = hashlib.sha256(text.encode()).digest()
    known = _said_before.get(fingerprint)
    if known is not None:
        return known
    found = json.loads(text)
    if canonical(found) != text:
        return None
    said = {
        "program": found["program"]["id"],
        "gate": found["gate"]["id"],
        "sequence": found["sequence"],
        "outcome": found["outcome"],
        "reason": found["reason"],
        "decided_at": found["decided_at"],
        "recorded_by": found["recorded_by"]["id"] if found["recorded_by"] else None,
    }
    if len(_said_before) >= _MOST_REMEMBERED:
        _said_before.clear()
    _said_before[fingerprint] = said
    return said


def _missing_from(program_id: int, hashes: dict[int, str]) -> list[Broken]:
    """Decisions that the audit trail tells of with another hash, or that are gone."""
    entries = db.session.scalars(
        select(AuditEntry.changes)
        .where(AuditEntry.program_id == program_id, AuditEntry.verb == "gate.decided")
        .order_by(AuditEntry.id)
    )
    broken = []
    for changes in entries:
        sequence, told = changes.get("sequence", (None, None))[1], changes.get("hash", (None, None))[1]
        if sequence is None or hashes.get(sequence) == told:
            continue
        if sequence in hashes:
            broken.append(Broken(sequence, _("The audit trail knows another hash of this decision.")))
        else:
            broken.append(Broken(sequence, _("The audit trail tells of this decision, but it is gone.")))
    return broken


def _criterion(criterion: CriterionState) -> dict[str, Any]:
    return {
        "kind": criterion.kind,
        "text": criterion.text,
        "met": criterion.met,
        "source": criterion.source,
        "value": criterion.value,
        "age": criterion.age,
        "as_of": _plain(criterion.as_of),
        "why_not": criterion.why_not,
        "items": [link.number for link in criterion.links],
        "items_in_all": criterion.link_total,
    }


def _plain(value: Any) -> Any:
    """A value in JSON terms: moments and days as ISO text."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def _refuse_fractions(value: Any) -> None:
    if isinstance(value, float):
        raise ValueError("a record holds no fractions")
    if isinstance(value, Mapping):
        for part in value.values():
            _refuse_fractions(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_fractions(part)
