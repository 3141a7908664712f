"""The committee's decisions, frozen and chained by hash like the evidence of gates (`planning/gate_evidence.py`).

`hash = sha256(previous hash, line feed, record)`, one chain for each program. Each hash stands in the audit trail too,
so that a chain that was cut short shows. `milepost doctor` verifies every chain.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from program.extensions import db
from program.ground.audit import AuditEntry
from program.planning.gate_evidence import GENESIS, Broken, canonical, digest
from program.steering.models import DecisionOutcome

__all__ = ["FORMAT", "GENESIS", "Broken", "canonical", "digest", "last_link", "verify"]

FORMAT = 1


def last_link(program_id: int) -> tuple[int, str]:
    """The number and hash of the program's last decision; (0, GENESIS) before the first."""
    row = db.session.execute(
        select(DecisionOutcome.sequence, DecisionOutcome.hash)
        .where(DecisionOutcome.program_id == program_id)
        .order_by(DecisionOutcome.sequence.desc())
        .limit(1)
    ).first()
    return (row.sequence, row.hash) if row else (0, GENESIS)


def verify(program_id: int) -> list[Broken]:
    """Every link of the program's chain that does not hold, in two statements; empty when all is well."""
    rows = db.session.execute(
        select(
            DecisionOutcome.sequence,
            DecisionOutcome.request_id,
            DecisionOutcome.option_id,
            DecisionOutcome.way,
            DecisionOutcome.reason,
            DecisionOutcome.decided_at,
            DecisionOutcome.decided_by_id,
            DecisionOutcome.record,
            DecisionOutcome.previous_hash,
            DecisionOutcome.hash,
        )
        .where(DecisionOutcome.program_id == program_id)
        .order_by(DecisionOutcome.sequence)
    ).all()
    return _verify_rows(program_id, rows) + _missing(program_id, {row.sequence: row.hash for row in rows})


def _verify_rows(program_id: int, rows: Sequence[Any]) -> list[Broken]:
    broken = []
    previous_hash = GENESIS
    for expected, row in enumerate(rows, 1):
        if row.sequence != expected:
            broken.append(Broken(expected, _("A decision is missing here.")))
            return broken
        if row.previous_hash != previous_hash:
            broken.append(Broken(row.sequence, _("It does not follow on the decision before it.")))
        if row.hash != digest(row.previous_hash, row.record):
            broken.append(Broken(row.sequence, _("Its record or its hash was changed after the decision.")))
        broken += [Broken(row.sequence, reason) for reason in _disagreements(program_id, row)]
        previous_hash = row.hash
    return broken


def _disagreements(program_id: int, row: Any) -> list[str]:
    """What a decision's columns say differently from its record."""
    try:
        record = json.loads(row.record)
        if canonical(record) != row.record:
            return [_("Its record is not written in the one way records are written.")]
        said = {
            "program": (record["program"]["id"], program_id),
            "request": (record["request"]["id"], row.request_id),
            "sequence": (record["sequence"], row.sequence),
            "option": (record["outcome"]["option"], row.option_id),
            "way": (record["outcome"]["way"], row.way),
            "reason": (record["outcome"]["reason"], row.reason),
            "decided_at": (record["decided_at"], row.decided_at.isoformat()),
            "decided_by": (record["decided_by"]["id"] if record["decided_by"] else None, row.decided_by_id),
        }
    except (ValueError, KeyError, TypeError):
        return [_("Its record cannot be read.")]
    return [
        _("The column “%(column)s” says something else than the record.", column=name)
        for name, (recorded, kept) in said.items()
        if recorded != kept
    ]


def _missing(program_id: int, hashes: dict[int, str]) -> list[Broken]:
    """Decisions that the audit trail knows and the chain does not have, or has differently."""
    trail = db.session.scalars(
        select(AuditEntry.changes)
        .where(AuditEntry.program_id == program_id, AuditEntry.verb == "decision.decided")
        .order_by(AuditEntry.id)
    )
    broken = []
    for changes in trail:
        sequence, told = changes["sequence"][1], changes["hash"][1]
        if hashes.get(sequence) != told:
            broken.append(Broken(sequence, _("The history tells of another decision than the record.")))
    return broken
